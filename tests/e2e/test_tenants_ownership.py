"""A namespace that plants resources for what another one has: nothing comes of it."""

from __future__ import annotations

from collections.abc import Callable

from studio_operator.api.common import OWNER_TAG

from tests.e2e.team import ROLE, Team, manifest


def test_planted_resources_get_nothing_when_their_owner_deletes_and_applies_his(
    team: Team, make_team: Callable[[], Team]
) -> None:
    evil = make_team()
    team.edit("StudioDomain", "research", allowedNamespaces=[evil.namespace])
    domain_id, region = team.domain_id, {"region": team.region}
    planted = {"domainId": domain_id, "aws": region, "deletionPolicy": "Delete"}
    evil.apply(manifest("StudioDomain", "planted", {**planted, "homeEfsRetention": "Delete"}))
    theirs = {
        "domainRef": {"name": "research", "namespace": team.namespace},
        "userProfileName": "alice",
        "adopt": True,
        "userSettings": {"executionRole": f"{ROLE}-evil"},
    }
    evil.apply(manifest("UserProfile", "planted", theirs))
    for kind in ("StudioDomain", "UserProfile"):
        refused = evil.wait_reason(kind, "planted", "OwnershipConflict")
        assert team.namespace not in refused.message

    for kind, name in (("UserProfile", "alice"), ("StudioDomain", "research")):
        team.remove(kind, name)
        team.wait_gone(kind, name)
    found = team.aws().list_tags(ResourceArn=_arn_of(team, domain_id))["Tags"]
    mark = next(one["Value"] for one in found if one["Key"] == OWNER_TAG)
    assert mark.endswith(f"/{team.namespace}/research/released")
    team.settle_in()
    assert team.domain_id == domain_id
    assert evil.wait_reason("StudioDomain", "planted", "OwnershipConflict").has("Stalled")

    evil.remove("UserProfile", "planted")
    evil.remove("StudioDomain", "planted")
    evil.wait_gone("StudioDomain", "planted")
    assert not [call for call in team.changes() if call.startswith("Delete")]
    assert team.run_space().is_ready


def _arn_of(team: Team, domain_id: str) -> str:
    return str(team.aws().describe_domain(DomainId=domain_id)["DomainArn"])
