"""What the engine sees of the inventory: read-only, always the latest, never a copy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from studio_operator.plan.observed import (
    ObservedApp,
    ObservedDomain,
    ObservedProfile,
    ObservedSpace,
)


class DomainView(Protocol):
    """A domain and what is in it, as of a complete look at AWS and our own calls since."""

    @property
    def domain(self) -> ObservedDomain | None:
        """The domain; None when AWS says that there is none of this id."""

    @property
    def spaces(self) -> Mapping[str, ObservedSpace]:
        """Its spaces by name."""

    @property
    def apps(self) -> Mapping[str, ObservedApp]:
        """The app of each space by the space's name; ended ones for as long as AWS lists them."""

    @property
    def profiles(self) -> Mapping[str, ObservedProfile]:
        """Its user profiles by lower-cased name."""

    @property
    def swept_at(self) -> float:
        """When the last complete look began, in seconds of the inventory's clock."""

    @property
    def stale(self) -> bool:
        """Whether the last look failed or is too long ago."""


class RegionView(Protocol):
    """The domains of a region, as of a complete listing and our own calls since."""

    @property
    def domains(self) -> tuple[ObservedDomain, ...]:
        """All domains; `details` only where they were described."""

    @property
    def swept_at(self) -> float:
        """When the last complete listing began, in seconds of the inventory's clock."""

    @property
    def stale(self) -> bool:
        """Whether the last listing failed or is too long ago."""
