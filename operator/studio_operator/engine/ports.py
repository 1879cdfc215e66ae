"""What the reconciler needs of AWS and Kubernetes.

`aws.gateway`, `aws.inventory` and `kube.client` give it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from studio_operator.aws.errors import AwsError
from studio_operator.aws.keys import RecordKey
from studio_operator.aws.views import DomainView, RegionView
from studio_operator.kube.resources import Key
from studio_operator.plan.backups import BackupQuestion
from studio_operator.plan.observed import Lingering, ObservedBackup
from studio_operator.plan.types import Call, Look


class AwsCalls(Protocol):
    """Calls that change something."""

    async def call(
        self, region: str, operation: str, parameters: Mapping[str, Any]
    ) -> dict[str, Any]:
        """AWS's answer; AwsError when it fails."""


class AwsViews(Protocol):
    """What AWS shows, kept current by listings in bulk."""

    def view(self, region: str, domain_id: str) -> DomainView | None:
        """A domain and what is in it; None before the first complete look."""

    def region_view(self, region: str) -> RegionView | None:
        """The domains of a region; None before the first complete listing."""

    def lingering(self, space: RecordKey) -> Lingering | None:
        """What goes on costing money without a space's app; None when nobody has looked yet."""

    def backup(self, region: str, question: BackupQuestion) -> ObservedBackup:
        """What is known of a space's back-up, as far as anybody has looked."""

    def problem(self, region: str, domain_id: str) -> AwsError | None:
        """Why a domain could not be looked at the last time; with an empty id, the list."""


class AwsInventory(AwsViews, Protocol):
    """The views, and what steers them."""

    def track(self, region: str, domain_id: str) -> None:
        """Keep a domain in view."""

    def untrack(self, region: str, domain_id: str) -> None:
        """Let a domain out of view."""

    def track_region(self, region: str) -> None:
        """Keep the list of a region's domains in view."""

    def untrack_region(self, region: str) -> None:
        """Let the list of a region's domains out of view."""

    def nudge(self, region: str, domain_id: str) -> None:
        """Look at a domain soon; with an empty id, at the list of the region's domains."""

    def expect(self, call: Call, response: Mapping[str, Any], region: str) -> None:
        """Enter the effect of a call that succeeded."""

    async def look(self, key: RecordKey, look: Look) -> None:
        """Look at one record; AwsError when that fails."""

    async def look_at_backup(self, region: str, question: BackupQuestion, look: Look) -> None:
        """Look at a space's back-up or its script; AwsError when that fails."""


class FinalizerApi(Protocol):
    """How a resource is held and let go."""

    async def set_finalizers(
        self, key: Key, uid: str, resource_version: str, finalizers: Sequence[str]
    ) -> dict[str, Any]:
        """Replace the finalizers of that version of a resource; ApiError when refused."""
