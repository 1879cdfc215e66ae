"""What a reader of a feature is made with, where a test gives it no region to poll."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from studio_operator.aws.features.reader import ReaderContext
from studio_operator.aws.inventory.scheduler import Scheduler
from studio_operator.aws.ports import Caller
from studio_operator.metrics import Metrics
from studio_operator.settings import Settings


def reader_context(
    caller: Caller, settings: Settings, now: Callable[[], datetime]
) -> ReaderContext:
    """What readers are made with, without domains, and with nobody to be told of changes."""
    scheduler = Scheduler(settings, Metrics(), lambda: 0.0)
    return ReaderContext(
        caller, settings, lambda: 0.0, now, scheduler, lambda _: (), lambda _: None
    )
