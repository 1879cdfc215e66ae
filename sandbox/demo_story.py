"""What the demo tells, made of what the API server answers: pure functions over snapshots."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

Json = Mapping[str, Any]
Key = tuple[str, str]
Counts = Mapping[str, Mapping[str, int]]
LONGEST_NOTE = 160
LOOKS = ("Describe", "Get", "List")


@dataclass(frozen=True)
class Snapshot:
    """The resources of one namespace, by kind and name, and the Events about them."""

    resources: Mapping[Key, Json]
    events: tuple[Json, ...] = ()


EMPTY = Snapshot({})


@dataclass(frozen=True)
class Line:
    """One line of the story: where a resource stood, and the Event that was posted, if one was."""

    name: str
    phase: str
    step: str = ""
    note: str = ""
    is_warning: bool = False


def phase(resource: Json) -> str:
    """Return the phase; empty before any status."""
    return str(resource.get("status", {}).get("phase", ""))


def step(resource: Json) -> str:
    """Return the step of the operation under way, if there is one."""
    return str(resource.get("status", {}).get("operation", {}).get("step", ""))


def condition(resource: Json, kind: str) -> Json:
    """Return the condition of that type; empty when there is none."""
    found = resource.get("status", {}).get("conditions", ())
    return next((item for item in found if item["type"] == kind), {})


def is_current(resource: Json) -> bool:
    """Whether the status speaks of the newest generation of the spec."""
    seen = resource.get("status", {}).get("observedGeneration")
    return bool(seen == resource["metadata"]["generation"])


def is_ready(resource: Json) -> bool:
    """Whether AWS matches what is declared, for the newest generation of the spec."""
    return condition(resource, "Ready").get("status") == "True" and is_current(resource)


def stops_at(resource: Json) -> str:
    """Return when the clock will stop the app; empty when it will not."""
    return str(resource.get("status", {}).get("effective", {}).get("stopsAt", ""))


def hours_around(now: datetime) -> dict[str, str]:
    """Return the hours of a schedule's window that is open now and for two to three hours more."""
    begins, ends = now - timedelta(hours=4), now + timedelta(hours=3)
    return {"from": f"{begins:%H}:00", "to": f"{ends:%H}:00"}


def explain(resource: Json) -> str:
    """Say where a resource stands, for an error message."""
    ready = condition(resource, "Ready")
    words = [phase(resource) or "without a phase", step(resource)]
    said = f"{resource['kind']} {resource['metadata']['name']}: {' '.join(filter(None, words))}"
    if not ready:
        return f"{said}, no Ready condition yet"
    return f"{said}, Ready={ready['status']} ({ready['reason']}): {ready['message']}"


def new_lines(before: Snapshot, after: Snapshot) -> list[Line]:
    """Return what happened between two snapshots.

    These are the Events, each beside the status of that moment, and then the statuses that changed
    without an Event.
    """
    events = new_events(before, after)
    told = {_about(event) for event in events}
    silent = [
        _line(resource)
        for key, resource in after.resources.items()
        if key not in told and _has_moved(before.resources.get(key, {}), resource)
    ]
    return [*(_line(after.resources.get(_about(event), {}), event) for event in events), *silent]


def new_events(before: Snapshot, after: Snapshot) -> list[Json]:
    """Return the Events posted between two snapshots, in the order of their time."""
    known = {event["metadata"]["uid"] for event in before.events}
    fresh = [event for event in after.events if event["metadata"]["uid"] not in known]
    return sorted(fresh, key=_event_time)


def _has_moved(before: Json, after: Json) -> bool:
    now = (phase(after), step(after))
    return now != ("", "") and now != (phase(before), step(before))


def _line(resource: Json, event: Json | None = None) -> Line:
    if event is None:
        return Line(resource["metadata"]["name"], phase(resource), step(resource))
    note = str(event.get("note", ""))
    return Line(
        name=event["regarding"]["name"],
        phase=phase(resource),
        step=step(resource),
        note=note if len(note) <= LONGEST_NOTE else f"{note[:LONGEST_NOTE]}...",
        is_warning=event.get("type") == "Warning",
    )


