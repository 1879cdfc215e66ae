"""News from Kubernetes and AWS, turned into keys that have to be looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from studio_operator.engine.declared.entries import Entry, Raw
from studio_operator.engine.declared.index import admits, domain_of
from studio_operator.engine.declared.store import Store
from studio_operator.engine.declared.tenancy import keys_under, rules_of, tenants_of
from studio_operator.kinds.registry import KINDS, REFERENCES
from studio_operator.kinds.resource_id import Changed, ResourceId, holder_of
from studio_operator.kube.client import ResourceList
from studio_operator.kube.resources import Key, key_of
from studio_operator.plan.scope import Scope


class Feed:
    """Feeds the store, and has planned anew whatever the news concerns."""

    def __init__(
        self,
        store: Store,
        enqueue: Callable[[Key], None],
        enqueue_later: Callable[[Key], None] | None = None,
    ) -> None:
        """`enqueue_later`: for what only counts others, which may come and go in crowds."""
        self._store = store
        self._enqueue = enqueue
        self._enqueue_later = enqueue_later or enqueue
        self._listeners: list[Callable[[Key], None]] = []

    def when_gone(self, listener: Callable[[Key], None]) -> None:
        """Have somebody told of each key that is gone."""
        self._listeners.append(listener)

    def seen(self, raw: Raw) -> None:
        """A watch event of a resource that exists."""
        key = key_of(raw)
        known = self._store.get(key)
        before = self._concerned_by(known) if known is not None else set()
        ruled = rules_of(known) if known is not None else None
        if not self._store.apply(raw):
            return
        entry = self._store.get(key)
        if entry is not None and entry is not known:  # new, or another of the same name
            self._enqueue_all(before | self._concerned_by(entry))
            self._count_anew(key)
        rules = rules_of(entry) if entry is not None else None
        if rules != ruled:
            self._enqueue_all(keys_under(self._store, (ruled, rules)))
        self._enqueue(key)

    def gone(self, raw: Raw) -> None:
        """A watch event of a resource that exists no more."""
        key = key_of(raw)
        known = self._store.get(key)
        concerned = self._concerned_by(known) if known is not None else set()
        ruled = rules_of(known) if known is not None else None
        if self._store.remove(raw):
            self._forget(key)
            self._enqueue_all(concerned)
            self._enqueue_all(keys_under(self._store, (ruled,)))
            self._count_anew(key)

    def vanished(self, entry: Entry) -> None:
        """The API server says that a resource exists no more."""
        metadata = {
            "namespace": entry.key.namespace,
            "name": entry.key.name,
            "uid": entry.uid,
            "resourceVersion": str(entry.version),
        }
        self.gone({"kind": entry.key.kind, "metadata": metadata})

    def listed(self, kind: str, namespace: str | None, listing: ResourceList[Entry]) -> None:
        """A complete list of a kind."""
        before = {entry.key: self._concerned_by(entry) for entry in self._store.of_kind(kind)}
        ruled = [rules_of(entry) for entry in self._store.of_kind(kind)]
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
                self._count_anew(key)
        rules = [rules_of(entry) for entry in self._store.of_kind(kind)]
        if rules != ruled:
            self._enqueue_all(keys_under(self._store, (*ruled, *rules)))

    def record_changed(self, changed: Changed) -> None:
        """AWS shows something new of a resource, or of a scope as a whole."""
        scope = changed.scope if isinstance(changed, ResourceId) else changed
        if isinstance(changed, ResourceId):
            self._enqueue_all(list(self._store.waiting_for(changed)))
        elif changed.domain_id is not None:
            self._enqueue_all(list(self._store.waiting_for(holder_of(changed))))
        if isinstance(changed, ResourceId) and scope.domain_id is None:
            self._enqueue_all(list(self._store.candidates(changed)))
            return
        domains = self._domains_of(scope)
        if not domains and scope.domain_id:
            self._enqueue_all(self._store.strays_in(scope))
        for domain in domains:
            if isinstance(changed, Scope):
                self._enqueue(domain)
                self._enqueue_all(self._store.users_of(domain))
            else:
                self._enqueue_all(self._store.claimants(domain, changed.name))
                if changed.kind in REFERENCES.referred_to:  # whose it is counts while a space lives
                    self._enqueue_all(self._store.spaces_owned_by(domain, changed.name))
                self._enqueue_all(self._waiting_in(domain))
                if self._waits_for_contents(domain):
                    self._enqueue(domain)

    def everything(self) -> None:
        """Have everything planned: what others depend on first."""
        for kind in KINDS:
            self._enqueue_all([entry.key for entry in self._store.of_kind(kind.name)])

    def _count_anew(self, key: Key) -> None:
        """Have the tenants of a namespace planned in which something appeared or went."""
        for tenant in tenants_of(self._store, key.namespace):
            self._enqueue_later(tenant)

    def _forget(self, key: Key) -> None:
        for listener in self._listeners:
            listener(key)

    def _domains_of(self, scope: Scope) -> list[Key]:
        if scope.domain_id is None:  # the lists of a region
            return [entry.key for entry in self._store.of_region(scope.account_region)]
        return list(self._store.domains_with_id(scope))

    def _concerned_by(self, entry: Entry) -> set[Key]:
        """Whom it concerns that a resource appears or goes."""
        users, domain = self._store.users_of(entry.key), domain_of(entry)
        if self._is_refused(entry):
            return {*users, *(key for key in entry.refers_to if key != domain)}
        return {*users, *entry.refers_to, *self._store.rivals_of(entry)}

    def _is_refused(self, entry: Entry) -> bool:
        """Whether its StudioDomain never admitted a profile or space: it is no news to others."""
        key = domain_of(entry)
        domain = self._store.get(key) if key is not None else None
        return (
            domain is not None and not admits(domain, entry.key.namespace) and not entry.status.arn
        )

    def _waits_for_contents(self, domain: Key) -> bool:
        """Whether AWS refuses a change of the domain until apps or profiles of it are gone."""
        entry = self._store.get(domain)
        refusals = getattr(entry.status, "refusals", None) if entry else None
        return any(one.waits_for is not None for one in refusals or ())

    def _waiting_in(self, domain: Key) -> list[Key]:
        """The domain, and what of it others refer to, that wait until those are gone in AWS."""
        return [
            key
            for key in self._store.deleting
            if key == domain
            or (key.kind in REFERENCES.referred_to and key in self._store.users_of(domain))
        ]

    def _enqueue_all(self, keys: Iterable[Key]) -> None:
        for key in keys:
            if self._store.get(key) is not None:
                self._enqueue(key)
