"""The process: its command line, its start, its end, and what it costs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from studio_simulator.client import SimulatorClient
from studio_simulator.process import SimulatorProcess

from tests.simulator.world import World, client, space_parameters

COMMAND = [sys.executable, "-m", "studio_simulator"]


def test_a_file_and_the_command_line_set_it_up(tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text("durations: {appStart: 7}\noptions: {volumeCooldown: 'off'}\nspeed: 3\n")
    with SimulatorProcess("--config", str(file), "--speed", "0") as process:
        control = process.client
        assert control.settings("durations")["appStart"] == 7
        assert control.settings("options")["volumeCooldown"] == "off"
        assert control._ask("GET", "/speed")["speed"] == 0
        control.set_durations("fast")
        control.reset()
        assert control.settings("durations")["appStart"] == 7


@pytest.mark.parametrize(
    ("content", "words"),
    [("lunch: 1", "Extra inputs"), ("{", "while parsing"), ("speed: fast", "valid number")],
)
def test_a_file_that_is_no_use_ends_it_with_the_reason(
    tmp_path: Path, content: str, words: str
) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(content)
    ended = subprocess.run(
        [*COMMAND, "--port", "0", "--config", str(file)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 2
    assert "Cannot use the configuration" in ended.stderr
    assert words in ended.stderr


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_though_a_call_hangs(end: signal.Signals) -> None:
    started = SimulatorProcess()
    with started as process, ThreadPoolExecutor(1) as pool:
        process.client.add_fault("ListDomains", mode="hang")
        hanging = pool.submit(World(process.url).raw, "ListDomains", {})
        control = SimulatorClient(process.url)
        while not control.counts():
            assert not hanging.done()
        os.kill(process.pid, end)
        assert hanging.exception(60) is not None


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_mutating_call_costs_the_simulator_at_most_three_milliseconds(
    world: World, simulator: SimulatorProcess
) -> None:
    domain_id = world.domain()
    world.profile(domain_id)
    many = client("sagemaker", world.url, max_pool_connections=4)
    before = cpu_seconds(simulator.pid)
    with ThreadPoolExecutor(4) as pool:
        list(
            pool.map(
                lambda number: many.create_space(**space_parameters(domain_id, f"s{number}")),
                range(300),
            )
        )
    spent = cpu_seconds(simulator.pid) - before
    assert spent / 300 <= 0.003
    assert len(world.sm.list_spaces(MaxResults=100)["Spaces"]) == 100
