"""What runs costs an hour, as status tells it. A price that is not known is none."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from studio_operator.kinds.registry import BY_NAME, HOLDER, PERSON
from studio_operator.kube.resources import PLURALS, Key, key_of
from studio_operator.plan.decisions import counted
from studio_operator.plan.prices import UNKNOWN
from studio_operator.plugin.explanation.dependency_chain import dependencies, referred
from studio_operator.plugin.names import DEFAULT_KIND, target_of
from studio_operator.plugin.times import span

Raw = Mapping[str, Any]
# Phases in which it is paid for; while a change is under way only the cost itself tells.
_RUNNING = frozenset({"Starting", "InService", "Stopping"})
COLUMNS = ("namespace", "name", "domain", "owner", "instance", "status", "uptime", "cost/h")
NOBODY = "-"


class By(StrEnum):
    """What costs are summed up by."""

    OWNER = "owner"
    TEAM = "team"
    DOMAIN = "domain"


@dataclass(frozen=True, slots=True)
class Spending:
    """One space, or other resource that starts and stops, that is paid for as it runs.

    - `instance_type`: what it runs on.
    - `team`: the value of the tag that names the team; None without one, or if nobody asked.
    - `hour`: what an hour costs in `currency`; None where that is not known.
    - `hours`: for how long it has run without a break, as far as the operator saw; None while it
      starts or stops.
    """

    kind: str
    namespace: str
    name: str
    domain: str
    domain_namespace: str
    owner: str | None
    team: str | None
    instance_type: str | None
    phase: str
    hours: float | None
    hour: Decimal | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class Sum:
    """What several cost: by currency, how many they are of each kind, and of unknown price."""

    counts: Mapping[str, int]
    hour: Mapping[str, Decimal]
    unknown: int

    @property
    def spaces(self) -> int:
        """How many are of the kind that `top` is about first of all."""
        return self.counts.get(DEFAULT_KIND, 0)

    @property
    def count(self) -> int:
        """How many there are of all kinds."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Share:
    """The sum of an owner or domain of a namespace, or of a team wherever its spaces are."""

    namespace: str | None
    name: str | None
    sum: Sum


def find_spending(
    spaces: Iterable[Raw], now: datetime, tag: str = "", others: Iterable[Raw] = ()
) -> list[Spending]:
    """Those that run, the dearest first, those of unknown price before them.

    `tag` is the key of the tag that names a team: that of the space, else of its owner's profile,
    else of its domain, as in the operator's metrics. These are among the `others`.
    """
    tags = {key_of(one): one["spec"].get("tags") or {} for one in others}
    running = [space for space in spaces if _runs(space.get("status", {}))]
    found = [_of_space(space, now, _team_of(space, tag, tags)) for space in running]
    return sorted(found, key=lambda one: (_dearest(one.hour), one.namespace, one.name))


def domains_elsewhere(spaces: Sequence[Raw]) -> list[Key]:
    """The domains that spaces name in other namespaces than their own, each once."""
    keys = (key for space in spaces for key in dependencies(space) if key.kind == HOLDER)
    own = {space["metadata"]["namespace"] for space in spaces}
    return sorted({key for key in keys if key.namespace not in own})


def add_up(found: Sequence[Spending]) -> Sum:
    """The sum of all; amounts of different currencies stay apart."""
    amounts: defaultdict[str, Decimal] = defaultdict(Decimal)
    for one in found:
        if one.hour is not None and one.currency is not None:
            amounts[one.currency] += one.hour
    counts = dict(sorted(Counter(one.kind for one in found).items()))
    return Sum(counts, dict(sorted(amounts.items())), sum(one.hour is None for one in found))


def share(found: Sequence[Spending], by: By) -> list[Share]:
    """The sums by owner, team or domain, the dearest first."""
    groups: defaultdict[tuple[str | None, str | None], list[Spending]] = defaultdict(list)
    for one in found:
        groups[_group_of(one, by)].append(one)
    shares = [Share(*key, add_up(group)) for key, group in groups.items()]
    return sorted(
        shares,
        key=lambda one: (-sum(one.sum.hour.values()), one.namespace or "", one.name or ""),
    )


def as_row(one: Spending) -> tuple[str, ...]:
    """The cells of one, in the order of `COLUMNS`."""
    name = target_of(Key(one.kind, one.namespace, one.name))
    place = (one.namespace, name, one.domain, one.owner or NOBODY)
    uptime = NOBODY if one.hours is None else span(timedelta(hours=one.hours))
    cost = UNKNOWN if one.hour is None else f"{_text(one.hour)} {one.currency}"
    return (*place, one.instance_type or NOBODY, one.phase, uptime, cost)


