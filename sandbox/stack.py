"""The whole product on one machine: control plane, simulated AWS, operator."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from sandbox.access import Access
from sandbox.control_plane import LOOPBACK, ControlPlane, free_ports
from sandbox.processes import (
    Launch,
    ManagedProcess,
    ProcessError,
    http_probe,
    launch_keeper,
)

ROOT = Path(__file__).resolve().parent.parent
CRDS = ROOT / "crds"
# Never real: with these alone no call could reach an AWS account.
AWS_SETTINGS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
HEALTH_PORT_VARIABLE = "STUDIO_OPERATOR_HEALTH_PORT"
METRICS_PORT_VARIABLE = "STUDIO_OPERATOR_METRICS_PORT"
SIMULATOR_READY_SECONDS = 60.0
OPERATOR_READY_SECONDS = 60.0


@dataclass(frozen=True)
class Simulator:
    """The simulated AWS and the URL it answers at."""

    process: ManagedProcess
    endpoint: str


@dataclass(frozen=True)
class Operator:
    """An operator process, and the URLs of its health checks and of its metrics."""

    process: ManagedProcess
    health_url: str
    metrics_url: str


class Stack:
    """A context manager that starts a control plane, and lets the other parts be started in it.

    ``folder`` gets every file: logs, kubeconfigs, keys. The CRDs are applied at the start. All
    that was started is stopped at the end, in reverse order.
    """

    def __init__(
        self,
        folder: Path,
        *,
        audit_log: Path | None = None,
        launch_operator: Launch = launch_keeper,
    ) -> None:
        self.folder = folder
        self._launch_operator = launch_operator
        self._control_plane = ControlPlane(folder=folder / "control-plane", audit_log=audit_log)
        self._cleanup = ExitStack()
        self._simulator: Simulator | None = None
        self._processes: list[ManagedProcess] = []

    def __enter__(self) -> Self:
        self._cleanup.enter_context(self._control_plane)
        try:
            self._processes = list(self._control_plane.processes)
            self.access.apply_folder(CRDS)
        except BaseException:
            self._cleanup.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._cleanup.close()

    @property
    def access(self) -> Access:
        """The ways into the control plane."""
        return self._control_plane.access

    @property
    def simulator(self) -> Simulator:
        """The simulated AWS. Raises ProcessError when it was not started."""
        if self._simulator is None:
            raise ProcessError("the simulator was not started")
        return self._simulator

    @property
    def processes(self) -> tuple[ManagedProcess, ...]:
        """Every process started so far, in order, running or not."""
        return tuple(self._processes)

    def start_simulator(self, *, speed: float = 1.0) -> Simulator:
        """Start the simulated AWS, whose time runs ``speed`` times as fast as ours."""
        (port,) = free_ports(1)
        endpoint = f"http://{LOOPBACK}:{port}"
        options = ("--host", LOOPBACK, "--port", str(port), "--speed", str(speed))
        process = ManagedProcess(
            "simulator",
            [sys.executable, "-m", "studio_simulator", *options],
            log=self.folder / "simulator.log",
            environment=local_environment(AWS_SETTINGS),
            probe=http_probe(f"{endpoint}/moto-api/data.json"),
            ready_within_seconds=SIMULATOR_READY_SECONDS,
        )
        self._run(process)
        self._simulator = Simulator(process, endpoint)
        return self._simulator

    def start_operator(
        self,
        name: str = "operator",
        *,
        kubeconfig: Path | None = None,
        settings: Mapping[str, str] | None = None,
        arguments: Sequence[str] = (),
        launch: Launch | None = None,
    ) -> Operator:
        """Start an operator against the control plane and the simulator, and wait for /readyz.

        It is the administrator unless another kubeconfig is given. ``settings`` are further
        environment variables, ``arguments`` further words of its command line. Several may run at
        once under different names. ``launch`` starts this one. The simulator must have been
        started: ProcessError otherwise.
        """
        if self._simulator is None:
            raise ProcessError("an operator needs the simulator, lest it talk to the real AWS")
        health_port, metrics_port = free_ports(2)
        variables = self.client_variables(kubeconfig) | {
            HEALTH_PORT_VARIABLE: str(health_port),
            METRICS_PORT_VARIABLE: str(metrics_port),
        }
        health_url = f"http://{LOOPBACK}:{health_port}"
        process = ManagedProcess(
            name,
            [sys.executable, "-m", "studio_operator", "run", *arguments],
            log=self.folder / f"{name}.log",
            environment=local_environment(variables | dict(settings or {})),
            probe=http_probe(f"{health_url}/readyz"),
            ready_within_seconds=OPERATOR_READY_SECONDS,
        )
        process.launch = launch or self._launch_operator
        self._run(process)
        return Operator(process, health_url, f"http://{LOOPBACK}:{metrics_port}")

    def client_variables(self, kubeconfig: Path | None = None) -> dict[str, str]:
        """Return the environment variables that lead a program to this stack and nowhere else.

        Those for AWS are there once the simulator is.
        """
        variables = {"KUBECONFIG": str(kubeconfig or self.access.kubeconfig)}
        if self._simulator is None:
            return variables
        return variables | {"AWS_ENDPOINT_URL": self._simulator.endpoint} | AWS_SETTINGS

    def _run(self, process: ManagedProcess) -> None:
        self._cleanup.enter_context(process)
        self._processes.append(process)


def local_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment, less any setting that leads to AWS or a proxy, plus more.

    A developer's profile, session token or per-service endpoint must not reach the sandbox.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    local = f"{LOOPBACK},localhost"
    return kept | {"NO_PROXY": local, "no_proxy": local} | dict(variables)
