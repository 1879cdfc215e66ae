"""An installation as the how-to pages have it: a release of the chart, a simulated AWS, a shell."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from studio_simulator.client import SimulatorClient

from sandbox.processes import ManagedProcess
from sandbox.stack import Stack
from sandbox.tools import get_tool
from tests.chart.helm import CHART, RELEASE, Helm
from tests.docs.pages import ROOT
from tests.e2e.account import NAMESPACE

TEAM = "ml-team"
ESTATE = ROOT / "examples" / "gitops"
# Time in AWS, as many times faster than ours.
SPEED = 200.0
LIMIT_SECONDS = 120
SETTINGS = {
    # In a Pod the namespace is told by a file.
    "STUDIO_OPERATOR_LEASE_NAMESPACE": NAMESPACE,
    # What people do in AWS is seen soon.
    "STUDIO_OPERATOR_REST_INTERVAL": "1",
}


class Site:
    """A cluster with the chart's release, whose Deployment is played by a process of ours."""

    def __init__(self, stack: Stack, programs: Path) -> None:
        self.stack = stack
        self.kubectl = stack.access.kubectl
        self.helm = Helm(get_tool("helm"), programs / "home")
        self.aws = SimulatorClient(stack.start_simulator(speed=SPEED).endpoint)
        self._programs = programs
        self._operator: ManagedProcess | None = None
        self._link(programs)

    def install(self) -> None:
        """Install the chart, and run an operator."""
        place = ("--namespace", NAMESPACE, "--create-namespace")
        options = ("--take-ownership", "--force-conflicts")
        kubeconfig = self.stack.access.kubeconfig
        self.helm.run("install", RELEASE, CHART, *place, *options, kubeconfig=kubeconfig)
        self.run_operator()

    def run_operator(self) -> None:
        """Run an operator, as the Deployment's Pod would."""
        container = json.loads(self._of_deployment("{.spec.template.spec.containers[0]}"))
        _, *arguments = container["args"]
        variables = {one["name"]: one["value"] for one in container["env"]}
        self._operator = self.stack.start_operator(
            f"operator-{len(self.stack.processes)}",
            kubeconfig=self.stack.access.service_account_kubeconfig(NAMESPACE, RELEASE),
            settings=variables | SETTINGS,
            arguments=arguments,
        ).process

    def stop_operator(self) -> None:
        """End it as a Pod is ended. Nothing happens where none runs."""
        if self._operator is not None and self._operator.is_running:
            self._operator.stop()

    def kill_operator(self) -> None:
        """End it without a last word."""
        assert self._operator is not None
        self._operator.send_signal(signal.SIGKILL)
        self._operator.wait(10)

    def apply(self) -> None:
        """Apply what Git holds."""
        self.kubectl("apply", "--server-side", "-k", ESTATE)

    def declare(self) -> None:
        """Apply what Git holds, and wait until all spaces are as declared."""
        self.apply()
        self.kubectl("wait", "space", "--all", "-n", TEAM, "--for=condition=Ready", "--timeout=60s")

    def shell(self, block: str) -> str:
        """Run a block of a page; what it prints."""
        ended = subprocess.run(
            ["bash", "-e"],
            input=block,
            cwd=ROOT,
            env={
                **self.stack.client_variables(),
                "PATH": f"{self._programs}:{os.environ['PATH']}",
                "HOME": str(self.helm.home),
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT_SECONDS,
        )
        assert ended.returncode == 0, f"{block}\n{ended.stdout}\n{ended.stderr}"
        return ended.stdout

    def replicas(self) -> int:
        """How many Pods the Deployment wants."""
        return int(self._of_deployment("{.spec.replicas}"))

    def calls(self, operation: str) -> int:
        """How often AWS was asked for something."""
        return len(self.aws.calls(operation=operation))

    def phases(self) -> set[str]:
        """The phases of all spaces."""
        path = "jsonpath={.items[*].status.phase}"
        return set(self.kubectl("get", "spaces", "-n", TEAM, "-o", path).split())

    def _of_deployment(self, path: str) -> str:
        place = ("deployment", RELEASE, "-n", NAMESPACE)
        return self.kubectl("get", *place, "-o", f"jsonpath={path}")

    def _link(self, programs: Path) -> None:
        programs.mkdir()
        plugin = Path(sys.executable).with_name("kubectl-studio")
        for name, target in (
            ("kubectl", self.stack.access.kubectl_path),
            ("helm", self.helm.program),
            ("kubectl-studio", plugin),
        ):
            (programs / name).symlink_to(shutil.which(target) or target)
