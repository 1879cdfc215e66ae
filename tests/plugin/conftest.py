"""The plug-in as people run it: a process, against the real API server, operator and simulator."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from studio_operator.plugin.main import group

from sandbox.stack import local_environment
from tests.e2e.conftest import make_team, new_team, team
from tests.e2e.team import Team

__all__ = ["make_team", "new_team", "team"]
PROGRAM = Path(sys.executable).with_name("kubectl-studio")
LIMIT_SECONDS = 60.0


@dataclass(frozen=True)
class Answer:
    """What a command left: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """What `-o json` printed."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Studio:
    """`kubectl-studio` in a team's namespace, as the administrator unless told otherwise."""

    team: Team
    kubeconfig: Path | None = None

    def __call__(self, *words: str, expect: int = 0) -> Answer:
        """Run one command in this process and see that it ends with the expected code."""
        place = ("-n", self.team.namespace, "--kubeconfig", self.environment["KUBECONFIG"])
        ended = CliRunner().invoke(group, [*words, *place], env=self.environment)
        if ended.exception is not None and not isinstance(ended.exception, SystemExit):
            raise ended.exception
        return self._check(Answer(ended.exit_code, ended.stdout, ended.stderr), expect)

    def run(self, program: Path, *words: str, expect: int = 0, **variables: str) -> Answer:
        """Run a program in a process of its own, such as the plug-in itself, or kubectl."""
        ended = subprocess.run(
            [program, *words],
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT_SECONDS,
        )
        return self._check(Answer(ended.returncode, ended.stdout, ended.stderr), expect)

    @property
    def environment(self) -> dict[str, str]:
        """Leads to this stack only."""
        return local_environment(self.team.product.stack.client_variables(self.kubeconfig))

    def _check(self, answer: Answer, expect: int) -> Answer:
        assert answer.code == expect, f"{answer}\n{self.team.product.operator_logs()}"
        return answer


@pytest.fixture
def studio(team: Team) -> Studio:
    """The plug-in, for a team whose domain and whose profile alice are ready."""
    return Studio(team)


@pytest.fixture
def as_user(team: Team) -> Callable[[str], Studio]:
    """The plug-in as somebody whom no role binding names yet."""

    def make(user: str) -> Studio:
        return Studio(team, team.product.stack.access.user_kubeconfig(user))

    return make
