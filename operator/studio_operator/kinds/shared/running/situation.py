"""What is asked of the situation of a resource that starts and stops."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from studio_operator.plan.types import Declared


class RunSituation(Protocol):
    """Its spec has `state`, `schedule` and `maxRunTime`.

    Its status has `effective`, `handledRequests` and `runningSince`. `app`: what runs, with AWS's
    `status` and `created_at`; None where nothing does.
    """

    @property
    def declared(self) -> Declared[Any]:
        """What is declared."""

    @property
    def status(self) -> Any:
        """The status as planned last."""

    @property
    def app(self) -> Any:
        """What runs."""

    @property
    def now(self) -> datetime:
        """The time."""
