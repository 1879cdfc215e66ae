"""The operator's settings, as the values of its chart give them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from studio_operator.settings import PREFIX, Settings, SettingsError


class ValuesError(Exception):
    """What is given is no value of the chart; the message says which, without a full stop."""


def read_settings(documents: Iterable[Any]) -> Settings:
    """The settings by the values of these documents, of which the later hold, as Helm has them.

    What else the values hold, such as resources of the Pod, is left out. Raises ValuesError.
    """
    values: Mapping[str, Any] = {}
    for document in documents:
        if not isinstance(document, Mapping):
            raise ValuesError("it holds no values of the chart")
        values = _merged(values, document)
    try:
        return Settings.from_environment(dict(_variables(values)))
    except SettingsError as error:
        raise ValuesError(str(error)) from error


def _merged(values: Mapping[str, Any], over: Mapping[str, Any]) -> Mapping[str, Any]:
    """Mappings are merged, all else is replaced, and null takes a value back."""
    merged = {**values, **{name: _over(values.get(name), value) for name, value in over.items()}}
    return {name: value for name, value in merged.items() if value is not None}


def _over(before: object, value: object) -> object:
    if not isinstance(value, Mapping):
        return value
    return _merged(before if isinstance(before, Mapping) else {}, value)


def _variables(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """As the chart's template of the Pod writes them."""
    if places := values.get("backupPlaces"):
        if not isinstance(places, list):
            raise ValuesError("backupPlaces is no list")
        yield f"{PREFIX}BACKUP_PLACES", " ".join(map(str, places))
    if owners := _mapping(values, "backupBucketOwners"):
        yield (
            f"{PREFIX}BACKUP_BUCKET_OWNERS",
            " ".join(f"{bucket}={account}" for bucket, account in owners.items()),
        )
    if _mapping(values, "tenancy").get("required"):
        yield f"{PREFIX}TENANCY_REQUIRED", "true"
    for name, value in _mapping(values, "settings").items():
        words = re.sub("([A-Z])", r"_\1", str(name)).upper()
        yield f"{PREFIX}{words}", str(value).lower() if isinstance(value, bool) else str(value)


def _mapping(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = values.get(name) or {}
    if not isinstance(found, Mapping):
        raise ValuesError(f"{name} is no mapping")
    return found
