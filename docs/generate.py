"""The generated pages of the documentation.

`python docs/generate.py --write` writes them below the repository's root; with `--check` it writes
nothing, shows what would change, and fails when something would. The field reference of the kinds
has a generator of its own: `python -m studio_operator.api.crd`.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # `docs` is a folder of the repository, not an installed package

from docs.generators.metrics import metrics_page  # noqa: E402 - after the path is set
from docs.generators.reasons import reasons_page  # noqa: E402
from docs.generators.settings import settings_page  # noqa: E402

COMMAND = "python docs/generate.py --write"


def generate_pages() -> dict[Path, str]:
    """Text by path, relative to the repository's root."""
    return {
        Path("docs", "reasons.md"): reasons_page(),
        Path("docs", "reference", "settings.md"): settings_page(),
        Path("docs", "reference", "metrics.md"): metrics_page(),
    }


def show_outdated(root: Path) -> str:
    """A unified diff from what is in the folder to what the code gives; empty when current."""
    return "".join(
        line
        for path, text in generate_pages().items()
        for line in difflib.unified_diff(
            _read_lines(root / path),
            text.splitlines(keepends=True),
            fromfile=f"{path} (present)",
            tofile=f"{path} (generated)",
        )
    )


def _read_lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Generate pages of the documentation.")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", action="store_true", help="write the generated pages")
    action.add_argument("--check", action="store_true", help="fail with a diff when not current")
    parser.add_argument("--root", type=Path, default=ROOT, help="the repository's folder")
    options = parser.parse_args(arguments)
    if options.write:
        for path, text in generate_pages().items():
            (options.root / path).write_text(text, encoding="utf-8")
        return 0
    if difference := show_outdated(options.root):
        sys.stdout.write(difference)
        sys.stderr.write(f"Generated pages are not current: run `{COMMAND}`.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
