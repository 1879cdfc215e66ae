"""What will happen by itself, and when: the status machines' transitions.

Nothing here runs on a thread. Every call first carries out what has come due, in the order of the
due times, so a reader sees exactly the states that a clockwork would have produced.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count
from typing import Protocol

Action = Callable[[float], None]


class Subject(Protocol):
    """Whose transition it is; a newer transition of the same subject replaces the older."""

    transition: int


class Timeline:
    """Transitions to come, soonest first."""

    def __init__(self) -> None:
        self._pending: list[tuple[float, int, Subject, Action]] = []
        self._numbers = count(1)

    def schedule(self, subject: Subject, due: float, action: Action) -> None:
        """Call ``action(due)`` at ``due``, unless the subject gets another transition first."""
        number = next(self._numbers)
        subject.transition = number
        heapq.heappush(self._pending, (due, number, subject, action))

    def run_until(self, now: float) -> None:
        """Carry out what is due; an action may schedule more, which runs too if it is due."""
        pending = self._pending
        while pending and pending[0][0] <= now:
            due, number, subject, action = heapq.heappop(pending)
            if subject.transition == number:
                action(due)

    def hurry(self, subject: Subject, now: float) -> None:
        """Carry out the subject's next transition now instead of when it is due."""
        for _, number, _, action in self._pending:
            if number == subject.transition:
                self.cancel(subject)
                action(now)
                return

    def replace(self, subject: Subject, action: Action) -> bool:
        """Let something else happen to the subject when its next transition is due.

        Returns:
            Whether it had a transition to come.

        """
        for due, number, _, _ in self._pending:
            if number == subject.transition:
                self.schedule(subject, due, action)
                return True
        return False

    def cancel(self, subject: Subject) -> None:
        """Let nothing happen to the subject by itself any more."""
        subject.transition = 0
