"""Reads specs as far as they can be read.

The API server admits some specs that a model refuses: it has no list of time zones, and its CRDs
may be of another version. What can be read then still says how to stop and delete.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import Field, ValidationError, create_model

from studio_operator.api.common import Model
from studio_operator.api.problems import Problem, find_problems

SpecT = TypeVar("SpecT", bound=Model)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What of a spec can't be read.

    - `fields`: members of the spec, by their names in YAML; they count as left out.
    - `problems`: what is wrong with them.
    - `fixed`: those of them that AWS or the API server lets nobody change.
    """

    fields: frozenset[str]
    problems: tuple[Problem, ...]
    fixed: frozenset[str] = frozenset()


def read_spec(model: type[SpecT], raw: Mapping[str, Any]) -> tuple[SpecT, Unreadable | None]:
    """The spec, and what of it can't be read.

    A member that holds something unreadable is left out as a whole, also one that is required:
    then it is None. A name in AWS is kept as it stands: it is found there by that text, whatever
    its form.
    """
    try:
        return model.model_validate(raw), None
    except ValidationError as error:
        problems = find_problems(error, raw)
    fields = frozenset(problem.field for problem in problems)
    readable = {name: value for name, value in raw.items() if name not in fields}
    partial = _partial(model).model_validate(readable)
    names = {
        name: raw[alias]
        for name, alias in _aliases(model).items()
        if alias in fields.intersection(model.names_in_aws) and isinstance(raw.get(alias), str)
    }
    spec = cast("SpecT", partial.model_copy(update=names))
    return spec, Unreadable(fields, problems, fields.intersection(model.fixed))


@cache
def _partial(model: type[Model]) -> type[Model]:
    """The model with all members optional."""
    required: dict[str, Any] = {
        name: (field.annotation | None, Field(None, alias=field.alias))  # type: ignore[operator] # a type
        for name, field in model.model_fields.items()
        if field.is_required()
    }
    return create_model(f"Partial{model.__name__}", __base__=model, **required)


@cache
def _aliases(model: type[Model]) -> dict[str, str]:
    return {name: field.alias or name for name, field in model.model_fields.items()}


def text_in(members: Mapping[str, Any], name: str) -> str | None:
    """A member of raw JSON that is a text; None where it is empty, or anything else."""
    value = members.get(name)
    return value if isinstance(value, str) and value else None


def mapping_in(members: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A member of raw JSON that has members; an empty one where it is anything else."""
    value = members.get(name)
    return value if isinstance(value, Mapping) else {}
