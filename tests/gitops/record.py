"""Record every scene with the real product, into the folders of Argo CD's customizations.

    python -m tests.gitops.record            record all scenes anew
    python -m tests.gitops.record WORD...    only those with a word in Kind/name
    python -m tests.gitops.record --check    write nothing; exit code 1 when a file would change

It starts a control plane, a simulated AWS and the operator. Recording all takes some minutes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from botocore.exceptions import ClientError
from kubernetes.client import ApiException

from tests.e2e.product import Product, run_product
from tests.e2e.team import Team
from tests.gitops.files import Files, describe
from tests.gitops.normalising import normalise
from tests.gitops.scenes import ALL, Scene


def main(arguments: list[str] | None = None) -> int:
    """Record what is asked for; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.gitops.record", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="WORD")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    scenes = [scene for scene in ALL if _is_chosen(scene, options.words)]
    files = Files()
    failed: list[Scene] = []
    with tempfile.TemporaryDirectory() as folder, run_product(Path(folder)) as product:
        for number, scene in enumerate(scenes, start=1):
            sys.stderr.write(f"[{number}/{len(scenes)}] {scene.kind}/{scene.name}\n")
            try:
                files.add(scene, normalise(play(product, scene)))
            except (AssertionError, ApiException, ClientError) as error:
                failed.append(scene)
                sys.stderr.write(f"FAILED: {error}\n")
    if failed:
        names = ", ".join(f"{scene.kind}/{scene.name}" for scene in failed)
        sys.stderr.write(f"these scenes could not be played, so their files stay: {names}\n")
    if not options.words:
        files.forget_others()
    changed = files.changed()
    sys.stderr.write(describe(changed))
    if options.check:
        return 1 if changed or failed else 0
    files.write()
    return 1 if failed else 0


def play(product: Product, scene: Scene) -> dict[str, object]:
    """Bring a resource into the scene's state with a team of its own, and return it."""
    with _operator(product, scene), _team(product) as team:
        if scene.settled:
            team.settle_in()
        return scene.play(team).raw


@contextmanager
def _operator(product: Product, scene: Scene) -> Iterator[None]:
    if not scene.settings:
        product.ensure_operator()
        yield
        return
    with product.own_operator(f"operator-{scene.name}", **scene.settings):
        yield


@contextmanager
def _team(product: Product) -> Iterator[Team]:
    namespace = f"team-{uuid.uuid4().hex[:8]}"
    product.stack.access.create_namespace(namespace)
    team = Team(product, namespace)
    try:
        yield team
    finally:
        product.forget_mischief()
        team.clear()


def _is_chosen(scene: Scene, words: list[str]) -> bool:
    return not words or any(word in f"{scene.kind}/{scene.name}" for word in words)


if __name__ == "__main__":
    sys.exit(main())
