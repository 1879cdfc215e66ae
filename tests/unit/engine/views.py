"""A domain as the poller has it, made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from studio_operator.kinds.space.in_aws.apps import ObservedApp
from studio_operator.kinds.space.in_aws.observed import ObservedSpace
from studio_operator.plan.observed import Observed


@dataclass
class View:
    """A domain as AWS shows it."""

    domain: Observed | None
    space_names: dict[str, str] = field(default_factory=dict)
    apps_of_profiles: dict[str, tuple[ObservedApp, ...]] = field(default_factory=dict)
    profiles: dict[str, Observed] = field(default_factory=dict)
    spaces: dict[str, ObservedSpace] = field(default_factory=dict)
    apps: dict[str, ObservedApp] = field(default_factory=dict)
    swept_at: float = 0.0
    stale: bool = False

    def shown(self, type_: str) -> Mapping[str, Any]:
        """Records by name."""
        known: dict[str, Mapping[str, Any]] = {"Space": self.spaces, "UserProfile": self.profiles}
        return known[type_]
