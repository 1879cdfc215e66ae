"""What is in AWS, as Describe calls and ListTags answer: a domain with all in it, or a kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from studio_operator.aws.inventory.parsing import described
from studio_operator.kinds.exporting import Answered
from studio_operator.kinds.managed_kind import ManagedKind, ScopeLevel
from studio_operator.kinds.registry import BY_NAME, HOLDER, KINDS
from studio_operator.plugin.export.account import Account, NotInAwsError, absent_domain

Json = Mapping[str, Any]
# What goes on, and how much of all is done, from 0 to 1.
Advance = Callable[[str, float], None]

DOMAIN = BY_NAME[HOLDER]
EXPORTED = tuple(kind for kind in KINDS if kind.exporting is not None)
IN_DOMAIN = tuple(kind for kind in EXPORTED if kind.scope_level is ScopeLevel.DOMAIN)


@dataclass(frozen=True)
class Described:
    """One thing: DescribeX's answer, its tags, and what it has besides."""

    answer: Json
    tags: Mapping[str, str]
    companion: Any = None

    @property
    def status(self) -> str:
        """Its status, for example InService."""
        return str(self.answer["Status"])


@dataclass(frozen=True)
class Estate:
    """What there is in a domain, or in a region outside of domains.

    `things` by kind, in the order of the registry; `listed`: what these have besides, as items of
    its listing, by its type.
    """

    region: str
    things: Mapping[str, tuple[Described, ...]]
    listed: Mapping[str, tuple[Json, ...]] = field(default_factory=dict)

    @property
    def domain(self) -> Described:
        """The domain."""
        return self.things[HOLDER][0]

    def each(self) -> Iterator[tuple[ManagedKind, Described]]:
        """All things, each with its kind."""
        return ((BY_NAME[name], one) for name, things in self.things.items() for one in things)

    def answered(self, kind: ManagedKind, thing: Described, drift: str = "Report") -> Answered:
        """A thing with what it has besides, as its kind takes it."""
        record, listed = described(kind.aws, thing.answer), self.listed_for(kind)
        return Answered(thing.answer, record, thing.companion, self.region, listed, drift)

    def listed_for(self, kind: ManagedKind) -> tuple[Json, ...]:
        """What things of a kind have besides, and what is listed with that."""
        return self.listed.get(kind.companion.name, ()) if kind.companion else ()


def read_estate(account: Account, domain_id: str, advance: Advance) -> Estate:
    """All of a domain. Raises NotFoundError, RefusedError and PluginError."""
    type_ = DOMAIN.aws
    try:
        answer = account.read(type_.describing, **{type_.id: domain_id})
    except NotInAwsError as error:
        raise absent_domain(domain_id, account) from error
    domain = Described(answer, account.tags(answer[type_.arn]))
    rest = read_all(account, IN_DOMAIN, advance, domain_id)
    return Estate(account.region, {DOMAIN.name: (domain,), **rest.things}, rest.listed)


def read_all(
    account: Account, kinds: tuple[ManagedKind, ...], advance: Advance, domain_id: str = ""
) -> Estate:
    """All of these kinds: in a domain, or in the account's region. Raises as `read_estate`.

    What went while we read is left out.
    """
    within = {"DomainIdEquals": domain_id} if domain_id else {}
    named = {"DomainId": domain_id} if domain_id else {}
    ids: list[tuple[ManagedKind, str]] = []
    listed: dict[str, tuple[Json, ...]] = {}
    beside: dict[str, Mapping[str, Any]] = {}
    for kind in kinds:
        items = account.pages(kind.aws.listing, kind.aws.items, **within)
        ids += sorted(((kind, str(one[kind.aws.id])) for one in items), key=lambda one: one[1])
    for kind in kinds:
        if (extra := kind.companion) is not None:
            listed[extra.name] = tuple(account.pages(extra.listing, extra.items, **within))
            beside[kind.name] = extra.listed(listed[extra.name])
    things: dict[str, tuple[Described, ...]] = {kind.name: () for kind in kinds}
    for number, (kind, id_) in enumerate(ids):
        advance(f"{kind.noun} {id_}", number / len(ids))
        try:
            answer = account.read(kind.aws.describing, **named, **{kind.aws.id: id_})
            tags = account.tags(answer[kind.aws.arn])
        except NotInAwsError:
            continue
        companion = beside.get(kind.name, {}).get(kind.record_name(id_))
        things[kind.name] += (Described(answer, tags, companion),)
    return Estate(account.region, things, listed)
