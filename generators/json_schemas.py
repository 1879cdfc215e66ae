"""JSON schemas of the kinds, for editors and for checks of YAML outside of a cluster.

They are made from `crds/`. Folders and names are those of the CRDs-catalog, which kubeconform is
told by a template: `<group>/<kind>_<version>.json`.

A JSON schema says less than the CRD: the rules in CEL are checked by the API server alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

SCHEMAS = Path("schemas")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast


def schema_files(root: Path) -> dict[Path, str]:
    """Text by path, relative to the root: a schema for each kind and version of the CRDs there."""
    return {
        path: text
        for file in sorted((root / "crds").glob("*.yaml"))
        for path, text in _texts_of(file.read_text(encoding="utf-8"))
    }


@lru_cache(maxsize=32)  # reading a CRD is the slowest part of generating, and tests do it often
def _texts_of(crd: str) -> tuple[tuple[Path, str], ...]:
    return tuple(
        (path, json.dumps(schema, indent=2, ensure_ascii=False) + "\n")
        for path, schema in schemas_of(yaml.load(crd, LOADER))  # noqa: S506 - a safe one
    )


def schemas_of(crd: dict[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Each version's schema of a CRD, with its path."""
    spec = crd["spec"]
    for version in spec["versions"]:
        schema = closed(version["schema"]["openAPIV3Schema"])
        schema["properties"]["apiVersion"]["enum"] = [f"{spec['group']}/{version['name']}"]
        schema["properties"]["kind"]["enum"] = [spec["names"]["kind"]]
        name = f"{spec['names']['kind'].lower()}_{version['name']}.json"
        yield SCHEMAS / spec["group"] / name, schema


def closed(schema: dict[str, Any]) -> dict[str, Any]:
    """A copy of a schema in which no object has members that it does not name.

    The API server prunes such members, or warns of them; in a file they are a slip. Members that
    start with `x-kubernetes-` mean nothing outside of a cluster, and are left out.
    """
    copy = {key: value for key, value in schema.items() if not key.startswith("x-kubernetes-")}
    if "properties" in copy:
        copy["properties"] = {name: closed(one) for name, one in copy["properties"].items()}
        copy.setdefault("additionalProperties", False)
    for key in ("items", "additionalProperties"):
        if isinstance(copy.get(key), dict):
            copy[key] = closed(copy[key])
    return copy
