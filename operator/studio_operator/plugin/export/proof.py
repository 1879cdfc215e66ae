"""The proof that an export changes nothing: a dry run of the planners on what AWS has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from studio_operator.api.common import OWNER_TAG, ConditionType
from studio_operator.kinds.registry import HOLDER, REFERENCES
from studio_operator.kube.resources import Key, key_of
from studio_operator.plan.ownership import OwnerMark
from studio_operator.plan.scope import OWN_ACCOUNT, AccountRegion
from studio_operator.plugin.export.adoption import owner_of
from studio_operator.plugin.export.estate import Described, Estate
from studio_operator.plugin.export.exporting import identity
from studio_operator.plugin.export.parts import Export, Omission
from studio_operator.plugin.planning.dry_run import CLUSTER, Outcome, Stage, dry_run
from studio_operator.plugin.planning.in_memory_aws import InMemoryAws
from studio_operator.plugin.planning.objects import compose, document

Rehearse = Callable[[Export], Mapping[Key, Outcome]]


def keep_quiet(export: Export, estate: Estate, now: datetime) -> Export:
    """The export without what would be changed in AWS at once, if there is any.

    Everything that is left gets the ownership tag and nothing else.
    """
    return without_changes(export, lambda rest: _rehearse(rest, estate, now))


def without_changes(export: Export, rehearse: Rehearse) -> Export:
    """The export without what a dry run of it would change, as long as there is any."""
    while True:
        outcomes = rehearse(export)
        loud = {
            one.key: said
            for one in export.resources
            if (said := _loudness(outcomes[one.key])) is not None
        }
        if not loud:
            return export
        left = tuple(one for one in export.resources if one.key not in loud)
        silenced = tuple(Omission(str(key), "", said) for key, said in loud.items())
        export = Export(left, (*export.omissions, *silenced))


def _loudness(outcome: Outcome) -> str | None:
    """What would be done at once besides setting the ownership tag; None for nothing."""
    for made in outcome.calls:
        keys = {tag["Key"] for tag in made.call.parameters.get("Tags", ())}
        if made.call.operation != "AddTags" or keys != {OWNER_TAG}:
            return f"left out, since the operator would call {made.call.operation} at once"
    status = outcome.plan.status if outcome.plan else None
    ready = status.condition(ConditionType.READY) if status else None
    if ready is None or ready.status != "True":
        return f"left out, since it would not be ready: {ready.message if ready else 'unknown'}"
    return None


def _rehearse(export: Export, estate: Estate, now: datetime) -> Mapping[Key, Outcome]:
    documents = {one.key: one.document(one.key.namespace) for one in export.resources}
    owned = dict(_owned(estate))
    missing = {key: document for key, document in owned.items() if key not in documents}
    resources = [
        compose(key, document, None, now, number=number)
        for number, (key, document) in enumerate(sorted({**documents, **missing}.items()), start=1)
    ]
    uids = {key_of(one): str(one["metadata"]["uid"]) for one in resources}
    stage = Stage(tuple(resources), _in_memory(estate, uids, now), {})
    return dry_run(stage, now, estate.region).outcomes


def _owned(estate: Estate) -> Iterator[tuple[Key, dict[str, Any]]]:
    """What other resources have already and others refer to: as little of it as will do."""
    holders = estate.things.get(HOLDER, ())
    domain = owner_of(holders[0]) if holders else None
    for kind, thing in estate.each():
        mark = owner_of(thing)
        if mark is None or domain is None or kind.name not in REFERENCES.referred_to:
            continue
        key = Key(kind.name, mark.namespace, mark.name)
        spec = identity(kind, thing, estate.region, mark.name)
        if kind.holds_others:
            spec["allowedNamespaces"] = ["*"]
        else:
            assert kind.exporting is not None
            spec |= kind.exporting.members(estate.answered(kind, thing))
            at = {"name": domain.name, "namespace": domain.namespace}
            spec |= {one.field: at for one in kind.references if one.kind == HOLDER}
        yield key, document(key, spec)


def marked(kind: str, thing: Described, uids: Mapping[Key, str]) -> dict[str, str]:
    """The tags of a thing, where a mark of ownership names the cluster of the dry run."""
    mark = owner_of(thing)
    if mark is None:
        return {name: value for name, value in thing.tags.items() if name != OWNER_TAG}
    uid = uids.get(Key(kind, mark.namespace, mark.name), mark.uid)
    ours = OwnerMark(CLUSTER, mark.namespace, mark.name, uid)
    return {**thing.tags, OWNER_TAG: str(ours)}


def _in_memory(estate: Estate, uids: Mapping[Key, str], now: datetime) -> InMemoryAws:
    """AWS as it was read, but that marks of ownership name the cluster of the dry run."""
    aws, where = InMemoryAws(now), AccountRegion(OWN_ACCOUNT, estate.region)
    for kind, thing in estate.each():
        told = estate.answered(kind, thing)
        tags = marked(kind.name, thing, uids)
        aws.put(kind, where, replace(told.record, tags=tags), told.companion)
    return aws
