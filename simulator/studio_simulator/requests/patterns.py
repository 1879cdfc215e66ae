r"""The model's patterns are Java's; Python's differ.

Python's ``re`` refuses ``\p{L}`` and its like, which the ``regex`` package reads. Java's ``\d`` and
``\w`` know ASCII only, where Python's also take ٣ and é, and Java's dot stops at more line ends.
"""

from __future__ import annotations

from functools import cache

import regex  # type: ignore[import-untyped]  # no stubs in the environment

ASCII_CLASSES = {"d": "0-9", "w": "a-zA-Z0-9_"}
ANY_BUT_LINE_END = r"[^\n\r\u0085\u2028\u2029]"


def translate(pattern: str) -> str:
    r"""Return a Java pattern as one for ``regex`` that means the same.

    >>> translate(r"\d+[\w-].")
    '[0-9]+[a-zA-Z0-9_-][^\\n\\r\\u0085\\u2028\\u2029]'
    """
    out: list[str] = []
    in_class = False
    characters = iter(pattern)
    for character in characters:
        if character == "\\":
            out.append(_escape(next(characters, ""), in_class=in_class))
        elif character == "." and not in_class:
            out.append(ANY_BUT_LINE_END)
        else:
            in_class = character == "[" or (in_class and character != "]")
            out.append(character)
    return "".join(out)


def _escape(character: str, *, in_class: bool) -> str:
    members = ASCII_CLASSES.get(character)
    if members is None:
        return f"\\{character}"
    return members if in_class else f"[{members}]"


@cache
def compile_pattern(pattern: str) -> regex.Pattern:
    """Compile one of the model's patterns; the service matches the whole value."""
    return regex.compile(translate(pattern))
