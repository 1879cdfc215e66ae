"""Reads a status as far as it can be one of ours, whoever wrote it.

Other field managers may write what the schema of a status allows, and an older CRD allows more.
What is kept of it has the forms of the model and is bounded: all readers rely on that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from studio_operator.api.common import CommonStatus

Raw = Mapping[str, Any]
Reader = Callable[[Any], Any]

# Nothing that we write is as long: messages have 250 characters.
TEXT_LIMIT = 4096
# Nor has any list or group of ours as many members.
LENGTH_LIMIT = 512

_UNFIT = object()


def read_status(model: type[CommonStatus], raw: object) -> dict[str, Any]:
    """The members of a status that the model knows, and that have its forms.

    Those are the forms of JSON: whether a time is one is found out when it is read. What is too
    long is cut: it differs from what we would write, which then takes its place.
    """
    read = _reader_of(model)(raw)
    return read if isinstance(read, dict) else {}


@cache
def _reader_of(model: type[CommonStatus]) -> Reader:
    schema = model.model_json_schema()
    return _reader(schema, schema.get("$defs", {}))


def _reader(schema: Raw, definitions: Raw) -> Reader:
    """What gives a value in the form of a schema, or _UNFIT."""
    if "$ref" in schema:
        return _reader(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in schema:
        return _one_of([_reader(option, definitions) for option in schema["anyOf"]])
    form = schema.get("type")
    if form == "array":
        return _list_of(
            _reader(schema["items"], definitions), _required(schema["items"], definitions)
        )
    if form == "object" and "properties" in schema:
        members = {
            name: _reader(member, definitions) for name, member in schema["properties"].items()
        }
        return _group_of(members)
    if form == "object":
        return _map_of(_reader(schema["additionalProperties"], definitions))
    return _PLAIN[str(form)]


def _one_of(readers: list[Reader]) -> Reader:
    def read(value: Any) -> Any:
        options = (reader(value) for reader in readers)
        return next((one for one in options if one is not _UNFIT), _UNFIT)

    return read


def _required(schema: Raw, definitions: Raw) -> frozenset[str]:
    named = definitions[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    return frozenset(named.get("required", ()))


def _list_of(reader: Reader, required: frozenset[str]) -> Reader:
    """A group in it that lacks what it must have, as a condition its type, is left out."""

    def read(value: Any) -> Any:
        if not isinstance(value, list):
            return _UNFIT
        items = (one for one in map(reader, value[:LENGTH_LIMIT]) if one is not _UNFIT)
        return [one for one in items if not required or required <= one.keys()]

    return read


def _group_of(readers: Mapping[str, Reader]) -> Reader:
    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            return _UNFIT
        members = {name: readers[name](one) for name, one in value.items() if name in readers}
        return {name: one for name, one in members.items() if one is not _UNFIT}

    return read


def _map_of(reader: Reader) -> Reader:
    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            return _UNFIT
        items = ((name[:TEXT_LIMIT], reader(one)) for name, one in list(value.items()))
        return {name: one for name, one in list(items)[:LENGTH_LIMIT] if one is not _UNFIT}

    return read


def _text(value: Any) -> Any:
    return value[:TEXT_LIMIT] if isinstance(value, str) else _UNFIT


def _whole_number(value: Any) -> Any:
    return value if isinstance(value, int) and not isinstance(value, bool) else _UNFIT


def _number(value: Any) -> Any:
    return value if isinstance(value, float) else _whole_number(value)


def _switch(value: Any) -> Any:
    return value if isinstance(value, bool) else _UNFIT


# The word null is no value of a status: members that are absent are left out.
_PLAIN: Mapping[str, Reader] = {
    "string": _text,
    "integer": _whole_number,
    "number": _number,
    "boolean": _switch,
    "null": lambda _: _UNFIT,
}
