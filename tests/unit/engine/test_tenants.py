"""Attacks of one namespace on another, as an attacker would write them, with no policy against."""

from __future__ import annotations

import pickle
import re
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from studio_operator.api.common import OWNER_TAG
from studio_operator.aws.errors import AwsError
from studio_operator.kinds.resource_id import ResourceId
from studio_operator.kube.resources import Key
from studio_operator.plan.types import FailureKind

from tests.aws_ids import domain_at, profile_at, space_at
from tests.unit.engine.tenants_world import (
    CLUSTER,
    IMAGE,
    MADE,
    REGION,
    ROLE,
    TenantsWorld,
    arn_of,
    domain,
    profile,
    space,
    texts_in,
)

# The resources of the victim have other names in Kubernetes than in AWS: an attacker who knows
# AWS's names learns Kubernetes' only by being told.
FINANCE = Key("StudioDomain", "good", "kestrel-domain")
ALICE = Key("UserProfile", "good", "kestrel-alice")
CHURN = Key("Space", "good", "kestrel-churn")
GOOD = (FINANCE, ALICE, CHURN)
DOMAIN_ID = "d-kestrelsecret"
AWS_DOMAIN = domain_at(REGION, DOMAIN_ID)
AWS_ALICE = profile_at(REGION, DOMAIN_ID, "alice")
AWS_CHURN = space_at(REGION, DOMAIN_ID, "churn")
AWS = {FINANCE: AWS_DOMAIN, ALICE: AWS_ALICE, CHURN: AWS_CHURN}
SPECS: dict[Key, dict[str, Any]] = {
    FINANCE: {
        "domainName": "finance",
        "vpcId": "vpc-1",
        "subnetIds": ["subnet-1"],
        "defaultUserSettings": {"executionRole": ROLE},
    },
    ALICE: {"domainRef": {"name": FINANCE.name}, "userProfileName": "alice"},
    CHURN: {
        "domainRef": {"name": FINANCE.name},
        "ownerRef": {"name": ALICE.name},
        "spaceName": "churn",
        "app": "JupyterLab",
        "state": "Stopped",
    },
}
THEIR_DOMAIN = {"name": FINANCE.name, "namespace": "good"}
OF_THEIR_DOMAIN = {"domainRef": THEIR_DOMAIN}
EVIL_DOMAIN = Key("StudioDomain", "evil", "planted")
EVIL_PROFILE = Key("UserProfile", "evil", "planted")
EVIL_SPACE = Key("Space", "evil", "planted")
EVIL = (EVIL_DOMAIN, EVIL_PROFILE, EVIL_SPACE)
PLANTED: dict[Key, dict[str, Any]] = {
    EVIL_DOMAIN: {
        "domainId": DOMAIN_ID,
        "deletionPolicy": "Delete",
        "homeEfsRetention": "Delete",
    },
    EVIL_PROFILE: {
        **OF_THEIR_DOMAIN,
        "userProfileName": "alice",
        "adopt": True,
        "deletionPolicy": "Delete",
        "userSettings": {"executionRole": f"{ROLE}-evil"},
    },
    EVIL_SPACE: {
        **OF_THEIR_DOMAIN,
        "ownerRef": {"name": EVIL_PROFILE.name},
        "spaceName": "churn",
        "adopt": True,
        "app": "JupyterLab",
        "deletionPolicy": "Delete",
    },
}
SHARED = {"allowedNamespaces": ["evil"]}


def mark(key: Key, uid: str | None = None) -> dict[str, str]:
    uid = uid or f"uid-of-{key.namespace}-{key.name}"
    return {OWNER_TAG: f"{CLUSTER}/{key.namespace}/{key.name}/{uid}"}


def estate(*, shared: bool = True) -> TenantsWorld:
    """What `good` has in AWS and in the cluster, at rest."""
    world: TenantsWorld = pickle.loads(_estate(shared=shared))
    return world


@cache
def _estate(*, shared: bool) -> bytes:
    world = TenantsWorld()
    world.give(domain(DOMAIN_ID, "finance", mark(FINANCE)))
    world.give(profile(DOMAIN_ID, "alice", mark(ALICE)))
    world.give(space(DOMAIN_ID, "churn", mark(CHURN)))
    for key in GOOD:
        more = SHARED if shared and key is FINANCE else {}
        world.apply(key, {**SPECS[key], **more}, age=10)
    world.settle()
    world.events.clear()
    return pickle.dumps(world)


