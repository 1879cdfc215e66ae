"""A managed process is ready when it says so, and never outlives the one who started it."""

from __future__ import annotations

import http.server
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.identity import ProcessIdentity, wait_until_gone
from sandbox.processes import ManagedProcess, ProcessError, http_probe

ROOT = Path(__file__).resolve().parents[2]
SOON_SECONDS = 60.0
SIGTERM_CODE = 128 + signal.SIGTERM
SIGKILL_CODE = 128 + signal.SIGKILL


def shell(script: str, folder: Path, **options: float) -> ManagedProcess:
    """A process that runs ``script`` and is ready once it made the file ``ready``."""
    ready = folder / "ready"
    return ManagedProcess(
        "script",
        ["sh", "-c", script],
        log=folder / "script.log",
        folder=folder,
        probe=ready.exists,
        **options,  # type: ignore[arg-type]  # only the limits in seconds
    )


def test_it_is_ready_when_its_probe_holds_and_gone_when_stopped(tmp_path: Path) -> None:
    process = shell("touch ready; exec sleep 60", tmp_path)
    with process:
        identity = ProcessIdentity.of(process.pid)
        assert process.is_running
    assert not identity.is_alive
    assert process.stop() == SIGTERM_CODE


def test_it_can_be_started_again(tmp_path: Path) -> None:
    process = shell("touch ready; exec sleep 60", tmp_path)
    with process:
        first = process.pid
    with process:
        assert process.is_running
        assert process.pid != first


@pytest.mark.parametrize(
    ("script", "within", "complaint"),
    [
        ("echo no such luck >&2; exit 3", 60, "(?s)ended with code 3 before .*no such luck"),
        ("echo still thinking; exec sleep 60", 0.5, "(?s)not ready within 0.5 s.*still thinking"),
    ],
)
def test_a_failed_start_shows_the_log_and_leaves_nothing(
    tmp_path: Path, script: str, within: float, complaint: str
) -> None:
    process = shell(script, tmp_path, ready_within_seconds=within)

    def says_something_and_is_not_ready() -> bool:
        while not process.log_tail() and process.is_running:
            time.sleep(0.01)
        return False

    process.probe = says_something_and_is_not_ready
    with pytest.raises(ProcessError, match=complaint):
        process.start()
    assert not is_running(process.pid)


def test_a_program_that_does_not_exist_is_named(tmp_path: Path) -> None:
    process = ManagedProcess("ghost", ["no-such-program"], log=tmp_path / "ghost.log")
    with pytest.raises(ProcessError, match="cannot run no-such-program"):
        process.start()


def test_one_that_ignores_sigterm_is_killed_after_the_grace_period(tmp_path: Path) -> None:
    script = "trap '' TERM; touch ready; while true; do sleep 1; done"
    process = shell(script, tmp_path, grace_seconds=0.2)
    process.start()
    assert process.stop() == SIGKILL_CODE


def test_a_frozen_one_is_ended_too(tmp_path: Path) -> None:
    process = shell("touch ready; exec sleep 60", tmp_path, grace_seconds=0.2)
    process.start()
    process.send_signal(signal.SIGSTOP)
    wait_until_frozen(process.pid)
    assert process.stop() == SIGKILL_CODE


def wait_until_frozen(pid: int) -> None:
    deadline = time.monotonic() + SOON_SECONDS
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        assert time.monotonic() < deadline, "it goes on running"
        time.sleep(0.01)


def test_its_children_end_with_it(tmp_path: Path) -> None:
    process = shell("sleep 60 & echo $! >child; touch ready; wait", tmp_path)
    with process:
        child = ProcessIdentity.of(int((tmp_path / "child").read_text()))
    assert wait_until_gone([child], SOON_SECONDS)


def test_children_it_leaves_behind_end_with_it(tmp_path: Path) -> None:
    process = shell("sleep 60 & echo $! >child", tmp_path)
    process.spawn()
    assert process.wait(SOON_SECONDS) == 0
    assert not is_running(int((tmp_path / "child").read_text()))


def is_running(pid: int) -> bool:
    try:
        return ProcessIdentity.of(pid).is_alive
    except ProcessLookupError:
        return False


# A shell that runs the tests in the background has SIGINT ignored, and so would this.
PARENT = """
import signal, sys, time
from pathlib import Path
from sandbox.processes import ManagedProcess
signal.signal(signal.SIGINT, signal.default_int_handler)
process = ManagedProcess("sleeper", ["sleep", "60"], log=Path(sys.argv[1]))
process.start()
print(process.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_ends_when_its_parent_is_ended_by(number: signal.Signals, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, tmp_path / "log"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
    ) as parent:
        assert parent.stdout is not None
        child = ProcessIdentity.of(int(parent.stdout.readline()))
        parent.send_signal(number)
        parent.wait(SOON_SECONDS)
    assert wait_until_gone([child], SOON_SECONDS)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs PR_SET_PDEATHSIG")
def test_it_ends_when_its_keeper_is_killed(tmp_path: Path) -> None:
    process = shell("touch ready; exec sleep 60", tmp_path)
    with process:
        command = ProcessIdentity.of(process.pid)
        keeper = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[1]
        ProcessIdentity.of(int(keeper)).send_signal(signal.SIGKILL)
        assert wait_until_gone([command], SOON_SECONDS)


class Answers(http.server.BaseHTTPRequestHandler):
    """Answers /up with 200 and all else with 503."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/up" else 503)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        pass


@pytest.fixture
def server() -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), Answers) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


@pytest.mark.parametrize(("path", "holds"), [("/up", True), ("/down", False)])
def test_an_http_probe_holds_on_200_only(server: str, path: str, holds: bool) -> None:
    assert http_probe(server + path)() is holds


def test_an_http_probe_takes_a_refused_connection_for_not_yet() -> None:
    assert http_probe("http://127.0.0.1:1/")() is False


def test_an_http_probe_reads_no_files() -> None:
    with pytest.raises(ValueError, match="http or https"):
        http_probe("file:///etc/hostname")
