"""The proof that an export changes nothing: the operator's planners, rehearsed on what AWS has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from studio_operator.api.common import API_VERSION, OWNER_TAG, ConditionType
from studio_operator.aws import parsing
from studio_operator.kube.resources import Key
from studio_operator.plan.ownership import OwnerMark
from studio_operator.plugin.export.estate import Described, Estate
from studio_operator.plugin.export.exporting import owner_of
from studio_operator.plugin.export.parts import Export, Omission
from studio_operator.plugin.planning.objects import compose
from studio_operator.plugin.planning.paper import PaperAws
from studio_operator.plugin.planning.rehearsal import CLUSTER, Outcome, Stage, rehearse


def keep_quiet(export: Export, estate: Estate, now: datetime) -> Export:
    """The export without what would be changed in AWS at once, if there is any.

    Everything that is left gets the ownership tag and nothing else.
    """
    while True:
        outcomes = _rehearse(export, estate, now)
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
    for step in outcome.steps:
        keys = {tag["Key"] for tag in step.call.parameters.get("Tags", ())}
        if step.call.operation != "AddTags" or keys != {OWNER_TAG}:
            return f"left out, since the operator would call {step.call.operation} at once"
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
    uids = {_key_of(one): str(one["metadata"]["uid"]) for one in resources}
    stage = Stage(tuple(resources), _paper(estate, uids, now), {})
    return rehearse(stage, now, estate.region).outcomes


def _key_of(resource: Mapping[str, Any]) -> Key:
    metadata = resource["metadata"]
    return Key(resource["kind"], metadata["namespace"], metadata["name"])


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


def _paper(estate: Estate, uids: Mapping[Key, str], now: datetime) -> PaperAws:
    """AWS as it was read, but that marks of ownership name the cluster of the rehearsal."""
    aws = PaperAws(now)

    def tags(kind: str, thing: Described) -> dict[str, str]:
        mark = owner_of(thing)
        if mark is None:
            return {name: value for name, value in thing.tags.items() if name != OWNER_TAG}
        uid = uids.get(Key(kind, mark.namespace, mark.name), mark.uid)
        ours = OwnerMark(CLUSTER, mark.namespace, mark.name, uid)
        return {**thing.tags, OWNER_TAG: str(ours)}

    domain = parsing.domain_from_description(estate.domain.answer)
    aws.put_domain(estate.region, replace(domain, tags=tags("StudioDomain", estate.domain)))
    for one in estate.profiles:
        profile = parsing.profile_from_description(one.answer)
        aws.put_profile(estate.region, replace(profile, tags=tags("UserProfile", one)))
    for one in estate.spaces:
        space = parsing.space_from_description(one.answer)
        app = estate.apps_of_spaces.get(space.name)
        aws.put_space(estate.region, replace(space, tags=tags("Space", one)), app)
    return aws
