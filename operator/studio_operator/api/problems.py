"""What is wrong with a value, in words for people: pydantic's error types, by the words of ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from pydantic import ValidationError

from studio_operator.api.common import REPEATED
from studio_operator.api.schedule import NO_DATE, UNKNOWN_ZONE
from studio_operator.printable import printable

# Errors about what the API server has no rule for: it admits it, the operator refuses it.
NOT_AT_ADMISSION = frozenset({UNKNOWN_ZONE})
# How many problems a message tells, and how much of a value it shows.
TOLD_AT_MOST = 2
SHOWN_AT_MOST = 40
# Of a longer list of choices a message would be unreadable.
CHOICES_AT_MOST = 6


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    - `field`: the member of the spec that it is in; `path`: where in it, as in YAML, such as
      schedule.windows[0].days.
    - `type`: pydantic's type of error.
    - `words`: what is wrong, to follow the path: "must be 5 or more".
    - `value`: what stands there, where it is a text.
    """

    field: str
    path: str
    type: str
    words: str
    value: str = ""


def find_problems(error: ValidationError, raw: object) -> tuple[Problem, ...]:
    """The problems of a spec; `raw` is the spec as it was read."""
    return tuple(
        Problem(
            field=str(found["loc"][0]) if found["loc"] else "",
            path=_path(found["loc"], raw),
            type=found["type"],
            words=_words(found["type"], found.get("ctx") or {}, found["input"]),
            value=found["input"] if isinstance(found["input"], str) else "",
        )
        for found in error.errors(include_url=False)
    )


def describe_problems(problems: tuple[Problem, ...], room: int) -> str:
    """As many problems as fit in so many characters, and how many more there are."""
    told: list[str] = []
    for one in problems[:TOLD_AT_MOST]:
        sentence = f"spec.{one.path} {one.words}"
        if told and len("; ".join([*told, sentence])) > room:
            break
        told.append(sentence)
    left = len(problems) - len(told)
    more = f"{left} more fields are wrong" if left > 1 else "another field is wrong, too"
    return "; ".join([*told, *([more] if left else [])])


def _path(location: tuple[int | str, ...], raw: object) -> str:
    """Where a problem is, as in YAML. Pydantic may end a path with a branch of its own."""
    path, value = "", raw
    for step in location:
        if isinstance(step, int):
            path, inside = f"{path}[{step}]", isinstance(value, list)
        else:
            path, inside = f"{path}.{step}".lstrip("."), isinstance(value, Mapping)
        if not inside:
            break
        value = _inside(value, step)
    return path


def _inside(value: Any, step: int | str) -> object:
    if isinstance(step, int):
        return value[step] if step < len(value) else None
    return value.get(step)


def _words(type_: str, context: Mapping[str, Any], value: object) -> str:
    found = _TABLE.get(
        type_, _OTHERS.get(type_.partition("_")[0], "has a value that can't be read")
    )
    return found if isinstance(found, str) else found(context, value)


def _shown(value: object) -> str:
    """The value as YAML has it, on one line."""
    said = value if isinstance(value, str) else json.dumps(value, default=str)
    text = printable(" ".join(said.split()))
    return text if len(text) <= SHOWN_AT_MOST else f"{text[: SHOWN_AT_MOST - 3]}..."


def zone_like(value: str) -> str:
    """A time zone whose name is much like that, else some time zone."""
    return next(iter(get_close_matches(value, _zones(), n=1)), "Europe/Berlin")


def _zone(context: Mapping[str, Any], _: object) -> str:
    zone = str(context["zone"])
    return f"is {_shown(zone)}, which is no time zone"


@cache
def _zones() -> tuple[str, ...]:
    return tuple(sorted(available_timezones()))


def _choice(context: Mapping[str, Any], value: object) -> str:
    choices = str(context["expected"]).replace("'", "")
    if choices.count(",") >= CHOICES_AT_MOST:
        return f"is {_shown(value)}, which it can't be"
    return f"is {_shown(value)} and must be {choices}"


_TABLE: Mapping[str, str | Callable[[Mapping[str, Any], object], str]] = {
    UNKNOWN_ZONE: _zone,
    NO_DATE: lambda context, _: f"is {_shown(context['date'])}, which no calendar has",
    REPEATED: lambda context, _: f"has {_shown(context['item'])} twice",
    "missing": "is missing",
    "literal_error": _choice,
    "string_pattern_mismatch": lambda _, value: (
        f"is {_shown(value)}, which is not in the form that this field takes"
    ),
    "string_too_short": lambda context, _: f"needs {context['min_length']} characters or more",
    "string_too_long": lambda context, _: f"has more than {context['max_length']} characters",
    "too_short": lambda context, _: f"needs {context['min_length']} items or more",
    "too_long": lambda context, _: f"has more than {context['max_length']} items",
    "greater_than_equal": lambda context, _: f"must be {context['ge']} or more",
    "less_than_equal": lambda context, _: f"must be {context['le']} or less",
    "list_type": "must be a list",
    "dict_type": "must have keys and values",
    "model_type": "must have keys and values",
    "model_attributes_type": "must have keys and values",
}
# By the first word of pydantic's type, for those that come in several.
_OTHERS: Mapping[str, str] = {
    "string": "must be a text",
    "int": "must be a whole number",
    "bool": "must be true or false",
    "datetime": "must be a time such as 2026-12-24T22:00:00Z",
    "timezone": "must be a time with its zone, such as 2026-12-24T22:00:00Z",
}
