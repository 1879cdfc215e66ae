"""How an update changes settings: members that are not sent survive."""

from __future__ import annotations

from typing import Any

RESOURCE_SPEC = "DefaultResourceSpec"
CLEARED_BY_NONE = ("SageMakerImageVersionArn", "LifecycleConfigArn", "TrainingPlanArn")


def merge(old: dict[str, Any], new: dict[str, Any], *, replace_specs: bool) -> dict[str, Any]:
    """Return ``old`` changed by ``new``: structures are merged, all else is replaced.

    Neither argument is changed. An empty list clears. Whether a DefaultResourceSpec is one value
    or a structure to be merged is not documented, so that is up to the caller.
    """
    merged = dict(old)
    for name, value in new.items():
        before = old.get(name)
        if name == RESOURCE_SPEC:
            keep = {} if replace_specs or not isinstance(before, dict) else before
            merged[name] = without_none({**keep, **value})
        elif isinstance(value, dict) and isinstance(before, dict):
            merged[name] = merge(before, value, replace_specs=replace_specs)
        else:
            merged[name] = tidy(value)
    return merged


def tidy(value: Any) -> Any:
    """Return a setting as it is kept: what the word ``None`` clears is not there."""
    if isinstance(value, dict):
        return {
            name: without_none(member) if name == RESOURCE_SPEC else tidy(member)
            for name, member in value.items()
        }
    return value


def without_none(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a ResourceSpec without the members that are cleared by the word ``None``."""
    return {
        name: value
        for name, value in spec.items()
        if not (value == "None" and name in CLEARED_BY_NONE)
    }