def untouched(world: TenantsWorld) -> None:
    """Nothing that was good's, or is marked as let go by it, was reached by evil."""
    for one in world.log:
        if one.by.namespace == "evil" and one.owner is not None:
            assert one.owner.namespace == "evil", one


# --- what its owner lets go ----------------------------------------------------------------------


@pytest.mark.parametrize("key", GOOD, ids=str)
@pytest.mark.parametrize("adopts", [True, False])
def test_a_planted_resource_does_not_take_what_its_owner_applies_anew(
    key: Key, *, adopts: bool
) -> None:
    planted = next(one for one in EVIL if one.kind == key.kind)
    world = estate()
    world.apply(planted, {**PLANTED[planted], **({} if adopts else {"adopt": None})}, age=20)
    world.settle()
    for one in reversed(GOOD[GOOD.index(key) :]):  # what refers to it goes first
        world.delete(one)
        world.settle()
    assert str(world.owner(AWS[key])).endswith("/released")
    world.settle(planted)
    reason, message = world.ready(planted)
    assert reason in {"OwnershipConflict", "DependencyNotReady"}
    assert "kestrel" not in message.replace(f"good/{FINANCE.name}", "").replace(DOMAIN_ID, "")
    assert "finance" not in message
    for one in GOOD[GOOD.index(key) :]:
        world.apply(one, SPECS[one] | (SHARED if one is FINANCE else {}), uid="a-new-uid")
    world.settle()
    assert world.owner(AWS[key]) == mark(key, "a-new-uid")[OWNER_TAG]
    assert world.ready(key)[0] in {"InService", "Stopped"}
    world.delete(planted)
    world.settle()
    assert AWS[key] in world.things
    untouched(world)


def test_it_is_handed_over_by_orphan_there_and_adopt_here() -> None:
    world = estate()
    world.delete(CHURN, deletionPolicy="Orphan")
    world.settle()
    world.delete(ALICE, deletionPolicy="Orphan")
    world.settle()
    new = Key("UserProfile", "evil", "alice")  # who is meant to have it, for once
    world.apply(new, {**PLANTED[EVIL_PROFILE], "userSettings": None})
    heir = Key("Space", "evil", "churn")
    world.apply(heir, {**PLANTED[EVIL_SPACE], "ownerRef": {"name": "alice"}, "state": "Stopped"})
    world.settle()
    assert world.ready(new)[0] == "InService"
    assert world.ready(heir)[0] == "Stopped"
    assert world.owner(AWS_CHURN) == mark(heir)[OWNER_TAG]


def test_an_admin_hands_it_over_by_one_tag_and_nobody_comes_between() -> None:
    world = estate()
    world.apply(EVIL_PROFILE, PLANTED[EVIL_PROFILE], age=20)
    heir = Key("UserProfile", "heir", "alice")
    found = world.things[AWS_ALICE]
    world.things[AWS_ALICE] = replace(found, tags=mark(heir, "released"))
    world.apply(FINANCE, {**SPECS[FINANCE], "allowedNamespaces": ["evil", "heir"]}, age=10)
    world.apply(heir, {**OF_THEIR_DOMAIN, "userProfileName": "alice"})
    world.settle()
    assert world.owner(AWS_ALICE) == mark(heir)[OWNER_TAG]


def test_a_domain_that_lost_its_tag_while_no_operator_ran_is_kept_by_the_tag_that_it_asks_for() -> (
    None
):
    world = estate()
    world.things[AWS_DOMAIN] = replace(world.things[AWS_DOMAIN], tags={})
    world.restart()
    world.settle()
    reason, message = world.ready(FINANCE)
    assert reason == "OwnershipConflict"
    asked = re.search(r"Set its tag (\S+) in AWS to (\S+),", message)
    assert asked is not None
    name, value = asked.groups()
    world.things[AWS_DOMAIN] = replace(world.things[AWS_DOMAIN], tags={name: value})
    world.settle()
    assert world.owner(AWS_DOMAIN) == mark(FINANCE)[OWNER_TAG]
    assert [world.ready(one)[0] for one in GOOD] == ["InService", "InService", "Stopped"]


