"""The demo: committed YAML becomes a domain, people and running spaces, which then change and stop.

All of it is real but AWS: a Kubernetes API server, the operator as a process of its own, kubectl
and its plug-in. Nothing is shown that was not read back, and each stage ends with a look at AWS's
side.
"""

from __future__ import annotations

import importlib.metadata
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from sandbox.assets import get_assets, kubernetes_version
from sandbox.demo_cluster import Team
from sandbox.demo_screen import Screen, make_console
from sandbox.demo_stages import NAMESPACE, Story
from sandbox.recording import Recording
from sandbox.stack import Stack

# AWS takes minutes for most of these: long enough here for a person to see each, and no longer.
SECONDS_IN_AWS = {
    "domain_create": 2.0,
    "user_profile_create": 1.0,
    "space_create": 1.5,
    "space_update": 1.5,
    "app_start": 3.0,
    "app_stop": 1.5,
    "storage_ready_after_update": 0.5,
}
# Stops within a minute share one look at what lingers: here, that is the time between two stages.
OPERATOR_SETTINGS = {
    "STUDIO_OPERATOR_LINGERING_FRESH": "1",
    "STUDIO_OPERATOR_LINGERING_SHARED": "1",
}


def run(*, record: Path | None, folder: Path | None) -> None:
    """Show the demo on standard output.

    ``record`` names the SVG file for a picture of it, ``folder`` a folder that keeps all logs.
    Raises DemoError, or what the sandbox raises, when a stage fails; nothing is left running.
    """
    get_assets()  # before anything is drawn: a first build tells its progress
    began = time.monotonic()
    recording = Recording()
    screen = Screen(make_console(), [recording.console])
    with ExitStack() as cleanup:
        if folder is None:
            folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="studio-demo-")))
        _show(screen, folder)
    screen.say(f"All of it ended and cleaned up after {time.monotonic() - began:.0f} s.")
    if record is not None:
        recording.save(record, title="make demo")
        screen.say(f"The picture is in {record}.")


def _show(screen: Screen, folder: Path) -> None:
    screen.headline(
        "A throw-away Kubernetes control plane, a simulated AWS, and the operator start."
    )
    stack = Stack(folder)
    with ExitStack() as cleanup:
        with screen.waiting("starting"):
            cleanup.enter_context(stack)
            stack.start_simulator()
            team = cleanup.enter_context(Team(stack, NAMESPACE))
            team.aws.set_durations(profile="fast", **SECONDS_IN_AWS)
            stack.start_operator(settings=OPERATOR_SETTINGS)
        screen.say(
            f"kube-apiserver {kubernetes_version()}, "
            f"moto-server {importlib.metadata.version('moto')} with SageMaker Studio, "
            f"studio-operator {importlib.metadata.version('studio-operator')}"
        )
        for stage in Story(screen, stack, team).stages:
            stage()
