"""CustomResourceDefinitions and the field reference, generated from the models.

`python -m studio_operator.api.crd --write` writes `crds/` and `docs/reference/` below the current
folder; with `--check` it writes nothing, shows what would change, and fails when something would.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from studio_operator.api.common import GROUP, VERSION, cel
from studio_operator.api.kinds import KINDS, Column, Kind
from studio_operator.api.reference import reference_page
from studio_operator.api.schema import Schema, structural_schema

COMMAND = "python -m studio_operator.api.crd --write"
NOTICE = f"# Generated from the models in studio_operator/api by `{COMMAND}`.\n"


def custom_resource_definition(kind: Kind) -> dict[str, Any]:
    """The CustomResourceDefinition (apiextensions.k8s.io/v1) of a kind."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.plural}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "names": {
                "categories": ["studio"],
                "kind": kind.name,
                "listKind": f"{kind.name}List",
                "plural": kind.plural,
                "shortNames": [kind.short_name],
                "singular": kind.name.lower(),
            },
            "scope": "Namespaced",
            "versions": [
                {
                    "name": VERSION,
                    "served": True,
                    "storage": True,
                    "additionalPrinterColumns": [_column(column) for column in kind.columns],
                    "selectableFields": [{"jsonPath": path} for path in kind.selectable_fields],
                    "schema": {"openAPIV3Schema": resource_schema(kind)},
                    "subresources": {"status": {}},
                }
            ],
        },
    }


def resource_schema(kind: Kind) -> Schema:
    """The schema of a whole resource of the kind."""
    schema = structural_schema(kind.model)
    members = schema["properties"]
    members["spec"] |= cel(*kind.spec_rules)
    return {
        "description": schema["description"],
        "type": "object",
        **cel(*kind.root_rules),
        "required": schema["required"],
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
            **members,
        },
    }


def _column(column: Column) -> dict[str, Any]:
    printed: dict[str, Any] = {
        "name": column.name,
        "type": column.type,
        "jsonPath": column.json_path,
        "description": column.description,
    }
    return {**printed, "priority": 1} if column.wide else printed


class _PlainDumper(yaml.SafeDumper):
    """Writes each value where it stands, never as an alias of an equal one."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - yaml calls it so
        return True


def render_yaml(document: dict[str, Any]) -> str:
    """YAML in the order of the document, with a notice that it is generated."""
    text = yaml.dump(document, Dumper=_PlainDumper, sort_keys=False, width=100, allow_unicode=True)
    return NOTICE + text


def generate_files() -> dict[Path, str]:
    """Text by path, relative to the repository's root, of all that is generated."""
    files: dict[Path, str] = {}
    for kind in KINDS:
        crd = custom_resource_definition(kind)
        files[Path("crds", f"{kind.plural}.yaml")] = render_yaml(crd)
        files[Path("docs", "reference", f"{kind.name.lower()}.md")] = reference_page(crd)
    return files


def show_outdated(root: Path) -> str:
    """A unified diff from what is in the folder to what the models give; empty when current.

    A file in `crds/` that the models don't give counts as well: it would be applied.
    """
    wanted = generate_files()
    paths = {*wanted, *(path.relative_to(root) for path in (root / "crds").glob("*.yaml"))}
    return "".join(
        line
        for path in sorted(paths)
        for line in difflib.unified_diff(
            _read_lines(root / path),
            wanted.get(path, "").splitlines(keepends=True),
            fromfile=f"{path} (present)",
            tofile=f"{path} (generated)",
        )
    )


def _read_lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []


def write_files(root: Path) -> None:
    """Write all generated files. One that is no longer generated stays: a person removes it."""
    for path, text in generate_files().items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Generate the CRDs and the field reference.")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", action="store_true", help="write the generated files")
    action.add_argument("--check", action="store_true", help="fail with a diff when not current")
    parser.add_argument("--root", type=Path, default=Path(), help="the repository's folder")
    options = parser.parse_args(arguments)
    if options.write:
        write_files(options.root)
        return 0
    if difference := show_outdated(options.root):
        sys.stdout.write(difference)
        sys.stderr.write(f"Generated files are not current: run `{COMMAND}`.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
