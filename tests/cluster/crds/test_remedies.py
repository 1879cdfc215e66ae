"""Each edit that a message offers is taken by the API server, with the status of its moment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import Change, Edit, Instruction, Remedy, Steps, Way

from generators.reason_examples import Offer, all_offers
from tests.cluster.crds.resources import Resources
from tests.unit.api.schema_cases import BASES, merge

SCRIPT = "arn:aws:sagemaker:eu-central-1:123456789012:studio-lifecycle-config/another"
# What fits where a remedy says "another": a value that the field takes, and is no other's.
ANOTHER: dict[str, Any] = {
    "allow.posixIds.gids": [{"from": 1001, "to": 1001}],
    "allow.posixIds.uids": [{"from": 200000, "to": 200099}],
    "allowedNamespaces": ["ml-team"],
    "aws.region": "eu-west-1",
    "backup.before": ["Delete"],
    "backup.s3Uri": "s3://studio-backups/another",
    "defaultUserSettings.jupyterLab.defaultResourceSpec.lifecycleConfigArn": SCRIPT,
    "userSettings.jupyterLab.defaultResourceSpec.lifecycleConfigArn": SCRIPT,
    "defaultSpaceSettings.executionRole": "arn:aws:iam::123456789012:role/shared",
    "defaultSpaceSettings.securityGroups": ["sg-0a1b2c3d"],
    "defaultUserSettings": {"executionRole": "arn:aws:iam::123456789012:role/studio"},
    "defaultUserSettings.executionRole": "arn:aws:iam::123456789012:role/studio",
    "defaultUserSettings.securityGroups": ["sg-0a1b2c3d"],
    "domainId": "d-another",
    "domainName": "another",
    "domainRef.name": "another",
    "image.imageArn": "arn:aws:sagemaker:eu-central-1:123456789012:image/another",
    "instanceType": "ml.m5.xlarge",
    "lifecycleConfigArn": SCRIPT,
    "namespaces.names": ["another"],
    "ownerRef.name": "another",
    "singleSignOn.value": "another@example.com",
    "spaceName": "another",
    "storage.sizeGiB": 100,
    "subnetIds": ["subnet-d4e5f6"],
    "tagPropagation": "DISABLED",
    "userProfileName": "another",
    "userSettings.jupyterLab.lifecycleConfigArns": [SCRIPT],
    "userSettings.posixUser.gid": 1002,
    "userSettings.posixUser.uid": 200002,
    "userSettings.securityGroups": ["sg-0a1b2c3d"],
    "vpcId": "vpc-d4e5f6",
}


def steps_of(remedy: Remedy) -> tuple[Edit | Instruction, ...]:
    return remedy.steps if isinstance(remedy, Steps) else (remedy,)


def edited_together(remedy: Remedy) -> list[tuple[str | None, list[Edit]]]:
    """The edits of a remedy, all of one resource at once; None for the one it is about."""
    found: dict[str | None, list[Edit]] = {}
    for step in steps_of(remedy):
        if isinstance(step, Edit) and step.path:
            found.setdefault(step.on.kind if step.on else None, []).append(step)
    return list(found.items())


def offers() -> Iterator[Any]:
    for number, offer in enumerate(all_offers()):
        for remedy in offer.remedies:
            for kind, edits in edited_together(remedy):
                paths = " ".join(edit.path for edit in edits)
                name = f"{number} {offer.kind} {offer.reason}: {kind or 'this'} {paths}"
                yield pytest.param(offer, kind, edits, id=name)


def anew() -> Iterator[Any]:
    for number, offer in enumerate(all_offers()):
        for remedy in offer.remedies:
            for step in steps_of(remedy):
                if isinstance(step, Instruction) and step.way is Way.APPLY_ANEW and step.edits:
                    yield pytest.param(offer, step, id=f"{number} {offer.kind} {offer.reason}")


def patch_of(edits: list[Edit] | tuple[Edit, ...]) -> dict[str, Any]:
    """The merge patch that carries edits out."""
    patch: dict[str, Any] = {}
    for edit in edits:
        value = edit.value
        if edit.change is Change.LEAVE_OUT:
            value = None
        elif edit.change is Change.SET_ANOTHER:
            value = ANOTHER[edit.path]
        elif edit.change is Change.ADD:
            continue  # below: a list may not be there yet, and its items may be objects
        *parents, last = edit.path.split(".")
        one: dict[str, Any] = {last: value}
        for member in reversed(parents):
            one = {member: one}
        patch = merge_keeping_none(patch, one)
    return {"spec": patch}


def merge_keeping_none(target: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Both patches as one; None removes, and so stays."""
    merged = dict(target)
    for key, value in patch.items():
        inner = merged.get(key)
        if isinstance(value, dict) and isinstance(inner, dict):
            merged[key] = merge_keeping_none(inner, value)
        else:
            merged[key] = value
    return merged


@pytest.mark.parametrize(("offer", "kind", "edits"), list(offers()))
def test_the_edit_of_a_remedy_is_taken(
    resources: Resources, offer: Offer, kind: str | None, edits: list[Edit]
) -> None:
    content = BASES[kind] if kind else dict(offer.content)
    if (offer.kind, offer.reason) == ("StudioDomain", Reason.INVALID_SPEC):
        content = merge(BASES[offer.kind], content)  # only an older CRD took what is missing here
    name = resources.create(kind or offer.kind, content)
    resources.try_change(kind or offer.kind, name, patch_of(edits))


@pytest.mark.parametrize(("offer", "action"), list(anew()))
def test_what_is_to_be_applied_anew_is_taken(
    resources: Resources, offer: Offer, action: Instruction
) -> None:
    content = merge({"spec": offer.content["spec"]}, patch_of(action.edits))
    resources.try_create(offer.kind, content)