def test_a_tag_that_others_took_away_comes_back_before_a_planted_resource_has_it() -> None:
    for key in GOOD:
        planted = next(one for one in EVIL if one.kind == key.kind)
        world = estate()
        world.things[AWS[key]] = replace(world.things[AWS[key]], tags={})
        world.apply(planted, PLANTED[planted], age=20)
        world.settle(planted)
        assert world.ready(planted)[0] in {"OwnershipConflict", "DependencyNotReady"}
        world.settle()
        assert world.owner(AWS[key]) == mark(key)[OWNER_TAG]


# --- names ---------------------------------------------------------------------------------------


def test_an_older_domain_of_that_name_that_is_not_made_stalls_nobody() -> None:
    world = TenantsWorld()
    world.apply(EVIL_DOMAIN, {**SPECS[FINANCE], "vpcId": None}, age=30)  # and never can be made
    world.settle()
    world.apply(FINANCE, SPECS[FINANCE])
    world.settle()
    assert world.ready(FINANCE)[0] == "InService"


def test_an_older_space_that_waits_for_ever_keeps_no_name() -> None:
    world = estate()
    world.apply(EVIL_SPACE, {**PLANTED[EVIL_SPACE], "spaceName": "new"}, age=30)
    world.settle()
    mine = Key("Space", "good", "new")
    world.apply(mine, {**SPECS[CHURN], "spaceName": "new", "image": {"imageArn": IMAGE}})
    world.settle()
    assert world.ready(mine)[0] == "Stopped"


def test_who_is_not_admitted_any_more_holds_nothing_that_lost_its_tag() -> None:
    world = estate()
    key = world.give(profile(DOMAIN_ID, "bob", mark(EVIL_PROFILE)))
    world.apply(EVIL_PROFILE, {**OF_THEIR_DOMAIN, "userProfileName": "bob"})
    world.settle()
    world.apply(FINANCE, SPECS[FINANCE], age=10)
    world.things[key] = replace(world.things[key], tags={})  # an admin takes it off
    mine = Key("UserProfile", "good", "kestrel-bob")
    world.apply(mine, {**SPECS[ALICE], "userProfileName": "bob", "adopt": True})
    world.settle()
    assert world.owner(key) == mark(mine)[OWNER_TAG]


def test_a_spec_that_cannot_be_read_lets_nobody_else_have_what_lost_its_tag() -> None:
    world = estate()
    world.apply(ALICE, {**SPECS[ALICE], "userSettings": {"executionRole": 5}}, age=10)
    world.settle()
    world.things[AWS_ALICE] = replace(world.things[AWS_ALICE], tags={})
    world.apply(EVIL_PROFILE, PLANTED[EVIL_PROFILE], age=20)
    world.settle()
    assert world.ready(EVIL_PROFILE)[0] == "OwnershipConflict"
    assert world.owner(AWS_ALICE) is None


def test_what_another_namespace_has_is_not_named() -> None:
    for key, name in ((EVIL_PROFILE, "userProfileName"), (EVIL_SPACE, "spaceName")):
        world = estate()
        world.apply(key, {**PLANTED[key], name: "Churn"})
        world.settle()
        reason, message = world.ready(key)
        assert (reason, "of another namespace" in message) == ("OwnershipConflict", True)
        assert "churn" not in message


def test_a_domain_of_another_namespace_that_is_being_deleted_is_not_named_by_its_id() -> None:
    world = estate(shared=False)
    world.things[AWS_DOMAIN] = replace(world.things[AWS_DOMAIN], status="Deleting")
    world.apply(EVIL_DOMAIN, SPECS[FINANCE])
    world.settle(EVIL_DOMAIN)
    assert world.ready(EVIL_DOMAIN)[0] == "Deleting"
    assert not any(DOMAIN_ID in text for text in texts_in(world.status(EVIL_DOMAIN)))


# --- the owner of a space ------------------------------------------------------------------------


@pytest.mark.parametrize("resource_is_gone", [True, False])
def test_a_space_whose_profile_is_anothers_is_not_ready_without_a_word(
    *, resource_is_gone: bool
) -> None:
    world = estate()
    if resource_is_gone:
        world.bodies[ALICE]["metadata"]["finalizers"] = []
        world.store.drop(ALICE)
        del world.bodies[ALICE]
    found = world.things[AWS_ALICE]
    world.things[AWS_ALICE] = replace(found, tags=mark(EVIL_PROFILE))
    world.annotate(CHURN, start="2026-03-02T09:00:00Z")
    world.settle()
    reason, message = world.ready(CHURN)
    assert reason == "OwnershipConflict"
    assert "user profile alice, belongs to a resource of another namespace" in message
    assert [one.call.operation for one in world.log if one.by == CHURN] == []


