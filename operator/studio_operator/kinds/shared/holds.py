"""What holds settings back: a check, or what AWS refuses as things are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from studio_operator.plan.decisions import Decision
from studio_operator.plan.messages import Message


@dataclass(frozen=True, slots=True)
class Hold:
    """Settings that are not changed as things are, and what is told of that."""

    fields: frozenset[str]
    decision: Decision


@dataclass(frozen=True, slots=True)
class Blocker:
    """What has to go before AWS changes some settings.

    - `waits_for`: as in `Refusal`; `names`: what there is of it now, such as "space churn".
    - `explain`: the message, for fields that wait and what AWS said.
    """

    waits_for: str
    names: tuple[str, ...]
    explain: Callable[[tuple[str, ...], str], Message]
