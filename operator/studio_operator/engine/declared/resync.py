"""Lists of what is declared: the first one, and now and then one to hold the watch to account."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

from studio_operator.engine.declared.entries import Entry, version_of
from studio_operator.engine.declared.store import Store
from studio_operator.engine.feed import Feed
from studio_operator.kinds.managed_kind import ManagedKind
from studio_operator.kinds.registry import kinds_read_in
from studio_operator.kube.client import ResourceList
from studio_operator.kube.resources import Key, key_of
from studio_operator.kube.transport import ApiError

log = logging.getLogger(__name__)

Raw = dict[str, Any]
T = TypeVar("T")


class ListApi(Protocol):
    """What a resync needs of the Kubernetes API."""

    async def list_resources(
        self, kind: str, namespace: str | None, take: Callable[[Raw], T]
    ) -> ResourceList[T]:
        """What `take` makes of each resource of a kind."""

    async def list_metadata(
        self, kind: str, namespace: str | None, take: Callable[[Raw], T]
    ) -> ResourceList[T]:
        """The same of their metadata only."""


def _read_entry(kind: str, raw: Raw) -> Entry:
    return Entry.from_raw({"kind": kind, **raw})


def _read_version(kind: str, raw: Raw) -> tuple[Key, int]:
    return key_of({**raw, "kind": kind}), version_of(raw)


@dataclass(frozen=True, slots=True)
class ListedVersions:
    """Versions of all resources, from lists of which the oldest shows the version `as_of`."""

    versions: Mapping[Key, int]
    as_of: int


class Resync:
    """Fills the store, and checks by lists of names and versions whether the watch misses anything.

    kopf tells neither when its first list is complete nor what was deleted while a watch was
    interrupted, and a watch may die without a word.
    """

    def __init__(
        self,
        api: ListApi,
        store: Store,
        feed: Feed,
        namespaces: Sequence[str],
        *,
        interval: float,
        lag: float,
    ) -> None:
        """Every `interval` seconds; news may be late by `lag` seconds. No namespaces: all."""
        self._api = api
        self._store = store
        self._feed = feed
        self._scopes: Sequence[str | None] = namespaces or [None]
        self._kinds = kinds_read_in(namespaces)
        self._interval = interval
        self._lag = lag
        self._soon = asyncio.Event()
        self.is_filled = False
        self.watch_is_stale = False

    async def fill(self) -> None:
        """Make the store what the cluster has now. Raises ApiError."""
        for kind in self._kinds:
            for scope in self._scopes_of(kind):
                read = partial(_read_entry, kind.name)
                listing = await self._api.list_resources(kind.name, scope, read)
                self._feed.listed(kind.name, scope, listing)
        self.is_filled = True

    def _scopes_of(self, kind: ManagedKind) -> Sequence[str | None]:
        """The namespaces to list; None for all, and for what is in none."""
        return self._scopes if kind.is_namespaced else [None]

    def hurry(self) -> None:
        """Check soon: a watch was interrupted and has listed anew."""
        self._soon.set()

    async def run(self) -> None:
        """Check again and again, until cancelled."""
        while True:
            try:
                async with asyncio.timeout(self._interval):
                    await self._soon.wait()
            except TimeoutError:
                pass
            self._soon.clear()
            try:
                await self._check()
            except ApiError as error:
                log.warning("Resources could not be listed: %s", error)

    async def _check(self) -> None:
        first = await self._take_snapshot()
        missed, ghosts = self._differing(first)
        if missed or ghosts:
            await asyncio.sleep(self._lag)
            second = await self._take_snapshot()
            still_missed, still_ghosts = self._differing(first)
            missed = {key for key in still_missed if key in second.versions}
            ghosts = {key for key in still_ghosts if key not in second.versions}
        # Ghosts are no fault of the watch as it is now: an interrupted one never tells of ends.
        self.watch_is_stale = bool(missed)
        if missed or ghosts:
            log.warning("The watch told nothing of %d resources", len(missed | ghosts))
            await self.fill()

    async def _take_snapshot(self) -> ListedVersions:
        versions: dict[Key, int] = {}
        as_of: list[int] = []
        for kind in self._kinds:
            for scope in self._scopes_of(kind):
                read = partial(_read_version, kind.name)
                listing = await self._api.list_metadata(kind.name, scope, read)
                as_of.append(int(listing.resource_version))
                versions.update(listing.items)
        return ListedVersions(versions, min(as_of))

    def _differing(self, snapshot: ListedVersions) -> tuple[set[Key], set[Key]]:
        """Resources of which the store has no news, or an old one; and those that are gone."""
        known = {entry.key: entry.version for entry in self._store}
        listed = snapshot.versions
        missed = {key for key, version in listed.items() if known.get(key, 0) < version}
        old = {key for key, version in known.items() if version <= snapshot.as_of}
        return missed, old - set(listed)
