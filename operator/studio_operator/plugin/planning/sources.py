"""Where the resources of a plan come from: files, folders, kustomizations, revisions of Git."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from studio_operator.plugin.errors import PluginError

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
SUFFIXES = frozenset({".yaml", ".yml", ".json"})
STANDARD_INPUT = "-"
# Rendering a kustomization or unpacking a revision takes moments; a hung tool must not hang us.
TOOL_TIMEOUT = 120.0


def read_documents(paths: Iterable[str]) -> list[Any]:
    """The YAML documents of files, folders and `-`. Raises PluginError with the file's name.

    A folder that has a kustomization is rendered by `kubectl kustomize` if there is a kubectl; of
    other folders every YAML and JSON file is read, those of inner folders too.
    """
    documents: list[Any] = []
    for path in paths:
        if path == STANDARD_INPUT:
            documents += parse(sys.stdin.read(), "standard input")
        else:
            documents += _read(Path(path))
    return documents


def _read(path: Path) -> list[Any]:
    if path.is_file():
        return parse(_text_of(path), str(path))
    if not path.is_dir():
        raise PluginError(f"{path} is no file and no folder. Check the path.")
    if any((path / name).is_file() for name in KUSTOMIZATIONS) and shutil.which("kubectl"):
        return parse(_run("kubectl", "kustomize", str(path)).decode(), f"kubectl kustomize {path}")
    return [
        document for file in _files_below(path) for document in parse(_text_of(file), str(file))
    ]


def _files_below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder).parts
        hidden = any(part.startswith(".") for part in inner)
        wanted = path.suffix in SUFFIXES and path.name not in KUSTOMIZATIONS and not hidden
        if wanted and path.is_file():
            yield path


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PluginError(f"{path} can't be read: {error}.") from error


def parse(text: str, where: str) -> list[Any]:
    """The documents of a YAML text, JSON included. Raises PluginError."""
    try:
        return [one for one in yaml.safe_load_all(text) if one is not None]
    except yaml.YAMLError as error:
        said = " ".join(str(error).split())
        raise PluginError(
            f"{where} is no YAML: {said}. Correct it, or name files one by one to leave it out; "
            "templates have to be rendered first."
        ) from error


# --- Git ----------------------------------------------------------------------------------------


def read_revision(revision: str, path: str, folder: Path | None = None) -> list[Any]:
    """The documents below `path` at a revision; none where the path did not exist then.

    The whole revision is unpacked into a temporary folder, since a kustomization may refer to
    anything in it; the working tree is left alone.
    """
    with _unpacked(revision, folder) as root:
        place = root / path
        return read_documents([str(place)]) if place.exists() else []


def common_ancestor(base: str, head: str, folder: Path | None = None) -> str:
    """The commit that a branch left the other at: what others did since is not this change's."""
    try:
        return _git(folder, "merge-base", base, head).decode().strip()
    except PluginError as error:
        raise PluginError(
            f"Git finds no common history of {base} and {head}: {error.message} "
            "Fetch both with their history (actions/checkout: fetch-depth: 0, "
            'GitLab: GIT_DEPTH: "0").'
        ) from error


def top_folder(folder: Path | None = None) -> Path:
    """The root of the repository that the folder is in."""
    return Path(_git(folder, "rev-parse", "--show-toplevel").decode().rstrip("\n"))


@contextmanager
def _unpacked(revision: str, folder: Path | None) -> Iterator[Path]:
    """A folder with all files of a revision, written by way of an index of its own.

    `git archive` would leave out what .gitattributes keeps from releases.
    """
    top = top_folder(folder)
    with tempfile.TemporaryDirectory(prefix="kubectl-studio-") as place:
        root, index = Path(place, "files"), {"GIT_INDEX_FILE": str(Path(place, "index"))}
        root.mkdir()
        _git(top, "read-tree", f"{revision}^{{tree}}", variables=index)
        _git(top, "checkout-index", "--all", "--quiet", f"--prefix={root}/", variables=index)
        yield root


def _git(folder: Path | None, *arguments: str, variables: Mapping[str, str] | None = None) -> bytes:
    place = ("-C", str(folder)) if folder else ()
    return _run("git", *place, *arguments, variables=variables)


def _run(program: str, *arguments: str, variables: Mapping[str, str] | None = None) -> bytes:
    """The output of a program. Raises PluginError with its words when it fails or is missing."""
    named = " ".join((program, *arguments))
    try:
        done = subprocess.run(  # noqa: S603 - git and kubectl, with arguments of our own making
            [program, *arguments],
            capture_output=True,
            check=False,
            timeout=TOOL_TIMEOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(variables or {})},
        )
    except FileNotFoundError as error:
        raise PluginError(f"{program} is not installed, and `{named}` needs it.") from error
    except subprocess.TimeoutExpired as error:
        raise PluginError(f"`{named}` did not end within {TOOL_TIMEOUT:.0f} s.") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise PluginError(f"`{named}` failed: {said}.")
    return done.stdout
