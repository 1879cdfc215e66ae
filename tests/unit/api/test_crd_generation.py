"""Structural schemas from models, and the files that are made from them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pytest
import yaml
from pydantic import BaseModel, Field
from studio_operator.api.common import cel, list_as
from studio_operator.api.schema import SchemaError, structural_schema

from generators.crds import crd_files

ROOT = Path(__file__).resolve().parents[3]


class Volume(BaseModel):
    """A volume."""

    model_config = {"json_schema_extra": cel(("self.size > 0", "no empty volume"))}
    size: int = Field(le=100, description="In GiB.")


class Machine(BaseModel):
    """A machine."""

    kind: Literal["Small"]
    cpus: int | None = Field(None, description="How many.")
    volume: Volume | None = Field(
        None, description="Its disk.", json_schema_extra=cel(("self == oldSelf", "fixed"))
    )
    labels: dict[str, Annotated[str, Field(max_length=9)]] | None = None
    names: Annotated[list[str], Field(json_schema_extra=list_as("set"))] = []


class Choice(BaseModel):
    """A union."""

    value: int | str


class Loose(BaseModel):
    """A list that does not say how it merges."""

    items: list[str]


class Grouped(BaseModel):
    """A keyword that the API server does not know."""

    size: int = Field(multiple_of=4)


SCHEMA = structural_schema(Machine)["properties"]


def test_optional_members_lose_null_default_and_title() -> None:
    assert SCHEMA["cpus"] == {"description": "How many.", "type": "integer", "format": "int64"}


def test_a_single_choice_is_an_enum() -> None:
    assert SCHEMA["kind"] == {"type": "string", "enum": ["Small"]}


def test_a_reference_is_inlined_with_the_members_own_text_and_the_rules_of_both() -> None:
    assert SCHEMA["volume"] == {
        "description": "Its disk.",
        "type": "object",
        "x-kubernetes-validations": [
            {"rule": "self.size > 0", "message": "no empty volume"},
            {"rule": "self == oldSelf", "message": "fixed"},
        ],
        "required": ["size"],
        "properties": {
            "size": {
                "description": "In GiB.",
                "type": "integer",
                "format": "int32",
                "maximum": 100,
            }
        },
    }


def test_maps_and_lists_keep_the_constraints_of_what_they_hold() -> None:
    assert SCHEMA["labels"] == {
        "type": "object",
        "additionalProperties": {"type": "string", "maxLength": 9},
    }
    assert SCHEMA["names"] == {
        "type": "array",
        "x-kubernetes-list-type": "set",
        "items": {"type": "string"},
    }


@pytest.mark.parametrize(
    ("model", "complaint"),
    [
        (Choice, "Choice.value: a member has one type, not a union"),
        (Loose, "Loose.items: a list must say how it merges"),
        (Grouped, "Grouped.size: no structural schema can hold ['multipleOf']"),
    ],
)
def test_what_no_structural_schema_can_hold_is_refused(
    model: type[BaseModel], complaint: str
) -> None:
    with pytest.raises(SchemaError) as refusal:
        structural_schema(model)
    assert complaint in str(refusal.value)


def test_crds_are_plain_yaml_without_aliases() -> None:
    for path, text in crd_files(ROOT).items():
        if path.suffix == ".yaml":
            assert yaml.safe_load(text)["kind"] == "CustomResourceDefinition"
            assert "&id" not in text


def test_the_reference_tells_type_constraints_and_meaning() -> None:
    page = crd_files(ROOT)[Path("docs/reference/space.md")]
    assert (
        "| `storage.sizeGiB` | integer | required; 5 to 16384 | Size of the volume in GiB" in page
    )
    assert "| `sharing` | string | one of `Private`, `Shared` |" in page
    assert "| `tags` | map of string | at most 49 entries; each at most 256 characters" in page
    assert "- `spec`: ownerRef is required: name the UserProfile that owns the space" in page
    assert "spec.app is fixed when AWS creates the resource" in page
    assert "| DESIRED (with `-o wide`) | `.status.effective.state` |" in page
    assert "`spec.ownerRef.name`" in page