def share_columns(by: By) -> tuple[str, ...]:
    """The headings of sums: a team has no namespace."""
    place = (by,) if by is By.TEAM else ("namespace", by)
    return (*place, "spaces", "cost/h", "unknown")


def share_row(one: Share, by: By) -> tuple[str, ...]:
    """The cells of a sum, in the order of `share_columns`."""
    place = (one.name or NOBODY,) if by is By.TEAM else (one.namespace or "", one.name or NOBODY)
    return (*place, _counts_text(one.sum), amounts_of(one.sum), str(one.sum.unknown))


def amounts_of(total: Sum) -> str:
    """The known amounts of a sum; `unknown` where there are spaces and no price is known."""
    known = " + ".join(f"{_text(amount)} {name}" for name, amount in total.hour.items())
    return known or (UNKNOWN if total.unknown else "0")


def describe_total(total: Sum) -> str:
    """The foot of the table."""
    if not total.count:
        return "Nothing runs."
    noun = BY_NAME[DEFAULT_KIND].noun if total.spaces == total.count else "resource"
    priced = total.count - total.unknown
    known = f"{counted(priced, noun)}: {amounts_of(total)} an hour." if priced else ""
    missing = (
        f"{counted(total.unknown, noun)} of unknown price, not in any sum: "
        "`kubectl studio prices refresh` fetches prices."
        if total.unknown
        else ""
    )
    return " ".join(part for part in (known, missing) if part)


def spending_data(one: Spending) -> dict[str, Any]:
    """One of them in JSON types; `perHour` is null where the price is not known."""
    return {
        "namespace": one.namespace,
        "name": one.name,
        "domain": one.domain,
        "domainNamespace": one.domain_namespace,
        "owner": one.owner,
        "instanceType": one.instance_type,
        "phase": one.phase,
        "hours": one.hours,
        "perHour": None if one.hour is None else _text(one.hour),
        "currency": one.currency,
    }


def sum_data(total: Sum) -> dict[str, Any]:
    """A sum in JSON types: `perHour` by currency, without the `unknown`."""
    amounts = {name: _text(amount) for name, amount in total.hour.items()}
    others = {PLURALS[kind]: count for kind, count in total.counts.items()}
    return {PLURALS[DEFAULT_KIND]: 0, **others, "perHour": amounts, "unknown": total.unknown}


def share_data(one: Share, by: By) -> dict[str, Any]:
    """The sum of a group in JSON types."""
    place = {} if by is By.TEAM else {"namespace": one.namespace}
    return {**place, str(by): one.name, **sum_data(one.sum)}


def _of_space(space: Raw, now: datetime, team: str | None) -> Spending:
    status, metadata = space.get("status", {}), space["metadata"]
    since, cost = status.get("runningSince"), status.get("cost") or {}
    domain, owner = referred(space, HOLDER), referred(space, PERSON)
    hours = (now - datetime.fromisoformat(since)).total_seconds() / 3600 if since else None
    running = BY_NAME[space["kind"]].runs
    return Spending(
        kind=space["kind"],
        namespace=metadata["namespace"],
        name=metadata["name"],
        domain=domain.name if domain else "",
        domain_namespace=domain.namespace if domain else metadata["namespace"],
        owner=owner.name if owner else None,
        team=team,
        instance_type=status.get(running.on) if running else None,
        phase=status.get("phase", ""),
        hours=None if hours is None else round(max(0.0, hours), 4),
        hour=_amount(cost.get("perHour")),
        currency=cost.get("currency"),
    )


def _team_of(space: Raw, tag: str, tags: Mapping[Key, Raw]) -> str | None:
    of_others = (tags.get(key, {}) for key in dependencies(space))
    teams = (one.get(tag) for one in (space["spec"].get("tags") or {}, *of_others))
    return next(filter(None, teams), None)


def _runs(status: Raw) -> bool:
    """Whether an app is paid for: the cost of nothing is 0, and any other is one."""
    cost = status.get("cost")
    if cost is None:
        return status.get("phase") in _RUNNING
    return _amount(cost.get("perHour")) != 0


def _amount(text: str | None) -> Decimal | None:
    try:
        return Decimal(text or UNKNOWN)
    except InvalidOperation:
        return None


def _dearest(hour: Decimal | None) -> Decimal:
    return Decimal("-Infinity") if hour is None else -hour


def _group_of(one: Spending, by: By) -> tuple[str | None, str | None]:
    if by is By.TEAM:
        return None, one.team
    if by is By.DOMAIN:
        return one.domain_namespace, one.domain
    return one.namespace, one.owner


def _counts_text(total: Sum) -> str:
    """How many there are: of spaces the number alone stands under their heading."""
    others = (
        counted(count, BY_NAME[kind].noun)
        for kind, count in total.counts.items()
        if kind != DEFAULT_KIND
    )
    return " + ".join((str(total.spaces), *others))


def _text(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
