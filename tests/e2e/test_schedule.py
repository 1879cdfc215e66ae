"""Windows by the real clock: when an app runs, and when it may be stopped for a change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from studio_operator.api.common import START_REQUEST

from tests.e2e.team import Team
from tests.e2e.windows import closed_now, open_now, window_around

ALWAYS = {"days": "Mon-Sun", "from": "00:00", "to": "24:00"}


def test_a_schedule_decides_and_status_tells_what_comes_next(team: Team) -> None:
    space = team.run_space(schedule=open_now())
    assert space.status["effective"]["by"] == "Schedule"
    assert "stopsAt" in space.status["effective"]
    before = team.last_call()
    team.edit("Space", "churn", schedule=closed_now())
    space = team.wait_phase("churn", "Stopped")
    assert (space.is_ready, space.spec["state"]) == (True, "Running")
    assert "startsAt" in space.status["effective"]
    assert "stopped by the schedule, which starts it at" in space.message
    team.edit("Space", "churn", schedule=open_now())
    team.wait_phase("churn", "InService")
    assert team.changes(since=before) == ["DeleteApp", "CreateApp"]


def test_the_clock_alone_stops_an_app(team: Team) -> None:
    def snooze(until: datetime) -> None:
        team.annotate("Space", "churn", "studio-operator.dev/snooze-until", until.isoformat())

    team.run_space()
    until = datetime.now(UTC) + timedelta(hours=1)
    snooze(until)
    before = team.last_call()
    team.edit("Space", "churn", schedule=closed_now())
    space = team.wait_for(
        "Space",
        "churn",
        lambda it: it.status.get("effective", {}).get("window") == "Snoozed",
        "is snoozed",
    )
    assert space.status["effective"]["stopsAt"] == f"{until:%Y-%m-%dT%H:%M:%SZ}"
    assert team.changes(since=before) == []
    until = datetime.now(UTC) + timedelta(seconds=3)
    snooze(until)
    team.wait_phase("churn", "Stopped")
    assert datetime.now(UTC) >= until
    assert team.changes(since=before) == ["DeleteApp"]


def test_who_works_after_hours_is_reported_and_left_alone(team: Team) -> None:
    team.apply(team.space(schedule=closed_now()))
    team.wait_phase("churn", "Stopped")
    before = team.last_call()
    team.simulator.start_app(team.domain_id, "churn")
    space = team.wait_phase("churn", "InService")
    team.product.kill_operator()
    team.product.ensure_operator()
    team.wait_looks()
    assert team.changes(since=before) == []
    drifted = space.condition("Drifted")["message"]
    assert "state: declared Stopped by the schedule, live Running" in drifted


def test_a_start_that_is_older_than_the_end_of_the_window_is_taken_up_and_not_done(
    team: Team,
) -> None:
    team.apply(team.space(schedule=closed_now()))
    team.wait_phase("churn", "Stopped")
    before = team.last_call()
    team.product.kill_operator()
    asked_at = datetime.now(UTC) - timedelta(hours=11)  # an hour before the window ended
    team.annotate("Space", "churn", START_REQUEST, asked_at.isoformat())
    team.product.ensure_operator()
    space = team.wait_for(
        "Space", "churn", lambda it: "handledRequests" in it.status, "has taken up the request"
    )
    assert space.status["handledRequests"] == {"start": asked_at.isoformat()}
    team.wait_looks()
    assert team.changes(since=before) == []
    team.annotate("Space", "churn", START_REQUEST, datetime.now(UTC).isoformat())
    team.wait_phase("churn", "InService")


def test_a_resize_waits_for_its_window(team: Team) -> None:
    later = datetime.now(UTC) + timedelta(hours=12)
    team.run_space(resizePolicy="Window", resizeWindow={"timezone": "UTC", **window_around(later)})
    before = team.last_call()
    team.edit("Space", "churn", instanceType="ml.m5.large")
    space = team.wait_reason("Space", "churn", "PendingRestart")
    opens = later - timedelta(hours=2)
    assert f"at the latest, for {opens:%Y-%m-%d %H:%M} UTC" in space.message
    assert space.has("PendingRestart")
    team.wait_looks()
    assert team.changes(since=before) == []
    team.edit("Space", "churn", resizeWindow={"timezone": "UTC", **ALWAYS})
    team.wait_ready("Space", "churn")
    assert team.changes(since=before) == ["DeleteApp", "UpdateSpace", "CreateApp"]


def test_an_unknown_time_zone_is_refused_with_the_remedy(team: Team) -> None:
    team.apply(team.space(schedule={**open_now(), "timezone": "Europe/Atlantis"}))
    space = team.wait_reason("Space", "churn", "InvalidSpec")
    assert "schedule.timezone" in space.message
    assert "Set spec.schedule.timezone to an IANA name such as" in space.message


def test_on_a_holiday_an_app_is_not_started(team: Team) -> None:
    today = datetime.now(UTC).date()
    days = [str(today + timedelta(days=offset)) for offset in (-1, 0, 1)]
    holiday = {"timezone": "UTC", "windows": [ALWAYS], "holidays": days}
    team.apply(team.space(schedule=holiday))
    space = team.wait_phase("churn", "Stopped")
    assert "CreateApp" not in team.changes()
    assert space.status["effective"]["by"] == "Schedule"
    begins_again = today + timedelta(days=2)
    assert space.status["effective"]["startsAt"].startswith(f"{begins_again}T00:00:00")
