"""Whether a resource waits for its turn behind others of its namespace, by what they all show.

The operator serves namespaces in turn, and writes nothing on what still waits. So this is told from
what is not there yet: a resource that was not taken up, among many such ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from studio_operator.kube.resources import key_of
from studio_operator.plan.decisions import CREATE
from studio_operator.plugin.explanation.dependency_chain import stand
from studio_operator.plugin.requests.requests import lags_behind

Raw = Mapping[str, Any]
# Fewer than these are taken up within a second.
_FEW = 10
WAITS_FOR_TURN = "It waits for its turn"


def is_not_taken_up(resource: Raw) -> bool:
    """Whether nothing shows yet that the operator has done what is declared now."""
    if stand(resource) == "Unseen" or lags_behind(resource):
        return True
    status = resource["status"]
    operation = status.get("operation") or {}
    is_stalled = stand(resource) == "Stalled"
    return operation.get("type") == CREATE and not status.get("arn") and not is_stalled


def _for_what(resource: Raw) -> str:
    """A worker puts a creation on status before it asks AWS for it."""
    is_worked_on = stand(resource) != "Unseen" and not lags_behind(resource)
    return "to call AWS" if is_worked_on else "for a worker"


def turn_of(resource: Raw, siblings: Iterable[Raw]) -> str | None:
    """A line on its turn; None where it does not wait for one. `siblings`: of its kind, there."""
    if not is_not_taken_up(resource):
        return None
    own = resource["metadata"]["uid"]
    others = sum(is_not_taken_up(one) for one in siblings if one["metadata"]["uid"] != own)
    if others < _FEW:
        return None
    kind, namespace, _ = key_of(resource)
    return (
        f"{WAITS_FOR_TURN} {_for_what(resource)}: {others} other {kind} resources of namespace "
        f"{namespace} are not taken up yet. Namespaces are served in turn; in each, stops and "
        "deletions come first, then requests."
    )
