"""`python -m sandbox` starts a stack in the background and ends just that."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.detached import State
from sandbox.identity import ProcessIdentity, wait_until_gone

ROOT = Path(__file__).resolve().parents[2]
LIMIT_SECONDS = 240


class Sandbox:
    """The command line with a state folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, command: str, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "sandbox", command, f"--folder={self.folder}", *options],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            timeout=LIMIT_SECONDS,
        )

    def up(self) -> subprocess.CompletedProcess[str]:
        return self.run("up", "--without-simulator")

    def state(self) -> State:
        state = State.load(self.folder)
        assert state is not None
        return state

    def identities(self) -> list[ProcessIdentity]:
        return [self.state().supervisor, *self.state().processes.values()]


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    started = Sandbox(tmp_path / "state")
    yield started
    started.run("down")


def test_up_serves_until_down(sandbox: Sandbox) -> None:
    up = sandbox.up()
    assert up.returncode == 0, up.stderr
    shell = f'{up.stdout}\n"{sandbox.state().kubectl}" get --raw /readyz'
    assert subprocess.check_output(["sh", "-c", shell], text=True) == "ok"
    plugin = f"{up.stdout}\nkubectl studio --version"
    bare = {"PATH": "/usr/bin:/bin", "HOME": str(sandbox.folder)}
    assert subprocess.check_output(["sh", "-c", plugin], text=True, env=bare).strip() != ""
    assert sandbox.run("status").returncode == 0

    identities = sandbox.identities()
    assert {*sandbox.state().processes} == {"etcd", "kube-apiserver"}
    assert sandbox.run("down").returncode == 0
    assert [identity.is_alive for identity in identities] == [False] * 3
    assert sandbox.run("status").returncode == 1


def test_down_takes_away_a_namespace_that_hangs_in_its_deletion(sandbox: Sandbox) -> None:
    up = sandbox.up()
    assert "`kubectl delete namespace` never ends here" in up.stderr
    kubectl = f'{up.stdout}\n"{sandbox.state().kubectl}"'
    make = f"{kubectl} create namespace ml-team"
    subprocess.run(["sh", "-c", make], check=True, capture_output=True, timeout=30)
    hanging = subprocess.Popen(
        ["sh", "-c", f"{up.stdout}\nexec kubectl delete namespace ml-team"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            hanging.wait(5)
        assert sandbox.run("down").returncode == 0
        hanging.wait(60)
    finally:
        hanging.kill()
        hanging.wait()
    kept = [path for path in (sandbox.folder / "stack").rglob("*") if path.is_file()]
    assert kept != []
    assert {path.suffix for path in kept} == {".log"}
    again = sandbox.up()
    found = f'{again.stdout}\n"{sandbox.state().kubectl}" get namespaces -o name'
    assert "ml-team" not in subprocess.check_output(["sh", "-c", found], text=True)


def test_a_second_up_joins_the_first(sandbox: Sandbox) -> None:
    first, second = sandbox.up(), sandbox.up()
    assert first.returncode == second.returncode == 0
    assert first.stdout == second.stdout


def test_down_without_up_is_no_error(sandbox: Sandbox) -> None:
    down = sandbox.run("down")
    assert (down.returncode, down.stderr) == (0, "nothing was running\n")


def test_down_leaves_a_stranger_with_a_remembered_number_alone(sandbox: Sandbox) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        sandbox.folder.mkdir()
        State(ProcessIdentity(stranger.pid, "before the last boot"), ready=True).save(
            sandbox.folder
        )
        assert sandbox.run("status").returncode == 1
        assert sandbox.run("down").stderr == "nothing was running\n"
        assert stranger.poll() is None
        stranger.terminate()


def test_killing_the_supervisor_ends_its_processes(sandbox: Sandbox) -> None:
    assert sandbox.up().returncode == 0
    identities = sandbox.identities()
    os.kill(sandbox.state().supervisor.pid, signal.SIGKILL)
    assert wait_until_gone(identities, timeout_seconds=60)
    assert sandbox.up().returncode == 0


def test_a_stack_that_cannot_start_says_why(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("kube-apiserver", "etcd", "kubectl"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\necho out of order >&2; exit 7\n")
        program.chmod(0o755)
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    up = sandbox.up()
    assert up.returncode == 1
    assert "etcd ended with code 7" in up.stderr
    assert "out of order" in up.stderr
