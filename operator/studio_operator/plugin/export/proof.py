"""The proof that an export changes nothing: a dry run of the planners on what AWS has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from studio_operator.api.common import API_VERSION, OWNER_TAG, ConditionType
from studio_operator.aws.inventory import parsing
from studio_operator.kinds.space.in_aws.observe import SPACE_TYPE
from studio_operator.kinds.space.kind import SPACE
from studio_operator.kinds.studio_domain.kind import STUDIO_DOMAIN
from studio_operator.kinds.user_profile.kind import USER_PROFILE
from studio_operator.kube.resources import Key, key_of
from studio_operator.plan.ownership import OwnerMark
from studio_operator.plan.scope import OWN_ACCOUNT, AccountRegion
from studio_operator.plugin.export.adoption import owner_of
from studio_operator.plugin.export.estate import Described, Estate
from studio_operator.plugin.export.parts import Export, Omission
from studio_operator.plugin.planning.dry_run import CLUSTER, Outcome, Stage, dry_run
from studio_operator.plugin.planning.in_memory_aws import InMemoryAws
from studio_operator.plugin.planning.objects import compose

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
    stage = Stage(tuple(resources), _paper(estate, uids, now), {})
    return dry_run(stage, now, estate.region).outcomes


def _owned(estate: Estate) -> Iterator[tuple[Key, dict[str, Any]]]:
    """What other resources have already and spaces refer to: as little of it as will do."""
    domain = owner_of(estate.domain)
    if domain is not None:
        key = Key("StudioDomain", domain.namespace, domain.name)
        yield key, _bare(key, {"domainId": estate.domain_id, "allowedNamespaces": ["*"]})
    for profile in estate.profiles:
        mark = owner_of(profile)
        if mark is None or domain is None:
            continue
        key = Key("UserProfile", mark.namespace, mark.name)
        reference = {"name": domain.name, "namespace": domain.namespace}
        spec: dict[str, Any] = {
            "domainRef": reference,
            "userProfileName": profile.answer["UserProfileName"],
        }
        if profile.answer.get("SingleSignOnUserValue"):
            spec["singleSignOn"] = {"value": profile.answer["SingleSignOnUserValue"]}
        yield key, _bare(key, spec)


def _bare(key: Key, spec: dict[str, Any]) -> dict[str, Any]:
    metadata = {"name": key.name, "namespace": key.namespace}
    return {"apiVersion": API_VERSION, "kind": key.kind, "metadata": metadata, "spec": spec}


def marked(kind: str, thing: Described, uids: Mapping[Key, str]) -> dict[str, str]:
    """The tags of a thing, where a mark of ownership names the cluster of the dry run."""
    mark = owner_of(thing)
    if mark is None:
        return {name: value for name, value in thing.tags.items() if name != OWNER_TAG}
    uid = uids.get(Key(kind, mark.namespace, mark.name), mark.uid)
    ours = OwnerMark(CLUSTER, mark.namespace, mark.name, uid)
    return {**thing.tags, OWNER_TAG: str(ours)}


def _paper(estate: Estate, uids: Mapping[Key, str], now: datetime) -> InMemoryAws:
    """AWS as it was read, but that marks of ownership name the cluster of the dry run."""
    aws = InMemoryAws(now)
    where = AccountRegion(OWN_ACCOUNT, estate.region)
    domain = parsing.described(STUDIO_DOMAIN.aws, estate.domain.answer)
    aws.put(STUDIO_DOMAIN, where, replace(domain, tags=marked("StudioDomain", estate.domain, uids)))
    for one in estate.profiles:
        profile = parsing.described(USER_PROFILE.aws, one.answer)
        aws.put(USER_PROFILE, where, replace(profile, tags=marked("UserProfile", one, uids)))
    for one in estate.spaces:
        space = parsing.described(SPACE_TYPE, one.answer)
        app = estate.apps_of_spaces.get(space.name)
        aws.put(SPACE, where, replace(space, tags=marked("Space", one, uids)), app)
    return aws
