"""The domains of a region, for StudioDomains whose domain has no id yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from studio_operator.aws.keys import RecordKey
from studio_operator.aws.merging import keep_tags, merge_domain
from studio_operator.aws.parsing import domain_from_listing
from studio_operator.aws.ports import Caller
from studio_operator.aws.records import Records
from studio_operator.aws.tag_keeping import TagKeeper
from studio_operator.aws.tagging import TagIndex
from studio_operator.aws.watch import Watch
from studio_operator.plan.observed import ObservedDomain
from studio_operator.settings import Settings


class RegionWatch(Watch):
    """All domains of a region by ListDomains; it is itself the engine's `RegionView`.

    Its place is a domain key without an id, and any change of the list is told by that key. A
    domain's absence from the list does not say that it is gone: only DescribeDomain says that.
    """

    def __init__(
        self,
        caller: Caller,
        region: str,
        settings: Settings,
        clock: Callable[[], float],
        on_change: Callable[[RecordKey], None],
    ) -> None:
        super().__init__(caller, RecordKey("domain", region, ""), settings, clock, on_change)
        self.records: Records[ObservedDomain] = Records(
            merge_domain, keep_tags, settings.expectation_grace
        )
        self.tags = TagKeeper(settings.tag_lag)

    @property
    def domains(self) -> tuple[ObservedDomain, ...]:
        """All domains; `details` only where they were described."""
        return tuple(self.records.shown.values())

    def key(self, domain_id: str) -> RecordKey:
        """The key of one of its domains."""
        return self.place._replace(domain_id=domain_id)

    async def _look(self, *, full: bool, began: float) -> tuple[set[RecordKey], int]:  # noqa: ARG002 - there is but one extent
        items = await self._caller.paginate(self.place.region, "ListDomains", {}, "Domains")
        listed = {item["DomainId"]: domain_from_listing(item) for item in items}
        changed = self.records.fold_listing(listed, began, self._clock())
        return ({self.place} if changed else set()), 1

    def _moving_since(self) -> Iterable[float]:
        return self.records.moving_since

    def _apply(self, index: TagIndex) -> set[RecordKey]:
        changed = self.tags.apply(index, self.records, self.key)
        self.tags.forget_old(index.began)
        return {self.place} if changed else set()
