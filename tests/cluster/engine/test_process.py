"""The operator as a process: how it begins, stands by, takes over and ends."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from sandbox.access import Access
from sandbox.control_plane import ControlPlane, free_ports
from sandbox.processes import ManagedProcess, http_probe
from sandbox.stack import local_environment
from tests.cluster.engine.resources import apply_profile
from tests.e2e.preloaded import Preloaded

# Nobody answers there; with no resource to look after, nobody is asked.
AWS = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_DEFAULT_REGION": "eu-central-1"}
FREE_PORTS = {"STUDIO_OPERATOR_HEALTH_PORT": "0", "STUDIO_OPERATOR_METRICS_PORT": "0"}
# In seconds: how long a process may take for anything on a machine that is busy with other tests.
PATIENCE = 60.0
LEASE_SECONDS = 6.0
LEASE = {
    "STUDIO_OPERATOR_LEASE_DURATION": str(LEASE_SECONDS),
    "STUDIO_OPERATOR_LEASE_RENEW_DEADLINE": "5",
    "STUDIO_OPERATOR_LEASE_RENEW_INTERVAL": "0.5",
}
# A lease that does not run out while a test waits: who takes it was given it.
LONG_LEASE = {
    "STUDIO_OPERATOR_LEASE_DURATION": str(5 * PATIENCE),
    "STUDIO_OPERATOR_LEASE_RENEW_DEADLINE": str(4 * PATIENCE),
}


class Instance:
    """One operator process, its health checks and its metrics."""

    def __init__(self, process: ManagedProcess, url: str, metrics_url: str) -> None:
        self.process = process
        self.url = url
        self._metrics_url = metrics_url

    def ask(self, path: str) -> tuple[int, str]:
        url = self._metrics_url if path == "/metrics" else self.url
        try:
            with urllib.request.urlopen(url + path, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()

    @property
    def leads(self) -> bool:
        return "studio_operator_leader 1.0" in self.ask("/metrics")[1]

    def wait_to_lead(self, seconds: float = PATIENCE) -> float:
        """How long it took."""
        began = time.monotonic()
        while not self.leads:
            assert time.monotonic() - began < seconds, self.process.log_tail()
            time.sleep(0.05)
        return time.monotonic() - began


StartOperator = Callable[..., Instance]


@pytest.fixture(scope="module")
def preloaded() -> Iterator[Preloaded]:
    with Preloaded() as started:
        yield started


@pytest.fixture
def start(
    control_plane: Access, namespace: str, tmp_path: Path, preloaded: Preloaded
) -> Iterator[StartOperator]:
    """Starts operators that serve the test's namespace and have their lease there."""
    with ExitStack() as stack:

        def start_one(
            name: str,
            *arguments: str,
            settings: Mapping[str, str] | None = None,
            as_program: bool = False,
        ) -> Instance:
            port, metrics_port = free_ports(2)
            url = f"http://127.0.0.1:{port}"
            ports = ["--health-port", str(port), "--metrics-port", str(metrics_port)]
            command = ["run", "--namespace", namespace, *ports, *arguments]
            process = ManagedProcess(
                name,
                [sys.executable, "-m", "studio_operator", *command],
                log=tmp_path / f"{name}.log",
                environment=local_environment(
                    AWS
                    | LEASE
                    | dict(settings or {})
                    | {"KUBECONFIG": str(control_plane.kubeconfig)}
                    | {"STUDIO_OPERATOR_LEASE_NAMESPACE": namespace}
                    # Who leads is asked again and again here.
                    | {"STUDIO_OPERATOR_METRICS_CACHE": "0.01"}
                ),
                probe=http_probe(f"{url}/readyz"),
                ready_within_seconds=30,
            )
            if not as_program:
                process.launch = preloaded.launch
            stack.enter_context(process)
            return Instance(process, url, f"http://127.0.0.1:{metrics_port}")

        yield start_one


def test_a_single_local_process_leads_without_a_lease_and_ends_well_on_sigterm(
    control_plane: Access, namespace: str, start: StartOperator
) -> None:
    operator = start("operator", as_program=True)
    operator.wait_to_lead()
    status, said = operator.ask("/healthz")
    assert status == 200, said
    assert control_plane.kubectl("get", "leases", "-n", namespace, "-o", "name") == ""
    operator.process.send_signal(signal.SIGTERM)
    assert operator.process.wait(PATIENCE) == 0


def test_metrics_speak_the_form_of_prometheus(start: StartOperator) -> None:
    status, said = start("operator").ask("/metrics")
    assert status == 200
    for name in ("queue_depth", "queue_oldest_seconds", "leader", "loop_lag_seconds"):
        assert re.search(rf"^studio_operator_{name} [0-9.e+-]+$", said, re.MULTILINE), name
    assert (
        'studio_operator_kubernetes_requests_total{kind="Space",status="200",verb="list"}' in said
    )


def test_a_standby_is_ready_and_takes_over_at_once_after_a_stop_in_good_order(
    start: StartOperator,
) -> None:
    first = start("first", "--leader-election", "on", settings=LONG_LEASE)
    first.wait_to_lead()
    second = start("second", "--leader-election", "on", settings=LONG_LEASE)
    assert second.ask("/readyz")[0] == 200
    assert not second.leads
    first.process.send_signal(signal.SIGTERM)
    assert first.process.wait(PATIENCE) == 0
    second.wait_to_lead()  # long before the lease would have run out


def test_a_standby_takes_over_from_a_killed_leader_when_its_lease_has_run_out(
    start: StartOperator,
) -> None:
    first = start("first", "--leader-election", "on")
    first.wait_to_lead()
    second = start("second", "--leader-election", "on")
    first.process.send_signal(signal.SIGKILL)
    took = second.wait_to_lead()
    assert took > LEASE_SECONDS / 2, "not before the first is surely dead"


