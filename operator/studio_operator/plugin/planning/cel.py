"""The part of CEL that our CustomResourceDefinitions use, so that rules can be checked offline.

The API server is the judge; this says the same before anything is sent to it. The test of the
schema rules runs the same cases against both. A rule beyond this part is an UnsupportedRuleError,
never a wrong answer.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Any

from pydantic import StringConstraints, TypeAdapter, ValidationError

Scope = Mapping[str, Any]
Expression = Callable[[Scope], Any]

_TOKEN = re.compile(
    r"\s*(?:(?P<string>r?'(?:[^'\\]|\\.)*'|r?\"(?:[^\"\\]|\\.)*\")|(?P<number>\d+)"
    r"|(?P<name>[A-Za-z_]\w*)|(?P<mark>\|\||&&|==|!=|<=|>=|[-+*/%<>!?:.,()\[\]]))"
)
_COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_LITERALS = {"true": True, "false": False, "null": None}


class UnsupportedRuleError(Exception):
    """The rule uses more of CEL than is known here."""


@cache
def compile_rule(text: str) -> Expression:
    """The rule as a function of `self` and `oldSelf`. Raises UnsupportedRuleError."""
    parser = _Parser(text)
    expression = parser.ternary()
    if parser.token is not None:
        parser.fail()
    return expression


class _Parser:
    """Recursive descent, one method for each level of precedence."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self.token: str | None = None
        self._advance()

    def fail(self) -> None:
        raise UnsupportedRuleError(f"{self.token!r} in {self._text!r}")

    def _advance(self) -> str | None:
        taken = self.token
        rest = self._text[self._position :]
        match = _TOKEN.match(rest)
        if match is None and rest.strip():
            raise UnsupportedRuleError(f"{rest!r} in {self._text!r}")
        self.token = match[0].strip() if match else None
        self._position += match.end() if match else 0
        return taken

    def _take(self, *marks: str) -> str | None:
        return self._advance() if self.token in marks else None

    def _expect(self, mark: str) -> None:
        if self._take(mark) is None:
            self.fail()

    def ternary(self) -> Expression:
        condition = self._either()
        if not self._take("?"):
            return condition
        then = self.ternary()
        self._expect(":")
        otherwise = self.ternary()
        return lambda scope: then(scope) if condition(scope) else otherwise(scope)

    def _either(self) -> Expression:
        parts = [self._both()]
        while self._take("||"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else lambda scope: any(one(scope) for one in parts)

    def _both(self) -> Expression:
        parts = [self._comparison()]
        while self._take("&&"):
            parts.append(self._comparison())
        return parts[0] if len(parts) == 1 else lambda scope: all(one(scope) for one in parts)

    def _comparison(self) -> Expression:
        left = self._sum()
        mark = self._take(*_COMPARISONS)
        if mark is not None:
            return _binary(_COMPARISONS[mark], left, self._sum())
        if self._take("in"):
            return _binary(lambda item, whole: item in whole, left, self._sum())
        return left

    def _sum(self) -> Expression:
        left = self._product()
        while mark := self._take("+", "-"):
            left = _binary(operator.add if mark == "+" else operator.sub, left, self._product())
        return left

    def _product(self) -> Expression:
        left = self._unary()
        while self._take("*"):
            left = _binary(operator.mul, left, self._unary())
        return left

    def _unary(self) -> Expression:
        if self._take("!"):
            inner = self._unary()
            return lambda scope: not inner(scope)
        return self._member()

    def _member(self) -> Expression:
        value = self._primary()
        while True:
            if self._take("."):
                value = self._step(value, self._advance() or "")
            elif self._take("["):
                value = _binary(operator.getitem, value, self.ternary())
                self._expect("]")
            else:
                return value

    def _step(self, value: Expression, name: str) -> Expression:
        if not self._take("("):
            return lambda scope: value(scope)[name]
        if name in _MACROS:
            return self._macro(_MACROS[name], value)
        arguments = self._arguments(")")
        method = _METHODS.get((name, len(arguments)))
        if method is None:
            raise UnsupportedRuleError(f"{name}() in {self._text!r}")
        return lambda scope: method(value(scope), *(one(scope) for one in arguments))

    def _macro(self, fold: Callable[[Any], bool], value: Expression) -> Expression:
        variable = self._advance() or ""
        self._expect(",")
        body = self.ternary()
        self._expect(")")
        return lambda scope: fold(body({**scope, variable: item}) for item in value(scope))

    def _primary(self) -> Expression:
        token = self._advance()
        if token is None:
            self.fail()
            raise AssertionError
        if token == "(":  # noqa: S105 - a bracket
            inner = self.ternary()
            self._expect(")")
            return inner
        if token == "[":  # noqa: S105 - a bracket
            items = self._arguments("]")
            return lambda scope: [item(scope) for item in items]
        if token[0].isdigit() or token[-1] in "'\"":
            value = ast.literal_eval(token)
            return lambda _scope: value
        return self._name(token)

    def _name(self, token: str) -> Expression:
        if token in _LITERALS:
            return lambda _scope: _LITERALS[token]
        if not token.isidentifier():
            self.token = token
            self.fail()
        if not self._take("("):
            return lambda scope: scope[token]
        arguments = self._arguments(")")
        if token == "has" and len(arguments) == 1:  # noqa: S105 - a macro
            return lambda scope: _is_there(arguments[0], scope)
        function = _FUNCTIONS.get(token)
        if function is None or len(arguments) != 1:
            raise UnsupportedRuleError(f"{token}() in {self._text!r}")
        return lambda scope: function(arguments[0](scope))

    def _arguments(self, closing: str) -> list[Expression]:
        found: list[Expression] = []
        while not self._take(closing):
            if found:
                self._expect(",")
            found.append(self.ternary())
        return found


def _binary(apply: Callable[[Any, Any], Any], left: Expression, right: Expression) -> Expression:
    return lambda scope: apply(left(scope), right(scope))


def _is_there(path: Expression, scope: Scope) -> bool:
    try:
        path(scope)
    except (KeyError, TypeError):
        return False
    return True


@cache
def _pattern(text: str) -> TypeAdapter[str]:
    """Rust's regular expressions by way of pydantic: like the API server's, and with classes."""
    return TypeAdapter(Annotated[str, StringConstraints(pattern=text)])


def _matches(value: str, pattern: str) -> bool:
    try:
        _pattern(pattern).validate_python(value)
    except ValidationError:
        return False
    return True


def _find(value: str, pattern: str) -> str:
    found = re.search(pattern, value)
    return found[0] if found else ""


_MACROS: Mapping[str, Callable[[Any], bool]] = {
    "all": all,
    "exists": any,
    "exists_one": lambda found: sum(map(bool, found)) == 1,
}
_FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {"size": len, "int": int, "string": str}
_METHODS: Mapping[tuple[str, int], Callable[..., Any]] = {
    ("contains", 1): lambda value, part: part in value,
    ("startsWith", 1): str.startswith,
    ("endsWith", 1): str.endswith,
    ("matches", 1): _matches,
    ("find", 1): _find,
    ("replace", 2): str.replace,
    ("size", 0): len,
}
