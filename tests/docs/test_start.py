"""The page Start does what it says: its commands are run from top to bottom, with all parts."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.processes import ManagedProcess
from sandbox.stack import AWS_SETTINGS, Stack
from tests.docs.commands import is_in_tour
from tests.docs.pages import ROOT, page

# Time in AWS, as many times faster than ours.
SPEED = 400.0
COMMAND_SECONDS = 60
REFUSED = "# refused"


def steps() -> Iterator[str]:
    """The commands that follow `make sandbox`, up to its end, one line each."""
    for block in page("start.md").blocks:
        if block.language == "sh" and is_in_tour(block):
            for line in block.text.replace("\\\n", " ").splitlines():
                if not re.match(r"make |eval ", line):
                    yield line


@dataclass(frozen=True)
class Tour:
    """A shell as `make sandbox` leads one to: a control plane, a simulated AWS, an operator."""

    environment: Mapping[str, str]
    operator: ManagedProcess

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run one command line; fails with what the operator said last if it does not end."""
        try:
            return subprocess.run(
                ["bash", "-c", line],
                cwd=ROOT,
                env=self.environment,
                text=True,
                capture_output=True,
                check=False,
                timeout=COMMAND_SECONDS,
            )
        except subprocess.TimeoutExpired:
            pytest.fail(f"{line}: not done in {COMMAND_SECONDS} s\n{self.operator.log_tail()}")


@pytest.fixture
def tour(tmp_path: Path) -> Iterator[Tour]:
    with Stack(tmp_path) as stack:
        endpoint = stack.start_simulator(speed=SPEED).endpoint
        operator = stack.start_operator()
        variables = {
            **os.environ,
            **AWS_SETTINGS,
            "AWS_ENDPOINT_URL": endpoint,
            "KUBECONFIG": str(stack.access.kubeconfig),
            "PATH": f"{stack.access.kubectl_path.parent}:{os.environ['PATH']}",
        }
        yield Tour(variables, operator.process)


def test_each_command_does_what_the_page_says(tour: Tour) -> None:
    lines = list(steps())
    assert len(lines) > 10
    assert [line for line in lines if line.endswith(REFUSED)] != []
    for line in lines:
        ended = tour.run(line)
        assert (ended.returncode != 0) == line.endswith(REFUSED), f"{line}\n{ended.stderr}"
