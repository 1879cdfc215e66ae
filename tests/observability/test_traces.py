"""Traces of operations, as a collector of OpenTelemetry gets them from a real operator."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.control_plane import free_ports
from tests.e2e.team import Team
from tests.e2e.waiting import wait_until
from tests.observability.receiver import ReceivedSpan
from tests.observability.watched import WatchedProduct

CALLS = ("DeleteApp", "UpdateSpace", "CreateApp")


def whole(watched: WatchedProduct, name: str, namespace: str) -> ReceivedSpan:
    """The span of an operation on the space of a team, once it has arrived."""

    def find() -> list[ReceivedSpan]:
        found = watched.receiver.find(name)
        return [span for span in found if span.attributes["k8s.namespace.name"] == namespace]

    (span,) = wait_until(find, f"the span of {name} arrives")
    return span


def resize(team: Team) -> None:
    team.run_space()
    team.edit("Space", "churn", instanceType="ml.m5.large")
    team.wait_ready("Space", "churn")


def test_a_resize_is_one_trace_of_passes_calls_and_writes(
    watched: WatchedProduct, team: Team
) -> None:
    resize(team)
    root = whole(watched, "Resize Space", team.namespace)
    spans = watched.receiver.trace(root.trace_id)
    assert [span for span in spans if not span.parent_id] == [root]
    passes = [span for span in spans if span.name == "reconcile Space"]
    assert {span.parent_id for span in passes} == {root.span_id}
    ids = {span.span_id for span in passes}
    requests = [span for span in spans if span.kind == "CLIENT"]
    assert {span.parent_id for span in requests} <= ids
    done = [span.name for span in requests if not span.error and span.name in CALLS]
    assert done == list(CALLS)
    assert "apply_status Space" in {span.name for span in requests}
    assert {root.start <= span.start + 1 and span.end <= root.end + 1 for span in spans} == {True}


def test_spans_say_what_was_planned_and_what_came_of_it(
    watched: WatchedProduct, team: Team
) -> None:
    resize(team)
    root = whole(watched, "Resize Space", team.namespace)
    assert root.resource["service.name"] == "studio-operator"
    assert root.attributes["studio.outcome"] == "ready"
    spans = watched.receiver.trace(root.trace_id)
    (update,) = [span for span in spans if span.name == "UpdateSpace"]
    assert update.attributes["aws.request_id"]
    assert update.attributes["cloud.region"] == team.region
    (above,) = [span for span in spans if span.span_id == update.parent_id]
    assert above.attributes["studio.name"] == "churn"
    assert above.attributes["studio.plan.call"] == "UpdateSpace"
    assert above.attributes["studio.operation"] == "Resize"
    assert above.attributes["studio.reason"] == "Resizing"
    (write, *_) = [span for span in spans if span.name == "apply_status Space"]
    assert write.attributes["http.response.status_code"] == 200


def test_a_call_that_fails_says_why(watched: WatchedProduct, team: Team) -> None:
    team.run_space()
    team.simulator.add_fault("UpdateSpace", code="InternalFailure", times=2)
    team.edit("Space", "churn", instanceType="ml.m5.large")
    team.wait_ready("Space", "churn")
    root = whole(watched, "Resize Space", team.namespace)
    updates = [s for s in watched.receiver.trace(root.trace_id) if s.name == "UpdateSpace"]
    failed, done = updates
    assert failed.error.startswith("InternalFailure")
    assert failed.attributes["error.type"] == "InternalFailure"
    assert failed.attributes["aws.request_id"] != done.attributes["aws.request_id"]
    assert not done.error


def test_a_killed_operator_s_successor_goes_on_with_the_trace(
    watched: WatchedProduct, team: Team
) -> None:
    team.run_space()
    earlier = watched.receiver.find("DeleteApp")
    team.simulator.add_barrier("UpdateSpace")
    team.edit("Space", "churn", instanceType="ml.m5.large")
    team.simulator.wait_for_barrier()
    first = wait_until(
        lambda: [span for span in watched.receiver.find("DeleteApp") if span not in earlier],
        "the first call is sent to the collector",
    )[-1]
    watched.operator.process.send_signal(signal.SIGKILL)
    assert watched.operator.process.wait(10) is not None
    team.simulator.release_barriers(drop=True)
    watched.operator.process.start()
    team.wait_ready("Space", "churn", seconds=90)
    root = whole(watched, "Resize Space", team.namespace)
    spans = watched.receiver.trace(root.trace_id)
    assert root.trace_id == first.trace_id
    instances = {span.resource["service.instance.id"] for span in spans}
    assert len(instances) == 2
    done = [span.name for span in spans if span.name in CALLS and not span.error]
    assert done == list(CALLS)


def test_looks_at_all_of_aws_are_in_no_trace(watched: WatchedProduct, team: Team) -> None:
    team.run_space()
    team.wait_looks()
    whole(watched, "Create Space", team.namespace)
    assert watched.receiver.find("ListSpaces") == []


def test_a_collector_that_is_away_holds_nothing_up(watched: WatchedProduct, team: Team) -> None:
    watched.operator.process.stop()
    (port,) = free_ports(1)
    lonely = watched.start(
        "operator-lonely", OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{port}"
    )
    try:
        team.run_space()
        lonely.process.send_signal(signal.SIGTERM)
        assert lonely.process.wait(10) == 0
    finally:
        lonely.process.stop()
        watched.operator.process.start()


# --- the setting --------------------------------------------------------------------------------


def run(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python with modules of a folder first."""
    return subprocess.run(
        [sys.executable, *words],
        env=os.environ | {"PYTHONPATH": str(folder), "KUBECONFIG": os.devnull} | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_off_nothing_of_opentelemetry_is_imported(tmp_path: Path) -> None:
    code = (
        "import sys, studio_operator.cli.run;"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    assert run(tmp_path, "-c", code).stdout == "[]\n"


def test_a_package_that_is_missing_is_told_with_the_extra_that_brings_it(tmp_path: Path) -> None:
    (tmp_path / "opentelemetry.py").write_text("raise ImportError('no opentelemetry here')\n")
    words = ("-m", "studio_operator", "run")
    done = run(tmp_path, *words, STUDIO_OPERATOR_TRACING="true")
    assert done.returncode == 2
    assert "pip install 'studio-operator[tracing]'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_TRACES_EXPORTER", "zipkin"),
    ],
)
def test_a_variable_that_asks_for_what_is_not_there_is_told(
    variable: str, value: str, tmp_path: Path
) -> None:
    words = ("-m", "studio_operator", "run")
    done = run(tmp_path, *words, STUDIO_OPERATOR_TRACING="true", **{variable: value})
    assert done.returncode == 2
    assert f"{variable} is '{value}'" in done.stderr
