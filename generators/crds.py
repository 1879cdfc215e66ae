"""CustomResourceDefinitions and the field reference, from the models of the kinds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from studio_operator.kinds.crd import custom_resource_definition
from studio_operator.kinds.registry import KINDS

from generators.reference import reference_page

NOTICE = "# Generated from the models of the kinds by `python -m generators --write`.\n"


def crd_files(_: Path) -> Mapping[Path, str]:
    """Text by path of each kind's CRD and its page of the reference."""
    return _crd_files()


@cache  # no file is read, and to write them takes a second
def _crd_files() -> Mapping[Path, str]:
    files: dict[Path, str] = {}
    for kind in KINDS:
        crd = custom_resource_definition(kind)
        files[Path("crds", f"{kind.plural}.yaml")] = _render(crd)
        files[Path("docs", "reference", f"{kind.name.lower()}.md")] = reference_page(crd)
    return files


class _PlainDumper(yaml.SafeDumper):
    """Writes each value where it stands, never as an alias of an equal one."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - yaml calls it so
        return True


def _render(document: dict[str, Any]) -> str:
    """YAML in the order of the document, with a notice that it is generated."""
    text = yaml.dump(document, Dumper=_PlainDumper, sort_keys=False, width=100, allow_unicode=True)
    return NOTICE + text
