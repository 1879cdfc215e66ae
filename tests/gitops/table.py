"""The page that tells for each recorded state what Argo CD and Flux make of it.

python -m tests.gitops.table --write    write the page
python -m tests.gitops.table --check    exit code 1 when it is not what the recordings give
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from tests.gitops.expectations import expected_kstatus
from tests.gitops.folders import KINDS, PROJECT
from tests.gitops.recorded import Recorded, read_all

PAGE = PROJECT / "docs" / "how-to" / "health.md"
HEAD = """\
# Health in each state

<!-- Generated from recorded resources, by `python -m tests.gitops.table --write`. -->

What [Argo CD](argocd.md) and [Flux](flux.md) make of a resource in each state that it can be in.
Every row is a resource recorded from the operator at work. Tests put each through Argo CD's own Lua
engine and through the kstatus library that Flux uses.

"none" stands where status has no phase or no reason yet. Before the first status, kstatus takes a
resource for done; [expressions](flux.md#the-moment-before-the-first-status) wait for it. What is
being deleted is Progressing for Argo CD, whatever hinders it, and Terminating for kstatus.
"""
COLUMNS = "| State | Phase | Reason | Argo CD | kstatus |\n|---|---|---|---|---|\n"


def render() -> str:
    """The page in Markdown."""
    return "\n".join([HEAD, *_sections()])


def _sections() -> Iterator[str]:
    recorded = read_all()
    for kind in reversed(KINDS):
        rows = "".join(_row(item) for item in recorded if item.scene.kind == kind)
        yield f"## {kind}\n\n{COLUMNS}{rows}"


def _row(item: Recorded) -> str:
    reason = f"[{item.reason}](../reasons.md#{item.reason.lower()})" if item.reason else "none"
    kstatus = expected_kstatus(item.scene, item.resource)
    cells = (item.scene.about, item.phase or "none", reason, item.scene.health, kstatus)
    return f"| {' | '.join(cells)} |\n"


def main(arguments: list[str] | None = None) -> int:
    """Write or check; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.gitops.table")
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--write", action="store_true")
    choice.add_argument("--check", action="store_true")
    if parser.parse_args(arguments).write:
        PAGE.write_text(render(), encoding="utf-8")
        return 0
    if PAGE.read_text(encoding="utf-8") == render():
        return 0
    sys.stderr.write(f"{PAGE} is stale: python -m tests.gitops.table --write\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
