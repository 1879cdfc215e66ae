"""A process id that was given out again is not taken for the process it once was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from sandbox.identity import ProcessIdentity, wait_until_gone


def test_the_same_process_is_known_again() -> None:
    assert ProcessIdentity.of(os.getpid()) == ProcessIdentity.of(os.getpid())
    assert ProcessIdentity.of(os.getpid()).is_alive


def test_another_process_with_its_number_is_neither_alive_nor_signalled() -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        earlier = ProcessIdentity(stranger.pid, "long ago")
        assert not earlier.is_alive
        earlier.send_signal(signal.SIGKILL)
        assert stranger.poll() is None
        stranger.terminate()


def test_one_that_waits_to_be_reaped_counts_as_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    identity = ProcessIdentity.of(child.pid)
    assert wait_until_gone([identity], timeout_seconds=60)
    child.wait()


def test_waiting_for_the_living_ends_at_the_deadline() -> None:
    assert not wait_until_gone([ProcessIdentity.of(os.getpid())], timeout_seconds=0.1)


def test_a_number_without_a_process_has_no_identity() -> None:
    child = subprocess.Popen(["true"])
    child.wait()
    with pytest.raises(ProcessLookupError):
        ProcessIdentity.of(child.pid)
