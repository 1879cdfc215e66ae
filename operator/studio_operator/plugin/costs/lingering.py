"""What was made from spaces and goes on costing money, as their status tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from studio_operator.api.common import ConditionType
from studio_operator.kinds.registry import PERSON
from studio_operator.plan.decisions import counted, name_some
from studio_operator.plan.reasons import Reason
from studio_operator.plugin.explanation.dependency_chain import referred
from studio_operator.plugin.requests.requests import find_condition
from studio_operator.plugin.times import span

Raw = Mapping[str, Any]
COLUMNS = ("namespace", "name", "owner", "status", "count", "since", "resources")
# What no status can tell (Space page, "What goes on costing money after a stop").
BLIND_SPOT = (
    "Not seen: what AWS does not tag with the space it was made from, and what was made since the "
    "operator looked last; it looks before each stop, and every five minutes."
)


@dataclass(frozen=True, slots=True)
class LingeringSpace:
    """What goes on of one space.

    - `count`: how many resources; `arns` has the first 20 of them.
    - `since`: since when status tells that they go on without the app, or that a stop waits for
      them; None while the app runs.
    """

    namespace: str
    name: str
    owner: str
    phase: str
    count: int
    arns: tuple[str, ...]
    since: str | None


def find_lingering(spaces: Sequence[Raw]) -> list[LingeringSpace]:
    """The spaces of which something goes on, those with the most first."""
    found = (_of_space(space) for space in spaces)
    return sorted(
        (one for one in found if one is not None),
        key=lambda one: (-one.count, one.namespace, one.name),
    )


def summarise(spaces: Sequence[Raw], found: Sequence[LingeringSpace]) -> tuple[str, ...]:
    """Line by line what the table does not tell: that nothing goes on, and what nobody has seen."""
    said = [] if found else [f"Nothing is known to go on of {counted(len(spaces), 'space')}."]
    if unseen := [one["metadata"]["name"] for one in spaces if not _is_in_aws(one)]:
        said.append(
            f"Not looked at: {counted(len(unseen), 'space')} that the operator has not seen in "
            f"AWS, {name_some(unseen)}."
        )
    return (*said, BLIND_SPOT)


def as_row(one: LingeringSpace, now: datetime) -> tuple[str, ...]:
    """The cells of one row, in the order of `COLUMNS`."""
    since = span(now - datetime.fromisoformat(one.since)) if one.since else "-"
    place = (one.namespace, one.name, one.owner or "-", one.phase)
    return (*place, str(one.count), since, _describe(one))


def shorten(arn: str) -> str:
    """An ARN without what those of a region have in common: `endpoint/churn`."""
    return arn.split(":", 5)[-1]


def _of_space(space: Raw) -> LingeringSpace | None:
    status: Raw = space.get("status", {})
    told: Raw | None = status.get("lingeringResources")
    if told is None:
        return None
    return LingeringSpace(
        namespace=space["metadata"]["namespace"],
        name=space["metadata"]["name"],
        owner=owner.name if (owner := referred(space, PERSON)) else "",
        phase=status.get("phase", ""),
        count=told["count"],
        arns=tuple(told["arns"]),
        since=_since(status),
    )


def _since(status: Raw) -> str | None:
    condition = find_condition(status, ConditionType.LINGERING_RESOURCES)
    blocked = find_condition(status, ConditionType.STALLED)
    if not condition and blocked.get("reason") == Reason.LINGERING_RESOURCES:
        condition = blocked
    return condition.get("lastTransitionTime")


def _describe(one: LingeringSpace) -> str:
    """The first resources and how many more there are, those that status does not name included."""
    shown = name_some(shorten(arn) for arn in one.arns)
    unnamed = one.count - len(one.arns)
    return f"{shown} and {unnamed} that status does not name" if unnamed > 0 else shown


def _is_in_aws(space: Raw) -> bool:
    return "arn" in space.get("status", {})
