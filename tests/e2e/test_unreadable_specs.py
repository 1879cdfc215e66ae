"""A spec that the API server admits and the operator can't read: told, stopped, deleted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.cluster import Raw
from tests.e2e.team import Team
from tests.e2e.windows import open_now

OPEN: Raw = {**open_now(), "timezone": "Europe/London"}
TYPO: Raw = {**OPEN, "timezone": "Europe/Londom"}


def break_it(team: Team, **spec: Any) -> None:
    """A running space whose time zone is written wrong."""
    team.run_space(schedule=OPEN, **spec)
    team.edit("Space", "churn", schedule=TYPO)
    space = team.wait_reason("Space", "churn", "InvalidSpec")
    assert space.has("Stalled")
    assert space.message == (
        "spec.schedule.timezone is Europe/Londom, which is no time zone. "
        "Set spec.schedule.timezone to an IANA name such as Europe/London."
    )
    assert space.phase == "InService"


def test_status_follows_aws_and_the_correction_starts_nothing(team: Team) -> None:
    break_it(team)
    before = team.last_call()
    team.aws().delete_app(
        DomainId=team.domain_id, SpaceName="churn", AppType="JupyterLab", AppName="default"
    )
    team.wait_phase("churn", "Stopped")
    own = team.changes(since=before)
    team.edit("Space", "churn", schedule=OPEN)
    team.wait_reason("Space", "churn", "StoppedOutside")
    team.wait_looks()
    assert team.changes(since=before) == own


def test_a_stop_is_carried_out(team: Team) -> None:
    break_it(team)
    before = team.last_call()
    team.annotate("Space", "churn", "studio-operator.dev/stop", "2026-01-01T10:00:00Z")
    space = team.wait_phase("churn", "Stopped")
    assert space.status["handledRequests"]["stop"] == "2026-01-01T10:00:00Z"
    team.annotate("Space", "churn", "studio-operator.dev/start", "2026-01-01T11:00:00Z")
    refused = team.wait_event("churn", "RequestRefused")
    assert "a request to start, since the spec can't be read" in refused["note"]
    assert team.changes(since=before) == ["DeleteApp"]


@pytest.mark.parametrize("policy", ["Retain", "Delete"])
def test_it_can_be_deleted_also_after_a_restart(team: Team, policy: str) -> None:
    break_it(team, deletionPolicy=policy)
    before = team.last_call()
    team.product.kill_operator()
    team.delete("Space", "churn")
    team.product.ensure_operator()
    team.wait_gone("Space", "churn")
    last = {"Retain": "AddTags", "Delete": "DeleteSpace"}[policy]
    assert team.changes(since=before) == ["DeleteApp", last]
    assert (team.aws_space() is None) is (policy == "Delete")
