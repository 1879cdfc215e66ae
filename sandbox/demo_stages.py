"""The stages of the demo, in order: what is done in each, what it shows, what must be so then."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.demo_cluster import Team
from sandbox.demo_screen import Screen
from sandbox.demo_story import (
    Key,
    Snapshot,
    SpaceInAws,
    actions,
    calls_in_words,
    condition,
    holds_in_order,
    hours_around,
    is_current,
    is_ready,
    new_events,
    space_in_aws,
    spec_changes,
    stops_at,
)
from sandbox.stack import ROOT, Stack

NAMESPACE = "ml-team"
TEAM = Path("examples/gitops")
RESIZED = Path("examples/gitops-resized")
NOTEBOOKS = ("Space", "churn-notebooks")
FEATURES = ("Space", "feature-store")
ENDPOINT = "churn-model"
ROLE = "arn:aws:iam::123456789012:role/studio-alice"
# The action of the Event that the operator posts when AWS is as declared.
BECOME_READY = "BecomeReady"
# Several times what they take, so that only a defect or a very busy machine is too slow.
CREATION_LIMIT_SECONDS = 90.0
RESIZE_LIMIT_SECONDS = 60.0
STOP_LIMIT_SECONDS = 30.0
STATUS_LIMIT_SECONDS = 30.0


class Story:
    """The stages; each raises DemoError unless everything came about."""

    def __init__(self, screen: Screen, stack: Stack, team: Team) -> None:
        self._screen = screen
        self._stack = stack
        self._team = team

    @property
    def stages(self) -> Sequence[Callable[[], None]]:
        """All stages, to be called in this order."""
        return (self.create, self.resize, self.wait, self.schedule, self.stop, self.sum_up)

    def create(self) -> None:
        """Apply the team's YAML, and see it become a domain, two people and two spaces."""
        self._screen.headline("A team commits five resources; the operator makes them so in AWS.")
        self._apply(TEAM)
        everything = list(self._team.look().resources)
        self._watch(everything, "creation", CREATION_LIMIT_SECONDS)
        self._expect(NOTEBOOKS, "InService", SpaceInAws(20, "ml.t3.medium"))
        self._expect(FEATURES, "InService", SpaceInAws(50, "ml.t3.large"))

    def resize(self) -> None:
        """Apply a larger instance and volume, and see the app stop, change and start again."""
        self._screen.headline("A commit makes one space larger: stop, update, start, by itself.")
        before = self._team.resource(*NOTEBOOKS)
        known, told = self._team.last, len(self._team.story)
        self._apply(RESIZED)
        declared = self._team.look().resources[NOTEBOOKS]
        for change in spec_changes(before["spec"], declared["spec"]):
            self._screen.say(change)
        self._watch([NOTEBOOKS], "the resize", RESIZE_LIMIT_SECONDS)
        self._expect(NOTEBOOKS, "InService", SpaceInAws(50, "ml.m5.large"))
        self._expect(FEATURES, "InService", SpaceInAws(50, "ml.t3.large"))
        self._expect_steps(told, ["StoppingApp", "UpdatingSpace", "StartingApp"])
        self._expect_actions(known, ["DeleteApp", "UpdateSpace", "CreateApp", BECOME_READY])

    def wait(self) -> None:
        """Change a space that is not to be disturbed: it waits, until a person lets it through."""
        self._screen.headline("In the other, people work: its change waits until they say so.")
        self._patch(FEATURES, resizePolicy="WhenStopped", instanceType="ml.m5.xlarge")

        def waits(now: Snapshot) -> bool:
            space = now.resources[FEATURES]
            return is_current(space) and bool(condition(space, "PendingRestart"))

        self._team.watch(
            self._screen, waits, what="the waiting change", within_seconds=STATUS_LIMIT_SECONDS
        )
        self._tell(FEATURES, "PendingRestart")
        self._expect(FEATURES, "InService", SpaceInAws(50, "ml.t3.large"))
        self._plug_in("apply-now", FEATURES[1], "-n", NAMESPACE, "--no-wait")
        self._watch([FEATURES], "the change", RESIZE_LIMIT_SECONDS)
        self._expect(FEATURES, "InService", SpaceInAws(50, "ml.m5.xlarge"))

    def schedule(self) -> None:
        """Give a space hours that are open now, and see when they end."""
        self._screen.headline("A schedule: nobody pays for the night, and STOPS-AT tells when.")
        hours = {"days": "Mon-Sun", **hours_around(datetime.now(UTC))}
        self._patch(NOTEBOOKS, schedule={"timezone": "UTC", "windows": [hours]})

        def is_scheduled(now: Snapshot) -> bool:
            return is_ready(now.resources[NOTEBOOKS]) and bool(stops_at(now.resources[NOTEBOOKS]))

        self._team.watch(
            self._screen,
            is_scheduled,
            what="the schedule",
            within_seconds=STATUS_LIMIT_SECONDS,
            columns=("NAME", "INSTANCE", "STATUS", "READY", "DESIRED", "STOPS-AT", "AGE"),
        )
        ends = stops_at(self._team.resource(*NOTEBOOKS))
        if hours["to"] not in ends:
            raise self._team.failure(f"the hours end at {hours['to']}, and status says {ends}")

    def stop(self) -> None:
        """Ask for a stop: the app goes, the volume stays, and so does what the space deployed."""
        self._screen.headline("A stop: the instance goes, the volume stays; an endpoint lingers.")
        self._screen.say(f"From the space, alice has deployed a model as endpoint {ENDPOINT}.")
        self._team.deploy(NOTEBOOKS[1], ENDPOINT, ROLE)
        self._patch(NOTEBOOKS, state="Stopped")
        self._watch([NOTEBOOKS], "the stop", STOP_LIMIT_SECONDS)
        self._expect(NOTEBOOKS, "Stopped", SpaceInAws(50, None))
        self._expect(FEATURES, "InService", SpaceInAws(50, "ml.m5.xlarge"))
        if f"endpoint/{ENDPOINT}" not in self._tell(NOTEBOOKS, "LingeringResources"):
            raise self._team.failure(f"no condition names endpoint {ENDPOINT}")

    def sum_up(self) -> None:
        """Count the calls that AWS got; check that nothing was made twice or deleted."""
        counts = self._team.aws.counts()
        self._screen.headline("What AWS was asked, by its own log.")
        self._screen.facts(calls_in_words(counts))
        wanted = {"CreateSpace": 2, "CreateApp": 4, "DeleteApp": 3, "UpdateSpace": 2}
        made = {name: counts.get(name, {}).get("OK", 0) for name in (*wanted, "DeleteSpace")}
        if made != wanted | {"DeleteSpace": 0}:
            raise self._team.failure(f"AWS carried out {made}, and not {wanted}")

    # --- what is done ---

    def _apply(self, folder: Path) -> None:
        self._screen.command(f"kubectl apply --server-side -k {folder}")
        self._stack.access.kubectl("apply", "--server-side", "-k", ROOT / folder)

    def _patch(self, key: Key, **spec: Any) -> None:
        kind, name = key
        patch = json.dumps({"spec": spec})
        words = ("patch", kind.lower(), name, "-n", NAMESPACE, "--type", "merge", "-p")
        self._screen.command(f"kubectl {' '.join(words)} '{patch}'")
        self._stack.access.kubectl(*words, patch)

    def _plug_in(self, *words: str) -> None:
        self._screen.command(f"kubectl studio {' '.join(words)}")
        self._screen.say(self._team.studio(*words))

    # --- what is shown ---

    def _watch(self, changing: Sequence[Key], what: str, limit: float) -> None:
        """Show what happens until all is ready and an Event has said so of all that changes."""
        before = self._team.last

        def reached(now: Snapshot) -> bool:
            events = new_events(before, now)
            return all(map(is_ready, now.resources.values())) and all(
                BECOME_READY in actions(events, *key) for key in changing
            )

        self._team.watch(self._screen, reached, what=what, within_seconds=limit)

    def _tell(self, key: Key, kind: str) -> str:
        """Show a condition; its message."""
        message = str(condition(self._team.resource(*key), kind).get("message", "none"))
        self._screen.condition(kind, message)
        return message

    # --- what must be so ---

    def _expect(self, key: Key, phase: str, aws: SpaceInAws) -> None:
        """Check that the status and AWS itself both say what the spec asked for."""
        name, status = key[1], self._team.resource(*key)["status"]
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
        lines = [line for line in self._team.story[told:] if line.name == NOTEBOOKS[1]]
        found = [line.step for line in lines if line.phase == "Resizing"]
        if not holds_in_order(wanted, found):
            raise self._team.failure(f"the resize went through {found}, and not {wanted}")

    def _expect_actions(self, known: Snapshot, wanted: list[str]) -> None:
        """Check that the Events posted since tell of these actions, in that order."""
        found = actions(new_events(known, self._team.last), *NOTEBOOKS)
        if not holds_in_order(wanted, found):
            raise self._team.failure(f"the Events tell of {found}, and not of {wanted}")
