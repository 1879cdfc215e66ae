"""Every rule that the generated CRDs hold, as data: what the tables of cases must cover."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from studio_operator.api.schema import LIST_TYPE, VALIDATIONS, Schema
from studio_operator.kinds.crd import resource_schema
from studio_operator.kinds.registry import KINDS

# The keywords that refuse values, with what the API server says of a refused one.
MESSAGES = {
    "enum": "supported values: {}",
    "pattern": "should match '{}'",
    "minLength": "should be at least {} chars long",
    "maxLength": "Too long: may not be more than {} bytes",
    "minimum": "should be greater than or equal to {}",
    "maximum": "should be less than or equal to {}",
    "minItems": "should have at least {} items",
    "maxItems": "must have at most {} items",
    "maxProperties": "must have at most {} items",
}
# Of formats, the one that says more than the pattern beside it: not every date of that form exists.
CHECKED_FORMATS = ("date",)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a kind's schema.

    `path` names the field, with `[]` for the items of a list and `{}` for the values of a map;
    empty for the resource itself. `name` is the keyword, `required`, `unique`, or the message of a
    CEL rule. `says` is what a user reads when it is broken.
    """

    kind: str
    path: str
    name: str
    says: str
    is_cel: bool = False

    def __str__(self) -> str:
        return f"{self.kind} {self.path or '(resource)'}: {self.name}"


def all_rules() -> list[Rule]:
    """The rules of all kinds, in the order of the schemas."""
    return [rule for kind in KINDS for rule in _rules(kind.name, "", resource_schema(kind))]


def _rules(kind: str, path: str, schema: Schema) -> Iterator[Rule]:
    for keyword, message in MESSAGES.items():
        if keyword in schema:
            yield Rule(kind, path, keyword, message.format(_readable(schema[keyword])))
    if schema.get("format") in CHECKED_FORMATS:
        yield Rule(kind, path, "format", f"must be of type {schema['format']}")
    if schema.get(LIST_TYPE) in ("set", "map"):
        yield Rule(kind, path, "unique", "Duplicate value")
    for validation in schema.get(VALIDATIONS, []):
        yield Rule(kind, path, validation["message"], validation["message"], is_cel=True)
    for member in schema.get("required", []):
        yield Rule(kind, _join(path, member), "required", "Required value")
    for suffix, inner in _inner(schema):
        yield from _rules(kind, _join(path, suffix), inner)


def _readable(value: Any) -> str:
    return ", ".join(f'"{item}"' for item in value) if isinstance(value, list) else str(value)


def _inner(schema: Schema) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from schema.get("properties", {}).items()
    if "items" in schema:
        yield "[]", schema["items"]
    if "additionalProperties" in schema:
        yield "{}", schema["additionalProperties"]


def _join(path: str, member: str) -> str:
    return path + member if member in ("[]", "{}") or not path else f"{path}.{member}"
