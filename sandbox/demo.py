"""The demo: committed YAML becomes a domain, people and running spaces; one grows, one stops.

All of it is real but AWS: a Kubernetes API server, the operator as a process of its own, and
kubectl. Nothing is shown that was not read back, and each stage ends with a look at AWS's side.
"""

from __future__ import annotations

import importlib.metadata
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from sandbox.assets import get_assets, kubernetes_version
from sandbox.demo_cluster import Team
from sandbox.demo_screen import Screen, make_console
from sandbox.demo_story import (
    Key,
    Snapshot,
    SpaceInAws,
    actions,
    calls_in_words,
    holds_in_order,
    is_ready,
    new_events,
    space_in_aws,
    spec_changes,
)
from sandbox.recording import Recording
from sandbox.stack import ROOT, Stack

NAMESPACE = "ml-team"
TEAM = Path("examples/gitops")
RESIZED = Path("examples/gitops-resized")
RESIZED_SPACE = ("Space", "churn-notebooks")
OTHER_SPACE = ("Space", "feature-store")
# The action of the Event that the operator posts when AWS is as declared.
BECOME_READY = "BecomeReady"
# AWS takes minutes for most of these: long enough here for a person to see each, and no longer.
SECONDS_IN_AWS = {
    "domain_create": 2.0,
    "user_profile_create": 1.0,
    "space_create": 1.5,
    "space_update": 2.0,
    "app_start": 4.0,
    "app_stop": 2.0,
    "storage_ready_after_update": 0.5,
}
# Several times what they take, so that only a defect or a very busy machine is too slow.
CREATION_LIMIT_SECONDS = 90.0
RESIZE_LIMIT_SECONDS = 60.0
STOP_LIMIT_SECONDS = 30.0


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
            stack.start_operator()
        screen.say(
            f"kube-apiserver {kubernetes_version()}, "
            f"moto-server {importlib.metadata.version('moto')} with SageMaker Studio, "
            f"studio-operator {importlib.metadata.version('studio-operator')}"
        )
        story = Story(screen, stack, team)
        for stage in (story.create, story.resize, story.stop, story.sum_up):
            stage()


class Story:
    """The stages, in order; each raises DemoError unless everything came about."""

    def __init__(self, screen: Screen, stack: Stack, team: Team) -> None:
        self._screen = screen
        self._stack = stack
        self._team = team

    def create(self) -> None:
        """Apply the team's YAML, and see it become a domain, two people and two spaces."""
        self._screen.headline("A team commits five resources; the operator makes them so in AWS.")
        self._apply(TEAM)
        everything = list(self._team.look().resources)
        self._watch(everything, "creation", CREATION_LIMIT_SECONDS)
        self._expect(*RESIZED_SPACE, phase="InService", aws=SpaceInAws(20, "ml.t3.medium"))
        self._expect(*OTHER_SPACE, phase="InService", aws=SpaceInAws(50, "ml.t3.large"))

    def resize(self) -> None:
        """Apply a larger instance and volume, and see the app stop, change and start again."""
        self._screen.headline("A commit makes one space larger: stop, update, start, by itself.")
        before = self._team.resource(*RESIZED_SPACE)
        known, told = self._team.last, len(self._team.story)
        self._apply(RESIZED)
        declared = self._team.look().resources[RESIZED_SPACE]
        for change in spec_changes(before["spec"], declared["spec"]):
            self._screen.say(change)
        self._watch([RESIZED_SPACE], "the resize", RESIZE_LIMIT_SECONDS)
        self._expect(*RESIZED_SPACE, phase="InService", aws=SpaceInAws(50, "ml.m5.large"))
        self._expect(*OTHER_SPACE, phase="InService", aws=SpaceInAws(50, "ml.t3.large"))
        self._expect_steps(told, ["StoppingApp", "UpdatingSpace", "StartingApp"])
        self._expect_actions(known, ["DeleteApp", "UpdateSpace", "CreateApp", BECOME_READY])

    def stop(self) -> None:
        """Ask for a stop: the app goes, the space and its volume stay."""
        self._screen.headline("A stop is asked for: the instance goes, the volume stays.")
        patch = '{"spec": {"state": "Stopped"}}'
        arguments = ("patch", "space", RESIZED_SPACE[1], "-n", NAMESPACE, "--type", "merge", "-p")
        self._screen.command(f"kubectl {' '.join(arguments)} '{patch}'")
        self._stack.access.kubectl(*arguments, patch)
        self._watch([RESIZED_SPACE], "the stop", STOP_LIMIT_SECONDS)
        self._expect(*RESIZED_SPACE, phase="Stopped", aws=SpaceInAws(50, None))
        self._expect(*OTHER_SPACE, phase="InService", aws=SpaceInAws(50, "ml.t3.large"))

    def sum_up(self) -> None:
        """Count the calls that AWS got; check that nothing was made twice or deleted."""
        counts = self._team.aws.counts()
        self._screen.headline("What AWS was asked, by its own log.")
        self._screen.facts(calls_in_words(counts))
        wanted = {"CreateSpace": 2, "CreateApp": 3, "DeleteApp": 2, "UpdateSpace": 1}
        made = {name: counts.get(name, {}).get("OK", 0) for name in (*wanted, "DeleteSpace")}
        if made != wanted | {"DeleteSpace": 0}:
            raise self._team.failure(f"AWS carried out {made}, and not {wanted}")

    def _apply(self, folder: Path) -> None:
        self._screen.command(f"kubectl apply --server-side -k {folder}")
        self._stack.access.kubectl("apply", "--server-side", "-k", ROOT / folder)

    def _watch(self, changing: Sequence[Key], what: str, limit: float) -> None:
        """Show what happens until all is ready and an Event has said so of all that changes."""
        before = self._team.last

        def reached(now: Snapshot) -> bool:
            events = new_events(before, now)
            return all(map(is_ready, now.resources.values())) and all(
                BECOME_READY in actions(events, *key) for key in changing
            )

        self._team.watch(self._screen, reached, what=what, within_seconds=limit)

    def _expect(self, kind: str, name: str, *, phase: str, aws: SpaceInAws) -> None:
        """Check that the status and AWS itself both say what the spec asked for."""
        status = self._team.resource(kind, name)["status"]
        if status["phase"] != phase:
            raise self._team.failure(f"{name} is {status['phase']}, and not {phase}")
        found = space_in_aws(self._team.aws.state(), name)
        if found != aws:
            raise self._team.failure(f"AWS has {name} as {found}, and not as {aws}")
        shown = (status["storageGiB"], aws.running_on and status["instanceType"])
        if shown != (aws.volume_gib, aws.running_on):
            raise self._team.failure(f"the status of {name} shows {shown}, AWS has {aws}")

    def _expect_steps(self, told: int, wanted: list[str]) -> None:
        """Check that status went through these steps since so many lines were told."""
        lines = [line for line in self._team.story[told:] if line.name == RESIZED_SPACE[1]]
        found = [line.step for line in lines if line.phase == "Resizing"]
        if not holds_in_order(wanted, found):
            raise self._team.failure(f"the resize went through {found}, and not {wanted}")

    def _expect_actions(self, known: Snapshot, wanted: list[str]) -> None:
        """Check that the Events posted since tell of these actions, in that order."""
        found = actions(new_events(known, self._team.last), *RESIZED_SPACE)
        if not holds_in_order(wanted, found):
            raise self._team.failure(f"the Events tell of {found}, and not of {wanted}")
