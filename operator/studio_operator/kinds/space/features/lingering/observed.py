"""What may be asked of AWS about what goes on costing money without a space's app."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from studio_operator.plan.scope import Scope
from studio_operator.plan.types import Look, Question

# The kind from whose resources it was made.
MAKER = "Space"


@dataclass(frozen=True, slots=True)
class Lingering:
    """What was made from a space, is tagged with its ARN, and goes on costing money without it.

    - `arns`: sorted; endpoints, clusters, jobs that run, and the like.
    - `is_complete`: False when there may be more than these.
    """

    arns: tuple[str, ...]
    looked_at: datetime
    is_complete: bool = True


@dataclass(frozen=True, slots=True)
class LingeringQuestion(Question[Lingering | None]):
    """What lingers of a space, by its domain's scope and its name; None when nobody has looked.

    A look is one for a whole region, so it names no space.
    """

    scope: Scope | None = None
    name: str = ""

    def unanswered(self, now: datetime) -> Lingering:
        """Nothing is known, and there is nothing to wait for."""
        return Lingering((), now, is_complete=False)


AT_LINGERING = Look("lingering", LingeringQuestion())