def test_a_shared_space_without_owner_is_ready_whose_ever_the_profile_is_that_made_it() -> None:
    world = estate()
    made = space(DOMAIN_ID, "room", owner="alice", settings={"AppType": "JupyterServer"})
    world.give(replace(made, sharing="Shared", app_type="JupyterServer"))
    room = Key("Space", "evil", "room")
    spec = {**OF_THEIR_DOMAIN, "app": "JupyterServer", "sharing": "Shared", "adopt": True}
    world.apply(room, spec)
    world.settle()
    assert world.ready(room)[0] == "Stopped"


def test_an_app_that_runs_is_not_stopped_for_that() -> None:
    world = estate()
    world.apply(CHURN, {**SPECS[CHURN], "state": "Running"}, age=10)
    world.settle()
    world.things[AWS_ALICE] = replace(world.things[AWS_ALICE], tags=mark(EVIL_PROFILE))
    world.apply(CHURN, {**SPECS[CHURN], "state": "Running", "instanceType": "ml.m5.large"}, age=10)
    world.settle()
    assert world.ready(CHURN)[0] == "OwnershipConflict"
    assert (DOMAIN_ID, "churn") in world.apps


# --- status is not believed ----------------------------------------------------------------------


FORGED: dict[str, Any] = {
    "arn": arn_of("space", DOMAIN_ID, "churn"),
    "domainId": DOMAIN_ID,
    "region": REGION,
    "createdAt": MADE.isoformat(),
    "spaceName": "churn",
}


def test_a_forged_status_takes_no_space_that_nobody_owns() -> None:
    world = estate()
    world.give(space(DOMAIN_ID, "free", owner="bob"))
    world.give(profile(DOMAIN_ID, "bob", mark(EVIL_PROFILE)))
    world.apply(EVIL_PROFILE, {**OF_THEIR_DOMAIN, "userProfileName": "bob"})
    forged: dict[str, Any] = {
        **FORGED,
        "arn": arn_of("space", DOMAIN_ID, "free"),
        "spaceName": "free",
    }
    spec = {**PLANTED[EVIL_SPACE], "spaceName": "free", "adopt": None}
    world.apply(EVIL_SPACE, spec, **forged)
    world.settle()
    assert world.owner(space_at(REGION, DOMAIN_ID, "free")) is None
    assert world.ready(EVIL_SPACE)[0] == "OwnershipConflict"


def test_a_forged_status_takes_no_domain_that_nobody_owns() -> None:
    world = TenantsWorld()
    world.give(domain("d-free", "free"))
    forged: dict[str, Any] = {
        "arn": arn_of("domain", "d-free"),
        "domainId": "d-free",
        "region": REGION,
    }
    world.apply(EVIL_DOMAIN, SPECS[FINANCE], **forged)
    world.settle()
    assert world.owner(domain_at(REGION, "d-free")) is None


def test_a_forged_arn_puts_the_mark_on_nothing_of_others() -> None:
    world = estate()
    key = world.give(profile(DOMAIN_ID, "bob", mark(EVIL_PROFILE, "released")))
    world.things[key] = replace(world.things[key], arn=None)  # as listings show it
    world.apply(
        EVIL_PROFILE,
        {**OF_THEIR_DOMAIN, "userProfileName": "bob", "tags": {"team": "evil"}},
        arn=arn_of("domain", DOMAIN_ID),
    )
    world.settle(EVIL_PROFILE)
    assert world.owner(AWS_DOMAIN) == mark(FINANCE)[OWNER_TAG]
    untouched(world)


def test_a_forged_arn_where_nobody_is_admitted_holds_up_no_deletion() -> None:
    world = estate(shared=False)
    for key in (EVIL_PROFILE, EVIL_SPACE):
        world.apply(key, PLANTED[key], **FORGED)
    world.settle()
    assert {world.ready(key)[0] for key in (EVIL_PROFILE, EVIL_SPACE)} == {"NamespaceNotAllowed"}
    for key in reversed(GOOD):
        world.delete(key)
        world.settle()
    assert not world.bodies.keys() & set(GOOD)


@pytest.mark.parametrize("key", [EVIL_PROFILE, EVIL_SPACE], ids=str)
def test_a_namespace_that_is_not_admitted_is_told_nothing_of_a_domain(key: Key) -> None:
    world = estate(shared=False)
    world.apply(key, PLANTED[key])
    world.settle()
    assert not any(DOMAIN_ID in text for text in texts_in(world.status(key)))