def test_a_leader_whose_lease_is_taken_ends_at_once_and_with_an_error(
    control_plane: Access, namespace: str, start: StartOperator
) -> None:
    operator = start("operator", "--leader-election", "on")
    operator.wait_to_lead()
    control_plane.kubectl(
        "patch", "lease", "studio-operator", "-n", namespace,
        "--type=merge", "-p", '{"spec": {"holderIdentity": "thief"}}',
    )  # fmt: skip
    assert operator.process.wait(PATIENCE) == 1
    assert "Not leading any more" in operator.process.log_tail()


def test_a_frozen_leader_does_nothing_when_it_wakes_up_after_its_lease(
    control_plane: Access, namespace: str, start: StartOperator
) -> None:
    first = start("first", "--leader-election", "on")
    first.wait_to_lead()
    second = start("second", "--leader-election", "on")
    first.process.send_signal(signal.SIGSTOP)
    try:
        second.wait_to_lead()
    finally:
        first.process.send_signal(signal.SIGCONT)
    assert first.process.wait(PATIENCE) == 1
    shown = control_plane.kubectl("get", "lease", "studio-operator", "-n", namespace, "-o", "json")
    assert json.loads(shown)["spec"]["leaseTransitions"] == 1
    assert second.leads


def test_log_lines_are_json_on_request(start: StartOperator) -> None:
    operator = start("operator", "--log-format", "json", as_program=True)
    lines = operator.process.log_tail().splitlines()
    assert lines
    assert all({"time", "level", "logger", "message"} <= set(json.loads(line)) for line in lines)


# --- what people read when something is missing -------------------------------------------------


def run(*arguments: str, environment: Mapping[str, str]) -> tuple[int, str]:
    """Run the command line to its end; its exit code and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "studio_operator", *arguments],
        env=local_environment({**AWS, **FREE_PORTS, **environment}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "--namespace", "Not_A_Namespace"], "'Not_A_Namespace' is no name of a namespace"),
        (["run", "--health-port", "http"], "'http' is no port"),
        (["run", "--leader-election", "maybe"], "'maybe' is not one of 'auto', 'on', 'off'"),
        ([], "Usage: studio-operator [OPTIONS] COMMAND"),
    ],
    ids=["namespace", "port", "leader election", "no command"],
)
def test_wrong_arguments_are_told_in_a_line(arguments: list[str], said: str) -> None:
    code, output = run(*arguments, environment={})
    assert code == 2
    assert said in output
    assert "Traceback" not in output


def test_a_wrong_setting_is_told_by_the_name_of_its_variable() -> None:
    code, output = run("run", environment={"STUDIO_OPERATOR_WORKERS": "many"})
    assert code == 2
    assert "STUDIO_OPERATOR_WORKERS is 'many': must be a whole number" in output
    assert "Traceback" not in output


def test_a_missing_kubeconfig_is_told(tmp_path: Path) -> None:
    code, output = run("run", environment={"KUBECONFIG": str(tmp_path / "none")})
    assert code == 2
    assert "no cluster is configured" in output
    assert "Set KUBECONFIG" in output
    assert "Traceback" not in output


def test_a_port_that_is_taken_is_told(control_plane: Access) -> None:
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        environment = {"KUBECONFIG": str(control_plane.kubeconfig)}
        code, output = run("run", "--health-port", port, environment=environment)
    assert code == 2
    assert f"port {port} can't be served" in output
    assert "Traceback" not in output


def test_a_cluster_that_does_not_answer_is_told(control_plane: Access, tmp_path: Path) -> None:
    nobody = tmp_path / "nobody.kubeconfig"
    text = control_plane.kubeconfig.read_text().replace(control_plane.server, "https://127.0.0.1:1")
    nobody.write_text(text)
    code, output = run("run", environment={"KUBECONFIG": str(nobody)})
    assert code == 2
    assert "https://127.0.0.1:1 does not answer" in output
    assert "Traceback" not in output


def test_missing_rights_are_told(control_plane: Access) -> None:
    kubeconfig = control_plane.user_kubeconfig("nobody-special")
    code, output = run("run", environment={"KUBECONFIG": str(kubeconfig)})
    assert code == 2
    assert "forbidden" in output
    assert "Grant the operator's roles" in output
    assert "Traceback" not in output


def test_missing_crds_are_told_with_the_command_that_helps(tmp_path: Path) -> None:
    with ControlPlane(folder=tmp_path) as bare:
        code, output = run("run", environment={"KUBECONFIG": str(bare.access.kubeconfig)})
    assert code == 2
    assert "kubectl apply --server-side -f crds/" in output
    assert "Traceback" not in output


def test_a_strange_time_on_a_status_hides_no_metric(
    control_plane: Access, namespace: str, start: StartOperator
) -> None:
    """Its form is right for the API server, and no calendar has it."""
    apply_profile(control_plane, namespace)
    condition = {
        "type": "Stalled",
        "status": "True",
        "reason": "Forged",
        "message": "by another field manager",
        "lastTransitionTime": "0000-01-01T00:00:00Z",
    }
    control_plane.kubectl(
        "patch", "userprofile", "alice", "-n", namespace, "--subresource=status", "--type=merge",
        "-p", json.dumps({"status": {"conditions": [condition], "arn": "x" * 100_000}}),
    )  # fmt: skip
    operator = start("operator")
    operator.wait_to_lead()
    status, said = operator.ask("/metrics")
    assert status == 200
    assert "studio_operator_resources{" in said
    assert "studio_operator_conditions" in said
    assert len(said) < 100_000
