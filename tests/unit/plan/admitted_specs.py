"""Specs that the API server admits, drawn from the schemas and rules of the CRDs themselves."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from functools import cache
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st
from studio_operator.api.common import API_VERSION
from studio_operator.api.schema import Schema
from studio_operator.kinds.crd import resource_schema
from studio_operator.kinds.registry import KINDS
from studio_operator.plugin.admission.api_server import find_broken_rules

from tests.unit.api.schema_cases import BASES
from tests.unit.plan.style import faults_of

SCHEMAS: dict[str, Schema] = {
    kind.name: resource_schema(kind)["properties"]["spec"] for kind in KINDS
}
# Of a list or a map no more is drawn than tells one from several.
FEW = 3
# Letters that Go's and Python's engines read alike. A message that names a tag is held to the
# style: what is against it in the tag itself, such as a time, is not the message's.
_TAG_TEXTS = st.text("abcXYZ019_.:/=+-@ é", max_size=20).filter(lambda text: not faults_of(text))
_TAGS = st.dictionaries(_TAG_TEXTS.filter(bool), _TAG_TEXTS, max_size=FEW)


def values_of(schema: Schema, name: str = "") -> st.SearchStrategy[Any]:
    """Values that the schema takes."""
    if "enum" in schema or name == "tags":
        return st.sampled_from(schema["enum"]) if "enum" in schema else _TAGS
    kind = schema["type"]
    if kind == "object":
        return _objects(schema)
    if kind == "array":
        least, most = schema.get("minItems", 0), schema.get("maxItems", FEW)
        unique = (lambda one: one) if schema.get("x-kubernetes-list-type") == "set" else None
        items = values_of(schema["items"])
        return st.lists(items, min_size=least, max_size=min(most, FEW), unique_by=unique)
    if kind == "integer":
        return st.integers(schema.get("minimum", 0), schema.get("maximum", 10**6))
    return st.booleans() if kind == "boolean" else _texts(schema)


@cache  # a strategy costs far more to make than to draw from
def _member(kind: str, name: str) -> st.SearchStrategy[Any]:
    return values_of(SCHEMAS[kind]["properties"][name], name)


def _objects(schema: Schema) -> st.SearchStrategy[Any]:
    members = {name: values_of(one, name) for name, one in schema.get("properties", {}).items()}
    required = {name: members.pop(name) for name in schema.get("required", ())}
    return st.fixed_dictionaries(required, optional=members)


def _texts(schema: Schema) -> st.SearchStrategy[str]:
    if schema.get("format") == "date":
        return st.dates(min_value=date(1000, 1, 1)).map(str)
    if schema.get("format") == "date-time":
        zones = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
        times = st.datetimes(min_value=datetime(1000, 1, 1), timezones=zones)  # noqa: DTZ001
        return times.map(lambda moment: moment.isoformat(timespec="seconds"))
    least, most = schema.get("minLength", 0), schema.get("maxLength", 64)
    if "pattern" not in schema:
        return st.text("abc é-/:", min_size=least, max_size=min(most, 20))
    texts = st.from_regex(schema["pattern"].replace("$", r"\Z"), alphabet=_ASCII)
    return texts.filter(lambda text: least <= len(text) <= most)


_ASCII = st.characters(min_codepoint=32, max_codepoint=126)


@st.composite
def admitted(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """The spec of a new resource of the kind that the CRD admits: an ordinary one, edited."""
    schema, spec = SCHEMAS[kind], dict(BASES[kind]["spec"])
    names = draw(st.lists(st.sampled_from(sorted(schema["properties"])), max_size=4, unique=True))
    for name in names:
        if name not in schema.get("required", ()) and draw(st.integers(0, 9)) == 0:
            spec.pop(name, None)
        else:
            spec[name] = draw(_member(kind, name))
    resource = {
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": {"name": "example"},
        "spec": spec,
    }
    assume(not find_broken_rules(resource))
    return spec
