"""The recorded objects, one for each scene."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.gitops.folders import recordings
from tests.gitops.scenes import ALL, Scene
from tests.reading_yaml import read_yaml

Raw = dict[str, Any]


@dataclass(frozen=True)
class Recorded:
    """What a scene gave."""

    scene: Scene
    resource: Raw

    def __str__(self) -> str:
        return f"{self.scene.kind}/{self.scene.name}"

    @property
    def phase(self) -> str | None:
        phase: str | None = self.resource.get("status", {}).get("phase")
        return phase

    @property
    def conditions(self) -> dict[str, Raw]:
        """Conditions by type."""
        conditions = self.resource.get("status", {}).get("conditions", [])
        return {one["type"]: one for one in conditions}

    @property
    def reason(self) -> str | None:
        """Why it is Ready or not."""
        ready = self.conditions.get("Ready")
        return None if ready is None else str(ready["reason"])


def load(path: Path) -> Raw:
    """One YAML file."""
    content: Raw = read_yaml(path.read_text())
    return content


def read_all() -> list[Recorded]:
    """All recorded objects, in the order of the scenes."""
    return [
        Recorded(scene, load(recordings(scene.kind) / f"{scene.name}.yaml"))
        for scene in ALL
        if (recordings(scene.kind) / f"{scene.name}.yaml").exists()
    ]
