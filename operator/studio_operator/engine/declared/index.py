"""Who refers to whom, and who claims which resource in AWS."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import Generic, NamedTuple, Protocol, TypeVar

from studio_operator.api.reading import mapping_in, text_in
from studio_operator.engine.declared.entries import Entry
from studio_operator.kinds.managed_kind import ScopeLevel
from studio_operator.kinds.registry import BY_NAME, HOLDER, PERSON
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

    Profiles and spaces of a domain share one name space in which case does not count. Outside of
    domains each kind has its own, in each region.
    """

    scope: Key | str
    name: str


class Refers(Protocol):
    """Something that refers to resources."""

    @property
    def refers_to(self) -> tuple[Key, ...]:
        """Those that its spec names."""


def domain_of(entry: Refers) -> Key | None:
    """The StudioDomain that a profile or space refers to."""
    return _reference(entry, HOLDER)


def owner_of(entry: Refers) -> Key | None:
    """The UserProfile that a space refers to."""
    return _reference(entry, PERSON)


def _reference(entry: Refers, kind: str) -> Key | None:
    for key in entry.refers_to:
        if key.kind == kind:
            return key
    return None


def is_in_domain(key: Key) -> bool:
    """Whether resources of the kind live in a domain."""
    return BY_NAME[key.kind].scope_level is ScopeLevel.DOMAIN


def is_in_aws(key: Key) -> bool:
    """Whether resources of the kind stand for things in AWS."""
    return BY_NAME[key.kind].aws_type is not None


def region_of(entry: Entry, default_region: str) -> str:
    """The AWS region of what is in no domain: it stays where it is once it was asked for."""
    status, known_id = entry.status, BY_NAME[entry.key.kind].known_id
    begun = status.arn or status.operation or (known_id and known_id(status, None))
    settled = status.region if begun else None
    return text_in(mapping_in(entry.spec, "aws"), "region") or settled or default_region


def id_of(entry: Entry) -> str | None:
    """The id that AWS made for what a resource stands for, as soon as it is known."""
    known_id = BY_NAME[entry.key.kind].known_id
    return known_id(entry.status, declared_id_of(entry)) if known_id else None


def domain_id_of(entry: Entry) -> str | None:
    """The id of the domain that a StudioDomain stands for; None for all that is no domain."""
    return id_of(entry) if BY_NAME[entry.key.kind].holds_others else None


def declared_id_of(entry: Entry) -> str | None:
    """The id in AWS that a spec names, of what exists there already."""
    id_field = BY_NAME[entry.key.kind].id_field
    return text_in(entry.spec, id_field) if id_field else None


def claims_of(entry: Entry, default_region: str) -> tuple[AwsName, ...]:
    """What the entry wants to be the only one to have in AWS."""
    if not is_in_aws(entry.key):
        return ()
    if is_in_domain(entry.key):
        domain = domain_of(entry)
        return (AwsName(domain, entry.aws_name.lower()),) if domain is not None else ()
    kind, region, id_ = entry.key.kind, region_of(entry, default_region), id_of(entry)
    declared_id = declared_id_of(entry)
    if declared_id is not None:
        return (id_claim(kind, region, declared_id),)
    by_name = AwsName(f"{kind} by name in {region}", BY_NAME[kind].record_name(entry.aws_name))
    return (by_name, id_claim(kind, region, id_)) if id_ else (by_name,)


def owners_in_aws_of(entry: Entry) -> tuple[AwsName, ...]:
    """The user profile that owns a space in AWS, as it was seen last."""
    domain, owner = domain_of(entry), entry.observed_in.owner
    return (AwsName(domain, owner.lower()),) if domain is not None and owner else ()


def id_claim(kind: str, region: str, id_: str) -> AwsName:
    """The claim on a thing of a kind by its id."""
    return AwsName(f"{kind} by id in {region}", id_)


def admits(domain: Entry, namespace: str) -> bool:
    """Whether resources of a namespace may use a StudioDomain; those of no namespace always may.

    Who may write what is in no namespace may write in each of them.
    """
    if namespace in {"", domain.key.namespace}:
        return True
    allowed = allowed_namespaces(domain)
    return namespace in allowed or "*" in allowed


def allowed_namespaces(domain: Entry) -> tuple[object, ...]:
    """The namespaces that a StudioDomain lists; none where it holds no list."""
    allowed = domain.spec.get("allowedNamespaces")
    return tuple(allowed) if isinstance(allowed, list) else ()
