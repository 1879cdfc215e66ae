"""Resources as the API server has them, made as small as a case allows."""

from __future__ import annotations

from typing import Any

Raw = dict[str, Any]
SINCE = "2026-11-22T05:00:00Z"


def condition(type_: str, status: str, reason: str, message: str = "") -> Raw:
    return {
        "type": type_,
        "status": status,
        "reason": reason,
        "message": message,
        "lastTransitionTime": SINCE,
    }


def ready(reason: str = "Running", message: str = "it runs") -> list[Raw]:
    return [condition("Ready", "True", reason, message)]


def reconciling(reason: str, message: str = "") -> list[Raw]:
    kinds = (("Ready", "False"), ("Reconciling", "True"))
    return [condition(kind, status, reason, message) for kind, status in kinds]


def stalled(reason: str, message: str = "") -> list[Raw]:
    kinds = (("Ready", "False"), ("Stalled", "True"))
    return [condition(kind, status, reason, message) for kind, status in kinds]


def resource(
    kind: str = "Space",
    name: str = "churn",
    *,
    spec: Raw | None = None,
    annotations: Raw | None = None,
    deleting: str | None = None,
    **status: Any,
) -> Raw:
    """A resource of namespace team; if members of a status are given, it is of the present spec."""
    metadata: Raw = {
        "name": name,
        "namespace": "team",
        "uid": f"uid-of-{name}",
        "generation": 1,
        "annotations": annotations or {},
    }
    if deleting:
        metadata["deletionTimestamp"] = deleting
    found: Raw = {"kind": kind, "metadata": metadata, "spec": spec or {}}
    if status:
        found["status"] = {"observedGeneration": 1, **status}
    return found


def event(reason: str, message: str = "", at: str = "2026-11-22T05:00:01.000000Z") -> Raw:
    return {
        "metadata": {"name": f"churn.{reason}"},
        "eventTime": at,
        "type": "Normal",
        "reason": reason,
        "note": message,
    }
