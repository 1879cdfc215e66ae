"""What the demo tells, made of what the API server answers: pure functions over snapshots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]
Key = tuple[str, str]
LONGEST_NOTE = 160


@dataclass(frozen=True)
class Snapshot:
    """The resources of one namespace, by kind and name, and the Events about them."""

    resources: Mapping[Key, Json]
    events: tuple[Json, ...] = ()


EMPTY = Snapshot({})


@dataclass(frozen=True)
class Line:
    """One line of the story: a status that changed, or an Event that was posted."""

    subject: str
    text: str
    is_event: bool = False
    is_warning: bool = False


def phase(resource: Json) -> str:
    """Return the phase, with the step of the operation under way; empty before any status."""
    status = resource.get("status", {})
    step = status.get("operation", {}).get("step")
    word = str(status.get("phase", ""))
    return f"{word}, step {step}" if step else word


def condition(resource: Json, kind: str) -> Json:
    """Return the condition of that type; empty when there is none."""
    found = resource.get("status", {}).get("conditions", ())
    return next((item for item in found if item["type"] == kind), {})


def is_ready(resource: Json) -> bool:
    """Whether AWS matches what is declared, for the newest generation of the spec."""
    seen = resource.get("status", {}).get("observedGeneration")
    return bool(
        condition(resource, "Ready").get("status") == "True"
        and seen == resource["metadata"]["generation"]
    )


def explain(resource: Json) -> str:
    """Say where a resource stands, for an error message."""
    ready = condition(resource, "Ready")
    name = f"{resource['kind']} {resource['metadata']['name']}"
    where = phase(resource) or "without a phase"
    if not ready:
        return f"{name}: {where}, no Ready condition yet"
    return f"{name}: {where}, Ready={ready['status']} ({ready['reason']}): {ready['message']}"


def new_lines(before: Snapshot, after: Snapshot) -> list[Line]:
    """Return what happened between two snapshots: Events in their order, then changed statuses."""
    told = (_event_line(event) for event in new_events(before, after))
    return [*told, *_status_lines(before, after)]


def new_events(before: Snapshot, after: Snapshot) -> list[Json]:
    """Return the Events posted between two snapshots, in the order of their time."""
    known = {event["metadata"]["uid"] for event in before.events}
    fresh = [event for event in after.events if event["metadata"]["uid"] not in known]
    return sorted(fresh, key=_event_time)


def _status_lines(before: Snapshot, after: Snapshot) -> Iterator[Line]:
    for key, resource in after.resources.items():
        now = phase(resource)
        if now and now != phase(before.resources.get(key, {})):
            yield Line(key[1], now)


def _event_time(event: Json) -> str:
    return str(event.get("eventTime") or event["metadata"].get("creationTimestamp", ""))


def _event_line(event: Json) -> Line:
    note = str(event.get("note", ""))
    if len(note) > LONGEST_NOTE:
        note = f"{note[:LONGEST_NOTE]}..."
    return Line(
        subject=event["regarding"]["name"],
        text=f"{event['reason']}: {note}",
        is_event=True,
        is_warning=event.get("type") == "Warning",
    )


def actions(events: Sequence[Json], kind: str, name: str) -> list[str]:
    """Return what was done about one resource, in order, as its Events tell."""
    return [
        str(event["action"])
        for event in sorted(events, key=_event_time)
        if (event["regarding"]["kind"], event["regarding"]["name"]) == (kind, name)
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


def without_age(table: str) -> str:
    """Return a table of kubectl's less its last column, AGE, which changes by itself."""
    return "\n".join(line.rstrip().rpartition(" ")[0].rstrip() for line in table.splitlines())


def call_totals(counts: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Return the number of calls by operation, the most frequent first."""
    totals = {operation: sum(codes.values()) for operation, codes in counts.items()}
    return dict(sorted(totals.items(), key=lambda item: (-item[1], item[0])))


def refused_calls(counts: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Return how many calls ended in which error, the errors by operation and code."""
    return {
        f"{operation}: {code}": times
        for operation, codes in sorted(counts.items())
        for code, times in sorted(codes.items())
        if code != "OK"
    }


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
        str(app["resource_spec"].get("InstanceType"))
        for app in state["apps"]
        if app["space_name"] == name and app["status"] == "InService"
    ]
    return SpaceInAws(storage.get("EbsVolumeSizeInGb"), running[0] if running else None)
