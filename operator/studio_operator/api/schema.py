"""Structural schemas, as CustomResourceDefinitions want them, from pydantic models.

A structural schema has no `$ref`, no `anyOf` for optional members and no `null`. Ours have no
`default` either: the API server would write it into what people committed, and GitOps tools would
see a difference that nobody made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

Schema = dict[str, Any]

VALIDATIONS = "x-kubernetes-validations"
LIST_TYPE = "x-kubernetes-list-type"

# What a schema may hold, in the order in which it is written.
KEYWORDS = (
    "description",
    "type",
    "format",
    "enum",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    LIST_TYPE,
    "x-kubernetes-list-map-keys",
    VALIDATIONS,
    "items",
    "additionalProperties",
    "required",
    "properties",
)
# Pydantic writes these; `default` is always that of an optional member.
DROPPED = frozenset({"title", "default", "$defs"})
INT32_MAXIMUM = 2**31 - 1


class SchemaError(ValueError):
    """A model holds something that a structural schema can't express."""


def structural_schema(model: type[BaseModel]) -> Schema:
    """The structural schema of a model, with the names that YAML uses.

    Raises SchemaError when the model holds a union, a list that does not say how it merges, or a
    keyword that is not in KEYWORDS.
    """
    document = model.model_json_schema(by_alias=True, mode="validation")
    return _structural(document, document.get("$defs", {}), model.__name__)


def _structural(node: Mapping[str, Any], definitions: Mapping[str, Any], where: str) -> Schema:
    flat = _flatten(node, definitions, where)
    schema = {key: value for key, value in flat.items() if key not in DROPPED}
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    if unknown := schema.keys() - set(KEYWORDS):
        raise SchemaError(f"{where}: no structural schema can hold {sorted(unknown)}")
    for key in ("items", "additionalProperties"):
        if key in schema:
            schema[key] = _structural(schema[key], definitions, f"{where}[]")
    if "properties" in schema:
        schema["properties"] = {
            name: _structural(member, definitions, f"{where}.{name}")
            for name, member in schema["properties"].items()
        }
    return _complete(schema, where)


def _flatten(node: Mapping[str, Any], definitions: Mapping[str, Any], where: str) -> Schema:
    """The node without `$ref` and without the union with null of an optional member."""
    flat = dict(node)
    while "$ref" in flat or "anyOf" in flat:
        if "$ref" in flat:
            base = definitions[flat.pop("$ref").removeprefix("#/$defs/")]
        else:
            choices = [choice for choice in flat.pop("anyOf") if choice != {"type": "null"}]
            if len(choices) != 1:
                raise SchemaError(f"{where}: a member has one type, not a union")
            base = choices[0]
        flat = _merge(base, flat)
    return flat


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> Schema:
    """Both, where `over` wins; rules add up."""
    rules = [*base.get(VALIDATIONS, []), *over.get(VALIDATIONS, [])]
    merged = {**base, **over}
    return {**merged, VALIDATIONS: rules} if rules else merged


def _complete(schema: Schema, where: str) -> Schema:
    """The schema with integer formats, in writing order; a list must say its kind."""
    if schema.get("type") == "integer":
        fits = schema.get("maximum", INT32_MAXIMUM + 1) <= INT32_MAXIMUM
        schema["format"] = "int32" if fits else "int64"
    if schema.get("type") == "array" and LIST_TYPE not in schema:
        raise SchemaError(f"{where}: a list must say how it merges: use list_as()")
    if VALIDATIONS in schema:
        schema[VALIDATIONS] = [
            {"rule": rule["rule"], "message": rule["message"]} for rule in schema[VALIDATIONS]
        ]
    return {key: schema[key] for key in KEYWORDS if key in schema}
