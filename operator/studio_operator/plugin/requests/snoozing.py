"""A schedule that is to sleep until a time, or to wake up: asked for by annotation.

The operator reads the annotation at each pass, beside `spec.schedule.snoozeUntil`; the later of
the two holds, and the spec is never edited.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from studio_operator.api.common import SNOOZE_UNTIL, format_time
from studio_operator.kinds.registry import BY_NAME
from studio_operator.kube.resources import key_of
from studio_operator.plan.schedule.timetable import parse_moment
from studio_operator.plugin.errors import RefusedError
from studio_operator.plugin.explanation.unreadable import unreadable
from studio_operator.plugin.names import target_of
from studio_operator.plugin.requests.requests import RequestOutcome, State, refusal_among

Raw = Mapping[str, Any]
ASLEEP = "Snoozed"


@dataclass(frozen=True, slots=True)
class Snooze:
    """Lets the schedule of a space sleep from `now` until a time; until None: no longer."""

    until: datetime | None
    now: datetime
    verb: str = "snooze"
    annotation: str = SNOOZE_UNTIL

    def refusal(self, resource: Raw) -> str | None:
        """Why it is of no use to ask that of the space as it is, or None."""
        if "deletionTimestamp" in resource["metadata"]:
            return "it is being deleted"
        if "schedule" not in resource["spec"]:
            return "it has no spec.schedule, so there is nothing to snooze"
        if problem := unreadable(resource["spec"]):
            return problem
        committed = committed_snooze(resource)
        if self.until is None and committed is not None and committed > self.now:
            return (
                f"spec.schedule.snoozeUntil lets it sleep until {format_time(committed)}: "
                "change that in the spec"
            )
        return None

    def next_value(self, now: datetime, resource: Raw) -> str | None:  # noqa: ARG002 - of Wish
        """The annotation's value; None takes it away."""
        return None if self.until is None else format_time(self.until)

    def judge(self, value: str | None, resource: Raw, events: Sequence[Raw] = ()) -> RequestOutcome:
        """Done as soon as status shows that the operator has read the annotation, or its end.

        The same value may have been handled before: it counts with what the schedule does now,
        where status tells that at all.
        """
        if refused := refusal_among(events):
            return refused
        status = resource.get("status", {})
        effective: Raw = status.get("effective") or {}
        window = effective.get("window")
        asleep = window == ASLEEP
        seen = (status.get("handledRequests") or {}).get("snoozeUntil") == value
        done = not asleep if value is None else seen and (asleep or window is None)
        if not done:
            return RequestOutcome(State.ASKED, "waiting for the operator to take it up")
        return RequestOutcome(State.DONE, _describe(resource, effective, asleep=asleep))


def committed_snooze(space: Raw) -> datetime | None:
    """Until when the spec lets the schedule sleep."""
    schedule: Raw = space["spec"].get("schedule") or {}
    return parse_moment(str(schedule.get("snoozeUntil", "")))


def held_snooze(space: Raw) -> datetime | None:
    """Until when the schedule sleeps: the later of what the spec and the annotation say."""
    asked = space["metadata"].get("annotations", {}).get(SNOOZE_UNTIL, "")
    moments = (parse_moment(str(asked)), committed_snooze(space))
    return max((moment for moment in moments if moment), default=None)


def zone_of(space: Raw) -> ZoneInfo:
    """The time zone of the space's schedule; UTC where there is none to snooze."""
    kind = BY_NAME[space["kind"]]
    zone = (space["spec"].get("schedule") or {}).get("timezone", "UTC")
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise RefusedError(
            f"{kind.noun} {space['metadata']['name']} names a time zone that is not known "
            f"here, {zone}: correct spec.schedule.timezone, or give a time with --for"
        ) from error


def _describe(space: Raw, effective: Raw, *, asleep: bool) -> str:
    """What the schedule does now and next."""
    held = held_snooze(space) if asleep else None
    key, running = key_of(space), BY_NAME[space["kind"]].runs
    what = running.runs if running else ""
    told = [f"the schedule sleeps until {format_time(held)}" if held else "the schedule decides"]
    told += [
        f"it {what} at {effective[member]}"
        for member, what in (("stopsAt", f"stops the {what}"), ("startsAt", f"starts the {what}"))
        if effective.get(member)
    ]
    if asleep and space.get("status", {}).get("phase") == "Stopped":
        start = f"kubectl studio start {target_of(key)}"
        told.append(f"the {what} is stopped, and a snooze starts nothing: `{start}` does")
    return "; ".join(told)
