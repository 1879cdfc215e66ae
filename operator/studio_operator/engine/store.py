"""What is declared in the cluster, as watch events and lists tell it, and the ways through it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from studio_operator.api.common import CommonStatus
from studio_operator.engine.entries import Entry, Raw
from studio_operator.engine.index import (
    AwsName,
    MultiIndex,
    admits,
    claims_of,
    domain_claim,
    domain_of,
    owner_of,
    region_of,
)
from studio_operator.kube.resources import Key

# Of so many deletions it is known when they happened; answers come late by seconds at most.
GONE_REMEMBERED = 1_000


class Store:
    """The declared resources by key, with indexes by reference, owner and name in AWS.

    For one event loop. News may come twice, late and out of order: an older one changes nothing.
    """

    def __init__(self, default_region: str) -> None:
        self.default_region = default_region
        self._entries: dict[Key, Entry] = {}
        self._lists: dict[tuple[str, str | None], int] = {}
        self._gone: dict[Key, int] = {}  # the version at which each was deleted, oldest first
        self._by_domain: MultiIndex[Key] = MultiIndex()
        self._by_owner: MultiIndex[Key] = MultiIndex()
        self._by_claim: MultiIndex[AwsName] = MultiIndex()
        self._by_kind: dict[str, dict[Key, Entry]] = {}
        self.deleting: set[Key] = set()  # not to be changed by others

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

    # --- news ---

    def apply(self, raw: Raw) -> bool:
        """Take a body from a watch event or from the answer to a write.

        Returns whether a planner would find anything new in it: our own writes come back as
        events, with a version that is known already.
        """
        entry = Entry.from_raw(raw)
        known = self._entries.get(entry.key)
        newest = known.version if known is not None else self._absent_at(entry.key)
        if entry.version <= newest:
            return False
        return self._put(entry, known)

    def remove(self, raw: Raw) -> bool:
        """Take the news that a resource is gone; False when another of its name took its place.

        The answer to a write of ours may come after this news, and must not bring it back.
        """
        metadata = raw["metadata"]
        key = Key(raw["kind"], metadata["namespace"], metadata["name"])
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
        for index in (self._by_domain, self._by_owner):
            index.put(key, ())
        self._by_claim.put(key, ())
        self.deleting.discard(key)

    def replace(
        self, kind: str, namespace: str | None, items: Iterable[Raw], version: int
    ) -> set[Key]:
        """Take a complete list of a kind, in one namespace or in all; returns what is new or gone.

        A watch that was interrupted never tells of what was deleted meanwhile; a list does.
        """
        self._lists[kind, namespace] = version
        entries = {entry.key: entry for entry in map(Entry.from_raw, items)}
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
            if (known is None or entry.version > known.version) and self._put(entry, known):
                changed.add(key)
        return changed

    def remember(self, entry: Entry, status: CommonStatus) -> None:
        """Take a planned status for the planners' memory."""
        before = entry.memory
        entry.remember(status)
        if (before.domain_id, before.region) != (status.domain_id, status.region):
            self._index(entry)

    # --- ways through ---

    def users_of(self, domain: Key) -> Collection[Key]:
        """Profiles and spaces that refer to a StudioDomain."""
        return self._by_domain.get(domain)

    def spaces_of(self, profile: Key) -> Collection[Key]:
        """Spaces that refer to a UserProfile."""
        return self._by_owner.get(profile)

    def domains_with_id(self, region: str, domain_id: str) -> Collection[Key]:
        """StudioDomains that stand for a domain in AWS."""
        return self._by_claim.get(domain_claim(region, domain_id))

    def claimants(self, domain: Key, name: str) -> Collection[Key]:
        """Profiles and spaces with a name in AWS, in a domain."""
        return self._by_claim.get(AwsName(domain, name.lower()))

    def region_of(self, domain: Entry) -> str:
        """The AWS region of a StudioDomain."""
        return region_of(domain, self.default_region)

    def strays_in(self, region: str, domain_id: str) -> Collection[Key]:
        """Profiles and spaces that were in a domain and whose StudioDomain does not exist."""
        return [
            entry.key
            for kind in ("UserProfile", "Space")
            for entry in self.of_kind(kind)
            if entry.memory.domain_id == domain_id
            and (entry.memory.region or self.default_region) == region
            and domain_of(entry) not in self._entries
        ]

    def rivals_of(self, entry: Entry) -> set[Key]:
        """All others that claim the same in AWS."""
        claims = claims_of(entry, self.default_region)
        return {key for claim in claims for key in self._by_claim.get(claim)} - {entry.key}

    def rival_of(self, entry: Entry) -> Key | None:
        """The resource that claims the same in AWS and came first; None when there is none.

        One that its StudioDomain does not admit can't take a name from those that are.
        """
        keys = self.rivals_of(entry)
        if not keys:
            return None
        rivals = (self._entries[key] for key in keys)
        first = min(filter(self._is_admitted, rivals), key=_seniority, default=entry)
        return first.key if _seniority(first) < _seniority(entry) else None

    def _is_admitted(self, entry: Entry) -> bool:
        domain_key = domain_of(entry)
        if domain_key is None:
            return True
        domain = self._entries.get(domain_key)
        return domain is not None and admits(domain, entry.key.namespace)

    def _note_gone(self, key: Key, version: int) -> None:
        self._gone.pop(key, None)
        self._gone[key] = version
        if len(self._gone) > GONE_REMEMBERED:
            del self._gone[next(iter(self._gone))]

    def _absent_at(self, key: Key) -> int:
        """The newest version at which a resource that is not known was seen to be absent."""
        listed = (self._lists.get((key.kind, place), 0) for place in (None, key.namespace))
        return max(*listed, self._gone.get(key, 0))

    def _put(self, entry: Entry, known: Entry | None) -> bool:
        """Take a newer body; whether it holds anything new for a planner."""
        if known is not None and known.uid == entry.uid:
            news = known.differs(entry)
            redeclared = known.generation != entry.generation or known.deleting != entry.deleting
            reread = not known.planned and known.shown != entry.shown
            known.update(entry)
            if redeclared or reread:
                self._index(known)
            return news
        self._entries[entry.key] = entry
        self._by_kind.setdefault(entry.key.kind, {})[entry.key] = entry
        self._index(entry)
        return True

    def _index(self, entry: Entry) -> None:
        domain, owner = domain_of(entry), owner_of(entry)
        self._by_domain.put(entry.key, (domain,) if domain else ())
        self._by_owner.put(entry.key, (owner,) if owner else ())
        self._by_claim.put(entry.key, claims_of(entry, self.default_region))
        if entry.deleting:
            self.deleting.add(entry.key)
        else:
            self.deleting.discard(entry.key)


def _seniority(entry: Entry) -> tuple[float, str, str]:
    """The order in which claims on the same name count: who came first, then by name."""
    return (entry.created_at.timestamp(), entry.key.namespace, entry.key.name)
