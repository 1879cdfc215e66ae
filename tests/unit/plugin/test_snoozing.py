"""A schedule that sleeps: when it is of no use to ask, and what has become of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from studio_operator.api.common import SNOOZE_UNTIL
from studio_operator.api.running import HandledRequests
from studio_operator.plugin.errors import RefusedError
from studio_operator.plugin.requests.requests import State
from studio_operator.plugin.requests.snoozing import Snooze, held_snooze, zone_of

from tests.unit.plugin.resources import Raw, event, resource

NOW = datetime(2026, 3, 2, 17, 0, 0, 500_000, tzinfo=UTC)
UNTIL = NOW + timedelta(hours=2)
VALUE = "2026-03-02T19:00:00Z"
SCHEDULE = {"timezone": "Europe/Berlin", "windows": []}
SNOOZE, WAKE = Snooze(UNTIL, NOW), Snooze(None, NOW)


def space(value: str | None = None, committed: str | None = None, **status: Any) -> Raw:
    schedule = {**SCHEDULE, **({"snoozeUntil": committed} if committed else {})}
    annotations = {SNOOZE_UNTIL: value} if value else {}
    return resource(spec={"schedule": schedule}, annotations=annotations, **status)


def unreadable(member: str) -> Raw:
    """A space with a time zone that does not exist; the API server admits it."""
    return resource(
        spec={"schedule": SCHEDULE, member: {"timezone": "Europe/Berlim", "windows": []}}
    )


def handled(value: str, window: str = "Snoozed", **effective: str) -> Raw:
    """The status that has read the annotation."""
    told = {"by": "Schedule", "trigger": "Running unset", "window": window, **effective}
    return {"handledRequests": {"snoozeUntil": value}, "effective": told}


def test_the_echo_is_that_of_the_operator() -> None:
    assert "snoozeUntil" in {field.alias for field in HandledRequests.model_fields.values()}


def test_the_value_is_a_time_in_utc_or_nothing() -> None:
    assert SNOOZE.next_value(NOW, space()) == VALUE
    assert WAKE.next_value(NOW, space(VALUE)) is None


REFUSED = [
    (SNOOZE, resource(), "no spec.schedule"),
    (WAKE, resource(), "no spec.schedule"),
    (SNOOZE, resource(spec={"schedule": SCHEDULE}, deleting=VALUE), "being deleted"),
    (WAKE, space(committed=VALUE), f"spec.schedule.snoozeUntil lets it sleep until {VALUE}"),
    (WAKE, space(committed="2026-03-02T16:00:00Z"), None),
    (SNOOZE, space(committed=VALUE), None),
    (SNOOZE, space(), None),
    (SNOOZE, unreadable("schedule"), "spec.schedule.timezone is Europe/Berlim, which is no time"),
    (WAKE, unreadable("schedule"), "which is no time zone: correct it first"),
    (SNOOZE, unreadable("resizeWindow"), "spec.resizeWindow.timezone is Europe/Berlim, which is"),
]


@pytest.mark.parametrize(("wish", "found", "told"), REFUSED)
def test_what_is_of_no_use_is_not_asked(wish: Snooze, found: Raw, told: str | None) -> None:
    refusal = wish.refusal(found)
    assert refusal is told is None or (told and refusal and told in refusal)


OUTCOMES = [
    # what is asked, of what, and what has become of it
    (SNOOZE, space(VALUE), State.ASKED, "waiting for the operator"),
    (SNOOZE, space(VALUE, **handled("2026-03-01T00:00:00Z", "Open")), State.ASKED, "waiting"),
    (SNOOZE, space(VALUE, **handled(VALUE, "Open")), State.ASKED, "waiting"),
    (SNOOZE, space(VALUE, handledRequests={"snoozeUntil": VALUE}), State.DONE, "the schedule"),
    (
        SNOOZE,
        space(VALUE, **handled(VALUE, stopsAt=VALUE)),
        State.DONE,
        f"the schedule sleeps until {VALUE}; it stops the app at {VALUE}",
    ),
    (
        SNOOZE,
        space(VALUE, "2026-03-02T22:00:00Z", **handled(VALUE)),
        State.DONE,
        "the schedule sleeps until 2026-03-02T22:00:00Z",
    ),
    (WAKE, space(**handled(VALUE)), State.ASKED, "waiting for the operator"),
    (
        WAKE,
        space(**handled(VALUE, "Closed", startsAt="2026-03-03T07:00:00Z")),
        State.DONE,
        "the schedule decides; it starts the app at 2026-03-03T07:00:00Z",
    ),
    (WAKE, space(), State.DONE, "the schedule decides"),
]


@pytest.mark.parametrize(("wish", "found", "state", "told"), OUTCOMES)
def test_what_has_become_of_it(wish: Snooze, found: Raw, state: State, told: str) -> None:
    value = VALUE if wish is SNOOZE else None
    outcome = wish.judge(value, found)
    assert (outcome.state, outcome.message.startswith(told)) == (state, True), outcome.message


def test_the_operators_event_says_what_it_refuses() -> None:
    outcome = SNOOZE.judge(VALUE, space(VALUE), [event("RequestRefused", "not done: no time")])
    assert (outcome.state, outcome.message) == (State.REFUSED, "not done: no time")


@pytest.mark.parametrize(
    ("asked", "committed", "held"),
    [
        (VALUE, None, VALUE),
        (None, VALUE, VALUE),
        (VALUE, "2026-03-02T22:00:00Z", "2026-03-02T22:00:00Z"),
        ("tonight", None, None),
        (None, None, None),
    ],
)
def test_the_later_of_git_and_a_person_holds(
    asked: str | None, committed: str | None, held: str | None
) -> None:
    expected = datetime.fromisoformat(held) if held else None
    assert held_snooze(space(asked, committed)) == expected


def test_times_are_those_of_the_schedules_zone() -> None:
    assert zone_of(space()).key == "Europe/Berlin"
    assert zone_of(resource()).key == "UTC"
    with pytest.raises(RefusedError, match=r"Europe/Atlantis: correct spec\.schedule\.timezone"):
        zone_of(resource(spec={"schedule": {"timezone": "Europe/Atlantis"}}))
