"""What planners keep from pass to pass is bounded, whatever is edited and however often."""

from __future__ import annotations

import gc
import tracemalloc

from studio_operator.kinds.space.api.spec import SpaceSpec

from tests.unit.plan.space_world import SpaceWorld

EDITS = 300


def with_long_repositories(number: int) -> SpaceSpec:
    """As long as a spec takes them: ten of 1,024 characters."""
    base = {"domainRef": {"name": "research"}, "ownerRef": {"name": "alice"}, "app": "JupyterLab"}
    names = [f"https://git.example.com/{number}/{one}/" for one in range(10)]
    return SpaceSpec.model_validate(
        {**base, "codeRepositories": [name.ljust(1024, "x") for name in names]}
    )


def test_edits_of_long_lists_leave_nothing_behind() -> None:
    world = SpaceWorld(with_long_repositories(0))
    world.run(40)
    tracemalloc.start()
    try:
        for number in range(1, EDITS + 1):
            world.spec = with_long_repositories(number)
            world.generation += 1
            world.run(6)
            world.log.clear()
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 2_500_000  # the records of the last of them, and no words
