"""Where the files of the integration are, in the layout of Argo CD's own repository."""

from __future__ import annotations

from pathlib import Path

from studio_operator.api.common import GROUP

PROJECT = Path(__file__).resolve().parents[2]
GITOPS = PROJECT / "gitops"
CUSTOMIZATIONS = GITOPS / "argocd" / "resource_customizations" / GROUP
KINDS = ("StudioDomain", "UserProfile", "Space")


def health_script(kind: str) -> Path:
    """The Lua that tells an object's health."""
    return CUSTOMIZATIONS / kind / "health.lua"


def recordings(kind: str) -> Path:
    """Recorded objects of a kind."""
    return CUSTOMIZATIONS / kind / "testdata"
