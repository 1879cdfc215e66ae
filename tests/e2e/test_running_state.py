"""Who decides whether the app runs: the table of running-state owners, row by row."""

from __future__ import annotations

import pytest

from tests.e2e.team import Team

ENFORCE = {"state": "Enforce"}


def test_a_stop_by_the_spec(team: Team) -> None:
    team.run_space()
    before = team.last_call()
    team.edit("Space", "churn", state="Stopped")
    assert team.wait_phase("churn", "Stopped").is_ready
    assert team.changes(since=before) == ["DeleteApp"]


def test_a_start_by_the_spec(team: Team) -> None:
    team.apply(team.space(state="Stopped"))
    team.wait_phase("churn", "Stopped")
    before = team.last_call()
    team.edit("Space", "churn", state="Running")
    assert team.wait_phase("churn", "InService").is_ready
    assert team.changes(since=before) == ["CreateApp"]


def test_running_and_stopped_by_a_person_stays_stopped(team: Team) -> None:
    team.run_space()
    before = team.last_call()
    team.simulator.stop_app(team.domain_id, "churn")
    space = team.wait_phase("churn", "Stopped")
    team.wait_looks()
    assert team.changes(since=before) == []
    assert (space.is_ready, space.reason) == (True, "StoppedOutside")
    effective = space.status["effective"]
    assert (effective["state"], effective["by"]) == ("Stopped", "OutsideStop")


def test_running_and_stopped_by_a_person_is_started_when_enforced(team: Team) -> None:
    team.run_space(drift=ENFORCE)
    before = team.last_call()
    team.simulator.stop_app(team.domain_id, "churn")
    team.wait_for("Space", "churn", lambda it: team.changes(since=before), "is started")
    assert team.wait_phase("churn", "InService").is_ready
    assert team.changes(since=before) == ["CreateApp"]


def test_stopped_and_started_by_a_person_is_left_and_reported(team: Team) -> None:
    team.apply(team.space(state="Stopped"))
    team.wait_phase("churn", "Stopped")
    before = team.last_call()
    team.simulator.start_app(team.domain_id, "churn")
    space = team.wait_phase("churn", "InService")
    team.wait_looks()
    assert team.changes(since=before) == []
    assert (space.is_ready, space.has("Drifted")) == (True, True)
    assert space.status["effective"]["by"] == "OutsideStart"


def test_stopped_and_started_by_a_person_is_stopped_when_enforced(team: Team) -> None:
    team.apply(team.space(state="Stopped", drift=ENFORCE))
    team.wait_phase("churn", "Stopped")
    before = team.last_call()
    team.simulator.start_app(team.domain_id, "churn")
    team.wait_for("Space", "churn", lambda it: team.changes(since=before), "is stopped")
    assert team.wait_phase("churn", "Stopped").is_ready
    assert team.changes(since=before) == ["DeleteApp"]


def test_left_out_follows_people(team: Team) -> None:
    team.apply(team.space(state=None))
    team.wait_phase("churn", "Stopped")
    before = team.last_call()
    team.simulator.start_app(team.domain_id, "churn")
    assert team.wait_phase("churn", "InService").is_ready
    team.simulator.stop_app(team.domain_id, "churn")
    space = team.wait_phase("churn", "Stopped")
    assert (space.is_ready, space.has("Drifted")) == (True, False)
    assert team.changes(since=before) == []


def test_a_restart_of_the_operator_is_no_trigger(team: Team) -> None:
    team.run_space()
    team.simulator.stop_app(team.domain_id, "churn")
    team.wait_phase("churn", "Stopped")
    before = team.last_call()
    team.product.kill_operator()
    team.product.ensure_operator()
    team.wait_looks()
    assert team.changes(since=before) == []


def test_a_stop_that_nobody_watched_is_respected(team: Team) -> None:
    team.run_space()
    before = team.last_call()
    team.product.kill_operator()
    team.simulator.stop_app(team.domain_id, "churn")
    team.product.ensure_operator()
    space = team.wait_phase("churn", "Stopped")
    team.wait_looks()
    assert (space.status["effective"]["by"], team.changes(since=before)) == ("OutsideStop", [])


def test_a_trigger_that_nobody_watched_is_not_missed(team: Team) -> None:
    team.run_space()
    team.simulator.stop_app(team.domain_id, "churn")
    team.wait_phase("churn", "Stopped")
    team.product.kill_operator()
    team.edit("Space", "churn", instanceType="ml.m5.large")
    team.product.ensure_operator()
    team.wait_phase("churn", "InService")
    assert team.instance_type() == "ml.m5.large"


def test_a_new_instance_type_is_a_trigger(team: Team) -> None:
    team.run_space()
    team.simulator.stop_app(team.domain_id, "churn")
    team.wait_phase("churn", "Stopped")
    before = team.last_call()
    team.edit("Space", "churn", instanceType="ml.m5.large")
    team.wait_phase("churn", "InService")
    assert team.changes(since=before) == ["UpdateSpace", "CreateApp"]


@pytest.mark.parametrize("edit", [{"tags": {"team": "churn"}}, {"storage": {"sizeGiB": 40}}])
def test_other_edits_are_no_trigger(team: Team, edit: dict[str, object]) -> None:
    team.run_space()
    team.simulator.stop_app(team.domain_id, "churn")
    team.wait_phase("churn", "Stopped")
    before = team.last_call()
    team.edit("Space", "churn", **edit)
    team.wait_ready("Space", "churn")
    team.wait_looks()
    assert "CreateApp" not in team.changes(since=before)
    assert team.aws_app() is None


def test_a_resize_in_the_console_is_put_right(team: Team) -> None:
    team.run_space()
    before = team.last_call()
    team.simulator.resize(team.domain_id, "churn", instance_type="ml.p4d.24xlarge")
    team.wait_for("Space", "churn", lambda it: team.changes(since=before), "is put right")
    team.wait_ready("Space", "churn")
    assert team.changes(since=before) == ["DeleteApp", "UpdateSpace", "CreateApp"]
    assert team.instance_type() == "ml.t3.medium"


def test_an_app_that_failed_after_it_ran_is_reported_and_not_restarted(team: Team) -> None:
    team.run_space()
    before = team.last_call()
    team.simulator.fail_app(team.domain_id, "churn", reason="The health check failed.")
    space = team.wait_reason("Space", "churn", "AppFailed")
    team.wait_looks()
    assert (space.phase, space.has("Stalled")) == ("Failed", True)
    assert "The health check failed" in space.message
    assert team.changes(since=before) == []


def test_a_space_deleted_in_the_console_is_not_silently_made_again(team: Team) -> None:
    team.run_space()
    before = team.last_call()
    team.simulator.delete_space(team.domain_id, "churn")
    space = team.wait_reason("Space", "churn", "DeletedOutsideOfGit")
    team.wait_looks()
    assert (space.phase, space.has("Stalled"), team.changes(since=before)) == ("Failed", True, [])
