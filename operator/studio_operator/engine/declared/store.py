"""What is declared in the cluster, as watch events and lists tell it, and the ways through it."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator

from studio_operator.api.common import CommonStatus
from studio_operator.engine.declared.claims import Claims
from studio_operator.engine.declared.entries import Entry, Raw, Snapshot, version_of
from studio_operator.engine.declared.index import (
    AwsName,
    MultiIndex,
    claims_of,
    domain_of,
    id_claim,
    id_of,
    owners_in_aws_of,
    region_of,
)
from studio_operator.kinds.managed_kind import ScopeLevel
from studio_operator.kinds.registry import BY_NAME, GOVERNING, HOLDER, KINDS, REFERENCES
from studio_operator.kinds.resource_id import ResourceId
from studio_operator.kube.resources import Key, key_of
from studio_operator.plan.scope import AccountRegion, Scope

# Of so many deletions it is known when they happened; answers come late by seconds at most.
GONE_REMEMBERED = 1_000


class Store:
    """The declared resources by key, with indexes by reference, owner and name in AWS.

    For one event loop. News may come twice, late and out of order: an older one changes nothing.
    """

    def __init__(self, default_region: str, regions: Container[str] | None = None) -> None:
        """`regions`: those that the operator works in; any when left out."""
        self.default_region = default_region
        self._regions = regions
        self._entries: dict[Key, Entry] = {}
        self._lists: dict[tuple[str, str | None], int] = {}
        self._gone: dict[Key, int] = {}  # the version at which each was deleted, oldest first
        self._referring: MultiIndex[Key] = MultiIndex()
        self._by_claim: MultiIndex[AwsName] = MultiIndex()
        self._by_owner_in_aws: MultiIndex[AwsName] = MultiIndex()
        self._waiting: MultiIndex[ResourceId] = MultiIndex()
        self._by_kind: dict[str, dict[Key, Entry]] = {}
        # Neither is to be changed by others.
        self.deleting: set[Key] = set()
        self.governing: dict[Key, Entry] = {}  # those that make rules for namespaces
        self.claims = Claims()

    def get(self, key: Key) -> Entry | None:
        """The entry of that key."""
        return self._entries.get(key)

    def of_kind(self, kind: str) -> Collection[Entry]:
        """All entries of a kind."""
        return self._by_kind.get(kind, {}).values()

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def snapshot(self) -> list[Snapshot]:
        """All entries as they are now, for another thread."""
        return [entry.snapshot() for entry in self]

    # --- news ---

    def apply(self, raw: Raw) -> bool:
        """Take a body from a watch event or from the answer to a write.

        Returns whether a planner would find anything new in it: our own writes come back as
        events, with a version that is known already.
        """
        key = key_of(raw)
        if version_of(raw) <= self._newest_at(key):
            return False
        return self._put(Entry.from_raw(raw, self._entries.get(key)))

    def take(self, entry: Entry) -> None:
        """The same of a body that was read already."""
        if entry.version > self._newest_at(entry.key):
            self._put(entry)

    def remove(self, raw: Raw) -> bool:
        """Take the news that a resource is gone; False when another of its name took its place.

        The answer to a write of ours may come after this news, and must not bring it back.
        """
        metadata = raw["metadata"]
        key = key_of(raw)
        self._note_gone(key, int(metadata["resourceVersion"]))
        known = self._entries.get(key)
        if known is None or known.uid != metadata["uid"]:
            return False
        self.drop(key)
        return True

    def drop(self, key: Key) -> None:
        """Forget a resource."""
        self._entries.pop(key, None)
        self._by_kind.get(key.kind, {}).pop(key, None)
        self.governing.pop(key, None)
        self.claims.put(key, None)
        self._referring.put(key, ())
        for names in (self._by_claim, self._by_owner_in_aws):
            names.put(key, ())
        self._waiting.put(key, ())
        self.deleting.discard(key)

    def replace(
        self, kind: str, namespace: str | None, items: Iterable[Entry], version: int
    ) -> set[Key]:
        """Take a complete list of a kind, in one namespace or in all; returns what is new or gone.

        A watch that was interrupted never tells of what was deleted meanwhile; a list does.
        """
        self._lists[kind, namespace] = version
        entries = {entry.key: entry for entry in items}
        changed = {
            known.key
            for known in self.of_kind(kind)
            if known.key not in entries
            and known.version <= version
            and namespace in {None, known.key.namespace}
        }
        for key in changed:
            self.drop(key)
        for key, entry in entries.items():
            known = self._entries.get(key)
            if (known is None or entry.version > known.version) and self._put(entry):
                changed.add(key)
        return changed

    def remember(self, entry: Entry, status: CommonStatus) -> None:
        """Take a planned status as the one that planners get."""
        before = entry.observed_in
        entry.remember(status)
        if before != entry.observed_in:
            self._index(entry)

    def await_change(self, key: Key, records: Iterable[ResourceId]) -> None:
        """A resource waits until one of these, which it does not name, changes in AWS."""
        self._waiting.put(key, records)

    # --- ways through ---

    def waiting_for(self, record: ResourceId) -> Collection[Key]:
        """Those that wait until it changes."""
        return self._waiting.get(record)

    def users_of(self, key: Key) -> Collection[Key]:
        """Those who refer to a resource: to a domain its profiles and spaces, for example."""
        return self._referring.get(key)

    def domains_with_id(self, scope: Scope) -> Collection[Key]:
        """StudioDomains that stand for a domain in AWS."""
        return self._by_claim.get(id_claim(HOLDER, scope.region, scope.domain_id or ""))

    def claimants(self, domain: Key, name: str) -> Collection[Key]:
        """Profiles and spaces with a name in AWS, in a domain."""
        return self._by_claim.get(AwsName(domain, name.lower()))

    def of_region(self, where: AccountRegion) -> Iterator[Entry]:
        """What stands for things in a region and in no domain."""
        for kind in KINDS:
            if kind.scope_level is ScopeLevel.REGION:
                yield from (
                    entry
                    for entry in self.of_kind(kind.name)
                    if self.region_of(entry) == where.region
                )

    def candidates(self, changed: ResourceId) -> Iterator[Key]:
        """What may stand for a thing that is in no domain; of which no id is known, it may."""
        kind = BY_NAME[changed.kind]
        for entry in self.of_region(changed.scope.account_region):
            if entry.key.kind == changed.kind:
                known = id_of(entry) if kind.known_id else kind.record_name(entry.aws_name)
                if known in {None, changed.name}:
                    yield entry.key

    def spaces_owned_by(self, domain: Key, name: str) -> Collection[Key]:
        """Spaces that a user profile of a domain owns in AWS."""
        return self._by_owner_in_aws.get(AwsName(domain, name.lower()))

    def region_of(self, entry: Entry) -> str:
        """The AWS region of what is in no domain; empty where the operator does not work in it."""
        return self.usable_region(region_of(entry, self.default_region))

    def usable_region(self, region: str) -> str:
        """The region; empty for one that the operator does not work in."""
        return region if self._regions is None or region in self._regions else ""

    def strays_in(self, scope: Scope) -> Collection[Key]:
        """Profiles and spaces that were in a domain and whose StudioDomain does not exist."""
        return [
            entry.key
            for kind in KINDS
            if kind.scope_level is ScopeLevel.DOMAIN
            for entry in self.of_kind(kind.name)
            if self._was_observed_in(entry) == scope and domain_of(entry) not in self._entries
        ]

    def _was_observed_in(self, entry: Entry) -> Scope:
        observed = entry.observed_in.scope
        return observed if observed.region else observed._replace(region=self.default_region)

    def rivals_of(self, entry: Entry) -> set[Key]:
        """All others that claim the same in AWS."""
        claims = claims_of(entry, self.default_region)
        return {key for claim in claims for key in self._by_claim.get(claim)} - {entry.key}

    def rival_of(self, entry: Entry) -> Key | None:
        """The resource of the same namespace that claims the same in AWS and came first.

        Age counts among one tenant's resources only. An older one of another namespace that has
        nothing in AWS may be refused, wait for ever or be there to stand in the way: between
        tenants, AWS's tag says whose a name is.
        """
        namespace = entry.key.namespace
        rivals = [self._entries[key] for key in self.rivals_of(entry) if key.namespace == namespace]
        first = min((entry, *rivals), key=_seniority) if rivals else entry
        return None if first is entry else first.key

    def _note_gone(self, key: Key, version: int) -> None:
        self._gone.pop(key, None)
        self._gone[key] = version
        if len(self._gone) > GONE_REMEMBERED:
            del self._gone[next(iter(self._gone))]

    def _newest_at(self, key: Key) -> int:
        """The version of a resource, or the newest at which it was seen to be absent."""
        known = self._entries.get(key)
        if known is not None:
            return known.version
        listed = (self._lists.get((key.kind, place), 0) for place in (None, key.namespace))
        return max(*listed, self._gone.get(key, 0))

    def _put(self, entry: Entry) -> bool:
        """Take a newer body; whether it holds anything new for a planner."""
        known = self._entries.get(entry.key)
        if known is not None and known.uid == entry.uid:
            news = known.differs(entry)
            redeclared = known.generation != entry.generation or known.deleting != entry.deleting
            reread = not known.planned and not known.shows_as(entry)
            known.update(entry)
            if redeclared or reread:
                self._index(known)
            return news
        self._entries[entry.key] = entry
        self._by_kind.setdefault(entry.key.kind, {})[entry.key] = entry
        if entry.key.kind in GOVERNING:
            self.governing[entry.key] = entry
        self._index(entry)
        return True

    def _index(self, entry: Entry) -> None:
        self._referring.put(entry.key, entry.refers_to)
        self._by_claim.put(entry.key, claims_of(entry, self.default_region))
        self._by_owner_in_aws.put(entry.key, owners_in_aws_of(entry))
        self.claims.put(entry.key, entry.rules)
        if entry.deleting:
            self.deleting.add(entry.key)
        else:
            self.deleting.discard(entry.key)


def _seniority(entry: Entry) -> tuple[float, int, str, str]:
    """The order in which claims on the same name count: who came first, then by kind and name.

    Times have whole seconds, and one `kubectl apply` makes much in a second. No two resources are
    alike in all of this, so that one of them always wins, and the same one after a restart.
    """
    key = entry.key
    return (entry.created_at.timestamp(), REFERENCES.rank_of(key.kind), key.namespace, key.name)
