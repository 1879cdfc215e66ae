"""start, stop, restart, apply-now and reconcile: asked by annotation, done by the operator."""

from __future__ import annotations

from collections.abc import Callable

from tests.e2e.team import Team
from tests.plugin.conftest import Studio


def test_start_and_stop_follow_a_person_and_leave_the_spec(team: Team, studio: Studio) -> None:
    spec = team.run_space().spec
    stopped = studio("stop", "churn", "-o", "json").data
    assert [(one["state"], one["phase"]) for one in stopped] == [("Done", "Stopped")]
    assert team.aws_app() is None
    assert "it does not run: start it instead" in studio("restart", "churn", expect=4).out
    (started,) = studio("start", "churn", "-o", "json").data
    assert (started["state"], started["phase"]) == ("Done", "InService")
    space = team.wait_ready("Space", "churn")
    assert space.spec == spec
    assert space.status["handledRequests"]["start"] == started["value"]


def test_restart_stops_and_starts_once(team: Team, studio: Studio) -> None:
    team.run_space()
    before = team.last_call()
    (restarted,) = studio("restart", "churn", "-o", "json").data
    assert (restarted["state"], restarted["phase"]) == ("Done", "InService")
    assert team.changes(since=before) == ["DeleteApp", "CreateApp"]


def test_apply_now_makes_a_change_that_waits(team: Team, studio: Studio) -> None:
    team.run_space(resizePolicy="WhenStopped")
    team.edit("Space", "churn", instanceType="ml.m5.large")
    team.wait_reason("Space", "churn", "PendingRestart")
    (applied,) = studio("apply-now", "churn", "-o", "json").data
    assert (applied["state"], applied["phase"]) == ("Done", "InService")
    assert team.instance_type() == "ml.m5.large"


def test_several_spaces_are_asked_at_once(team: Team, studio: Studio) -> None:
    team.apply(team.space("churn"))
    team.apply(team.space("features"))
    team.wait_ready("Space", "churn")
    team.wait_ready("Space", "features")
    answer = studio("stop", "--all")
    assert [line.split()[2:5] for line in answer.out.splitlines()[1:]] == [
        ["churn", "Done", "Stopped"],
        ["features", "Done", "Stopped"],
    ]


def test_reconcile_tries_again_what_aws_refused(team: Team, studio: Studio) -> None:
    done = studio("reconcile", "domain/research", "profile/alice", "-o", "json").data
    assert [(one["kind"], one["state"]) for one in done] == [
        ("StudioDomain", "Done"),
        ("UserProfile", "Done"),
    ]


def test_what_the_operator_refuses_is_told(team: Team, studio: Studio) -> None:
    team.run_space(drift={"state": "Enforce"})
    answer = studio("stop", "churn", expect=4)
    assert "spec.drift.state is Enforce" in answer.out
    assert team.aws_app() is not None


def test_the_request_goes_on_when_nobody_waits_any_more(team: Team, studio: Studio) -> None:
    team.run_space()
    team.simulator.set_durations(app_stop=2)
    answer = studio("stop", "churn", "--timeout", "1s", expect=5)
    assert "UnderWay" in answer.out
    (again,) = studio("stop", "churn", "--no-wait", "-o", "json").data
    assert again["state"] in {"Asked", "UnderWay"}
    assert team.wait_phase("churn", "Stopped").is_ready


def test_a_name_that_is_not_there_asks_nothing_of_the_others(team: Team, studio: Studio) -> None:
    team.run_space()
    answer = studio("stop", "churn", "chrun", expect=3)
    assert answer.err == (
        f"error: Space 'chrun' is not in namespace {team.namespace}. Did you mean churn?\n"
    )
    assert team.aws_app() is not None


def test_a_space_that_is_not_in_aws_yet_takes_no_request(team: Team, studio: Studio) -> None:
    team.apply(team.space(ownerRef={"name": "nobody"}))
    team.wait_reason("Space", "churn", "DependencyNotReady")
    answer = studio("start", "churn", expect=4)
    assert "kubectl studio why churn" in answer.out


def test_rights_that_are_missing_are_named(team: Team, as_user: Callable[[str], Studio]) -> None:
    answer = as_user("mallory")("stop", "churn", expect=4)
    assert f"you may not get spaces in namespace {team.namespace}" in answer.err
