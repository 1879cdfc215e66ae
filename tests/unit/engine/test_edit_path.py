"""The way of an edit through the modules gets no longer."""

from __future__ import annotations

from benchmarks.edit_path import follow_an_edit
from tests.simulated_time import run

# A little more than `python -m benchmarks.edit_path` shows. Lower them when the way gets shorter.
MODULES, SWITCHES = 100, 365


def test_an_edit_of_the_instance_type_passes_no_more_modules_than_before() -> None:
    way = run(follow_an_edit())
    assert next(iter(way.modules)) == "engine/reconciler.py"
    assert way.visits[-1].module == "engine/executor.py"
    assert len(way.modules) <= MODULES
    assert way.switches <= SWITCHES
