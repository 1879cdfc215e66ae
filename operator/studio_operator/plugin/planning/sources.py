"""Where the resources of a plan come from: files, folders, kustomizations, revisions of Git."""

from __future__ import annotations

import math
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
STANDARD_INPUT = frozenset({"-", "/dev/stdin"})
# Rendering a kustomization or unpacking a revision takes moments; a hung tool must not hang us.
TOOL_TIMEOUT = 120.0
# What a document may hold once its aliases are written out: by aliases of aliases, a page of YAML
# can stand for any number of values. The API server takes some megabytes, and nothing as deep.
VALUES_LIMIT = 1_000_000
DEPTH_LIMIT = 100


def read_documents(paths: Iterable[str], root: Path | None = None) -> list[Any]:
    """The YAML documents of files, pipes, folders and `-`. Raises PluginError with the path.

    A folder that has a kustomization is rendered by `kubectl kustomize` if there is a kubectl; of
    other folders every YAML and JSON file is read, those of inner folders too.

    `root`: the folder that a revision was unpacked into. Hidden files count there, since Argo CD,
    Flux and `kubectl apply` read them, and a link that leads out of it is refused: whoever wrote
    the revision would have us show a file of the machine that makes the plan.
    """
    documents: list[Any] = []
    for path in paths:
        if path in STANDARD_INPUT:
            text = _decoded(sys.stdin.buffer.read(), name_of(path))
            documents += parse(text, name_of(path))
        else:
            documents += _read(Path(path), root)
    return documents


def name_of(path: str) -> str:
    """A source as messages name it."""
    return "standard input" if path in STANDARD_INPUT else Path(path).name or path


def _read(path: Path, root: Path | None) -> list[Any]:
    _refuse_way_out(path, root)
    if not os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises where one may not look
        # A file, or the pipe that a shell makes of <(command).
        return parse(_text_of(path), _shown(path, root))
    if any((path / name).is_file() for name in KUSTOMIZATIONS) and shutil.which("kubectl"):
        where = f"kubectl kustomize {_shown(path, root)}"
        return parse(_run("kubectl", "kustomize", str(path)).decode(), where)
    return [
        document
        for file in _files_below(path, root)
        for document in parse(_text_of(file), _shown(file, root))
    ]


def _files_below(folder: Path, root: Path | None) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder).parts
        hidden = root is None and any(part.startswith(".") for part in inner)
        wanted = path.suffix in SUFFIXES and path.name not in KUSTOMIZATIONS and not hidden
        if wanted and path.is_file():
            _refuse_way_out(path, root)
            yield path


def _shown(path: Path, root: Path | None) -> str:
    """The path for a message; of a revision's file, as its repository has it."""
    return str(path.relative_to(root) if root and path.is_relative_to(root) else path)


def _refuse_way_out(path: Path, root: Path | None) -> None:
    if root is not None and not path.resolve().is_relative_to(root.resolve()):
        raise PluginError(
            f"{_shown(path, root)} leads out of the repository. Put the file itself there."
        )


def _text_of(path: Path) -> str:
    try:
        return _decoded(path.read_bytes(), str(path))
    except FileNotFoundError as error:
        raise PluginError(f"there is no file and no folder {path}. Check the path.") from error
    except OSError as error:
        raise PluginError(f"{path} can't be read: {error.strerror}. Check the path.") from error


def _decoded(content: bytes, where: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PluginError(f"{where} is no text in UTF-8. Save it as UTF-8.") from error


def parse(text: str, where: str) -> list[Any]:
    """The documents of a YAML text, JSON included. Raises PluginError."""
    try:
        documents = yaml.load_all(text, _Loader)
        return [_as_json(one) for one in documents if one is not None]
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        deep = isinstance(error, RecursionError)
        said = "it is nested too deeply" if deep else " ".join(str(error).split())
        raise PluginError(
            f"{where} is no YAML: {said}. Correct it, or name files one by one to leave it out; "
            "templates have to be rendered first."
        ) from error


class _Loader(yaml.SafeLoader):
    """YAML as Kubernetes' tools read it: times are text, and tags of others say nothing."""

    def without_tag(self, _suffix: str, node: yaml.Node) -> Any:
        """The value below a tag such as `!reference`, which go-yaml passes over as well."""
        if isinstance(node, yaml.MappingNode):
            return self.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return self.construct_sequence(node, deep=True)
        return node.value


_Loader.yaml_implicit_resolvers = {
    first: [one for one in rules if one[0] != "tag:yaml.org,2002:timestamp"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_multi_constructor("!", _Loader.without_tag)


def _as_json(document: Any) -> Any:
    """The document in JSON types, each alias written out. Raises ValueError."""
    left = VALUES_LIMIT

    def plain(value: Any, depth: int) -> Any:
        nonlocal left
        left -= 1
        if left < 0 or depth > DEPTH_LIMIT:
            raise ValueError(
                f"it has more than {VALUES_LIMIT} values, or is nested more than {DEPTH_LIMIT} deep"
            )
        if isinstance(value, dict):
            return {str(name): plain(one, depth + 1) for name, one in value.items()}
        if isinstance(value, list):
            return [plain(one, depth + 1) for one in value]
        if value is None or isinstance(value, str | bool | int):
            return value
        if isinstance(value, float) and math.isfinite(value):
            return value
        raise ValueError("it has a value that JSON does not know, such as a set or binary data")

    return plain(document, 0)


# --- Git ----------------------------------------------------------------------------------------


def read_revision(revision: str, path: str, folder: Path | None = None) -> list[Any] | None:
    """The documents below `path` at a revision; None where the path did not exist then.

    The whole revision is unpacked into a temporary folder, since a kustomization may refer to
    anything in it; the working tree is left alone.
    """
    with _unpacked(revision, folder) as root:
        place = root / path
        return read_documents([str(place)], root) if place.exists() else None


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
