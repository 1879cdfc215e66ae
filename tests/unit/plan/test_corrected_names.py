"""A name or a domain that is corrected before a creation was begun: nothing of the first try stays.

Until then the fields that AWS fixes at creation can be edited. What the first try left on status
must not count for what the resource names now.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from studio_operator.api.common import OWNER_TAG
from studio_operator.plan.types import FailureKind

from tests.unit.plan.aws_model import Aws
from tests.unit.plan.engine_model import CLUSTER, UID, DomainEngine, ProfileEngine
from tests.unit.plan.test_space import existing_space, make_world

ROLE = "arn:aws:iam::123456789012:role/studio"
OURS = f"{CLUSTER}/ml-team/research/{UID}"
RELEASED = f"{CLUSTER}/ml-team/research/released"
GROUPS = ["sg-1"]
DOMAIN: dict[str, Any] = {
    "vpcId": "vpc-1",
    "subnetIds": ["subnet-1"],
    "defaultUserSettings": {"executionRole": ROLE},
}
IN_AWS: dict[str, Any] = {
    "VpcId": "vpc-1",
    "SubnetIds": ["subnet-1"],
    "DefaultUserSettings": {"ExecutionRole": ROLE, "SecurityGroups": GROUPS},
}


def test_a_profile_that_is_adopted_after_a_refused_creation_loses_no_setting() -> None:
    made = ProfileEngine.of(Aws(), {"userSettings": {"securityGroups": ["sg-wrong"]}})
    made.aws.faults = {"CreateUserProfile": [("refuse", FailureKind.INVALID)]}
    made.run()
    assert (made.condition("Ready"), made.status.operation) == ("RejectedByAWS", None)
    named = {"DomainId": "d-abc", "UserProfileName": "bob", "Tags": []}
    theirs = made.aws.profiles.add({**named, "UserSettings": {"SecurityGroups": GROUPS}})
    made.edit(userProfileName="bob", adopt=True, userSettings=None)
    made.run()
    assert made.aws.operations() == ["CreateUserProfile", "AddTags"]
    assert theirs.settings["UserSettings"] == {"SecurityGroups": GROUPS}


def test_a_domain_that_is_adopted_after_a_refused_creation_loses_no_setting() -> None:
    groups = {"executionRole": ROLE, "securityGroups": ["sg-wrong"]}
    made = DomainEngine.of(Aws(), {**DOMAIN, "defaultUserSettings": groups})
    made.aws.faults = {"CreateDomain": [("refuse", FailureKind.INVALID)]}
    made.run()
    assert (made.condition("Ready"), made.status.operation) == ("RejectedByAWS", None)
    theirs = made.aws.domains.add("other", IN_AWS, {})
    made.edit(domainId=theirs.key, defaultUserSettings=None)
    made.run()
    assert made.aws.operations() == ["CreateDomain", "AddTags"]
    assert theirs.settings["DefaultUserSettings"]["SecurityGroups"] == GROUPS


def found_again() -> DomainEngine:
    """A domain that the resource let go of once, and that differs where AWS changes nothing."""
    made = DomainEngine.of(Aws(), {**DOMAIN, "kmsKeyId": "key-2"})
    made.aws.domains.add("research", {**IN_AWS, "KmsKeyId": "key-1"}, {OWNER_TAG: RELEASED})
    made.run()
    assert (made.condition("Ready"), made.status.arn) == ("ImmutableField", None)
    assert made.status.operation is None
    return made


def test_another_id_counts_before_a_domain_that_was_only_found() -> None:
    made = found_again()
    wanted = made.aws.domains.add("research-2", {**IN_AWS, "KmsKeyId": "key-2"}, {})
    made.edit(domainId=wanted.key)
    made.run()
    assert made.aws.operations() == ["AddTags"]
    assert (made.condition("Ready"), made.status.domain_id) == ("InService", wanted.key)


def test_another_name_leaves_a_domain_that_was_only_found() -> None:
    made = found_again()
    made.edit(domainName="research-2")
    made.run()
    assert made.aws.operations() == ["CreateDomain"]
    assert made.condition("Ready") == "InService"
    assert made.status.domain_name == "research-2"


def test_a_space_that_is_adopted_after_a_refused_creation_is_not_started() -> None:
    world = make_world()
    world.faults = [("CreateSpace", FailureKind.INVALID)]
    world.run()
    assert (world.condition("Ready"), world.status.operation) == ("RejectedByAWS", None)
    existing_space(world)
    world.log.clear()
    world.edit(adopt=True)
    world.run()
    assert world.names_of_calls() == ["AddTags"]
    assert world.status.phase == "Stopped"


def test_what_is_ours_already_is_told_to_be_applied_anew_from_the_first_moment() -> None:
    """Its status was lost: the very status that tells of the difference fixes the field again."""
    made = DomainEngine.of(Aws(), {**DOMAIN, "kmsKeyId": "key-2"})
    made.aws.domains.add("research", {**IN_AWS, "KmsKeyId": "key-1"}, {OWNER_TAG: OURS})
    made.run()
    assert made.status.arn is not None
    assert "Delete this resource and apply it again with spec.kmsKeyId key-1" in made.message()

    person = ProfileEngine.of(Aws(), {"singleSignOn": {"value": "alice@example.com"}})
    person.facts = replace(person.facts, auth_mode="SSO") if person.facts else None
    tags = [{"Key": OWNER_TAG, "Value": OURS.replace("research", "alice")}]
    named = {"DomainId": "d-abc", "UserProfileName": "alice", "Tags": tags}
    person.aws.profiles.add({**named, "SingleSignOnUserValue": "bob@example.com"})
    person.run()
    assert person.condition("Ready") == "ImmutableField"
    assert "Delete this resource and apply it again" in person.message()

    world = make_world(app="CodeEditor")
    existing_space(world, owner=OURS.replace("research", "churn"))
    world.run()
    assert world.condition("Ready") == "ImmutableField"
    found = world.status.condition("Ready")
    assert found is not None
    assert "Delete this resource and apply it again with spec.app JupyterLab" in found.message
