"""Lists of what is declared: the first one, and now and then one to hold the watch to account."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

from studio_operator.api.common import GROUP
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


class ReadableNowError(Exception):
    """A kind can be listed that could not be when the process began: it has to begin anew."""


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


def _may_lack(kind: ManagedKind, error: ApiError) -> bool:
    """Whether the kind is not installed, or the operator's role is older than it."""
    return kind.needs_whole_cluster and (error.is_gone or error.status == 403)


def _remedy(kind: ManagedKind, error: ApiError) -> str:
    if error.is_gone:
        return (
            f"The cluster lacks the CustomResourceDefinition {kind.plural}.{GROUP}: "
            "apply it with `kubectl apply --server-side -f crds/`"
        )
    return (
        f"{error.message}: grant the operator's account list and watch on {kind.plural}, and patch "
        f"on {kind.plural}/status, in the whole cluster"
    )


@dataclass(frozen=True, slots=True)
class ListedVersions:
    """Versions of all resources, from lists of which the oldest shows the version `as_of`.

    `unlisted`: the kinds of which nothing is told.
    """

    versions: Mapping[Key, int]
    as_of: int
    unlisted: frozenset[str] = frozenset()


class Resync:
    """Fills the store, and checks by lists of names and versions whether the watch misses anything.

    kopf tells neither when its first list is complete nor what was deleted while a watch was
    interrupted, and a watch may die without a word.

    A kind that is read only with the whole cluster may be newer than the cluster's CRDs, or than
    the operator's role: an upgrade of the image alone goes on, as if there were none of it.
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
        needs_all: bool = False,
    ) -> None:
        """Every `interval` seconds; news may be late by `lag` seconds. No namespaces: all.

        `needs_all`: nothing may go on without any of the kinds.
        """
        self._api = api
        self._store = store
        self._feed = feed
        self._scopes: Sequence[str | None] = namespaces or [None]
        self._kinds = kinds_read_in(namespaces)
        self._interval = interval
        self._lag = lag
        self._needs_all = needs_all
        self._soon = asyncio.Event()
        self._unread: set[str] = set()
        self.is_filled = False
        self.watch_is_stale = False

    @property
    def unread(self) -> frozenset[str]:
        """The kinds that could not be listed by the first `fill`: they are not to be watched."""
        return frozenset(self._unread)

    async def fill(self) -> None:
        """Make the store what the cluster has now. Raises ApiError and ReadableNowError."""
        lacking: list[tuple[ManagedKind, ApiError]] = []
        for kind in self._kinds:
            for scope in self._scopes_of(kind):
                read = partial(_read_entry, kind.name)
                try:
                    listing = await self._api.list_resources(kind.name, scope, read)
                except ApiError as error:
                    if self._needs_all or not _may_lack(kind, error):
                        raise
                    lacking.append((kind, error))
                else:
                    self._check_unread(kind)
                    self._feed.listed(kind.name, scope, listing)
        for lacked, refusal in lacking:
            self._go_without(lacked, refusal)
        self.is_filled = True

    def _go_without(self, kind: ManagedKind, error: ApiError) -> None:
        """Go on where a kind can't be listed; what is known of it stays, unless it is gone."""
        if error.is_gone:
            for entry in list(self._store.of_kind(kind.name)):
                self._feed.vanished(entry)
        if not self.is_filled:
            self._unread.add(kind.name)
            log.warning(
                "%s.%s can't be listed, so the operator goes on as if there were none. %s. "
                "It looks again with each check.",
                kind.plural,
                GROUP,
                _remedy(kind, error),
            )

    def _check_unread(self, kind: ManagedKind) -> None:
        # A new process fills, watches and follows it from the start, as it does any other kind.
        if kind.name in self._unread:
            raise ReadableNowError(
                f"{kind.plural}.{GROUP} can be listed now. The process ends, to begin anew with it"
            )

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
        unlisted: set[str] = set()
        for kind in self._kinds:
            for scope in self._scopes_of(kind):
                read = partial(_read_version, kind.name)
                try:
                    listing = await self._api.list_metadata(kind.name, scope, read)
                except ApiError as error:
                    if not _may_lack(kind, error):
                        raise
                    if kind.name not in self._unread:
                        log.warning("%s could not be listed: %s", kind.plural, error)
                    if not error.is_gone:  # which proves that there is none
                        unlisted.add(kind.name)
                else:
                    self._check_unread(kind)
                    as_of.append(int(listing.resource_version))
                    versions.update(listing.items)
        return ListedVersions(versions, min(as_of), frozenset(unlisted))

    def _differing(self, snapshot: ListedVersions) -> tuple[set[Key], set[Key]]:
        """Resources of which the store has no news, or an old one; and those that are gone."""
        known = {entry.key: entry.version for entry in self._store}
        listed = snapshot.versions
        missed = {key for key, version in listed.items() if known.get(key, 0) < version}
        old = {
            key
            for key, version in known.items()
            if version <= snapshot.as_of and key.kind not in snapshot.unlisted
        }
        return missed, old - set(listed)
