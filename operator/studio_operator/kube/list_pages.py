"""Reads a page of a list as it comes in: one item at a time, never all of its bytes at once.

A page of 500 resources may hold 500 MiB, if somebody fills them: parsed as a whole, it would be
held three times, as bytes, as text and as objects.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

Raw = dict[str, Any]
T = TypeVar("T")

_ITEMS = '"items":['
_DECODER = json.JSONDecoder()


def read_page(chunks: Iterable[bytes], take: Callable[[Raw], T]) -> tuple[list[T], Raw]:
    """What `take` makes of each item, and the list's own metadata.

    The items stand under the first member of that name: the API server writes the members of a list
    in the order of the alphabet, or its metadata first, which holds no such text. Raises ValueError
    for what is no list.
    """
    reader = _Reader(chunks)
    head = reader.read_until(_ITEMS)
    if head is None:  # there are none, and `items` is null
        page: Raw = json.loads(reader.rest())
        return [take(item) for item in page.get("items") or ()], page["metadata"]
    taken: list[T] = []
    while not reader.skips("]"):
        taken.append(take(reader.read_value()))
        reader.skips(",")
    page = json.loads(f"{head}{_ITEMS}]{reader.rest()}")
    return taken, page["metadata"]


class _Reader:
    """Text that is read from its beginning while it comes in."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._text = ""
        self._at = 0

    def read_until(self, mark: str) -> str | None:
        """What stands before the mark, which is read too; None and nothing is read without one."""
        while mark not in self._text:
            if not self._read_on():
                return None
        head, _, self._text = self._text.partition(mark)
        return head

    def read_value(self) -> Any:
        """The value that begins here. ValueError when none does."""
        while True:
            try:
                value, self._at = _DECODER.raw_decode(self._text, self._at)
            except ValueError:
                # Each try reads the value from its beginning: so take twice as much for the next.
                if not self._read_on(2 * (len(self._text) - self._at)):
                    raise
            else:
                return value

    def skips(self, character: str) -> bool:
        """Whether this character comes next, which is read then."""
        while self._text[self._at : self._at + 1].strip() == "":
            if self._at < len(self._text):
                self._at += 1
            elif not self._read_on():
                raise json.JSONDecodeError("the list ends within", self._text, self._at)
        if self._text[self._at] != character:
            return False
        self._at += 1
        return True

    def rest(self) -> str:
        """All that was not read."""
        while self._read_on():
            pass
        return self._text[self._at :]

    def _read_on(self, length: int = 1) -> bool:
        """Have so much text at hand, or what there is, without what was read.

        It takes in one chunk at least; False when there is none.
        """
        parts = [self._text[self._at :]]
        self._text, self._at = "", 0
        held = len(parts[0])
        for chunk in self._chunks:
            parts.append(self._decode(chunk))
            held += len(parts[-1])
            if held >= length:
                break
        self._text = "".join(parts)
        return len(parts) > 1
