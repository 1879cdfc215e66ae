"""What the reconciler needs of AWS and Kubernetes.

`aws.gateway`, `aws.inventory.inventory` and `kube.client` give it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from studio_operator.aws.errors import AwsError
from studio_operator.kinds.resource_id import ResourceId
from studio_operator.kinds.views import DomainScopeView, RegionView
from studio_operator.kube.resources import Key
from studio_operator.plan.scope import AccountRegion, Scope
from studio_operator.plan.types import AnswerT, Call, Look, Question


class AwsCalls(Protocol):
    """Calls that change something."""

    async def call(
        self, where: AccountRegion, operation: str, parameters: Mapping[str, Any]
    ) -> dict[str, Any]:
        """AWS's answer; AwsError when it fails."""


class AwsViews(Protocol):
    """What AWS shows, kept current by listings in bulk."""

    def view(self, scope: Scope) -> DomainScopeView | None:
        """A domain and what is in it; None before the first complete look."""

    def region_view(self, where: AccountRegion) -> RegionView | None:
        """The domains of a region; None before the first complete listing."""

    def carrying(self, kind: str, resource: str) -> Mapping[ResourceId, Any]:
        """What of a kind has an ownership tag, as far as known, that names `namespace/name`."""

    def known(self, where: AccountRegion, question: Question[AnswerT]) -> AnswerT:
        """The answer to a question, as far as anybody has looked."""

    def problem(self, scope: Scope) -> AwsError | None:
        """Why a domain, or the list of a region's domains, could not be looked at last."""


class AwsInventory(AwsViews, Protocol):
    """The views, and what steers them."""

    def track(self, scope: Scope) -> None:
        """Keep a domain in view, or where the scope is none, the list of the region's domains."""

    def untrack(self, scope: Scope) -> None:
        """Let it out of view."""

    def nudge(self, scope: Scope) -> None:
        """Look at it soon."""

    def expect(self, call: Call, response: Mapping[str, Any], where: AccountRegion) -> None:
        """Enter the effect of a call that succeeded."""

    async def look(self, about: ResourceId | AccountRegion, look: Look) -> None:
        """Look at a resource's record, or ask a look's question there; AwsError if in vain."""


class FinalizerApi(Protocol):
    """How a resource is held and let go."""

    async def read_finalizers(self, key: Key) -> tuple[str, ...]:
        """The finalizers that a resource has now, none where it is gone; ApiError when refused."""

    async def set_finalizers(
        self, key: Key, uid: str, resource_version: str, finalizers: Sequence[str]
    ) -> dict[str, Any]:
        """Replace the finalizers of that version of a resource; ApiError when refused."""
