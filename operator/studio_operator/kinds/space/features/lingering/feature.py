"""What the machinery knows of what lingers, and what its rules go by of the operator's settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from studio_operator.kinds.feature import Feature
from studio_operator.kinds.space.features.lingering.operations import OPERATIONS, STATEMENTS

if TYPE_CHECKING:
    from studio_operator.settings import Settings


@dataclass(frozen=True, slots=True)
class LingeringTuning:
    """How old a look may be before a stop, and how long stops wait; settings have the reasons."""

    fresh_seconds: float = 60.0
    wait_limit_seconds: float = 24 * 3600.0

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """As the settings say."""
        return cls(settings.lingering_fresh, settings.lingering_wait_limit)


LINGERING = Feature(tuning=LingeringTuning.of, operations=OPERATIONS, statements=STATEMENTS)
