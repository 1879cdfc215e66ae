"""snooze: a schedule sleeps for once, and wakes up; the spec is never touched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.e2e.team import Team
from tests.e2e.windows import closed_now, open_now
from tests.plugin.conftest import Studio

ANNOTATION = "studio-operator.dev/snooze-until"


def test_a_schedule_sleeps_until_the_time_and_is_woken_up(team: Team, studio: Studio) -> None:
    before = team.run_space(schedule=open_now())
    (slept,) = studio("snooze", "churn", "--for", "5h", "-o", "json").data
    until = slept["value"]
    assert (slept["state"], slept["phase"]) == ("Done", "InService")
    assert slept["message"] == f"the schedule sleeps until {until}; it stops the app at {until}"
    space = team.wait_ready("Space", "churn")
    assert space.status["effective"]["window"] == "Snoozed"
    assert space.raw["metadata"]["annotations"] == {ANNOTATION: until}
    (woken,) = studio("snooze", "churn", "--off", "-o", "json").data
    assert (woken["state"], woken["value"]) == ("Done", None)
    after = team.wait_ready("Space", "churn")
    assert after.status["effective"]["window"] == "Open"
    assert ANNOTATION not in after.raw["metadata"].get("annotations", {})
    assert (after.spec, after.raw["metadata"]["generation"]) == (
        before.spec,
        before.raw["metadata"]["generation"],
    )


def test_an_app_runs_on_while_the_schedule_sleeps_and_stops_when_it_wakes_up(
    team: Team, studio: Studio
) -> None:
    team.run_space(schedule=open_now())
    until = datetime.now(UTC) + timedelta(seconds=8)
    studio("snooze", "churn", "--until", until.isoformat())
    before = team.last_call()
    team.edit("Space", "churn", schedule=closed_now())
    team.wait_looks()
    assert team.changes(since=before) == []
    assert "the schedule sleeps" in studio("why", "churn").out.lower()
    team.wait_phase("churn", "Stopped")
    assert datetime.now(UTC) >= until.replace(microsecond=0)
    assert team.changes(since=before) == ["DeleteApp"]


def test_who_does_not_wait_only_sets_the_annotation(team: Team, studio: Studio) -> None:
    team.run_space(schedule=open_now())
    (asked,) = studio("snooze", "churn", "--for", "1h", "--no-wait", "-o", "json").data
    assert asked["state"] in {"Asked", "Done"}
    assert team.wait_for(
        "Space",
        "churn",
        lambda it: it.status.get("handledRequests", {}).get("snoozeUntil") == asked["value"],
        "has read the snooze",
    )


def test_what_is_past_or_sleeps_by_git_is_refused_with_the_remedy(
    team: Team, studio: Studio
) -> None:
    committed = (datetime.now(UTC) + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
    team.run_space(schedule={**open_now(), "snoozeUntil": committed})
    past = studio("snooze", "churn", "--until", "2026-01-01T00:00:00Z", expect=2)
    assert "--until 2026-01-01T00:00:00Z is past: give a time to come, or --off" in past.err
    refused = studio("snooze", "churn", "--off", expect=4).out
    assert f"spec.schedule.snoozeUntil lets it sleep until {committed}" in refused
    shorter = studio("snooze", "churn", "--for", "1h").out
    assert f"the schedule sleeps until {committed}" in shorter, "the later of the two holds"


def test_a_space_without_a_schedule_has_nothing_to_snooze(team: Team, studio: Studio) -> None:
    team.run_space()
    for words in (("--for", "1h"), ("--until", "22:00"), ("--off",)):
        assert "it has no spec.schedule" in studio("snooze", "churn", *words, expect=4).out
    assert "annotations" not in team.wait_ready("Space", "churn").raw["metadata"]
