"""For whom a resource is worked on, and how urgent that is."""

from __future__ import annotations

from studio_operator.api.common import REQUESTED_AT, SPACE_REQUESTS, STOP_REQUEST
from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.declared.store import Store
from studio_operator.fairness import Flow, Priority
from studio_operator.kube.resources import Key


def flow_of(store: Store, key: Key) -> Flow:
    """The namespace in whose turn a key is worked on, and how urgent it is there."""
    entry = store.get(key)
    return Flow(key.namespace, Priority.REST if entry is None else _priority_of(entry))


def _priority_of(entry: Entry) -> Priority:
    if entry.deleting or _is_to_stop(entry):
        return Priority.STOP
    is_asked = any(_is_unanswered(entry, name) for name in _REQUESTS)
    return Priority.REQUEST if is_asked else Priority.REST


def _is_to_stop(entry: Entry) -> bool:
    """Whether a person asks for a stop, or the spec does since status was written last."""
    if _is_unanswered(entry, STOP_REQUEST):
        return True
    is_edited = entry.shown.get("observedGeneration") != entry.generation
    runs = (entry.shown.get("effective") or {}).get("state") == "Running"
    return is_edited and runs and entry.spec.get("state") == "Stopped"


def _is_unanswered(entry: Entry, request: str) -> bool:
    """Whether a person asks by annotation for something that status does not answer yet."""
    asked = entry.annotations.get(request)
    if not asked:
        return False
    handled = entry.shown.get("handledRequests") or {}
    return asked not in {entry.shown.get("lastHandledReconcileAt"), *handled.values()}


_REQUESTS = (REQUESTED_AT, *SPACE_REQUESTS)
