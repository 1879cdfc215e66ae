"""An export as text: a file for each resource and a kustomization, or one stream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from studio_operator.kinds.registry import BY_NAME
from studio_operator.plugin.errors import RefusedError
from studio_operator.plugin.export.parts import Export, Exported, Omission
from studio_operator.plugin.output import dump_yaml
from studio_operator.printable import printable

KUSTOMIZATION = "kustomization.yaml"
_WIDTH = 100


def render_files(export: Export, namespace: str | None) -> dict[Path, str]:
    """Text by relative path: `domains/`, `user-profiles/`, `spaces/`, and the kustomization."""
    files = {_path_of(one): render_resource(one, namespace) for one in export.resources}
    kustomization: dict[str, Any] = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [str(path) for path in files],
    }
    heading = _comment("Not taken over by any of these resources:", export.omissions)
    return {**files, Path(KUSTOMIZATION): heading + _dump(kustomization)}


def _path_of(one: Exported) -> Path:
    return Path(BY_NAME[one.key.kind].folder, f"{one.key.name}.yaml")


def render_stream(export: Export, namespace: str | None) -> str:
    """All resources in one text."""
    heading = _comment("Not taken over by any of these resources:", export.omissions)
    parts = [render_resource(one, namespace) for one in export.resources]
    return heading + "".join(f"---\n{part}" for part in parts)


def render_resource(one: Exported, namespace: str | None) -> str:
    """One resource, with what it leaves out as a comment above it."""
    heading = "In AWS and not in this file; the operator leaves it as it is:"
    return _comment(heading, one.omissions) + _dump(one.document(namespace))


def _comment(heading: str, omissions: Iterable[Omission]) -> str:
    listed = [printable(str(one)) for one in omissions]
    return "".join(f"# {line}\n" for line in (heading, *(f"- {one}" for one in listed)) if listed)


def _dump(document: Mapping[str, Any]) -> str:
    return dump_yaml(dict(document), _WIDTH)


def write_files(folder: Path, files: Mapping[Path, str], *, force: bool) -> None:
    """Write the files below a folder. Raises RefusedError when one is there already."""
    present = [path for path in files if (folder / path).exists()]
    if present and not force:
        raise RefusedError(
            f"{folder} has {present[0]} already. Name another folder with -o, "
            "or write over it with --force."
        )
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
