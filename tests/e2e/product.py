"""The product in processes of its own: control plane, simulated AWS, and the operator."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kubernetes.client import ApiClient
from studio_simulator.client import SimulatorClient

from sandbox.audit import AuditEvent, read_audit_log
from sandbox.processes import ManagedProcess, launch_keeper
from sandbox.stack import Operator, Stack
from tests.e2e.account import NAMESPACE, install_account
from tests.e2e.preloaded import Preloaded
from tests.e2e.rights import granted

# The name the audit log knows it by: the chart's ServiceAccount, with the rights of the chart.
OPERATOR_USER = f"system:serviceaccount:{NAMESPACE}:studio-operator"
REGION = "eu-central-1"
# Simulated seconds of AWS's transitions, so that a whole story takes a few.
DURATIONS = {
    "domain_create": 0.1,
    "domain_update": 0.2,
    "domain_delete": 0.2,
    "user_profile_create": 0.1,
    "user_profile_update": 0.2,
    "user_profile_delete": 0.2,
    "space_create": 0.2,
    "space_update": 0.2,
    "space_delete": 0.2,
    "app_start": 0.4,
    "app_stop": 0.2,
    "storage_ready_after_update": 0.2,
}
# Seconds between two looks at AWS while nothing moves: what people do there is seen soon.
REST_INTERVAL = 1.0
OPERATOR_SETTINGS = {
    "STUDIO_OPERATOR_REST_INTERVAL": str(REST_INTERVAL),
    # Things take tenths of a second here, and are looked at as often.
    "STUDIO_OPERATOR_MOVING_INTERVAL_MIN": "0.1",
    # After a crash nobody knows whether AWS has got the request for a domain: this long it may
    # still show up, and no test waits for half a minute.
    "STUDIO_OPERATOR_CREATE_SETTLE": "3",
    "STUDIO_OPERATOR_DELETION_RETRY": "1",
    # The script inside looks for a request once a second here.
    "STUDIO_OPERATOR_BACKUP_LOOK": "1",
    "STUDIO_OPERATOR_LIFECYCLE_CONFIGS_FRESH": "1",
    # The simulator's listings never lag, so what contradicts a call of ours was somebody's act.
    "STUDIO_OPERATOR_EXPECTATION_GRACE": "1",
    # Where the chart's role allows a lease. In a Pod it would be the Pod's own namespace.
    "STUDIO_OPERATOR_LEASE_NAMESPACE": NAMESPACE,
}
SETTABLE = ("durations", "options", "quotas", "capacity", "throttling")


class Product:
    """All processes of one test worker."""

    def __init__(self, stack: Stack, audit_log: Path) -> None:
        self.stack = stack
        self._audit_log = audit_log
        self.endpoint = stack.start_simulator().endpoint
        self.simulator = SimulatorClient(self.endpoint)
        self.simulator.set_durations(profile="fast", **DURATIONS)
        self._settings = {name: self.simulator.settings(name) for name in SETTABLE}
        account = install_account(stack.access, stack.folder)
        self._kubeconfig = account.kubeconfig
        self.rights = granted(account.manifests, OPERATOR_USER)
        self._operator: Operator | None = None

    @property
    def api_client(self) -> ApiClient:
        """A new client of the administrator."""
        return self.stack.access.api_client()

    @property
    def operator(self) -> Operator:
        """The operator that the tests share."""
        assert self._operator is not None, "no test has asked for the operator yet"
        return self._operator

    @property
    def process(self) -> ManagedProcess:
        """The shared operator's process."""
        return self.operator.process

    def ensure_operator(self) -> None:
        """Start the shared operator, unless it runs."""
        if self._operator is None:
            self._operator = self.start_operator("operator")
        elif not self.process.is_running:
            self.process.start()

    def kill_operator(self) -> None:
        """Kill it, as the kernel or a node's failure would: it can't do anything about it."""
        self.process.send_signal(signal.SIGKILL)
        assert self.process.wait(10) is not None, "it outlived SIGKILL"

    def stop_operator(self) -> None:
        """End the shared operator as Kubernetes would."""
        if self._operator is not None:
            self.process.stop()

    def start_operator(self, name: str, *arguments: str, **settings: str) -> Operator:
        """Start an operator with further arguments, and settings by their names in lower case."""
        given = {f"STUDIO_OPERATOR_{key.upper()}": value for key, value in settings.items()}
        return self.stack.start_operator(
            name,
            kubeconfig=self._kubeconfig,
            settings=OPERATOR_SETTINGS | given,
            arguments=arguments,
        )

    @contextmanager
    def own_operator(self, name: str, *arguments: str, **settings: str) -> Iterator[Operator]:
        """An operator with settings of its own instead of the shared one."""
        self.stop_operator()
        operator = self.start_operator(name, *arguments, **settings)
        try:
            yield operator
        finally:
            operator.process.stop()

    @contextmanager
    def program(self, name: str, variables: Mapping[str, str]) -> Iterator[Operator]:
        """An operator started as a program, with further variables, instead of the shared one."""
        self.stop_operator()
        operator = self.stack.start_operator(
            name,
            kubeconfig=self._kubeconfig,
            settings={**OPERATOR_SETTINGS, **variables},
            launch=launch_keeper,
        )
        try:
            yield operator
        finally:
            operator.process.stop()

    def writes(self, namespace: str) -> tuple[AuditEvent, ...]:
        """What the operator asked the API server to change in a namespace, refused or not."""
        return tuple(
            event
            for event in self.requests(OPERATOR_USER)
            if event.is_write and event.namespace == namespace
        )

    def requests(self, user: str) -> tuple[AuditEvent, ...]:
        """What a user asked the API server for, refused or not."""
        return tuple(read_audit_log(self._audit_log, user))

    def operator_logs(self) -> str:
        """The last lines of what each operator said."""
        told = (
            f"--- the end of {process.name}'s log\n{process.log_tail(40)}"
            for process in self.stack.processes
            if process.name.startswith("operator")
        )
        return "\n".join(told)

    def forget_mischief(self) -> None:
        """Take away faults and barriers, and put every setting of AWS and its clock back."""
        self.simulator.remove_faults()
        self.simulator.release_barriers()
        self.simulator.restart_clock()
        setters: Mapping[str, Any] = {
            "durations": self.simulator.set_durations,
            "options": self.simulator.set_options,
            "quotas": self.simulator.set_quotas,
            "throttling": self.simulator.set_throttling,
        }
        for name, put in setters.items():
            put(**self._settings[name])
        self.simulator.set_unavailable(*self._settings["capacity"]["unavailable"])


@contextmanager
def run_product(folder: Path) -> Iterator[Product]:
    """The control plane and the simulator; the operator is started by the first who needs it."""
    audit_log = folder / "audit.log"
    with (
        Preloaded() as preloaded,
        Stack(folder, audit_log=audit_log, launch_operator=preloaded.launch) as stack,
    ):
        product = Product(stack, audit_log)
        try:
            yield product
        finally:
            product.simulator.close()
