"""Resources as files hold them, and as the API server would have them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from studio_operator.api.common import (
    API_VERSION,
    FINALIZER,
    GROUP,
    NAMESPACE_NAME,
    RESOURCE_NAME,
    format_time,
)
from studio_operator.kinds.registry import BY_NAME
from studio_operator.kube.resources import OF_THE_CLUSTER, Key, key_in

Raw = Mapping[str, Any]
# The kinds that have a planner.
KIND_NAMES = frozenset(BY_NAME)


class DuplicateError(ValueError):
    """Two documents are about one resource."""


class UnknownKindError(ValueError):
    """A document is of our group, and of no kind that there is."""


def is_ours(document: Any) -> bool:
    """Whether a YAML document is a resource of our kinds."""
    if not isinstance(document, Mapping) or str(document.get("kind")) not in KIND_NAMES:
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
        key = _key_of(document, namespace)
        if key in found:
            raise DuplicateError(f"{key} is there twice")
        found[key] = document
    return found


def refuse_unknown_kinds(documents: Iterable[Any]) -> None:
    """Raises UnknownKindError for a typing error in `kind`, which would else be passed over."""
    for document in _flattened(documents):
        if not isinstance(document, Mapping) or is_ours(document):
            continue
        if str(document.get("apiVersion", "")).startswith(f"{GROUP}/"):
            kind, name = document.get("kind"), _mapping(document.get("metadata")).get("name")
            known = ", ".join(sorted(KIND_NAMES))
            raise UnknownKindError(f"{GROUP} has no kind {kind!r} ({name}). Use one of {known}.")


def is_list(document: Any) -> bool:
    """Whether it is a list of resources, which may be empty."""
    return isinstance(document, Mapping) and isinstance(document.get("items"), list)


def has_identity(resource: Raw) -> bool:
    """Whether it comes from an API server, and not from a file that people wrote."""
    return bool(_mapping(resource.get("metadata")).get("uid"))


def can_exist(key: Key) -> bool:
    """Whether an API server can have a resource of that name; files may hold any."""
    is_in_one = key.kind in OF_THE_CLUSTER or re.fullmatch(NAMESPACE_NAME, key.namespace)
    return bool(re.fullmatch(RESOURCE_NAME, key.name) and is_in_one)


def _key_of(document: Raw, namespace: str) -> Key:
    metadata = _mapping(document.get("metadata"))
    name = str(metadata.get("name") or "")
    return key_in(document["kind"], str(metadata.get("namespace") or namespace), name)


def place_of(key: Key) -> dict[str, str]:
    """The metadata that tell where a resource is and how it is called."""
    return {"name": key.name, **({"namespace": key.namespace} if key.namespace else {})}


def document(key: Key, spec: Raw) -> dict[str, Any]:
    """A resource as a file has it."""
    return {
        "apiVersion": API_VERSION,
        "kind": key.kind,
        "metadata": place_of(key),
        "spec": dict(spec),
    }


def _mapping(value: Any) -> Raw:
    """The value if it is a mapping: files may hold anything."""
    return value if isinstance(value, Mapping) else {}


def _flattened(documents: Iterable[Any]) -> Iterable[Any]:
    for document in documents:
        if is_list(document):
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
    spec = dict(_mapping(document.get("spec")))
    known = _mapping((record or {}).get("metadata"))
    changed = record is not None and spec != record.get("spec")
    annotations = {
        **_mapping(known.get("annotations")),
        **_mapping(_mapping(document.get("metadata")).get("annotations")),
    }
    return {
        "apiVersion": document.get("apiVersion"),
        "kind": key.kind,
        "metadata": {
            **place_of(key),
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
