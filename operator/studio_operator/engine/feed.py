"""News from Kubernetes and AWS, turned into keys that have to be looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from studio_operator.aws.keys import RecordKey
from studio_operator.engine.entries import Entry, Raw
from studio_operator.engine.index import domain_of, owner_of
from studio_operator.engine.store import Store
from studio_operator.kube.client import Listing
from studio_operator.kube.resources import Key


class Feed:
    """Feeds the store, and has planned anew whatever the news concerns."""

    def __init__(self, store: Store, enqueue: Callable[[Key], None]) -> None:
        self._store = store
        self._enqueue = enqueue
        self._listeners: list[Callable[[Key], None]] = []

    def when_gone(self, listener: Callable[[Key], None]) -> None:
        """Have somebody told of each key that is gone."""
        self._listeners.append(listener)

    def seen(self, raw: Raw) -> None:
        """A watch event of a resource that exists."""
        key = Key(raw["kind"], raw["metadata"]["namespace"], raw["metadata"]["name"])
        known = self._store.get(key)
        before = self._concerned_by(known) if known is not None else set()
        if not self._store.apply(raw):
            return
        entry = self._store.get(key)
        if entry is not None and entry is not known:  # new, or another of the same name
            self._enqueue_all(before | self._concerned_by(entry))
        self._enqueue(key)

    def gone(self, raw: Raw) -> None:
        """A watch event of a resource that exists no more."""
        key = Key(raw["kind"], raw["metadata"]["namespace"], raw["metadata"]["name"])
        known = self._store.get(key)
        concerned = self._concerned_by(known) if known is not None else set()
        if self._store.remove(raw):
            self._forget(key)
            self._enqueue_all(concerned)

    def vanished(self, entry: Entry) -> None:
        """The API server says that a resource exists no more."""
        metadata = {
            "namespace": entry.key.namespace,
            "name": entry.key.name,
            "uid": entry.uid,
            "resourceVersion": str(entry.version),
        }
        self.gone({"kind": entry.key.kind, "metadata": metadata})

    def listed(self, kind: str, namespace: str | None, listing: Listing) -> None:
        """A complete list of a kind."""
        before = {entry.key: self._concerned_by(entry) for entry in self._store.of_kind(kind)}
        version = int(listing.resource_version)
        for key in self._store.replace(kind, namespace, listing.items, version):
            entry = self._store.get(key)
            concerned = before.get(key, set())
            if entry is None:
                self._forget(key)
            else:
                concerned |= self._concerned_by(entry)
                self._enqueue(key)
            if key not in before or entry is None:
                self._enqueue_all(concerned)

    def record_changed(self, record: RecordKey) -> None:
        """AWS shows something new."""
        domains = self._domains_of(record)
        if not domains:
            self._enqueue_all(self._store.strays_in(record.region, record.domain_id))
        for domain in domains:
            if record.kind == "domain":
                self._enqueue(domain)
                self._enqueue_all(self._store.users_of(domain))
            else:
                self._enqueue_all(self._store.claimants(domain, record.name))
                self._enqueue_all(self._waiting_in(domain))

    def everything(self) -> None:
        """Have everything planned: what others depend on first."""
        for kind in ("StudioDomain", "UserProfile", "Space"):
            self._enqueue_all([entry.key for entry in self._store.of_kind(kind)])

    def _forget(self, key: Key) -> None:
        for listener in self._listeners:
            listener(key)

    def _domains_of(self, record: RecordKey) -> list[Key]:
        if record.kind == "domain" and not record.domain_id:  # the list of a region's domains
            return [
                entry.key
                for entry in self._store.of_kind("StudioDomain")
                if self._store.region_of(entry) == record.region
            ]
        return list(self._store.domains_with_id(record.region, record.domain_id))

    def _concerned_by(self, entry: Entry) -> set[Key]:
        """Whom it concerns that a resource appears or goes."""
        if entry.key.kind == "StudioDomain":
            concerned = set(self._store.users_of(entry.key))
        else:
            concerned = set(self._store.spaces_of(entry.key))
            concerned |= {key for key in (domain_of(entry), owner_of(entry)) if key}
        return concerned | self._store.rivals_of(entry)

    def _waiting_in(self, domain: Key) -> list[Key]:
        """The domain and its profiles that wait to be deleted until others are gone in AWS."""
        return [
            key
            for key in self._store.deleting
            if key == domain or (key.kind == "UserProfile" and key in self._store.users_of(domain))
        ]

    def _enqueue_all(self, keys: Iterable[Key]) -> None:
        for key in keys:
            if self._store.get(key) is not None:
                self._enqueue(key)
