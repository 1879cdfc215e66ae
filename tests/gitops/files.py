"""The recorded files: an object for each scene, and Argo CD's tables of what to make of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.gitops.expectations import ACTION_TESTS, action_tests, expected_message, requested
from tests.gitops.folders import CUSTOMIZATIONS, KINDS, recordings
from tests.gitops.scenes import ALL, Scene

Raw = dict[str, Any]


class _Dumper(yaml.SafeDumper):
    """Lists indented, as people write them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)


def to_yaml(content: object) -> str:
    """YAML in the order of the content."""
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, width=100, allow_unicode=True)


@dataclass
class Files:
    """What a recording would write, by path; None for a file that nobody needs any more."""

    content: dict[Path, str | None] = field(default_factory=dict)

    def add(self, scene: Scene, resource: Raw) -> None:
        """Take in the object of a scene."""
        self.content[recordings(scene.kind) / f"{scene.name}.yaml"] = to_yaml(resource)

    def forget_others(self) -> None:
        """Remove the files of scenes that are no more."""
        for kind in KINDS:
            for path in recordings(kind).glob("*.yaml"):
                self.content.setdefault(path, None)

    def changed(self) -> list[Path]:
        """Paths whose content differs from what is there."""
        return sorted(path for path, text in self._all().items() if _read(path) != text)

    def write(self) -> None:
        """Write and remove files."""
        for path, text in self._all().items():
            if text is None:
                path.unlink(missing_ok=True)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)

    def _all(self) -> dict[Path, str | None]:
        """With what follows from the recorded objects."""
        return {**self.content, **self._tables(), **self._action_data()}

    def _object(self, kind: str, name: str) -> Raw | None:
        path = recordings(kind) / f"{name}.yaml"
        text = self.content.get(path, _read(path))
        return None if text is None else dict(yaml.safe_load(text))

    def _tables(self) -> dict[Path, str]:
        tables = {}
        for kind in KINDS:
            entries = []
            for scene in ALL:
                if scene.kind == kind and (found := self._object(kind, scene.name)) is not None:
                    health = {"status": scene.health, "message": expected_message(scene, found)}
                    path = f"testdata/{scene.name}.yaml"
                    entries.append({"healthStatus": health, "inputPath": path})
            tables[CUSTOMIZATIONS / kind / "health_test.yaml"] = to_yaml({"tests": entries})
            table = to_yaml(action_tests(kind))
            tables[CUSTOMIZATIONS / kind / "actions" / "action_test.yaml"] = table
        return tables

    def _action_data(self) -> dict[Path, str]:
        """Copies of the objects that actions are tried on, and those with the request on them."""
        files: dict[Path, str] = {}
        for kind in KINDS:
            folder = CUSTOMIZATIONS / kind / "actions" / "testdata"
            for name, actions in ACTION_TESTS[kind].items():
                if (found := self._object(kind, name)) is None:
                    continue
                files[folder / f"{name}.yaml"] = to_yaml(found)
                for action in actions:
                    files[folder / f"{name}_{action}.yaml"] = to_yaml(requested(found, action))
        return files


def describe(changed: list[Path]) -> str:
    """What a person is told about files that change."""
    if not changed:
        return "no file changes\n"
    return "".join(f"changes: {path.relative_to(CUSTOMIZATIONS)}\n" for path in changed)


def _read(path: Path) -> str | None:
    return path.read_text() if path.exists() else None
