"""The way of an edit through the operator's modules, counted: how many, and how often it changes.

    python -m benchmarks.edit_path [--modules] [--switches] [--way]

A space runs, and its `instanceType` is edited. Counted is what the operator calls from the moment
the reconciler takes up the edited resource until DeleteApp is handed to the gateway: one plan, the
status that is written before the call, and the call. All runs on one thread; only AWS and the API
server are in memory (`tests/unit/engine/edit_world.py`).

What is counted: each call of a Python function that stands in a file of the package
`studio_operator`, properties, comprehensions and steps of generators among them. A switch is a call
of a function of another module than the one that was called last; returns are none. Functions of
libraries do not count, nor do those that dataclasses and named tuples generate, which stand in no
file. `calls` are all calls of functions of Python and C meanwhile.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from types import FrameType

from tests.simulated_time import run
from tests.unit.engine.edit_world import SPACE, Aws, DeletesAppError, edit_of_a_running_space

PACKAGE = "/studio_operator/"


@dataclass
class Visit:
    """A module, by its path within the package, and what is called there before another one is."""

    module: str
    functions: list[str] = field(default_factory=list)


@dataclass
class Way:
    """What was called, in order."""

    visits: list[Visit] = field(default_factory=list)
    calls: int = 0
    is_over: bool = False

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        """Take note of a call, as sys.setprofile wants it."""
        self.is_over |= frame.f_code is Aws.call.__code__
        if self.is_over or event not in {"call", "c_call"}:
            return
        self.calls += 1
        module = _module_of(frame) if event == "call" else ""
        if module and (not self.visits or self.visits[-1].module != module):
            self.visits.append(Visit(module))
        if module:
            self.visits[-1].functions.append(frame.f_code.co_qualname)

    @property
    def switches(self) -> int:
        """How often the next function that is called is in another module."""
        return max(0, len(self.visits) - 1)

    @property
    def modules(self) -> Counter[str]:
        """How often each module is come to, in the order of the way."""
        return Counter(visit.module for visit in self.visits)


def _module_of(frame: FrameType) -> str:
    """The path of the function's file within the package; empty for those of others."""
    _, found, path = frame.f_code.co_filename.rpartition(PACKAGE)
    return path if found else ""


async def follow_an_edit() -> Way:
    """Let everything come to rest, edit the space, and follow the edit to DeleteApp."""
    reconciler, way = await edit_of_a_running_space(), Way()
    sys.setprofile(way)
    try:
        with suppress(DeletesAppError):
            await reconciler.reconcile(SPACE)
    finally:
        sys.setprofile(None)
    assert way.is_over
    return way


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.edit_path")
    parser.add_argument("--modules", action="store_true", help="the modules, in order")
    parser.add_argument("--switches", action="store_true", help="between which they are")
    parser.add_argument("--way", action="store_true", help="each visit, with the functions called")
    options = parser.parse_args(argv)
    way = run(follow_an_edit())
    out = sys.stdout.write
    if options.way:
        for visit in way.visits:
            out(f"{visit.module}: {' '.join(visit.functions)}\n")
    if options.modules:
        for module, times in way.modules.items():
            out(f"{times:5}  {module}\n")
    if options.switches:
        pairs = Counter(frozenset((a.module, b.module)) for a, b in pairwise(way.visits))
        for pair, times in pairs.most_common():
            out(f"{times:5}  {' - '.join(sorted(pair))}\n")
    out(f"{len(way.modules)} modules, {way.switches} switches, {way.calls} calls\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
