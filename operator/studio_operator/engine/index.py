"""Who refers to whom, and who claims which resource in AWS."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from studio_operator.engine.entries import Entry
from studio_operator.kube.resources import Key

TermT = TypeVar("TermT", bound=Hashable)


class MultiIndex(Generic[TermT]):
    """Keys by terms, each key under several terms."""

    def __init__(self) -> None:
        self._keys: dict[TermT, set[Key]] = defaultdict(set)
        self._terms: dict[Key, tuple[TermT, ...]] = {}

    def put(self, key: Key, terms: Iterable[TermT]) -> None:
        """Have a key stand under exactly these terms."""
        wanted = tuple(terms)
        before = self._terms.get(key, ())
        if wanted == before:
            return
        for term in before:
            keys = self._keys[term]
            keys.discard(key)
            if not keys:
                del self._keys[term]
        for term in wanted:
            self._keys[term].add(key)
        if wanted:
            self._terms[key] = wanted
        else:
            self._terms.pop(key, None)

    def get(self, term: TermT) -> frozenset[Key] | set[Key]:
        """The keys under a term; not to be changed."""
        return self._keys.get(term, frozenset())


class AwsName(NamedTuple):
    """A name in AWS, or an id, that one resource only can have.

    Profiles and spaces of a domain share one name space in which case does not count.
    """

    scope: Key | str
    name: str


def domain_of(entry: Entry) -> Key | None:
    """The StudioDomain that a profile or space refers to."""
    reference = _member(entry.spec, "domainRef")
    if entry.key.kind == "StudioDomain" or "name" not in reference:
        return None
    namespace = reference.get("namespace") or entry.key.namespace
    return Key("StudioDomain", namespace, reference["name"])


def owner_of(entry: Entry) -> Key | None:
    """The UserProfile that a space refers to."""
    reference = _member(entry.spec, "ownerRef")
    if entry.key.kind != "Space" or "name" not in reference:
        return None
    return Key("UserProfile", entry.key.namespace, reference["name"])


_NAME_FIELDS = {
    "StudioDomain": "domainName",
    "UserProfile": "userProfileName",
    "Space": "spaceName",
}


def aws_name_of(entry: Entry) -> str:
    """The name in AWS."""
    return str(entry.spec.get(_NAME_FIELDS[entry.key.kind]) or entry.key.name)


def region_of(entry: Entry, default_region: str) -> str:
    """The AWS region of a StudioDomain."""
    region = _member(entry.spec, "aws").get("region") or entry.memory.region
    return str(region or default_region)


def domain_id_of(entry: Entry) -> str | None:
    """The id of a StudioDomain in AWS, as soon as it is known."""
    known = entry.memory.domain_id or entry.spec.get("domainId")
    return str(known) if known else None


def claims_of(entry: Entry, default_region: str) -> tuple[AwsName, ...]:
    """What the entry wants to be the only one to have in AWS."""
    domain = domain_of(entry)
    if domain is not None:
        return (AwsName(domain, aws_name_of(entry).lower()),)
    if entry.key.kind != "StudioDomain":
        return ()
    region, domain_id = region_of(entry, default_region), domain_id_of(entry)
    if entry.spec.get("domainId"):
        return (domain_claim(region, entry.spec["domainId"]),)
    by_name = AwsName(f"name {region}", aws_name_of(entry))
    return (by_name, domain_claim(region, domain_id)) if domain_id else (by_name,)


def domain_claim(region: str, domain_id: str) -> AwsName:
    """The claim on a domain by its id."""
    return AwsName(f"id {region}", domain_id)


def admits(domain: Entry, namespace: str) -> bool:
    """Whether profiles and spaces of a namespace may use a StudioDomain."""
    allowed = domain.spec.get("allowedNamespaces") or ()
    return namespace == domain.key.namespace or namespace in allowed or "*" in allowed


def _member(spec: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = spec.get(name)
    return value if isinstance(value, Mapping) else {}
