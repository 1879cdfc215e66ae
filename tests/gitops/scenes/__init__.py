"""Scenes: how to bring a resource of the real product into each state that people may see."""

from tests.gitops.scenes import backups, domains, profiles, spaces
from tests.gitops.scenes.scene import Scene

ALL: tuple[Scene, ...] = (*spaces.SCENES, *backups.SCENES, *domains.SCENES, *profiles.SCENES)

__all__ = ["ALL", "Scene"]
