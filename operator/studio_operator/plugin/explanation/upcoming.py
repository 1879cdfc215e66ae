"""Who decided about a resource, and what happens next by itself: pure functions over raw JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from studio_operator.api.common import RECREATE_REQUEST, SNOOZE_UNTIL, ConditionType, format_time
from studio_operator.api.schedule import ResizeWindow, Schedule
from studio_operator.kinds.registry import BY_NAME
from studio_operator.plan.reasons import Reason
from studio_operator.plan.schedule.timetable import calendar_of, resize_window_at
from studio_operator.plan.types import Tuning
from studio_operator.plugin.explanation.advice import NOTHING, RULES, STEPS, Advice, advice_of
from studio_operator.plugin.explanation.dependency_chain import reason_of, referred, stand
from studio_operator.plugin.options import duration
from studio_operator.plugin.requests.requests import REQUESTS, echoed, find_condition, lags_behind
from studio_operator.plugin.requests.snoozing import ASLEEP, committed_snooze, held_snooze
from studio_operator.plugin.times import span

Raw = Mapping[str, Any]
_STARTING = frozenset({Reason.STARTING, Reason.RESIZING, Reason.RESTARTING})
_WINDOWS = {"Open": "is open", "Closed": "is closed", ASLEEP: "sleeps"}
# Rules by which the spec itself holds, and so can be enforced.
_OF_THE_SPEC = frozenset({"Spec", "Schedule"})
SNOOZE = "kubectl studio snooze {name} --for 2h"
WAKE_UP = "kubectl studio snooze {name} --off"
LINGERING = "kubectl studio lingering {name}"
NOW = "$(date -u +%FT%TZ)"
START = "kubectl studio start {name}"
RESTART = "kubectl studio restart {name}"


def decided(resource: Raw) -> str | None:
    """Which running state holds, by which rule; None for what does not start and stop."""
    effective = resource.get("status", {}).get("effective")
    if effective is None:
        return None
    state, by = effective.get("state"), effective["by"]
    reached = "" if effective.get("reached") or not state else " (not reached yet)"
    told = f"{state or 'Running or Stopped, as people like'}{reached}: by {RULES.get(by, by)}"
    if by in _OF_THE_SPEC and _policy_of_state(resource["spec"]) == "Enforce":
        told += ", and restored each time, since drift.state is Enforce"
    if window := effective.get("window"):
        told += f"; the schedule {_WINDOWS.get(window, window)}"
    return told


def inherited(resource: Raw) -> Iterator[str]:
    """The settings that a space has from its owner's profile or its domain."""
    effective: Raw = resource["status"].get("effective") or {}
    for name, told in (effective.get("settings") or {}).items():
        whose = referred(resource, told["from"])
        if whose is not None and "value" in told:
            value = told["value"].rpartition("/")[2]
            yield f"{name} is {value}, the default of {whose.kind} {whose.name}."


def advise(resource: Raw) -> Advice:
    """The advice of its reason, or another where more is known of how it stands."""
    status, reason = resource["status"], reason_of(resource)
    advice = advice_of(reason)
    if taken := status.get("substitute"):
        # A rollback stands under the reason for which the declared type can't start.
        if taken["kind"] == "Rollback" and taken["reason"] == reason:
            return Advice(_KEPT.format(taken["instanceType"], "start"), _TYPES, START)
        if reason == Reason.RUNNING:
            return Advice(_KEPT.format(taken["instanceType"], "restart"), _TYPES, RESTART)
    if advice.next == NOTHING:
        for type_ in (ConditionType.DRIFTED, ConditionType.IDLE_SHUTDOWN_INACTIVE):
            if beside := find_condition(status, type_):
                return advice_of(beside["reason"])
    return advice


_TYPES = ("spec.instanceType", "spec.fallbackInstanceTypes", "spec.rollback")
_KEPT = (
    "Nothing: it stays on {} until one of the fields below changes, or somebody asks for a {}, "
    "which begins with the declared instance type again."
)


def upcoming(resource: Raw, general: str, now: datetime) -> tuple[str, ...]:
    """What happens next by itself, in order; `general` is what the reason says of it."""
    found = [*_to_take_up(resource)]
    if found and general == NOTHING:
        general = ""
    found += _operation(resource)
    further = (general, *_due(resource, now), *_by_the_clock(resource, now))
    return (*found, *(line for line in further if line))


def further_commands(resource: Raw) -> Iterator[str]:
    """What may be typed about things beside the reason, with {name} in it."""
    status = resource["status"]
    effective: Raw = status.get("effective") or {}
    asleep = effective.get("window") == ASLEEP
    if asleep and SNOOZE_UNTIL in resource["metadata"].get("annotations", {}):
        yield WAKE_UP
    elif not asleep and _who_stops(resource) == _SCHEDULE:
        yield SNOOZE
    if status.get("lingeringResources"):
        yield LINGERING
    is_lost = reason_of(resource) == Reason.DELETED_OUTSIDE_OF_GIT
    if is_lost and BY_NAME[resource["kind"]].takes("recreate"):
        word = BY_NAME[resource["kind"]].word
        yield f'kubectl annotate {word} {{name}} --overwrite {RECREATE_REQUEST}="{NOW}"'


