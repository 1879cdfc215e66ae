"""What decides about a running state, and what the clock, people and AWS will change about it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from studio_operator.api.common import APPLY_NOW_REQUEST, RECREATE_REQUEST, SNOOZE_UNTIL
from studio_operator.kinds.space.api.status import EffectiveState
from studio_operator.plugin.explanation.advice import NOTHING, RULES
from studio_operator.plugin.explanation.upcoming import advise, decided, further_commands, upcoming

from tests.unit.plugin.resources import (
    SINCE,
    Raw,
    condition,
    ready,
    reconciling,
    resource,
    stalled,
)

NOW = datetime(2026, 11, 22, 6, 0, 0, tzinfo=UTC)  # a Sunday
SEVEN = "2026-11-22T18:00:00Z"
LATER = "2026-11-22T21:00:00Z"
WORKDAYS = {
    "timezone": "Europe/Berlin",
    "windows": [{"days": "Mon-Sun", "from": "08:00", "to": "19:00"}],
}
ENFORCED = {"drift": {"state": "Enforce"}}


def space(
    by: str = "Schedule",
    state: str = "Running",
    *,
    spec: Raw | None = None,
    annotations: Raw | None = None,
    conditions: list[Raw] | None = None,
    status: Raw | None = None,
    **effective: Any,
) -> Raw:
    """A space whose running state that rule decided."""
    told = {"state": state, "by": by, "reached": True, **effective}
    return resource(
        spec=spec,
        annotations=annotations,
        conditions=conditions or ready(),
        effective=told,
        **(status or {}),
    )


DECIDED = [
    (space("Spec"), f"Running: by {RULES['Spec']}"),
    (space("Spec", reached=False), f"Running (not reached yet): by {RULES['Spec']}"),
    (space(window="Open"), f"Running: by {RULES['Schedule']}; the schedule is open"),
    (
        space("Schedule", "Stopped", window="Closed"),
        f"Stopped: by {RULES['Schedule']}; the schedule is closed",
    ),
    (
        space("Request", window="Snoozed"),
        f"Running: by {RULES['Request']}; the schedule sleeps",
    ),
    (
        space("Spec", spec=ENFORCED),
        f"Running: by {RULES['Spec']}, and restored each time, since drift.state is Enforce",
    ),
    (
        space("Spec", spec={"drift": {"default": "Enforce"}}),
        f"Running: by {RULES['Spec']}, and restored each time, since drift.state is Enforce",
    ),
    (
        space("Spec", spec={"drift": {"default": "Enforce", "state": "Report"}}),
        f"Running: by {RULES['Spec']}",
    ),
    (space("MaxRunTime", "Stopped", spec=ENFORCED), f"Stopped: by {RULES['MaxRunTime']}"),
]


@pytest.mark.parametrize(("found", "told"), DECIDED)
def test_which_rule_decided(found: Raw, told: str) -> None:
    assert decided(found) == told


def test_every_rule_and_every_place_of_the_schedule_has_words() -> None:
    schema = EffectiveState.model_json_schema()["properties"]
    assert set(schema["by"]["enum"]) == set(RULES)
    (window,) = (one for one in schema["window"]["anyOf"] if "enum" in one)
    for place in window["enum"]:
        assert f"schedule {place}" not in str(decided(space(window=place)))


NEXT = [
    (
        "a schedule that closes",
        space(stopsAt=SEVEN, spec={"schedule": WORKDAYS}),
        f"The app is stopped by the schedule at {SEVEN}, in 12h, if it still runs.",
    ),
    (
        "a run that ends",
        space(stopsAt=SEVEN, spec={"maxRunTime": "13h"}, status={"runningSince": SINCE}),
        f"The app is stopped by maxRunTime at {SEVEN}, in 12h, if it still runs.",
    ),
    (
        "a run that ends after the schedule closes",
        space(
            stopsAt=SEVEN,
            spec={"maxRunTime": "16h", "schedule": WORKDAYS},
            status={"runningSince": SINCE},
        ),
        f"The app is stopped by the schedule at {SEVEN}, in 12h, if it still runs.",
    ),
    (
        "a run that a window begins anew",
        space(
            stopsAt="2026-11-22T14:00:00Z",
            spec={"maxRunTime": "7h", "schedule": WORKDAYS},
            status={"runningSince": "2026-11-22T01:00:00Z"},
        ),
        "The app is stopped by maxRunTime at 2026-11-22T14:00:00Z, in 8h, if it still runs.",
    ),
    (
        "a schedule that opens",
        space("Schedule", "Stopped", startsAt=SEVEN),
        f"The app is started by the schedule at {SEVEN}, in 12h.",
    ),
    (
        "a schedule that a person has put to sleep",
        space(
            window="Snoozed",
            spec={"schedule": WORKDAYS},
            annotations={SNOOZE_UNTIL: LATER},
            status={"handledRequests": {"snoozeUntil": LATER}},
        ),
        f"The schedule sleeps until {LATER}, in 15h (by annotation): it neither stops nor starts "
        "the app before.",
    ),
    (
        "a schedule that Git has put to sleep",
        space(window="Snoozed", spec={"schedule": {**WORKDAYS, "snoozeUntil": LATER}}),
        f"The schedule sleeps until {LATER}, in 15h (by spec.schedule.snoozeUntil): it neither "
        "stops nor starts the app before.",
    ),
    (
        "a snooze that nobody has read",
        space(window="Open", spec={"schedule": WORKDAYS}, annotations={SNOOZE_UNTIL: LATER}),
        f"The operator takes up the request to snooze the schedule until {LATER}.",
    ),
    (
        "a request that nobody has taken up",
        space(annotations={APPLY_NOW_REQUEST: SINCE}),
        f"The operator takes up the request to apply-now of {SINCE}.",
    ),
    (
        "a new space that is asked for",
        space(annotations={RECREATE_REQUEST: SINCE}, conditions=stalled("DeletedOutsideOfGit")),
        f"The operator takes up the request to recreate of {SINCE}.",
    ),
]


@pytest.mark.parametrize(("found", "line"), [row[1:] for row in NEXT], ids=[row[0] for row in NEXT])
def test_what_comes_next(found: Raw, line: str) -> None:
    assert line in upcoming(found, "", NOW)


def test_what_is_done_is_not_announced() -> None:
    quiet = space(annotations={SNOOZE_UNTIL: SINCE})  # without a schedule nothing reads it
    assert upcoming(quiet, "Nothing.", NOW) == ("Nothing.",)
    awake = space(
        window="Open",
        spec={"schedule": WORKDAYS},
        annotations={SNOOZE_UNTIL: SINCE},
        status={"handledRequests": {"snoozeUntil": SINCE}},
    )
    assert upcoming(awake, "Nothing.", NOW) == ("Nothing.",)


NIGHTLY = {"timezone": "UTC", "days": "Mon-Sun", "from": "02:00", "to": "05:00"}
WAITS = [*reconciling("PendingRestart"), condition("PendingRestart", "True", "PendingRestart")]


@pytest.mark.parametrize(
    ("window", "told"),
    [
        (NIGHTLY, "The resize window opens at 2026-11-23T02:00:00Z, in 20h; a running app is"),
        (
            {**NIGHTLY, "to": "08:00"},
            "The resize window is open until 2026-11-22T08:00:00Z, in 2h; a running app is",
        ),
        ({**NIGHTLY, "timezone": "Europe/Atlantis"}, None),
        ({**NIGHTLY, "from": "00:00", "to": "24:00"}, None),
    ],
)
def test_a_change_that_waits_tells_of_its_window(window: Raw, told: str | None) -> None:
    found = space(spec={"resizePolicy": "Window", "resizeWindow": window}, conditions=WAITS)
    lines = [line for line in upcoming(found, "", NOW) if "resize window" in line]
    assert [line.startswith(told or "-") for line in lines] == ([True] if told else [])
    found["status"]["conditions"] = ready()
    assert upcoming(found, "", NOW) == (), "nothing waits for it"


RESIZE = {"type": "Resize", "step": "StoppingApp", "restart": True, "startedAt": SINCE}
SIZES = {"from": "ml.t3.medium", "to": "ml.m5.large"}
OPERATIONS = [
    (
        reconciling("Resizing"),
        RESIZE | SIZES,
        "Resize from ml.t3.medium to ml.m5.large is at StoppingApp: when the app is stopped, the "
        "change is made, and the app is started again.",
    ),
    (
        reconciling("Resizing"),
        RESIZE | SIZES | {"step": "StartingApp"},
        "Resize from ml.t3.medium to ml.m5.large is at StartingApp: when the app runs, the "
        "operation is over.",
    ),
    (
        reconciling("Creating"),
        {"type": "Update", "to": "defaultUserSettings", "startedAt": SINCE},
        "Update to defaultUserSettings is under way.",
    ),
    (
        stalled("UpdateFailed"),
        RESIZE | {"step": "UpdatingSpace"},
        "Resize stands still at UpdatingSpace.",
    ),
    (stalled("QuotaExceeded"), {"type": "Create", "startedAt": SINCE}, None),
    (
        stalled("StartDeadlineExceeded"),
        RESIZE | {"step": "StartingApp"},
        "Resize is at StartingApp: when the app runs, the operation is over.",
    ),
]


@pytest.mark.parametrize(("conditions", "operation", "line"), OPERATIONS)
def test_an_operation_tells_its_step_and_whether_it_goes_on(
    conditions: list[Raw], operation: Raw, line: str | None
) -> None:
    found = resource(conditions=conditions, operation=operation)
    assert upcoming(found, "", NOW) == ((line,) if line else ())


def test_where_something_is_to_be_taken_up_not_nothing_comes_next() -> None:
    found = space(annotations={APPLY_NOW_REQUEST: SINCE})
    assert upcoming(found, NOTHING, NOW) == (
        f"The operator takes up the request to apply-now of {SINCE}.",
    )


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("StartedOutside", "Nothing: it is left running."),
        ("ChangedOutside", "Nothing: what differs is left as it is in AWS."),
    ],
)
def test_what_drifted_is_not_told_to_be_as_declared(reason: str, told: str) -> None:
    drifted = condition("Drifted", "True", reason, "state: declared Stopped, live Running")
    assert advise(space(conditions=[*ready(), drifted])).next == told
    waits = [*reconciling("PendingRestart"), drifted]
    assert advise(space(conditions=waits)).next.startswith("Nothing before the app is stopped")


def substitute(kind: str, reason: str = "QuotaExceeded") -> Raw:
    taken = {"kind": kind, "instanceType": "ml.t3.medium", "message": "no quota", "reason": reason}
    return {"substitute": taken}


@pytest.mark.parametrize(
    ("conditions", "status", "verb"),
    [
        (ready(), substitute("Fallback"), "restart"),
        (stalled("QuotaExceeded"), substitute("Rollback"), "start"),
        (stalled("QuotaExceeded"), substitute("Fallback"), None),
        (reconciling("Starting"), substitute("Rollback"), None),
        (ready(), {}, None),
    ],
)
def test_an_instance_type_that_took_anothers_place_stays(
    conditions: list[Raw], status: Raw, verb: str | None
) -> None:
    advice = advise(space(conditions=conditions, status=status))
    assert advice.next.startswith("Nothing: it stays on ml.t3.medium until") == bool(verb)
    assert (f"asks for a {verb}, which" in advice.next) == bool(verb)
    assert (advice.command == f"kubectl studio {verb} {{name}}") == bool(verb)


LINGERS = {"lingeringResources": {"count": 1, "arns": ["arn"]}}
TYPED = [
    (space(stopsAt=SEVEN), ["kubectl studio snooze {name} --for 2h"]),
    (space(stopsAt=SEVEN, spec={"maxRunTime": "13h"}, status={"runningSince": SINCE}), []),
    (space("Spec"), []),
    (
        space(window="Snoozed", stopsAt=LATER, annotations={SNOOZE_UNTIL: LATER}),
        ["kubectl studio snooze {name} --off"],
    ),
    (space(window="Snoozed", stopsAt=LATER), []),
    (space("Spec", status=LINGERS), ["kubectl studio lingering {name}"]),
    (
        space("People", conditions=stalled("DeletedOutsideOfGit")),
        [
            "kubectl annotate space {name} --overwrite "
            'studio-operator.dev/recreate="$(date -u +%FT%TZ)"'
        ],
    ),
]


@pytest.mark.parametrize(("found", "typed"), TYPED)
def test_what_may_be_typed(found: Raw, typed: list[str]) -> None:
    assert list(further_commands(found)) == typed


def test_a_domain_that_was_deleted_is_not_made_anew_by_an_annotation() -> None:
    domain = resource("StudioDomain", conditions=stalled("DeletedOutsideOfGit"))
    assert list(further_commands(domain)) == []
