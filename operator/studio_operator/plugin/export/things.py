"""What an account has of a kind that is in no domain, as resources that take it over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from studio_operator.api.common import OWNER_TAG
from studio_operator.aws.inventory import parsing
from studio_operator.kinds.managed_kind import ManagedKind
from studio_operator.kinds.registry import KINDS
from studio_operator.kube.resources import Key, key_in, key_of
from studio_operator.plan.ownership import OwnerMark
from studio_operator.plan.scope import OWN_ACCOUNT, AccountRegion
from studio_operator.plugin.export.account import Account, NotInAwsError
from studio_operator.plugin.export.adoption import finish, refuse
from studio_operator.plugin.export.estate import Advance, Described
from studio_operator.plugin.export.names import fit_names
from studio_operator.plugin.export.parts import Export, Exported, Omission
from studio_operator.plugin.export.proof import marked, without_changes
from studio_operator.plugin.planning.dry_run import Outcome, Stage, dry_run
from studio_operator.plugin.planning.in_memory_aws import InMemoryAws
from studio_operator.plugin.planning.objects import compose

EXPORTABLE = tuple(kind for kind in KINDS if kind.exported is not None)


@dataclass(frozen=True)
class Thing(Described):
    """A thing with what it has besides."""

    companion: Any = None


def read_things(account: Account, kind: ManagedKind, advance: Advance) -> tuple[Thing, ...]:
    """All of a kind in the account's region. Raises RefusedError and PluginError."""
    type_, extra = kind.aws, kind.companion
    beside = extra.listed(account.pages(extra.listing, extra.items)) if extra else {}
    ids = sorted(str(one[type_.id]) for one in account.pages(type_.listing, type_.items))
    found = []
    for number, id_ in enumerate(ids):
        advance(f"{kind.noun} {id_}", number / len(ids))
        try:
            answer = account.read(type_.describing, **{type_.id: id_})
            tags = account.tags(answer[type_.arn])
        except NotInAwsError:
            continue  # it went while we read
        found.append(Thing(answer, tags, beside.get(kind.record_name(id_))))
    return tuple(found)


def export_things(
    kind: ManagedKind, things: Sequence[Thing], region: str, namespace: str, now: datetime
) -> Export:
    """Resources for the namespace, which change nothing but the ownership tag."""
    parts = tuple(_parts(kind, things, region, namespace))
    resources = tuple(one for one in parts if isinstance(one, Exported))
    left = tuple(one for one in parts if isinstance(one, Omission))
    return without_changes(
        Export(resources, left), lambda export: _rehearse(kind, things, region, export, now)
    )


def _parts(
    kind: ManagedKind, things: Sequence[Thing], region: str, namespace: str
) -> Iterator[Exported | Omission]:
    names = _names(kind, things)
    for thing in things:
        id_ = str(thing.answer[kind.aws.id])
        key, title = key_in(kind.name, namespace, names[id_]), f"{kind.noun} {id_}"
        refusal = refuse(thing, title, kind.name, namespace)
        yield refusal or finish(key, title, thing, _members(kind, thing, region), ())


def _members(kind: ManagedKind, thing: Thing, region: str) -> dict[str, Any]:
    """The spec but for tags: what is taken over, where it is, and what AWS shows of it."""
    assert kind.exported is not None
    taken = {"adopt": True} if kind.id_field is None else {kind.id_field: thing.answer[kind.aws.id]}
    return {"aws": {"region": region}, **taken, **kind.exported(thing.answer, thing.companion)}


def _names(kind: ManagedKind, things: Sequence[Thing]) -> dict[str, str]:
    """A name in Kubernetes for each, by id: that of whoever let it go, else of the name in AWS.

    AWS may have several of one name; these have their ids in it.
    """
    type_, named, given = kind.aws, dict[str, str](), dict[str, str]()
    titles = Counter(str(one.answer[type_.title or type_.id]) for one in things)
    for thing in things:
        id_, title = str(thing.answer[type_.id]), str(thing.answer[type_.title or type_.id])
        named[id_] = title if titles[title] == 1 else f"{title}-{id_}"
        mark = OwnerMark.parse(thing.tags.get(OWNER_TAG, ""))
        if mark is not None:
            given[named[id_]] = mark.name
    fitted = fit_names(named.values(), given)
    return {id_: fitted[name] for id_, name in named.items()}


def _rehearse(
    kind: ManagedKind, things: Sequence[Thing], region: str, export: Export, now: datetime
) -> Mapping[Key, Outcome]:
    resources = [
        compose(one.key, one.document(one.key.namespace), None, now, number=number)
        for number, one in enumerate(export.resources, start=1)
    ]
    uids = {key_of(one): str(one["metadata"]["uid"]) for one in resources}
    aws, where = InMemoryAws(now), AccountRegion(OWN_ACCOUNT, region)
    for thing in things:
        record = parsing.described(kind.aws, thing.answer)
        tags = marked(kind.name, thing, uids)
        aws.put(kind, where, replace(record, tags=tags), thing.companion)
    return dry_run(Stage(tuple(resources), aws, {}), now, region).outcomes
