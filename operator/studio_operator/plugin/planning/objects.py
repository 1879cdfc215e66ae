"""Resources as files hold them, and as the API server would have them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from studio_operator.api.common import FINALIZER, GROUP, format_time
from studio_operator.engine.entries import MODELS
from studio_operator.kube.resources import Key

Raw = Mapping[str, Any]
# The kinds that have a planner.
KIND_NAMES = frozenset(MODELS)


class DuplicateError(ValueError):
    """Two documents are about one resource."""


def is_ours(document: Any) -> bool:
    """Whether a YAML document is a resource of our kinds."""
    if not isinstance(document, Mapping) or document.get("kind") not in KIND_NAMES:
        return False
    return str(document.get("apiVersion", "")).startswith(f"{GROUP}/")


def by_key(documents: Iterable[Any], namespace: str) -> dict[Key, Raw]:
    """Our resources among documents, each under its key; lists are looked into.

    `namespace` is that of resources that name none. Raises DuplicateError.
    """
    found: dict[Key, Raw] = {}
    for document in _flattened(documents):
        if not is_ours(document):
            continue
        metadata = document.get("metadata") or {}
        name = str(metadata.get("name", ""))
        key = Key(document["kind"], str(metadata.get("namespace") or namespace), name)
        if key in found:
            raise DuplicateError(f"{key} is there twice")
        found[key] = document
    return found


def _flattened(documents: Iterable[Any]) -> Iterable[Any]:
    for document in documents:
        if isinstance(document, Mapping) and isinstance(document.get("items"), list):
            yield from document["items"]
        else:
            yield document


def compose(
    key: Key, document: Raw, record: Raw | None, now: datetime, *, number: int
) -> dict[str, Any]:
    """The resource that the API server would have after the document was applied.

    `record` is what it has now. A new spec is a new generation; annotations of others stay.
    `number` makes uid and version of a resource that does not exist yet.
    """
    declared = document.get("spec")
    spec = dict(declared) if isinstance(declared, Mapping) else {}
    known = (record or {}).get("metadata") or {}
    changed = record is not None and spec != record.get("spec")
    annotations = {
        **(known.get("annotations") or {}),
        **((document.get("metadata") or {}).get("annotations") or {}),
    }
    return {
        "apiVersion": document.get("apiVersion"),
        "kind": key.kind,
        "metadata": {
            "name": key.name,
            "namespace": key.namespace,
            "uid": known.get("uid") or f"planned-{number}",
            "resourceVersion": str(number),
            "creationTimestamp": known.get("creationTimestamp") or format_time(now),
            "generation": int(known.get("generation") or 1) + (1 if changed else 0),
            "finalizers": [FINALIZER],
            "annotations": annotations,
        },
        "spec": spec,
        "status": dict((record or {}).get("status") or {}),
    }


def deleted(resource: Raw, now: datetime) -> dict[str, Any]:
    """The resource once somebody deleted it, and the operator's finalizer holds it."""
    metadata = {**resource["metadata"], "deletionTimestamp": format_time(now)}
    return {**resource, "metadata": metadata}
