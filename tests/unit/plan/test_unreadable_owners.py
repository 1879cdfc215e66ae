"""Domains and user profiles whose spec the API server admits and the operator can't read."""

from __future__ import annotations

from typing import Any

import pytest
from studio_operator.api.problems import describe_problems
from studio_operator.api.reading import read_spec
from studio_operator.kinds.studio_domain.api import StudioDomainSpec
from studio_operator.kinds.user_profile.api import UserProfileSpec

from tests.unit.plan.aws_model import Aws
from tests.unit.plan.engine_model import DomainEngine, ProfileEngine

ROLE = "arn:aws:iam::123456789012:role/studio"
DOMAIN: dict[str, Any] = {
    "vpcId": "vpc-1",
    "subnetIds": ["subnet-1"],
    "defaultUserSettings": {"executionRole": ROLE},
}
PROFILE: dict[str, Any] = {"domainRef": {"name": "research"}}
WITHOUT: list[dict[str, Any]] = [
    {"tags": {"team": 1}},
    {"deletionPolicy": "Shred"},
    {"domainRef": "research", "userSettings": []},
    {"vpcId": 7, "subnetIds": {}, "allowedNamespaces": "*"},
    {"defaultUserSettings": {"executionRole": "admin"}},
    {"homeEfsRetention": "Perhaps"},
]
IDS = [" ".join(one) for one in WITHOUT]


def domain(**changes: Any) -> DomainEngine:
    made = DomainEngine.of(Aws(), {**DOMAIN, **changes})
    made.run()
    assert made.condition("Ready") == "InService"
    return made


def profile(**changes: Any) -> ProfileEngine:
    made = ProfileEngine.of(Aws(), changes)
    made.run()
    assert made.condition("Ready") == "InService"
    return made


def broken(change: dict[str, Any], **policy: str) -> list[DomainEngine | ProfileEngine]:
    """A domain and a profile after that edit; one of them may not know the member."""
    found: list[DomainEngine | ProfileEngine] = []
    edited_domain, edited_profile = domain(**policy), profile(**policy)
    edited_domain.apply({**DOMAIN, **policy, **change}, StudioDomainSpec)
    edited_profile.apply({**PROFILE, **policy, **change}, UserProfileSpec)
    for made in (edited_domain, edited_profile):
        if made.unreadable is not None:
            made.aws.log.clear()
            made.run()
            found.append(made)
    assert found
    return found


@pytest.mark.parametrize("change", WITHOUT, ids=IDS)
def test_nothing_is_changed_and_status_follows_aws(change: dict[str, Any]) -> None:
    for made in broken(change):
        assert made.aws.operations() == []
        assert made.condition("Stalled") == made.condition("Ready") == "InvalidSpec"
        assert [made.status.phase] == ["InService"]
        records = made.aws.domains.records if isinstance(made, DomainEngine) else None
        for record in (records or made.aws.profiles.records).values():
            record.status = "Updating"
        made.seen = {}
        made.run()
        assert [made.status.phase] == ["Updating"]


@pytest.mark.parametrize("change", WITHOUT, ids=IDS)
def test_it_can_be_deleted_and_stays_in_aws(change: dict[str, Any]) -> None:
    for made in broken(change):
        made.crash()
        made.delete()
        made.run()
        assert (made.released, made.aws.operations()) == (True, ["AddTags"])


@pytest.mark.parametrize("policy", ["Retain", "Delete", "Orphan"])
def test_it_goes_as_its_policy_says(policy: str) -> None:
    for made in broken({"tags": {"team": 1}}, deletionPolicy=policy):
        made.delete()
        made.run()
        assert made.released
        kind = "Domain" if isinstance(made, DomainEngine) else "UserProfile"
        calls = {"Retain": "AddTags", "Orphan": "DeleteTags", "Delete": f"Delete{kind}"}
        assert made.aws.operations() == [calls[policy]]


def test_home_folders_stay_where_nobody_can_read_that_they_may_go() -> None:
    (made,) = broken({"homeEfsRetention": "Perhaps"}, deletionPolicy="Delete")
    made.delete()
    made.run()
    (call,) = made.aws.parameters("DeleteDomain")
    assert call["RetentionPolicy"] == {"HomeEfsFileSystem": "Retain"}


def test_a_profile_waits_for_its_spaces_as_ever() -> None:
    (made,) = broken({"userSettings": []}, deletionPolicy="Delete")
    made.dependents = ("ml-team/churn",)
    made.delete()
    made.run()
    assert (made.condition("Ready"), made.released) == ("DeletionBlocked", False)


def test_what_was_never_made_is_failed_and_goes_at_once() -> None:
    made = DomainEngine.of(Aws(), DOMAIN)
    made.spec, made.unreadable = read_spec(StudioDomainSpec, {**DOMAIN, "tags": []})
    made.run()
    assert (made.status.phase, made.aws.operations()) == ("Failed", [])
    made.delete()
    made.run()
    assert (made.released, made.aws.operations()) == (True, [])


def test_the_correction_goes_on_where_it_was_left() -> None:
    made = domain()
    made.apply({**DOMAIN, "tags": []}, StudioDomainSpec)
    made.run()
    made.aws.log.clear()
    made.apply({**DOMAIN, "tags": {"team": "ml"}}, StudioDomainSpec)
    made.run()
    assert made.aws.operations() == ["AddTags"]
    assert made.condition("Ready") == "InService"


def test_a_value_that_cannot_be_printed_is_told_by_its_escapes() -> None:
    """A message is read in a terminal, which such a value could take over."""
    for value, shown in (
        ("\x1b[31mred", r"\x1b[31mred"),
        ("a\u202eb", r"a\u202eb"),
        ("\x07", r"\x07"),
    ):
        _, unreadable = read_spec(StudioDomainSpec, {**DOMAIN, "deletionPolicy": value})
        assert unreadable is not None
        assert describe_problems(unreadable.problems, 150).startswith(
            f"spec.deletionPolicy is {shown} and must be"
        )