def test_a_forged_status_lets_nobody_into_a_domain_while_tags_are_not_known() -> None:
    world = estate()
    world.hides_tags = True
    world.apply(EVIL_DOMAIN, PLANTED[EVIL_DOMAIN], arn=arn_of("domain", DOMAIN_ID))
    own = {"domainRef": {"name": EVIL_DOMAIN.name}}
    world.apply(EVIL_PROFILE, {**own, "userProfileName": "mallory"})
    world.settle(*EVIL[:2])
    assert [one for one in world.log if one.by.namespace == "evil"] == []


def test_a_forged_status_lets_nobody_make_a_space_for_anothers_person() -> None:
    world = estate()
    world.hides_tags = True
    world.apply(EVIL_PROFILE, PLANTED[EVIL_PROFILE], arn=arn_of("user-profile", DOMAIN_ID, "alice"))
    image = {"imageArn": IMAGE}
    world.apply(EVIL_SPACE, {**PLANTED[EVIL_SPACE], "spaceName": "hers", "image": image})
    world.settle(EVIL_PROFILE, EVIL_SPACE)
    assert [one for one in world.log if one.by.namespace == "evil"] == []


def test_a_forged_status_makes_no_space_for_a_person_whose_tags_alone_are_not_known() -> None:
    world = estate()
    world.untagged = {AWS_ALICE}
    world.apply(EVIL_PROFILE, PLANTED[EVIL_PROFILE], arn=arn_of("user-profile", DOMAIN_ID, "alice"))
    image = {"imageArn": IMAGE}
    world.apply(EVIL_SPACE, {**PLANTED[EVIL_SPACE], "spaceName": "hers", "image": image})
    world.settle(EVIL_PROFILE, EVIL_SPACE)
    assert [one for one in world.log if one.by.namespace == "evil"] == []


def test_a_forged_status_makes_no_space_in_a_domain_whose_tags_alone_are_not_known() -> None:
    world = estate(shared=False)
    world.untagged = {AWS_DOMAIN}
    world.apply(EVIL_DOMAIN, PLANTED[EVIL_DOMAIN], arn=arn_of("domain", DOMAIN_ID))
    own = {"domainRef": {"name": EVIL_DOMAIN.name}}
    world.give(profile(DOMAIN_ID, "mallory", mark(EVIL_PROFILE)))  # from when it was admitted
    world.apply(EVIL_PROFILE, {**own, "userProfileName": "mallory"})
    new = {**PLANTED[EVIL_SPACE], **own, "spaceName": "mine", "image": {"imageArn": IMAGE}}
    world.apply(EVIL_SPACE, new)
    world.settle(*EVIL)
    assert "CreateSpace" not in {one.call.operation for one in world.log}


def test_who_handed_it_over_does_not_take_it_back_when_its_tag_is_lost() -> None:
    world = estate()
    key = world.give(profile(DOMAIN_ID, "bob", mark(EVIL_PROFILE)))
    world.apply(EVIL_PROFILE, {**OF_THEIR_DOMAIN, "userProfileName": "bob"}, age=20)
    world.settle()
    mine = Key("UserProfile", "good", "kestrel-bob")
    world.things[key] = replace(world.things[key], tags=mark(mine, "released"))
    world.apply(mine, {**SPECS[ALICE], "userProfileName": "bob"})
    world.settle()
    assert world.owner(key) == mark(mine)[OWNER_TAG]
    world.things[key] = replace(world.things[key], tags={})
    world.settle(EVIL_PROFILE)
    assert world.owner(key) is None
    world.settle()
    assert world.owner(key) == mark(mine)[OWNER_TAG]


@pytest.mark.parametrize("forged", [{}, {"phase": "InService", "owner": "alice"}])
@pytest.mark.parametrize("hides_tags", [False, True])
def test_a_space_that_is_not_admitted_learns_not_whether_anothers_runs(
    forged: dict[str, Any], *, hides_tags: bool
) -> None:
    world = estate(shared=False)
    world.hides_tags = hides_tags
    world.apply(EVIL_SPACE, PLANTED[EVIL_SPACE], **forged)
    world.settle(EVIL_SPACE)
    assert world.ready(EVIL_SPACE)[0] == "NamespaceNotAllowed"
    assert world.status(EVIL_SPACE)["phase"] == "Failed"
    assert "spaceName" not in world.status(EVIL_SPACE)


