"""An Application of Argo CD: it applies what Git declares, and compares that with what is there."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from tests.e2e.cluster import Resource
from tests.e2e.team import Team
from tests.e2e.waiting import wait_until
from tests.gitops.tools import ArgoCD

Raw = dict[str, Any]
SyncForm = Literal["client-side", "server-side"]
MOST_TRIES = 20
# The name that Argo CD applies under, and the one of its server, which runs actions.
CONTROLLER = "argocd-controller"
SERVER = "argocd-server"
TRACKING = "argocd.argoproj.io/tracking-id"
# Which comparisons Argo CD makes of what was applied in which form; the last is the choice of
# `compare-options: ServerSideDiff=true` in either.
MODES: Mapping[SyncForm, tuple[str, ...]] = {
    "client-side": ("three-way", "server-side"),
    "server-side": ("structured-merge", "server-side"),
}


@dataclass(frozen=True)
class Difference:
    """What Argo CD would show as OutOfSync."""

    name: str
    mode: str
    live: Raw
    predicted: Raw


class Application:
    """What a team has in Git. `sync` applies it, `differences` compares."""

    def __init__(self, team: Team, engine: ArgoCD, form: SyncForm, folder: Path) -> None:
        self.team = team
        self.form = form
        self._engine = engine
        self.file = folder / "targets.yaml"
        self._git: dict[tuple[str, str], Raw] = {}

    def commit(self, manifest: Raw) -> None:
        """Put a resource into Git, or a new version of one."""
        self._git[manifest["kind"], manifest["metadata"]["name"]] = manifest

    def edit(self, kind: str, name: str, **spec: Any) -> None:
        """Change members of a spec in Git."""
        manifest = self._git[kind, name]
        self.commit(manifest | {"spec": manifest["spec"] | spec})

    def sync(self) -> None:
        """Apply all, as Argo CD does: by kubectl's code, under its field manager."""
        self.file.write_text(yaml.safe_dump_all(self.targets(), sort_keys=False))
        options = ["--server-side", "--force-conflicts"] if self.form == "server-side" else []
        manager = f"--field-manager={CONTROLLER}"
        self.team.product.stack.access.kubectl("apply", "-f", self.file, manager, *options)

    def targets(self) -> list[Raw]:
        """What Git declares, with the namespace and annotation that Argo CD gives it."""
        namespace, targets = self.team.namespace, []
        for (kind, name), manifest in self._git.items():
            tracked = f"team:studio-operator.dev/{kind}:{namespace}/{name}"
            metadata = {"name": name, "namespace": namespace, "annotations": {TRACKING: tracked}}
            targets.append(manifest | {"metadata": metadata})
        return targets

    def connect(self) -> None:
        """Have the API server's schemas read, so that no comparison waits for that later."""
        target = self.targets()[0]
        self._engine.ask("diff", live=target, target=target, mode="structured-merge")

    def differences(self) -> list[Difference]:
        """Compare all, in each way that Argo CD does."""
        return [found for target in self.targets() for found in self._compare(target)]

    def _compare(self, target: Raw) -> list[Difference]:
        """Compare one. What changes meanwhile is compared anew, as Argo CD does at each event.

        The comparison on the server's side looks twice: it would take a finalizer that is added in
        between for one that Git removes.
        """
        for _ in range(MOST_TRIES):
            live = self.live(target)
            found = [self._compare_by(mode, live, target) for mode in MODES[self.form]]
            if self.live(target).version == live.version:
                return [difference for difference in found if difference is not None]
        raise AssertionError(f"{target['kind']}/{live.name} never stayed as it was for a moment")

    def _compare_by(self, mode: str, live: Resource, target: Raw) -> Difference | None:
        answer = self._engine.ask("diff", live=live.raw, target=target, mode=mode)
        if not answer["modified"]:
            return None
        name = f"{target['kind']}/{live.name}"
        return Difference(name, mode, answer["live"], answer["predicted"])

    def watch(self, until: Callable[[], bool], what: str) -> set[str | None]:
        """Compare again and again until a condition holds; the phases in which it was compared."""
        phases: set[str | None] = set()

        def look() -> bool:
            done = until()
            phases.update(self.live(target).phase for target in self.targets())
            found = self.differences()
            assert found == [], f"while {what}: {found}"
            return done

        wait_until(look, what, seconds=60)
        return phases

    def run_action(self, kind: str, name: str, action: str) -> None:
        """What the API server of Argo CD does when a person clicks: a merge patch."""
        live = self.live({"kind": kind, "metadata": {"name": name}})
        [impact] = self._engine.ask("act", object=live.raw, action=action)
        annotations = impact["resource"]["metadata"]["annotations"]
        assert impact["resource"] == live.raw | {
            "metadata": live.raw["metadata"] | {"annotations": annotations}
        }
        patch = json.dumps({"metadata": {"annotations": annotations}})
        place = (f"--namespace={self.team.namespace}", f"--field-manager={SERVER}")
        kubectl = self.team.product.stack.access.kubectl
        kubectl("patch", f"{kind}.studio-operator.dev", name, *place, "--type=merge", "-p", patch)

    def live(self, target: Raw) -> Resource:
        """What is there."""
        found = self.team.get(target["kind"], target["metadata"]["name"])
        assert found is not None
        return found