def _about(event: Json) -> Key:
    return event["regarding"]["kind"], event["regarding"]["name"]


def _event_time(event: Json) -> str:
    return str(event.get("eventTime") or event["metadata"].get("creationTimestamp", ""))


def actions(events: Sequence[Json], kind: str, name: str) -> list[str]:
    """Return what was done about one resource, in order, as its Events tell."""
    return [
        str(event["action"])
        for event in sorted(events, key=_event_time)
        if _about(event) == (kind, name)
    ]


def holds_in_order(wanted: list[str], found: list[str]) -> bool:
    """Whether all wanted words are found in that order, others between them or not."""
    rest = iter(found)
    return all(word in rest for word in wanted)


def spec_changes(before: Json, after: Json, path: str = "spec") -> list[str]:
    """Return a line for each member that differs, for example ``spec.instanceType: a -> b``."""
    lines: list[str] = []
    for name in sorted({*before, *after}):
        old, new, here = before.get(name), after.get(name), f"{path}.{name}"
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            lines += spec_changes(old, new, here)
        elif old != new:
            lines.append(f"{here}: {_word(old)} -> {_word(new)}")
    return lines


def _word(value: Any) -> str:
    return "none" if value is None else str(value)


def columns_of(table: str, names: Sequence[str]) -> str:
    """Return a table of kubectl's with these columns only; empty when it lists nothing.

    Raises ValueError for a name that is no heading of it.
    """
    lines = table.splitlines()
    if not lines:
        return ""
    places = _places(lines[0])
    if missing := [name for name in names if name not in places]:
        raise ValueError(f"no columns {missing} in {list(places)}")
    return "\n".join("".join(line[places[name]] for name in names).rstrip() for line in lines)


def _places(head: str) -> dict[str, slice]:
    """Where each column is, which begins with its heading and ends before the next one."""
    headings = list(re.finditer(r"\S+", head))
    ends = [heading.start() for heading in headings[1:]]
    return {
        heading.group(): slice(heading.start(), end)
        for heading, end in zip(headings, [*ends, None], strict=True)
    }


def without_age(table: str) -> str:
    """Return a table of kubectl's less its last column, AGE, which changes by itself."""
    return "\n".join(line.rstrip().rpartition(" ")[0].rstrip() for line in table.splitlines())


def calls_in_words(counts: Counts) -> dict[str, str]:
    """Return which calls there were and how often: changes, looks and refusals, if any."""
    totals = {operation: sum(codes.values()) for operation, codes in counts.items()}
    looks = {name: times for name, times in totals.items() if name.startswith(LOOKS)}
    changes = {name: times for name, times in totals.items() if name not in looks}
    refusals = {
        f"{operation} {code}": times
        for operation, codes in counts.items()
        for code, times in codes.items()
        if code != "OK"
    }
    groups = {"changes": changes, "looks": looks, "refused": refusals}
    return {name: _totals(group) for name, group in groups.items() if group}


def _totals(group: Mapping[str, int]) -> str:
    """Return for example ``16: CreateApp 3, CreateSpace 2, ...``, the most frequent first."""
    ordered = sorted(group.items(), key=lambda item: (-item[1], item[0]))
    return f"{sum(group.values())}: " + ", ".join(f"{name} {times}" for name, times in ordered)


@dataclass(frozen=True)
class SpaceInAws:
    """A space as AWS has it; no instance type when no app runs."""

    volume_gib: int | None
    running_on: str | None


def space_in_aws(state: Mapping[str, list[Json]], name: str) -> SpaceInAws | None:
    """Find a space in the simulator's own state, whatever the operator says about it."""
    space = next((item for item in state["spaces"] if item["name"] == name), None)
    if space is None:
        return None
    storage = space["settings"].get("SpaceStorageSettings", {}).get("EbsStorageSettings", {})
    running = [
        str(app["resourceSpec"].get("InstanceType"))
        for app in state["apps"]
        if app["spaceName"] == name and app["status"] == "InService"
    ]
    return SpaceInAws(storage.get("EbsVolumeSizeInGb"), running[0] if running else None)