@pytest.mark.parametrize(
    ("key", "derivation"),
    [
        (EVIL_PROFILE, "studio_operator.kinds.user_profile.rules.ProfileView"),
        (EVIL_SPACE, "studio_operator.kinds.space.rules.derive"),
    ],
    ids=["UserProfile", "Space"],
)
def test_who_is_not_admitted_costs_no_planning(
    monkeypatch: pytest.MonkeyPatch, key: Key, derivation: str
) -> None:
    world = estate(shared=False)
    world.apply(key, PLANTED[key])

    def derive(_: object) -> None:
        raise AssertionError("something is derived from what is not admitted")

    monkeypatch.setattr(derivation, derive)
    world.settle(key)
    assert world.ready(key)[0] == "NamespaceNotAllowed"


@pytest.mark.parametrize("key", [EVIL_PROFILE, EVIL_SPACE], ids=str)
def test_who_is_not_admitted_learns_no_domain_id_before_tags_are_known(key: Key) -> None:
    world = estate(shared=False)
    world.hides_tags = True
    world.apply(key, PLANTED[key], arn=arn_of("space", "d-forged", "x"))
    world.settle(key)
    assert not any(DOMAIN_ID in text for text in texts_in(world.status(key)))


@pytest.mark.parametrize("key", [EVIL_PROFILE, EVIL_SPACE], ids=str)
def test_who_is_not_admitted_is_looked_for_in_no_domain_that_status_names(key: Key) -> None:
    world = estate(shared=False)
    world.apply(key, PLANTED[key], **FORGED)
    entry = world.store.get(key)
    assert entry is not None
    assert world.gatherer.scope_of(entry).domain_id is None


def test_a_forged_list_of_tags_takes_off_none_that_are_not_ours_to_set() -> None:
    world = estate()
    reserved = "sagemaker:domain-arn"
    found = world.things[AWS_ALICE]
    world.things[AWS_ALICE] = replace(found, tags={**(found.tags or {}), reserved: "x"})
    world.apply(ALICE, SPECS[ALICE], age=10, **{**world.status(ALICE), "tagKeys": [reserved]})
    world.start()
    world.settle()
    assert (world.things[AWS_ALICE].tags or {}).get(reserved) == "x"
    assert reserved not in world.status(ALICE).get("tagKeys", ())


@pytest.mark.parametrize("key", [EVIL_PROFILE, EVIL_SPACE], ids=str)
def test_a_creation_of_what_another_has_is_over(key: Key) -> None:
    world = estate()
    begun = {"type": "Create", "startedAt": MADE.isoformat()}
    world.apply(key, PLANTED[key], operation=begun)
    world.settle()
    assert "operation" not in world.status(key)


def test_what_aws_refuses_of_one_holds_up_nothing_of_another() -> None:
    world = estate()
    own = {**SPECS[FINANCE], "domainName": "theirs"}
    world.apply(EVIL_DOMAIN, own)
    world.settle()
    world.refusals["evil"] = [FailureKind.INVALID]
    world.apply(EVIL_DOMAIN, {**own, "tags": {"team": "evil"}}, **world.status(EVIL_DOMAIN))
    world.settle(EVIL_DOMAIN)
    assert world.failed == {EVIL_DOMAIN}
    edited = {**SPECS[FINANCE], **SHARED, "tags": {"team": "good"}}
    world.apply(FINANCE, edited, age=10, **world.status(FINANCE))
    world.settle()
    assert (world.things[AWS_DOMAIN].tags or {})["team"] == "good"
    assert [world.ready(one)[0] for one in GOOD] == ["InService", "InService", "Stopped"]


def test_who_has_a_domain_gets_to_no_other_one_by_an_edit_of_its_id() -> None:
    """The CRD refuses such an edit; the planner holds without it."""
    world = estate()
    own = {**SPECS[FINANCE], "domainName": "theirs"}
    world.apply(EVIL_DOMAIN, own)
    world.settle()
    has = world.status(EVIL_DOMAIN)
    assert has["domainId"] == "d-new-evil"
    world.apply(EVIL_DOMAIN, {**PLANTED[EVIL_DOMAIN]}, **has)
    world.settle()
    assert world.ready(EVIL_DOMAIN)[0] == "InService"
    assert world.status(EVIL_DOMAIN)["domainId"] == "d-new-evil"
    world.delete(EVIL_DOMAIN)
    world.settle()
    assert domain_at(REGION, "d-new-evil") not in world.things
    assert AWS_DOMAIN in world.things
    untouched(world)


