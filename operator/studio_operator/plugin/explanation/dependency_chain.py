"""How resources stand, and what they wait for, by the references of their kinds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from studio_operator.kube.resources import Key, key_of, references_of
from studio_operator.plan.reasons import Reason
from studio_operator.plugin.requests.requests import find_condition, lags_behind

Raw = Mapping[str, Any]
Resources = Mapping[Key, Raw | None]
Readiness = Literal["Ready", "Reconciling", "Stalled", "Unseen", "Missing"]


def dependencies(resource: Raw) -> tuple[Key, ...]:
    """What a resource refers to, the nearest first."""
    return references_of(key_of(resource), resource["spec"])


def referred(resource: Raw, kind: str) -> Key | None:
    """What of a kind a resource refers to; None where it names nothing of it."""
    return next((key for key in dependencies(resource) if key.kind == kind), None)


def follow_chain(key: Key, resources: Resources) -> tuple[Key, ...]:
    """From a resource to what it waits for, and what that waits for, down to the root cause."""
    path = [key]
    while (resource := resources.get(path[-1])) is not None:
        if reason_of(resource) != Reason.DEPENDENCY_NOT_READY:
            break
        blocking = _find_blocking(resource, resources)
        if blocking is None or blocking in path:
            break
        path.append(blocking)
    return tuple(path)


def _find_blocking(resource: Raw, resources: Resources) -> Key | None:
    """The dependency that a resource waits for.

    The operator looks at the far ones first. One that waits for another itself is named all the
    same: it stands between.
    """
    blocking = [
        one
        for one in dependencies(resource)
        if one in resources and stand(resources[one]) != "Ready"
    ]
    between = [
        one
        for one in blocking
        if (found := resources[one]) and reason_of(found) == Reason.DEPENDENCY_NOT_READY
    ]
    return next(iter((*between, *reversed(blocking))), None)


def stand(resource: Raw | None) -> Readiness:
    """How a resource stands by its conditions, for the spec as it is now."""
    if resource is None:
        return "Missing"
    status = resource.get("status", {})
    if not find_condition(status, "Ready"):
        return "Unseen"
    if find_condition(status, "Stalled"):
        return "Stalled"
    ready = find_condition(status, "Ready")["status"] == "True" and not lags_behind(resource)
    return "Ready" if ready else "Reconciling"


def reason_of(resource: Raw) -> str:
    """Why it is ready or not; empty while the operator has not said."""
    return str(find_condition(resource.get("status", {}), "Ready").get("reason", ""))
