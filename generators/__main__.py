"""All generated files, by one command.

`python -m generators --write` writes them below the repository's root. With `--check` it writes
nothing, shows what would change, and fails when something would.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import click

from generators.argocd import argocd_files
from generators.chart import chart_files
from generators.crds import crd_files
from generators.json_schemas import schema_files
from generators.metrics import metrics_page
from generators.reasons import reasons_page
from generators.settings import settings_page

ROOT = Path(__file__).resolve().parent.parent
COMMAND = "python -m generators --write"
Files = Mapping[Path, str]


@dataclass(frozen=True)
class Generator:
    """Makes texts by path, relative to the root whose other files it may read.

    `folders` are patterns of files of which it makes all: another one there is a leftover, which
    tools would find and use.
    """

    files: Callable[[Path], Files]
    folders: tuple[str, ...] = ()


def _pages(_: Path) -> Files:
    return _written_pages()


@cache  # no file is read
def _written_pages() -> Files:
    return {
        Path("docs", "reasons.md"): reasons_page(),
        Path("docs", "reference", "settings.md"): settings_page(),
        Path("docs", "reference", "metrics.md"): metrics_page(),
    }


# In this order: schemas and the chart are made from the files in crds/.
GENERATORS = (
    Generator(crd_files, ("crds/*.yaml",)),
    Generator(schema_files, ("schemas/**/*.json",)),
    Generator(chart_files, ("charts/studio-operator/files/crds/*.yaml",)),
    Generator(argocd_files),
    Generator(_pages),
)


def write_files(root: Path) -> None:
    """Write all generated files. A leftover stays: a person removes it."""
    for generator in GENERATORS:
        for path, text in generator.files(root).items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")


def show_outdated(root: Path) -> str:
    """A unified diff from what is there to what is generated; empty when all is current."""
    return "".join(line for generator in GENERATORS for line in _difference(generator, root))


def _difference(generator: Generator, root: Path) -> Iterator[str]:
    wanted = generator.files(root)
    present = {path.relative_to(root) for glob in generator.folders for path in root.glob(glob)}
    for path in sorted({*wanted, *present}):
        yield from difflib.unified_diff(
            _read_lines(root / path),
            wanted.get(path, "").splitlines(keepends=True),
            fromfile=f"{path} (present)",
            tofile=f"{path} (generated)",
        )


def _read_lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []


@click.command(help=__doc__)
@click.option("--write/--check", required=True, help="Write the files, or only compare them.")
@click.option("--root", type=click.Path(path_type=Path), default=ROOT, help="The repository.")
def main(write: bool, root: Path) -> None:
    """Write or check."""
    if write:
        write_files(root)
    elif difference := show_outdated(root):
        sys.stdout.write(difference)
        raise click.ClickException(f"generated files are not current: run `{COMMAND}`")


if __name__ == "__main__":
    main()
