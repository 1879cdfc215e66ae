"""The tables of cases cover every rule of the CRDs, and nothing else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from studio_operator.api.schema import Schema
from studio_operator.kinds.crd import custom_resource_definition, resource_schema
from studio_operator.kinds.registry import KINDS

from tests.unit.api.cel_cases import CEL_CASES
from tests.unit.api.field_cases import FIELD_CASES
from tests.unit.api.schema_rules import all_rules

CASES = [*FIELD_CASES, *CEL_CASES]


def all_schemas() -> Iterator[tuple[str, Schema]]:
    """Every schema of every kind with the path of the field it describes."""
    waiting = [(kind.name, resource_schema(kind)) for kind in KINDS]
    while waiting:
        path, schema = waiting.pop()
        yield path, schema
        waiting += [
            (f"{path}.{name}", inner) for name, inner in schema.get("properties", {}).items()
        ]
        waiting += [
            (f"{path}[]", schema[key]) for key in ("items", "additionalProperties") if key in schema
        ]


def test_every_rule_has_a_case() -> None:
    uncovered = [str(rule) for rule in all_rules() if not any(case.fits(rule) for case in CASES)]
    assert uncovered == []


def test_every_case_is_about_a_rule() -> None:
    rules = all_rules()
    stale = [case for case in CASES if not any(case.fits(rule) for rule in rules)]
    assert stale == []


def test_no_field_breaks_two_rules_with_the_same_words() -> None:
    counts = Counter(str(rule) for rule in all_rules())
    assert [rule for rule, count in counts.items() if count > 1] == []


def test_no_schema_has_a_default_or_a_title() -> None:
    offenders = [path for path, schema in all_schemas() if schema.keys() & {"default", "title"}]
    assert offenders == []


def test_every_field_is_described_for_people() -> None:
    given_by_kubernetes = re.compile(r"\.(apiVersion|kind|metadata)$|\[\]$")
    short = [
        path
        for path, schema in all_schemas()
        if not given_by_kubernetes.search(path) and len(schema.get("description", "")) < 16
    ]
    assert short == []


def test_every_description_of_an_arn_or_an_id_shows_one() -> None:
    without = [
        path
        for path, schema in all_schemas()
        if ".spec." in path
        and re.match(r"(ARN|Ids?) of", schema.get("description", ""))
        and "for example" not in schema["description"]
    ]
    assert without == []


def test_patterns_mean_the_same_to_the_api_server_and_to_pydantic() -> None:
    """Both engines know these shorthands, yet one of them for ASCII only."""
    shorthand = re.compile(r"\\[dDwWsSbB]")
    patterns = {schema["pattern"] for _, schema in all_schemas() if "pattern" in schema}
    assert [pattern for pattern in patterns if shorthand.search(pattern)] == []
    assert [pattern for pattern in patterns if not re.fullmatch(r"\^.*\$", pattern)] == []


def test_every_kind_has_the_same_frame() -> None:
    for kind in KINDS:
        spec = custom_resource_definition(kind)["spec"]
        (version,) = spec["versions"]
        assert (spec["group"], version["name"]) == ("studio-operator.dev", "v1alpha1")
        assert spec["scope"] == ("Cluster" if kind.name == "StudioTenant" else "Namespaced")
        in_category = spec["names"].get("categories") == ["studio"]
        assert in_category == (spec["scope"] == "Namespaced"), spec["names"]
        assert version["subresources"] == {"status": {}}
        assert version["additionalPrinterColumns"][-1]["name"] == "Message"
        assert any(column["type"] == "date" for column in version["additionalPrinterColumns"])
