"""Values of JSON as the few bytes that they take while nobody looks at them.

As Python objects, spec and status of a space take 8 KB, parsed into models 12 KB more; as text
they take 2 KB.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import Any, Protocol


def pack(value: Any) -> bytes:
    """The same bytes for equal values."""
    text = json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return text.encode(errors="surrogatepass")


def unpack(packed: bytes) -> Any:
    """A new value each time."""
    return json.loads(packed)


class Closable(Protocol):
    """Something that takes less room while it is closed."""

    def close(self) -> None:
        """Take less room until it is used again."""


class Opened:
    """Those opened last stay open, and no more than `capacity` of them. For one thread."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._open: OrderedDict[int, Closable] = OrderedDict()

    def use(self, one: Closable) -> None:
        """It is used: close the one that was not for longest, if there are too many."""
        self._open[id(one)] = one
        self._open.move_to_end(id(one))
        while len(self._open) > self._capacity:
            _, oldest = self._open.popitem(last=False)
            oldest.close()
