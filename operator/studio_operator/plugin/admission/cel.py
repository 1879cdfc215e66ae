"""The rules of our CustomResourceDefinitions in CEL, checked without an API server.

The API server is the judge; this says the same before anything is sent to it. The test of the
schema rules runs the same cases against both. A rule beyond what is known here is an
UnsupportedRuleError, never a wrong answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import cel


class UnsupportedRuleError(Exception):
    """The rule uses more of CEL than is known here."""


def _find(value: str, pattern: str) -> str:
    found = re.search(pattern, value)
    return found[0] if found else ""


# What Kubernetes adds to CEL, as far as our rules use it ("Common Expression Language in
# Kubernetes", Kubernetes' documentation).
_OF_KUBERNETES: dict[str, Callable[..., Any]] = {"find": _find, "replace": str.replace}
_OF_CEL = frozenset({"contains", "endsWith", "int", "matches", "size", "startsWith", "string"})


@cache
def compile_rule(text: str) -> Callable[[Mapping[str, Any]], bool]:
    """The rule as a function of `self` and `oldSelf`, as JSON. Raises UnsupportedRuleError.

    A rule that can't be evaluated, such as one that reads a member that is not there, does not
    hold: the API server refuses the resource as well.
    """
    try:
        program = cel.compile(text)
    except ValueError as error:
        raise UnsupportedRuleError(f"{error} in {text!r}") from error
    called = {name for name in program.functions() if name.isidentifier()}  # not operators
    if unknown := called - _OF_CEL - _OF_KUBERNETES.keys():
        raise UnsupportedRuleError(f"{', '.join(sorted(unknown))} in {text!r}")

    def holds(variables: Mapping[str, Any]) -> bool:
        try:
            return bool(program.execute(cel.Context(dict(variables), _OF_KUBERNETES)))
        except (ArithmeticError, KeyError, RuntimeError, TypeError, ValueError):
            return False

    return holds