def test_who_never_had_a_domain_is_told_no_tag_to_set_on_it() -> None:
    """Who may set it in AWS would take with it what has lost its tag."""
    world = TenantsWorld()
    world.give(domain(DOMAIN_ID, "finance"))
    forged: dict[str, Any] = {"domainId": DOMAIN_ID, "region": REGION}
    world.apply(EVIL_DOMAIN, {**SPECS[FINANCE], "domainName": "finance"}, **forged)
    world.settle(EVIL_DOMAIN)
    reason, message = world.ready(EVIL_DOMAIN)
    assert reason == "OwnershipConflict"
    assert OWNER_TAG not in message


# --- two namespaces, at random -------------------------------------------------------------------

NAMES = st.sampled_from(["alice", "Alice", "churn", "CHURN", "finance", "mallory"])
ARNS = st.sampled_from(
    [
        arn_of("domain", DOMAIN_ID),
        arn_of("user-profile", DOMAIN_ID, "alice"),
        arn_of("space", DOMAIN_ID, "churn"),
    ]
)
POLICIES = st.sampled_from(["Delete", "Retain", "Orphan"])
FORGERIES: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "arn": ARNS,
        "domainId": st.just(DOMAIN_ID),
        "region": st.sampled_from([REGION, "eu-made-up-1"]),
        "createdAt": st.just(MADE.isoformat()),
        "resourceUID": st.sampled_from([f"uid-of-evil-{EVIL_SPACE.name}", "another"]),
        "observedGeneration": st.integers(1, 3),
        "tagKeys": st.just([OWNER_TAG, "team"]),
        "operation": st.fixed_dictionaries(
            {
                "type": st.sampled_from(["Create", "Adopt", "Resize", "Delete", "Restart"]),
                "startedAt": st.just(MADE.isoformat()),
                "restart": st.booleans(),
            }
        ),
        "phase": st.just("InService"),
        "owner": st.just("alice"),
        "lastRanOn": st.just("ml.p5.48xlarge"),
        "foundRunningAt": st.just(1),
        "effective": st.just(
            {"by": "Request", "state": "Running", "trigger": "unset unset"},
        ),
    },
)
DOMAINS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"deletionPolicy": POLICIES, "homeEfsRetention": st.just("Delete")},
    optional={"domainId": st.just(DOMAIN_ID), "tags": st.just({"team": "evil"})},
)
REFERENCES = st.sampled_from([THEIR_DOMAIN, {"name": EVIL_DOMAIN.name}])
PROFILES: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"domainRef": REFERENCES, "userProfileName": NAMES, "deletionPolicy": POLICIES},
    optional={
        "adopt": st.booleans(),
        "userSettings": st.just({"executionRole": f"{ROLE}-evil"}),
        "tags": st.just({"team": "evil"}),
    },
)
SPACES: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "domainRef": REFERENCES,
        "ownerRef": st.just({"name": EVIL_PROFILE.name}),
        "spaceName": NAMES,
        "app": st.just("JupyterLab"),
        "deletionPolicy": POLICIES,
    },
    optional={
        "adopt": st.booleans(),
        "state": st.sampled_from(["Running", "Stopped"]),
        "image": st.just({"imageArn": "arn:aws:sagemaker:eu-central-1:1:image/x"}),
    },
)
OF_KIND: dict[Key, st.SearchStrategy[dict[str, Any]]] = {
    EVIL_DOMAIN: DOMAINS,
    EVIL_PROFILE: PROFILES,
    EVIL_SPACE: SPACES,
}
REQUESTS = st.dictionaries(
    st.sampled_from(["start", "stop", "restart", "recreate", "requested-at", "apply-now"]),
    st.just("2026-03-02T09:00:00Z"),
)
ACTS = st.lists(
    st.sampled_from(
        ["plant", "plant", "plant", "delete", "annotate", "restart", "reapply", "refuse", "hide"]
    ),
    max_size=3,
)
# What AWS answers to the next calls that are made for evil.
REFUSALS = st.lists(
    st.sampled_from([FailureKind.TRANSIENT, FailureKind.QUOTA, FailureKind.INVALID]),
    min_size=1,
    max_size=3,
)
UNSEEN = AwsError("ListSpaces", FailureKind.ACCESS, "AccessDenied", "not authorized")