def _to_take_up(resource: Raw) -> Iterator[str]:
    """What the operator has not looked at yet: a newer spec, requests."""
    status, metadata = resource["status"], resource["metadata"]
    if lags_behind(resource):
        yield (
            "The operator takes up the latest spec: this speaks of generation "
            f"{status.get('observedGeneration')}, and {metadata['generation']} is there."
        )
    annotations: Raw = metadata.get("annotations", {})
    for request in REQUESTS:
        asked = annotations.get(request.annotation)
        if asked and asked != echoed(request, status):
            yield f"The operator takes up the request to {request.verb} of {asked}."
    handled: Raw = status.get("handledRequests") or {}
    asked = annotations.get(SNOOZE_UNTIL)
    if asked and "schedule" in resource["spec"] and asked != handled.get("snoozeUntil"):
        yield f"The operator takes up the request to snooze the schedule until {asked}."


def _operation(resource: Raw) -> Iterator[str]:
    """The step of the operation under way, and what it leads to where nobody is needed for it."""
    operation: Raw | None = resource["status"].get("operation")
    if operation is None:
        return
    ends = (f" {word} {operation[word]}" for word in ("from", "to") if operation.get(word))
    what, step = "".join((operation["type"], *ends)), operation.get("step")
    if stand(resource) == "Stalled" and reason_of(resource) != Reason.START_DEADLINE_EXCEEDED:
        if step:
            yield f"{what} stands still at {step}."
        return
    then = f"is at {step}: {STEPS.get(step, 'it goes on step by step')}" if step else "is under way"
    owed = operation.get("restart") and step not in {"StartingApp", "Starting"}
    yield f"{what} {then}{f', and the {_what_runs(resource)} is started again' if owed else ''}."


def _due(resource: Raw, now: datetime) -> Iterator[str]:
    """The time of what comes next, where status or spec let one tell it."""
    status, spec = resource["status"], resource["spec"]
    reason, tuning = reason_of(resource), Tuning()
    if reason == Reason.STORAGE_COOLDOWN and "storageGrownAt" in status:
        due = _time(status["storageGrownAt"]) + timedelta(seconds=tuning.storage_cooldown_seconds)
        yield f"That is at {format_time(due)}, {_from_now(due, now)}."
    if reason in _STARTING and "startingSince" in status:
        timeout = spec.get("startTimeout")
        seconds = duration(timeout) if timeout else tuning.start_deadline_seconds
        due = _time(status["startingSince"]) + timedelta(seconds=seconds)
        yield (
            f"A start that takes until {format_time(due)}, {_from_now(due, now)}, counts as "
            "stalled."
        )
    if find_condition(status, ConditionType.PENDING_RESTART) and "resizeWindow" in spec:
        yield from _resize_window(spec["resizeWindow"], now)


def _resize_window(declared: Raw, now: datetime) -> Iterator[str]:
    try:
        is_open, changes_at = resize_window_at(ResizeWindow.model_validate(declared), now)
    except ValueError:  # a window that the operator refuses too, and says so
        return
    if changes_at is None:
        return
    what = "is open until" if is_open else "opens at"
    yield (
        f"The resize window {what} {format_time(changes_at)}, {_from_now(changes_at, now)}; a "
        "running app is stopped for what is worth a stop while it is open."
    )


_SCHEDULE, _MAX_RUN_TIME = "the schedule", "maxRunTime"


def _by_the_clock(resource: Raw, now: datetime) -> Iterator[str]:
    effective: Raw = resource["status"].get("effective") or {}
    held, what = held_snooze(resource), _what_runs(resource)
    if effective.get("window") == ASLEEP and held is not None:
        by = "spec.schedule.snoozeUntil" if held == committed_snooze(resource) else "annotation"
        yield (
            f"The schedule sleeps until {format_time(held)}, {_from_now(held, now)} (by {by}): it "
            f"neither stops nor starts the {what} before."
        )
    if stops_at := effective.get("stopsAt"):
        due = _from_now(_time(stops_at), now)
        who = _who_stops(resource)
        yield f"The {what} is stopped by {who} at {stops_at}, {due}, if it still runs."
    if starts_at := effective.get("startsAt"):
        due = _from_now(_time(starts_at), now)
        yield f"The {what} is started by the schedule at {starts_at}, {due}."


def _who_stops(resource: Raw) -> str | None:
    """Whose time it is at which the app is stopped; None while nobody's."""
    status, spec = resource["status"], resource["spec"]
    stops_at = (status.get("effective") or {}).get("stopsAt")
    if stops_at is None:
        return None
    limit, since = spec.get("maxRunTime"), status.get("runningSince")
    if not limit:
        return _SCHEDULE
    end = _time(since) + timedelta(seconds=duration(limit)) if since else None
    if "schedule" not in spec or end == _time(stops_at) or not _closes_at(resource, stops_at):
        return _MAX_RUN_TIME
    return _SCHEDULE


def _closes_at(resource: Raw, moment: str) -> bool:
    """Whether the schedule stops the app then: a window ends, or it wakes up after hours."""
    at = _time(moment)
    if at == held_snooze(resource):
        return True
    try:
        calendar = calendar_of(Schedule.model_validate(resource["spec"]["schedule"]))
    except ValueError:  # a schedule that the operator refuses too, and says so
        return False
    return calendar.next_end(at - timedelta(seconds=1)) == at


def _what_runs(resource: Raw) -> str:
    """What of it starts and stops, such as the app of a space."""
    running = BY_NAME[resource["kind"]].runs
    return running.runs if running else ""


def _policy_of_state(spec: Raw) -> str | None:
    drift: Raw = spec.get("drift") or {}
    return drift.get("state") or drift.get("default")


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _from_now(moment: datetime, now: datetime) -> str:
    return f"in {span(moment - now)}" if moment > now else f"{span(now - moment)} ago"
