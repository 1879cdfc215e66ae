"""What the engine sees of AWS: read-only, always the latest, never a copy.

Records of spaces and apps have the form that their kind gives them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Protocol

from studio_operator.plan.observed import Observed


class DomainScopeView(Protocol):
    """A domain and what is in it, as of a complete look at AWS and our own calls since."""

    def shown(self, type_: str) -> Mapping[str, Any]:
        """Records of a type of AWS by name; none of a type that is not looked at."""

    @property
    def domain(self) -> Observed | None:
        """The domain; None when AWS says that there is none of this id."""

    @property
    def spaces(self) -> Mapping[str, Any]:
        """Its spaces by name."""

    @property
    def space_names(self) -> Mapping[str, str]:
        """The names of its spaces as AWS writes them, by lower-cased name, as of the last look."""

    @property
    def apps(self) -> Mapping[str, Any]:
        """The app of each space by the space's name; ended ones for as long as AWS lists them."""

    @property
    def apps_of_profiles(self) -> Mapping[str, tuple[Any, ...]]:
        """The apps that people have outside of spaces and that hold their profile, by its name.

        Names are lower-cased. `domain-shared` is no profile: its app is the domain's own RStudio.
        """

    @property
    def profiles(self) -> Mapping[str, Observed]:
        """Its user profiles by lower-cased name."""

    @property
    def swept_at(self) -> float:
        """When the last complete look began, in seconds of the inventory's clock."""

    @property
    def stale(self) -> bool:
        """Whether the last look failed or is too long ago."""


class RegionView(Protocol):
    """What a region has outside of domains, as of a complete listing and our own calls since."""

    @property
    def domains(self) -> tuple[Observed, ...]:
        """All domains; `details` only where they were described."""

    def shown(self, type_: str) -> Mapping[str, Any]:
        """Records of another type of AWS, by name or id; none of a type that is not looked at."""

    @property
    def swept_at(self) -> float:
        """When the last complete listing began, in seconds of the inventory's clock."""

    @property
    def stale(self) -> bool:
        """Whether the last listing failed or is too long ago."""


class ViewByType(ABC):
    """Both views, by the names that types have in AWS."""

    @abstractmethod
    def shown(self, type_: str) -> Mapping[str, Any]:
        """Records by name; none of a type that is not looked at here."""

    @abstractmethod
    def real_names(self, type_: str) -> Mapping[str, str]:
        """Names as AWS writes them, by lower-cased name, as of the last listing."""

    @abstractmethod
    def shown_beside(self, type_: str) -> Mapping[str, Any]:
        """What the listing of companions tells of resources of another kind."""

    @property
    def domain(self) -> Observed | None:
        """The domain, or None."""
        return next(iter(self.shown("Domain").values()), None)

    @property
    def domains(self) -> tuple[Observed, ...]:
        """The domains of a region."""
        return tuple(self.shown("Domain").values())

    @property
    def spaces(self) -> Mapping[str, Any]:
        """The spaces of a domain."""
        return self.shown("Space")

    @property
    def space_names(self) -> Mapping[str, str]:
        """The names of the spaces of a domain."""
        return self.real_names("Space")

    @property
    def apps(self) -> Mapping[str, Any]:
        """The apps of the spaces of a domain."""
        return self.shown("App")

    @property
    def apps_of_profiles(self) -> Mapping[str, tuple[Any, ...]]:
        """The apps that people have beside."""
        return self.shown_beside("App")

    @property
    def profiles(self) -> Mapping[str, Observed]:
        """The user profiles of a domain."""
        return self.shown("UserProfile")
