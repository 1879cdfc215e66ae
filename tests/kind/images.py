"""The two images of the suite: built, named after their content, and given to the cluster."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.kind.programs import Programs, run

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
# Without a layer in the cache: every package is downloaded and installed.
BUILD_LIMIT_SECONDS = 900
LOAD_LIMIT_SECONDS = 300
ASK_LIMIT_SECONDS = 30
DIGEST_LENGTH = 12
# BuildKit's attestations tell the time of the build: no two images would be the same, and kind may
# fail to load them.
BUILD = os.environ | {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}
# By it the images of former runs are found, which would pile up.
LABEL = "studio-operator.dev/suite=kind"
KEPT = "24h"


@dataclass(frozen=True)
class Image:
    """An image of the local Docker: its full name, and its size."""

    name: str
    bytes: int

    def __str__(self) -> str:
        return f"{self.name}, {self.bytes / 1e6:.0f} MB"


@dataclass(frozen=True)
class Images:
    """What the suite runs on the cluster."""

    operator: Image
    simulator: Image


@dataclass(frozen=True)
class Builder:
    """Builds images; ``options`` go to every ``docker build``."""

    programs: Programs
    base_image: str | None = None
    options: Sequence[str] = ()

    def operator(self) -> Image:
        """Build the operator's image, as anybody would."""
        return self._build("studio-operator", ROOT / "Dockerfile", ROOT)

    def simulator(self) -> Image:
        """Build the simulator's, from no more than it needs."""
        with ExitStack() as cleanup:
            context = Path(cleanup.enter_context(tempfile.TemporaryDirectory()))
            shutil.copytree(
                ROOT / "simulator" / "studio_simulator",
                context / "studio_simulator",
                ignore=shutil.ignore_patterns("__pycache__"),
            )
            shutil.copy2(HERE / "simulator-requirements.txt", context)
            return self._build("studio-simulator", HERE / "simulator.Dockerfile", context)

    def forget_former(self) -> None:
        """Remove images of runs that are long ago, unless a container uses them."""
        filters = ("--filter", f"label={LABEL}", "--filter", f"until={KEPT}")
        run(
            [self.programs.docker, "image", "prune", "--all", "--force", *filters],
            seconds=ASK_LIMIT_SECONDS,
        )

    def _build(self, repository: str, dockerfile: Path, context: Path) -> Image:
        """Build and tag an image; with all layers in the cache, id and tag stay the same."""
        docker = self.programs.docker
        base = ("--build-arg", f"BASE={self.base_image}") if self.base_image else ()
        words = (*base, *self.options, "--label", LABEL, "--quiet", "--file", dockerfile, context)
        told = run([docker, "build", *words], seconds=BUILD_LIMIT_SECONDS, environment=BUILD)
        digest = told.split()[-1]
        name = f"{repository}:kind-{digest.removeprefix('sha256:')[:DIGEST_LENGTH]}"
        run([docker, "tag", digest, name], seconds=ASK_LIMIT_SECONDS)
        size = run(
            [docker, "image", "inspect", "--format", "{{.Size}}", name], seconds=ASK_LIMIT_SECONDS
        )
        return Image(name, int(size))


def load_images(load: str, images: Images) -> None:
    """Give the cluster's nodes the images: ``load`` is a command to which their names are added."""
    names = (images.operator.name, images.simulator.name)
    run([*shlex.split(load), *names], seconds=LOAD_LIMIT_SECONDS)
