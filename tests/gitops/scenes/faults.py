"""What AWS does wrong in a scene."""

from __future__ import annotations

from tests.e2e.team import Team

OFTEN = 1_000_000


def refuse(team: Team, operation: str, code: str, message: str, status: int = 400) -> None:
    """Let AWS answer an operation with an error for as long as the scene lasts."""
    team.simulator.add_fault(operation, code=code, message=message, status=status, times=OFTEN)


def fail_later(team: Team, operation: str, words: str) -> None:
    """Let AWS accept an operation, and fail at it afterwards."""
    team.simulator.add_fault(operation, code=None, mode="fail-later", message=words, times=OFTEN)


def deny(team: Team, operation: str) -> None:
    """Let the operator's role lack the right to an operation."""
    words = f"User: operator is not authorized to perform: sagemaker:{operation}"
    refuse(team, operation, "AccessDeniedException", words)
