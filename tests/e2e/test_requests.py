"""What people ask for by annotation, while Git goes on saying what it says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from studio_operator.api.common import (
    APPLY_NOW_REQUEST,
    REQUESTED_AT,
    RESTART_REQUEST,
    START_REQUEST,
    STOP_REQUEST,
)

from tests.e2e.cluster import Resource
from tests.e2e.team import Team
from tests.e2e.waiting import wait_until


def ask(team: Team, annotation: str, value: str = "2026-11-22T10:00:00Z") -> Resource:
    """Annotate the space, and wait until that is taken up and done."""
    verb = annotation.rpartition("/")[2].replace("apply-now", "applyNow")
    team.annotate("Space", "churn", annotation, value)
    return team.wait_for(
        "Space",
        "churn",
        lambda it: it.status.get("handledRequests", {}).get(verb) == value and it.is_at_rest,
        f"has handled {verb}",
    )


def sync_again(team: Team, **spec: Any) -> None:
    """What is in Git is applied once more, and the operator looks at AWS."""
    team.apply(team.space(**spec))
    team.wait_looks()


def test_a_restart_keeps_the_volume_and_starts_the_app_once(team: Team) -> None:
    team.run_space()
    before = team.last_call()
    assert ask(team, RESTART_REQUEST).is_ready
    sync_again(team)
    assert team.changes(since=before) == ["DeleteApp", "CreateApp"]
    team.wait_event("churn", "Restarted")
    told = [one["reason"] for one in team.events("churn")]
    assert [reason for reason in told if reason.startswith("Restart")] == [
        "Restarting",
        "Restarted",
    ]


def test_a_stop_against_the_spec_is_not_undone_by_a_sync(team: Team) -> None:
    team.run_space()
    before = team.last_call()
    space = ask(team, STOP_REQUEST)
    sync_again(team)
    assert team.changes(since=before) == ["DeleteApp"]
    assert (space.phase, space.is_ready) == ("Stopped", True)
    assert space.status["effective"]["by"] == "Request"
    assert space.spec["state"] == "Running"


@pytest.mark.parametrize("state", ["Stopped", None])
def test_a_start_is_done_once_whatever_the_spec_says(team: Team, state: str | None) -> None:
    team.apply(team.space(state=state))
    team.wait_phase("churn", "Stopped")
    before = team.last_call()
    assert ask(team, START_REQUEST).phase == "InService"
    team.simulator.stop_app(team.domain_id, "churn")
    team.wait_phase("churn", "Stopped")
    sync_again(team, state=state)
    assert team.changes(since=before) == ["CreateApp"]


def test_apply_now_makes_the_change_that_waits(team: Team) -> None:
    team.run_space(resizePolicy="WhenStopped")
    team.edit("Space", "churn", instanceType="ml.m5.large")
    team.wait_reason("Space", "churn", "PendingRestart")
    before = team.last_call()
    assert ask(team, APPLY_NOW_REQUEST).is_ready
    assert team.changes(since=before) == ["DeleteApp", "UpdateSpace", "CreateApp"]
    assert team.instance_type() == "ml.m5.large"


def test_a_request_is_taken_up_by_an_operator_that_was_down(team: Team) -> None:
    team.run_space(state=None)
    before = team.last_call()
    team.product.kill_operator()
    team.annotate("Space", "churn", START_REQUEST, "while it was down")
    team.product.ensure_operator()
    space = team.wait_phase("churn", "InService")
    assert space.status["handledRequests"] == {"start": "while it was down"}
    assert team.changes(since=before) == ["CreateApp"]


def test_a_refused_request_says_why(team: Team) -> None:
    team.run_space(drift={"state": "Enforce"})
    before = team.last_call()
    ask(team, STOP_REQUEST)
    told = team.wait_event("churn", "RequestRefused")
    assert "spec.drift.state is Enforce" in told["note"]
    assert team.changes(since=before) == []


@pytest.fixture
def slow_looks(new_team: Team) -> Iterator[Team]:
    """A team whose operator sees nothing by itself for ten minutes."""
    with new_team.product.own_operator(
        "operator-slow", rest_interval="600", expectation_grace="0.1"
    ):
        new_team.settle_in()
        yield new_team
    new_team.product.ensure_operator()


def test_a_start_of_a_space_that_was_deleted_in_aws_is_refused_at_once(slow_looks: Team) -> None:
    slow_looks.run_space()
    slow_looks.simulator.delete_space(slow_looks.domain_id, "churn")
    aws, domain_id = slow_looks.aws(), slow_looks.domain_id
    wait_until(lambda: not aws.list_spaces(DomainIdEquals=domain_id)["Spaces"], "the space is gone")
    before = slow_looks.last_call()
    slow_looks.annotate("Space", "churn", START_REQUEST, "2026-11-22T10:00:00Z")
    space = slow_looks.wait_reason("Space", "churn", "DeletedOutsideOfGit")
    assert space.status["handledRequests"]["start"] == "2026-11-22T10:00:00Z"
    assert "was deleted in AWS" in slow_looks.wait_event("churn", "RequestRefused")["note"]
    assert slow_looks.changes(since=before) == []


def test_a_start_of_an_app_that_was_stopped_in_aws_starts_it(slow_looks: Team) -> None:
    slow_looks.run_space()
    slow_looks.simulator.stop_app(slow_looks.domain_id, "churn")
    wait_until(lambda: slow_looks.aws_app() is None, "the app is stopped")
    before = slow_looks.last_call()
    assert ask(slow_looks, START_REQUEST).phase == "InService"
    assert slow_looks.changes(since=before) == ["CreateApp"]


def test_a_reconcile_looks_at_tags_and_the_event_names_them(slow_looks: Team) -> None:
    space = slow_looks.run_space(tags={"team": "churn"})
    slow_looks.aws().add_tags(
        ResourceArn=space.status["arn"], Tags=[{"Key": "team", "Value": "others"}]
    )
    before = slow_looks.last_call()
    slow_looks.annotate("Space", "churn", REQUESTED_AT, "2026-11-22T10:00:00Z")
    slow_looks.wait_for(
        "Space",
        "churn",
        lambda it: it.status.get("lastHandledReconcileAt") == "2026-11-22T10:00:00Z",
        "has handled the request",
    )
    assert slow_looks.changes(since=before) == ["AddTags"]
    told = slow_looks.wait_event("churn", "Updating")["note"]
    assert "thers changed tags of space churn in AWS: team=others becomes team=churn" in told
