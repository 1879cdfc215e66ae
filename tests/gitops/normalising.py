"""Make recorded objects the same in each recording: no ids, times or names made by chance."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

MOMENT = "2026-01-01T00:00:00Z"
UID = "00000000-0000-4000-8000-000000000000"
# Metadata that tells nothing about a state.
DROPPED = ("managedFields", "resourceVersion", "selfLink")
FIXED = {"uid": UID, "creationTimestamp": MOMENT, "deletionTimestamp": MOMENT}
# In this order: a date goes before the times of day within it.
REPLACEMENTS = (
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", MOMENT),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC", "2026-01-01 00:00 UTC"),
    (r"\b\d\d:\d\d:\d\d UTC", "00:00:00 UTC"),
    (r"\bsince \d\d:\d\d UTC", "since 00:00 UTC"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", UID),
    (r"\bd-[a-z0-9]{12}\b", "d-a1b2c3d4e5f6"),
    (r"\bfs-[a-z0-9]{8,17}\b", "fs-0123456789abcdef0"),
    (r"\bsg-[a-z0-9]{8,17}\b", "sg-0a1b2c3d4e5f60718"),
    (r"\b(studio-operator-backup-[a-z]+)-[0-9a-f]{10}-[0-9a-f]{10}\b", r"\1-0123456789-0123456789"),
    (r"\bteam-[0-9a-f]{8}-guest\b", "guests"),
    (r"\bteam-[0-9a-f]{8}\b", "ml-team"),
    (r"\b[0-9.]+ seconds\b", "0 seconds"),
)


def normalise(resource: dict[str, Any]) -> dict[str, Any]:
    """The object as it would be on another day, in another namespace, by another cluster."""
    metadata = {key: value for key, value in resource["metadata"].items() if key not in DROPPED}
    metadata |= {key: value for key, value in FIXED.items() if key in metadata}
    replaced = _in_texts(resource | {"metadata": metadata}, _replace)
    assert isinstance(replaced, dict)
    return replaced


def _in_texts(value: Any, change: Callable[[str], str]) -> Any:
    match value:
        case dict():
            return {key: _in_texts(member, change) for key, member in value.items()}
        case list():
            return [_in_texts(item, change) for item in value]
        case str():
            return change(value)
        case _:
            return value


def _replace(text: str) -> str:
    for pattern, replacement in REPLACEMENTS:
        text = re.sub(pattern, replacement, text)
    return text
