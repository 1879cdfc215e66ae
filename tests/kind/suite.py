"""What the preparation hands to the tests, through one environment variable."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

VARIABLE = "STUDIO_OPERATOR_KIND_SUITE"


@dataclass(frozen=True)
class Suite:
    """A cluster that has the images, and the programs to work with it.

    A ``disposable`` cluster goes after the tests, so that they need not tidy up.
    """

    kubeconfig: str
    kubectl: str
    helm: str
    docker: str
    operator_image: str
    simulator_image: str
    disposable: bool
    folder_name: str

    def environment(self) -> dict[str, str]:
        """Return this process's environment and what leads pytest to the suite."""
        return os.environ | {VARIABLE: json.dumps(asdict(self)), "KUBECONFIG": self.kubeconfig}

    @property
    def folder(self) -> Path:
        """Where the run keeps its files."""
        return Path(self.folder_name)


def handed_over(environment: Mapping[str, str] = os.environ) -> Suite | None:
    """Return what the preparation has handed over, None when pytest was started by hand."""
    content = environment.get(VARIABLE)
    return Suite(**json.loads(content)) if content else None