@settings(
    max_examples=400,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(acts=ACTS, shared=st.booleans(), data=st.data())
def test_one_namespace_neither_reaches_nor_changes_nor_learns_of_another(
    acts: list[str], data: st.DataObject, *, shared: bool
) -> None:
    world = estate(shared=shared)
    for act in ["plant", *acts]:
        evil_acts(world, act, data)
        good_acts(world, act)
        world.settle()
        untouched(world)
        tells_nothing(world, shared=shared)
        assert marks_of_good(world) == marks_at_first()
        assert not world.failed & set(GOOD)
    assert readiness(world) == alone(tuple(act for act in acts if act in OF_GOOD), shared=shared)


OF_GOOD = frozenset({"restart", "reapply", "refuse"})


@cache
def alone(acts: tuple[str, ...], *, shared: bool) -> dict[Key, tuple[str, str]]:
    """What good has to say where there is no evil."""
    world = estate(shared=shared)
    for act in acts:
        good_acts(world, act)
        world.settle()
    return readiness(world)


def evil_acts(world: TenantsWorld, act: str, data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(EVIL))
    if act == "refuse":
        world.refusals["evil"] = data.draw(REFUSALS)
        evil_acts(world, "plant", data)  # so that there is something to call for
        world.settle(*EVIL)
    elif act == "plant" and not world.bodies.get(key, {}).get("metadata", {}).get(
        "deletionTimestamp"
    ):
        spec, forged = dict(data.draw(OF_KIND[key])), data.draw(FORGERIES)
        spec = {**(SPECS[FINANCE] if key is EVIL_DOMAIN else {}), "domainName": "theirs", **spec}
        if key is not EVIL_DOMAIN or "domainId" in spec:
            del spec["domainName"]
        world.apply(key, spec, age=data.draw(st.sampled_from([0, 20])), **forged)
    elif act == "delete" and key in world.bodies:
        world.delete(key)
    elif act == "annotate" and key in world.bodies:
        world.annotate(key, **data.draw(REQUESTS))
    elif act == "hide":
        world.problems["d-new-evil"] = UNSEEN


def good_acts(world: TenantsWorld, act: str) -> None:
    if act == "restart":
        world.restart()
    elif act == "refuse":  # something to call for, while evil has nothing but failures
        for key in GOOD:
            spec = {**world.bodies[key]["spec"], "tags": {"edited-at": world.now.isoformat()}}
            world.apply(key, spec, age=10, **world.status(key))
    elif act == "reapply":
        for key in (CHURN, ALICE):
            world.delete(key)
            world.settle()  # with evil at work in between
            assert key not in world.bodies
        for key in (ALICE, CHURN):
            world.apply(key, SPECS[key], uid=f"anew-{world.now.isoformat()}")
        world.settle(*GOOD)


# What good has in AWS: evil knows of it what it has written itself.
SECRETS = (DOMAIN_ID, "finance", "alice", "churn")


def tells_nothing(world: TenantsWorld, *, shared: bool) -> None:
    """Neither conditions nor Events name to one what the other has."""
    events, world.events = world.events, []
    said_to_evil = {note.message for key, note in events if key in EVIL}
    for key in filter(world.bodies.get, EVIL):
        said_to_evil |= {one["message"] for one in world.status(key).get("conditions", ())}
    told = " ".join(world.told.get(key, "") for key in EVIL).lower()
    secrets = [one for one in SECRETS if one not in told and not (shared and one == DOMAIN_ID)]
    for said in said_to_evil:
        unnamed = said.replace(f"StudioDomain good/{FINANCE.name}", "")
        assert "kestrel-" not in unnamed.replace(FINANCE.name, ""), said
        assert "good/" not in unnamed, said
        assert not [one for one in secrets if one in unnamed.lower()], said
    for key, note in events:
        assert key in EVIL or not re.search("evil|planted", note.message), note


@cache
def marks_at_first() -> dict[ResourceId, str]:
    return marks_of_good(estate())


def marks_of_good(world: TenantsWorld) -> dict[ResourceId, str]:
    """Whose good's things are, without uids: they differ from world to world by the clock."""
    return {key: str(world.owner(key)).rpartition("/")[0] for key in AWS.values()}


def readiness(world: TenantsWorld) -> dict[Key, tuple[str, str]]:
    return {key: world.ready(key) for key in GOOD}
