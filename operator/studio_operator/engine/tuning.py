"""What planners go by, of the operator's settings."""

from __future__ import annotations

from studio_operator.kinds.registry import FEATURES
from studio_operator.plan.types import Tuning
from studio_operator.settings import Settings


def tuning_of(settings: Settings) -> Tuning:
    """The times that planners go by."""
    return Tuning(
        start_deadline_seconds=settings.start_deadline,
        start_retry_seconds=settings.start_retry,
        start_retry_max_seconds=settings.start_retry_max,
        storage_cooldown_seconds=settings.storage_cooldown,
        lifecycle_configs_fresh_seconds=settings.lifecycle_configs_fresh,
        create_settle_seconds=settings.create_settle,
        deletion_retry_seconds=settings.deletion_retry,
        refused_retry_seconds=settings.refused_retry,
        refused_retry_max_seconds=settings.refused_retry_max,
        tenancy_required=settings.tenancy_required,
        features=tuple(one.tuning(settings) for one in FEATURES if one.tuning is not None),
    )
