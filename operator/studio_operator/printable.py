r"""Text of others, made fit to be shown: in a terminal, a log, an Event, a comment.

Names, tags, descriptions and errors come from YAML and from AWS, so somebody else chose each of
their characters. Those that a terminal acts on, or that hide or reorder what stands beside them,
are written as escapes instead: `\x1b[31m`, `\u202e`. So they do nothing, and people see that they
are there. This is the one place that knows which characters these are.
"""

from __future__ import annotations

import re

# Letters and marks by Unicode's categories that show nothing: fillers of Hangul, an empty Braille
# pattern, variation selectors and the like (Default_Ignorable_Code_Point in DerivedCoreProperties).
_INVISIBLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
) | frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
# How whitespace reads that is no plain space: as one, so a text stays on its line.
_SPACES = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")


def is_printable(text: str) -> bool:
    """Whether nothing in the text acts on a terminal, hides or reorders; line feeds aside."""
    plain = text.replace("\n", "")
    return (plain.isascii() and plain.isprintable()) or all(map(_shows, plain))


def printable(text: str) -> str:
    """The text on one line, with an escape for each character that does not show itself.

    Line feeds and tabs become a space. What is printable already is returned as it is.
    """
    if text.isascii() and text.isprintable():
        return text
    return _escaped(_SPACES.sub(" ", text))


def printable_lines(text: str) -> str:
    """The same for a text that may have several lines, such as a traceback."""
    return "\n".join(map(printable, text.split("\n")))


def printable_json(serialised: str) -> str:
    """A JSON document with these characters as JSON escapes them: what it means stays the same.

    In what `json.dumps` gives, they can be nowhere but in strings.
    """
    if is_printable(serialised):
        return serialised
    return "".join(one if one == "\n" or _shows(one) else _in_json(one) for one in serialised)


def _escaped(text: str) -> str:
    return "".join(one if _shows(one) else _as_escape(one) for one in text)


def _shows(character: str) -> bool:
    """Python's printable ones: the space, and all but Unicode's categories Other and Separator."""
    return character.isprintable() and character not in _INVISIBLE


def _as_escape(character: str) -> str:
    if character == "\xa0":  # a space that does not break
        return " "
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _in_json(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    pairs = (units[start : start + 2] for start in range(0, len(units), 2))
    return "".join(f"\\u{int.from_bytes(pair):04x}" for pair in pairs)
