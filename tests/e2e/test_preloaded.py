"""A forked operator ends as one that is started does: by itself, by signals, with its parent."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.identity import ProcessIdentity, wait_until_gone
from sandbox.processes import ManagedProcess
from tests.e2e.preloaded import ROOT, Preloaded

SOON_SECONDS = 60.0


@pytest.fixture(scope="module")
def preloaded() -> Iterator[Preloaded]:
    with Preloaded() as started:
        yield started


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Iterator[Path]:
    """Leads to a server that takes connections and says nothing: the operator waits for it."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        cluster = {"server": f"http://127.0.0.1:{mute.getsockname()[1]}"}
        context = {"cluster": "mute", "user": "mute"}
        content = {
            "clusters": [{"name": "mute", "cluster": cluster}],
            "users": [{"name": "mute", "user": {}}],
            "contexts": [{"name": "mute", "context": context}],
            "current-context": "mute",
        }
        path = tmp_path / "kubeconfig"
        path.write_text(json.dumps(content))
        yield path


def forked(preloaded: Preloaded, folder: Path, kubeconfig: Path, *words: str) -> ManagedProcess:
    process = ManagedProcess(
        "operator",
        [sys.executable, "-m", "studio_operator", *words],
        log=folder / "log",
        environment=os.environ | {"KUBECONFIG": str(kubeconfig)},
    )
    process.launch = preloaded.launch
    return process


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["run", "--namespace", "Not_A_Name"], 2, "'Not_A_Name' is no name of a namespace"),
        (["run"], 2, "no cluster is configured"),
        (["--help"], 0, "Usage: studio-operator [OPTIONS] COMMAND"),
    ],
)
def test_its_exit_code_and_its_words_are_told(
    preloaded: Preloaded, tmp_path: Path, words: list[str], code: int, said: str
) -> None:
    process = forked(preloaded, tmp_path, tmp_path / "none", *words)
    process.spawn()
    assert process.wait(SOON_SECONDS) == code
    assert said in process.log_tail()


def test_it_is_killed_and_started_again_and_stopped(
    preloaded: Preloaded, tmp_path: Path, kubeconfig: Path
) -> None:
    process = forked(preloaded, tmp_path, kubeconfig, "run")
    process.spawn()
    first = ProcessIdentity.of(process.pid)
    process.send_signal(signal.SIGKILL)
    assert process.wait(SOON_SECONDS) == 128 + signal.SIGKILL
    process.spawn()
    second = ProcessIdentity.of(process.pid)
    assert process.is_running
    assert process.stop() is not None
    assert wait_until_gone([first, second], SOON_SECONDS)


PARENT = """
import sys, time
from pathlib import Path
from tests.e2e.preloaded import Preloaded
from tests.e2e.test_preloaded import forked
with Preloaded() as preloaded:
    process = forked(preloaded, Path(sys.argv[1]), Path(sys.argv[2]), "run")
    process.spawn()
    print(process.pid, preloaded.pid, flush=True)
    time.sleep(600)
"""


def test_it_ends_when_its_parent_is_killed(tmp_path: Path, kubeconfig: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, tmp_path, kubeconfig],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        identities = [ProcessIdentity.of(pid) for pid in pids]
        parent.kill()
    assert len(identities) == 2
    assert wait_until_gone(identities, SOON_SECONDS)
