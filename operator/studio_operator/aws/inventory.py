"""What AWS shows of all domains of ours: seen in bulk, and kept up with our own calls."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from studio_operator.aws import effects, parsing
from studio_operator.aws.backups import Backups
from studio_operator.aws.domain_watch import DomainWatch
from studio_operator.aws.errors import AwsError
from studio_operator.aws.expectations import Act
from studio_operator.aws.keys import RecordKey, parse_arn
from studio_operator.aws.lingering import LingeringRegions
from studio_operator.aws.looks import Looks
from studio_operator.aws.ports import Caller
from studio_operator.aws.region_watch import RegionWatch
from studio_operator.aws.runner import Runner
from studio_operator.aws.tagging import TagIndex, TagWatch
from studio_operator.aws.views import DomainView, RegionView
from studio_operator.metrics import Metrics
from studio_operator.plan.backups import BackupQuestion
from studio_operator.plan.observed import Lingering, ObservedBackup
from studio_operator.plan.types import Call, Look
from studio_operator.settings import Settings

_TAG_OPERATIONS = frozenset({"AddTags", "DeleteTags"})


class Inventory:
    """Domains, profiles, spaces and apps as AWS shows them. Use it from one event loop only.

    - `clock` gives monotonic seconds.
    - `on_change(key)` is called for each record that differs from before; an app's key is that of
      its space. A domain's key also tells that its view appeared, turned stale or fresh again, and
      a domain key without an id that the list of a region's domains changed. When a view appears,
      that is the only key. It must not block.
    - What `expect` enters makes no `on_change`, nor does a listing that only confirms it: whoever
      made the call knows.
    """

    def __init__(
        self,
        gateway: Caller,
        settings: Settings,
        clock: Callable[[], float],
        on_change: Callable[[RecordKey], None],
        metrics: Metrics | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._gateway = gateway
        self._settings = settings
        self._clock = clock
        self._on_change = on_change
        self._looks = Looks(gateway, clock)
        self._runner = Runner(settings, metrics or Metrics(), clock)
        self._domains: dict[tuple[str, str], DomainWatch] = {}
        self._regions: dict[str, RegionWatch] = {}
        self._tags: dict[str, TagWatch] = {}
        self._backups = Backups(gateway, now)
        self._lingering = LingeringRegions(
            gateway,
            settings,
            clock,
            now,
            runner=self._runner,
            domains=self._domains_in,
            on_change=on_change,
        )

    # --- what is watched ---

    def track(self, region: str, domain_id: str) -> None:
        """Watch a domain and what is in it; nothing happens if it is watched already."""
        place = RecordKey("domain", region, domain_id)
        if (region, domain_id) in self._domains:
            return
        watch = DomainWatch(self._gateway, place, self._settings, self._clock, self._changed)
        self._domains[region, domain_id] = watch
        self._runner.add(place, watch)
        self._ask_for_tags(region)
        self._lingering.track(region)

    def untrack(self, region: str, domain_id: str) -> None:
        """Watch a domain no longer; its view is gone."""
        self._domains.pop((region, domain_id), None)
        self._runner.remove(RecordKey("domain", region, domain_id))
        self._drop_tags(region)
        if not any(one == region for one, _ in self._domains):
            self._lingering.untrack(region)

    def track_region(self, region: str) -> None:
        """Watch the list of a region's domains, for a domain whose id is not known yet.

        It costs a call each rest interval: `untrack_region` when all ids are known.
        """
        if region in self._regions:
            return
        watch = RegionWatch(self._gateway, region, self._settings, self._clock, self._on_change)
        self._regions[region] = watch
        self._runner.add(watch.place, watch)
        self._ask_for_tags(region)

    def untrack_region(self, region: str) -> None:
        """Watch the list no longer; its view is gone."""
        self._regions.pop(region, None)
        self._runner.remove(RecordKey("domain", region, ""))
        self._drop_tags(region)

    def nudge(self, region: str, domain_id: str) -> None:
        """Look at all of a domain as soon as the pace allows, as after a call that failed.

        With an empty id, at the list of the region's domains.
        """
        watch = self._domains.get((region, domain_id)) if domain_id else self._regions.get(region)
        if watch is not None:
            watch.schedule.nudge(self._clock())
            self._runner.wake()

    async def run(self, stop: asyncio.Event) -> None:
        """Keep looking until told to stop."""
        await self._runner.run(stop)

    # --- what is seen ---

    def view(self, region: str, domain_id: str) -> DomainView | None:
        """What AWS shows of a domain; None until all of it was seen for the first time."""
        watch = self._domains.get((region, domain_id))
        return watch if watch is not None and watch.is_visible else None

    def region_view(self, region: str) -> RegionView | None:
        """The domains of a region; None until they were listed for the first time."""
        watch = self._regions.get(region)
        return watch if watch is not None and watch.is_visible else None

    def lingering(self, space: RecordKey) -> Lingering | None:
        """What goes on costing money without a space's app; None when nobody has looked yet."""
        return self._lingering.of(space)

    def lingering_counts(self) -> Mapping[tuple[str, str], int]:
        """How many such resources spaces without an app have left, by region and type."""
        return self._lingering.counts()

    def backup(self, region: str, question: BackupQuestion) -> ObservedBackup:
        """What is known of a space's back-up, as far as anybody has looked."""
        return self._backups.of(region, question)

    def problem(self, region: str, domain_id: str) -> AwsError | None:
        """Why a domain could not be looked at the last time, if so; with an empty id, the list."""
        watch = self._domains.get((region, domain_id)) if domain_id else self._regions.get(region)
        return watch.problem if watch is not None else None

    @property
    def ready(self) -> bool:
        """Whether all that is watched was seen at least once.

        What could not be seen several times in a row, such as a region that does not exist, does
        not hold the rest up.
        """
        return all(watch.is_settled for watch in self._watches())

    def oldest_success_age(self) -> float:
        """Seconds since AWS last answered about the place where that is longest ago.

        A refusal counts as an answer: no restart mends a missing permission. A place that was never
        seen counts only while no other was. 0 when nothing is watched.
        """
        now, watches = self._clock(), list(self._watches())
        answered = [watch.answered_at for watch in watches if watch.answered_at > -math.inf]
        since = answered or [watch.tracked_at for watch in watches]
        return now - min(since, default=now)

    def ages(self) -> Mapping[tuple[str, str], float]:
        """Seconds since the last complete look, by region and domain id; of a list, by "".

        What was never seen has been waited for since it is tracked.
        """
        now = self._clock()
        return {
            (watch.place.region, watch.place.domain_id): now - max(watch.swept_at, watch.tracked_at)
            for watch in self._watches()
        }

    def starting_since(self) -> datetime | None:
        """When the app was created that has been starting for longest; None when none starts."""
        created = (
            app.created_at
            for watch in self._domains.values()
            for app in watch.apps.values()
            if app.status == "Pending" and app.created_at is not None
        )
        return min(created, default=None)

    async def look(self, key: RecordKey, look: Look) -> None:
        """Look at one resource, and take in what AWS answers; AwsError when it does not.

        Only what lingers is left unknown then: no stop is to fail for it.
        """
        if look is Look.LINGERING:
            await self._lingering.look(key.region)
            return
        watch = self._domains.get((key.region, key.domain_id))
        if watch is not None:
            if look in {Look.SETTINGS, Look.OWNER}:
                await self._looks.at_settings(watch, key)
            elif look is Look.APP:
                await self._looks.at_app(watch, key)
            else:
                await self._looks.at_tags(watch, key)
        elif key.kind == "domain" and key.region in self._regions:
            region = self._regions[key.region]
            if look is Look.TAGS:
                await self._looks.at_tags_of_candidate(region, key)
            else:
                await self._looks.at_candidate(region, key)

    async def look_at_backup(self, region: str, question: BackupQuestion, look: Look) -> None:
        """Look at a space's back-up in S3, or whether its script exists; AwsError if in vain."""
        await self._backups.look(region, question, look)

    # --- what we did ---

    def expect(self, call: Call, response: Mapping[str, Any], region: str) -> None:
        """Enter the effect of a call that AWS has taken.

        A deletion that AWS answered by "already gone" may be told too, with an empty response: it
        is then shown as Deleting until the next listing. CreateDomain tracks the new domain.
        """
        now = self._clock()
        self._backups.expect(call, region)
        if call.operation in _TAG_OPERATIONS:
            self._expect_tags(call, region, now)
            return
        domain_id = call.parameters.get("DomainId", "")
        if call.operation == "CreateDomain":
            domain = parsing.domain_from_request(call.parameters, response)
            domain_id = domain.domain_id
            self.track(region, domain_id)
            if region in self._regions:
                self._regions[region].records.expect(Act.CREATED, domain_id, domain, now)
                self._regions[region].schedule.stir(now)
        watch = self._domains.get((region, domain_id))
        if watch is not None:
            effects.enter(watch, call, response, now)
            watch.schedule.stir(now)
            self._runner.wake()

    def _expect_tags(self, call: Call, region: str, now: float) -> None:
        key = parse_arn(call.parameters["ResourceArn"])
        if key is None:
            return
        watch = self._domains.get((region, key.domain_id))
        if watch is not None:
            effects.enter(watch, call, {}, now)
        listed = self._regions.get(region)
        if listed is not None and key.kind == "domain":
            effects.enter_tags(listed.tags, listed.records, key.domain_id, key, call, now)

    # --- tags ---

    def _ask_for_tags(self, region: str) -> None:
        """Have a region's tag index read, since something new is watched there."""
        if region in self._tags:
            self._tags[region].schedule.nudge(self._clock())
            self._runner.wake()
            return

        def give(began: float, index: TagIndex | None) -> None:
            for watch in self._watches():
                if watch.region == region:
                    watch.take_tags(began, index)

        self._tags[region] = TagWatch(self._gateway, region, self._settings, self._clock, give)
        self._runner.add(("tags", region), self._tags[region])

    def _drop_tags(self, region: str) -> None:
        if not any(watch.region == region for watch in self._watches()):
            self._tags.pop(region, None)
            self._runner.remove(("tags", region))

    def _changed(self, key: RecordKey) -> None:
        """A record of a domain differs, or the view of a domain as a whole."""
        if key.kind == "domain":
            self._lingering.domain_seen(key.region)
        self._on_change(key)

    def _domains_in(self, region: str) -> Iterator[tuple[str, DomainView]]:
        for (place, domain_id), watch in self._domains.items():
            if place == region:
                yield domain_id, watch

    def _watches(self) -> Iterator[DomainWatch | RegionWatch]:
        yield from self._domains.values()
        yield from self._regions.values()
