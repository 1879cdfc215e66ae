"""The chart's release on the cluster, and the Pods it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.waiting import wait_until
from tests.kind.images import ROOT
from tests.kind.kubectl import Kubectl
from tests.kind.programs import run

NAME = "studio-operator"
NAMESPACE = "studio-operator-system"
CHART = ROOT / "charts" / "studio-operator"
VALUES = Path(__file__).with_name("values.yaml")
# Helm itself is given less, so that it is the one to say what it waited for.
WAIT = "100s"
LIMIT_SECONDS = 150
# A Pod that is told to end may take its grace period.
PATIENCE_SECONDS = 45.0
PODS = "app.kubernetes.io/component=operator"
SUITE_LABEL = "studio-operator.dev/suite=kind"
RESTRICTED = "pod-security.kubernetes.io/enforce=restricted"


@dataclass(frozen=True)
class Pod:
    """A Pod as the API server has it."""

    raw: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.raw["metadata"]["name"])

    @property
    def uid(self) -> str:
        return str(self.raw["metadata"]["uid"])

    @property
    def node(self) -> str:
        return str(self.raw["spec"]["nodeName"])

    @property
    def container(self) -> str:
        """The container's id at its runtime, without the runtime's name; empty before its start."""
        return str(self._status.get("containerID", "")).rpartition("/")[2]

    @property
    def is_running(self) -> bool:
        """Whether the container has been started and has not ended."""
        return "running" in self._status.get("state", {})

    @property
    def is_ready(self) -> bool:
        conditions = self.raw["status"].get("conditions", ())
        leaving = "deletionTimestamp" in self.raw["metadata"]
        return not leaving and any(
            (one["type"], one["status"]) == ("Ready", "True") for one in conditions
        )

    @property
    def _status(self) -> Mapping[str, Any]:
        """Of the only container, empty before the kubelet has seen it."""
        return next(iter(self.raw["status"].get("containerStatuses", ())), {})


class Release:
    """The operator as Helm installs it; one for all tests, each of which says what it needs."""

    def __init__(self, kubectl: Kubectl, helm: str, image: str) -> None:
        self.kubectl = kubectl
        self._helm_program = helm
        self._image = image
        self._values: Mapping[str, Any] | None = None

    def helm(self, *words: str, text_input: str | None = None) -> str:
        """Run Helm in the release's namespace; its output. Raises SuiteError."""
        place = ("--kubeconfig", self.kubectl.kubeconfig, "--namespace", NAMESPACE)
        return run(
            [self._helm_program, *words, *place], seconds=LIMIT_SECONDS, text_input=text_input
        )

    def prepare_namespace(self) -> None:
        """Have its namespace, in which only Pods of the restricted sort may run."""
        labels = dict(label.split("=") for label in (SUITE_LABEL, RESTRICTED))
        metadata = {"name": NAMESPACE, "labels": labels}
        self.kubectl.apply(
            yaml.safe_dump({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
        )

    def ensure(self, **values: Any) -> None:
        """Have it installed with these values beside the suite's, and wait until it is ready."""
        if self._values == values:
            self.wait_until_ready()
        else:
            self.upgrade(**values)

    def upgrade(self, **values: Any) -> None:
        """Install or upgrade it, and wait until it is ready and former Pods are gone."""
        self._values = None  # nobody knows what is there when it fails
        repository, _, tag = self._image.rpartition(":")
        options = (
            *("--install", "--reset-values", "--wait", "--timeout", WAIT),
            *("--values", str(VALUES), "--values", "-"),
            *("--set", f"image.repository={repository},image.tag={tag}"),
        )
        self.helm("upgrade", NAME, str(CHART), *options, text_input=yaml.safe_dump(values))
        self.wait_until_ready()
        self._values = values

    def rollback(self, revision: int) -> None:
        """Return to an earlier revision, as ``upgrade`` does."""
        self._values = None
        self.helm("rollback", NAME, str(revision), "--wait", "--timeout", WAIT)
        self.wait_until_ready()

    def uninstall(self) -> None:
        """Take it away, and wait until its Pods are gone."""
        self._values = None
        self.helm("uninstall", NAME, "--ignore-not-found", "--wait", "--timeout", WAIT)
        wait_until(
            lambda: not self.pods(), "the operator's Pods are gone", seconds=PATIENCE_SECONDS
        )

    @property
    def revision(self) -> int:
        """The number of what is installed now."""
        status = yaml.safe_load(self.helm("status", NAME, "--output", "yaml"))
        return int(status["version"])

    def pods(self) -> list[Pod]:
        """Return its Pods, those that are going included."""
        found = self.kubectl.get("pods", "--namespace", NAMESPACE, "--selector", PODS)
        return [Pod(one) for one in found]

    def lease(self) -> dict[str, Any]:
        """Return the spec of the lease by which one of them leads."""
        spec: dict[str, Any] = self.kubectl.get("lease", NAME, "--namespace", NAMESPACE)["spec"]
        return spec

    def holder(self) -> str:
        """Return who holds the lease: the Pod's name and a mark of the process."""
        return str(self.lease()["holderIdentity"])

    def leader(self) -> Pod:
        """Return the Pod that leads."""
        name = self.holder().rpartition("_")[0]
        return next(pod for pod in self.pods() if pod.name == name)

    def logs(self) -> str:
        """Return the last lines of all that run, and of their former containers."""
        words = ("logs", "--namespace", NAMESPACE, "--selector", PODS, "--prefix", "--tail=40")
        told = []
        for former in ((), ("--previous",)):
            try:
                told.append(self.kubectl(*words, *former))
            except RuntimeError as error:  # a Pod without a former container, or just gone
                told.append(str(error))
        return "\n".join(("--- logs of the operator", *told))

    def wait_until_ready(self) -> None:
        """Wait until all of its Pods are ready, and those of before are gone.

        Helm counts a Deployment as ready while Pods of before still end.
        """
        self.kubectl(
            *("--namespace", NAMESPACE, "rollout", "status", f"deployment/{NAME}"),
            f"--timeout={WAIT}",
        )
        wait_until(
            lambda: all(pod.is_ready for pod in self.pods()),
            "all of the operator's Pods are ready",
            seconds=PATIENCE_SECONDS,
            story=self.logs,
        )
