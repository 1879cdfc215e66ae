"""A stack leads its programs to each other and to nothing outside."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.identity import ProcessIdentity
from sandbox.processes import ProcessError
from sandbox.stack import Stack, local_environment

# Stands in for the simulator and for the operator: answers 200 to anything with its own arguments
# and environment.
PROGRAM = """
import http.server, json, os, sys
port = os.environ.get("STUDIO_OPERATOR_HEALTH_PORT") or sys.argv[sys.argv.index("--port") + 1]
class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps([sys.argv[1:], dict(os.environ)]).encode())
    def log_message(self, *args):
        pass
http.server.HTTPServer(("127.0.0.1", int(port)), Answers).serve_forever()
"""


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    programs = tmp_path / "programs"
    for package in ("studio_simulator", "studio_operator"):
        (programs / package).mkdir(parents=True)
        (programs / package / "__main__.py").write_text(PROGRAM)
        (programs / package / "__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(programs))
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER", "https://elsewhere.example")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    with Stack(tmp_path / "stack") as started:
        yield started


def ask(url: str) -> tuple[list[str], dict[str, str]]:
    with urllib.request.urlopen(url, timeout=5) as answer:
        arguments, environment = json.load(answer)
    return arguments, environment


def test_it_runs_every_part_and_ends_them_all(stack: Stack) -> None:
    assert stack.access.kubectl("get", "spaces", "--all-namespaces") == ""  # the CRDs are there

    simulator = stack.start_simulator(speed=60)
    arguments, _ = ask(simulator.endpoint)
    assert arguments[-2:] == ["--speed", "60"]

    first = stack.start_operator()
    user = stack.access.user_kubeconfig("operator")
    second = stack.start_operator("second", kubeconfig=user, settings={"PASS_SECONDS": "1"})
    arguments, environment = ask(first.health_url)
    assert arguments == ["run"]
    assert environment["AWS_ENDPOINT_URL"] == simulator.endpoint
    assert environment["KUBECONFIG"] == str(stack.access.kubeconfig)
    assert not {"AWS_PROFILE", "AWS_ENDPOINT_URL_SAGEMAKER"} & environment.keys()
    assert "127.0.0.1" in environment["NO_PROXY"]
    _, environment = ask(second.health_url)
    assert (environment["KUBECONFIG"], environment["PASS_SECONDS"]) == (str(user), "1")

    names = [process.name for process in stack.processes]
    assert names == ["etcd", "kube-apiserver", "simulator", "operator", "second"]
    identities = [ProcessIdentity.of(process.pid) for process in stack.processes]
    stack.__exit__(None, None, None)
    assert not any(identity.is_alive for identity in identities)


def test_an_operator_without_the_simulator_is_refused(stack: Stack) -> None:
    with pytest.raises(ProcessError, match="lest it talk to the real AWS"):
        stack.start_operator()
    assert stack.client_variables() == {"KUBECONFIG": str(stack.access.kubeconfig)}


def test_a_local_environment_holds_no_setting_for_aws_but_the_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "somebody's")
    environment = local_environment({"AWS_ACCESS_KEY_ID": "testing"})
    assert [key for key in environment if key.startswith("AWS_")] == ["AWS_ACCESS_KEY_ID"]
