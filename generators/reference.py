"""The field reference in Markdown, one page per kind, from its CustomResourceDefinition."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from studio_operator.api.schema import VALIDATIONS, Schema

# Keywords of a range, and what its numbers count.
RANGES = (
    ("minimum", "maximum", ""),
    ("minLength", "maxLength", " characters"),
    ("minItems", "maxItems", " items"),
    ("minProperties", "maxProperties", " entries"),
)


def reference_page(crd: dict[str, Any]) -> str:
    """The page of a kind: its fields with types and constraints, its rules, columns, selectors."""
    names = crd["spec"]["names"]
    version = crd["spec"]["versions"][0]
    schema = version["schema"]["openAPIV3Schema"]
    members = schema["properties"]
    api_version = f"{crd['spec']['group']}/{version['name']}"
    place = "namespaced" if crd["spec"]["scope"] == "Namespaced" else "in no namespace"
    lines = [
        f"# {names['kind']}",
        "",
        "<!-- Generated from the models: edit those. -->",
        "",
        schema["description"],
        "",
        f"`apiVersion: {api_version}`, `kind: {names['kind']}`, {place}; "
        f"`kubectl get {names['plural']}` or `{names['shortNames'][0]}`.",
        "",
        "## spec",
        "",
        *_field_table(members["spec"]),
        "",
        "## Rules",
        "",
        "The API server refuses a resource that breaks one of these, with this text.",
        "",
        *_rule_list(schema),
        "",
        "## status",
        "",
        "Written by the operator.",
        "",
        *_field_table(members["status"]),
        "",
        "## Columns and field selectors",
        "",
        *_column_table(version["additionalPrinterColumns"]),
        "",
        "`--field-selector` takes " + _listing(version["selectableFields"]) + ".",
    ]
    return "\n".join(lines) + "\n"


def _field_table(schema: Schema) -> Iterator[str]:
    yield "| Field | Type | Constraints | Description |"
    yield "|---|---|---|---|"
    for path, member, required in _fields(schema):
        cells = (f"`{path}`", _type_of(member), _constraints(member, required=required))
        yield f"| {' | '.join(map(_cell, (*cells, member.get('description', ''))))} |"


def _fields(schema: Schema, prefix: str = "") -> Iterator[tuple[str, Schema, bool]]:
    """Every member below the schema: its path, its schema, whether it is required."""
    for name, member in schema.get("properties", {}).items():
        yield prefix + name, member, name in schema.get("required", [])
        yield from _fields(member, f"{prefix}{name}.")
        yield from _fields(member.get("items", {}), f"{prefix}{name}[].")


def _type_of(member: Schema) -> str:
    if "items" in member:
        return f"list of {_type_of(member['items'])}"
    if "additionalProperties" in member:
        return f"map of {_type_of(member['additionalProperties'])}"
    return "time" if member.get("format") == "date-time" else str(member["type"])


def _constraints(member: Schema, *, required: bool = False) -> str:
    parts = ["required"] if required else []
    if "enum" in member:
        parts.append("one of " + ", ".join(f"`{value}`" for value in member["enum"]))
    parts += filter(None, (_range(member, *keywords) for keywords in RANGES))
    if "pattern" in member:
        parts.append(f"matches `{member['pattern']}`")
    inner = member.get("items") or member.get("additionalProperties") or {}
    if inner and "properties" not in inner and (text := _constraints(inner)):
        parts.append(f"each {text}")
    return "; ".join(parts)


def _range(member: Schema, minimum: str, maximum: str, counted: str) -> str:
    low, high = member.get(minimum), member.get(maximum)
    if low is not None and high is not None:
        return f"{low} to {high}{counted}"
    if high is not None:
        return f"at most {high}{counted}"
    return f"at least {low}{counted}" if low is not None else ""


def _rule_list(schema: Schema) -> Iterator[str]:
    """Each rule's message once per place, those about changes marked."""
    for path, member in [("", schema), *((path, member) for path, member, _ in _fields(schema))]:
        for rule in member.get(VALIDATIONS, []):
            place = f"`{path}`" if path else "the resource"
            when = " (on change)" if "oldSelf" in rule["rule"] else ""
            yield f"- {place}{when}: {rule['message']}"


def _column_table(columns: list[dict[str, Any]]) -> Iterator[str]:
    yield "| Column | From | Description |"
    yield "|---|---|---|"
    for column in columns:
        name = column["name"].upper() + (" (with `-o wide`)" if column.get("priority") else "")
        yield f"| {name} | {_cell('`' + column['jsonPath'] + '`')} | {column['description']} |"


def _listing(fields: list[dict[str, str]]) -> str:
    return ", ".join(f"`{field['jsonPath'].removeprefix('.')}`" for field in fields)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
