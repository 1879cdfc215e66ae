"""What AWS's words about a failed start mean."""

from __future__ import annotations

from studio_operator.plan.reasons import Reason

# AWS's words in FailureReason and what they mean. The first comes from capacity failures seen
# live, the second from users' reports of a volume in its cool-down.
_CAUSES = (
    ("InsufficientCapacity", Reason.INSUFFICIENT_CAPACITY),
    ("VolumeModificationRateExceeded", Reason.STORAGE_COOLDOWN),
    ("ResourceLimitExceeded", Reason.QUOTA_EXCEEDED),
    ("quota", Reason.QUOTA_EXCEEDED),
    ("lifecycle", Reason.LIFECYCLE_CONFIG_FAILED),
)


def cause_of(failure: str) -> Reason:
    """The reason that AWS's words stand for; AppFailed for words that are not known."""
    lowered = failure.lower()
    return next((cause for words, cause in _CAUSES if words.lower() in lowered), Reason.APP_FAILED)
