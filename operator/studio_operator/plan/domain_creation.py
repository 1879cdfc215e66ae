"""Before there is a domain: whose it will be, what is refused, and its creation, only once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from studio_operator.api.common import OWNER_TAG, Operation
from studio_operator.plan.decisions import Decision, Rule, decide_unseen
from studio_operator.plan.domain_view import DomainView
from studio_operator.plan.keeping import (
    PHASES,
    look,
    refuse_owned,
    refuse_rival,
    stalled,
    waiting,
)
from studio_operator.plan.ownership import Claim, as_tag_list
from studio_operator.plan.reasons import Reason
from studio_operator.plan.settings_mapping import creation_members, managed_fields
from studio_operator.plan.types import Call, Health, Look, Note

OTHER_NAME = "Set spec.domainId to take it over, or spec.domainName to another name."


def yield_to_older(view: DomainView) -> Decision | None:
    """Two resources claim one domain: the older gets it, unless it is the younger's already."""
    if view.domain is not None and view.claim in {None, Claim.OURS}:
        return None
    remedy = "Delete this resource, or give it another spec.domainName or spec.domainId."
    return refuse_rival(view.title, view.situation.rival, remedy)


def await_sight(view: DomainView) -> Decision | None:
    """Nothing is decided before AWS has been looked at."""
    if view.situation.visible:
        return None
    return decide_unseen(view.situation.declared, view.memory)


def report_gone(view: DomainView) -> Decision | None:
    """A domain that was there and is gone held people's files: no empty one takes its place."""
    if view.known_id is None or view.domain is not None:
        return None
    if view.memory.arn is None:
        return stalled(
            Reason.DOMAIN_NOT_FOUND,
            f"region {view.situation.region} has no domain {view.known_id}. "
            "Check spec.domainId and spec.aws.region.",
        )
    if view.spec.domain_id is None and view.creation_failed:
        return replace(
            waiting(
                Reason.CREATING,
                f"the domain that AWS could not create ({view.known_id}) is gone: making it anew",
                wake_at=view.situation.now,
            ),
            remember={"domain_id": None, "arn": None, "url": None},
            operation=None,
        )
    anew = "Delete this resource and apply it again"
    remedy = f"{anew} without spec.domainId" if view.spec.domain_id else anew
    return stalled(
        Reason.DELETED_OUTSIDE_OF_GIT,
        f"domain {view.known_id} was deleted in AWS. {remedy} to start with an empty one.",
        phase="Failed",
    )


def find_again(view: DomainView) -> Decision | None:
    """A domain of that name may be ours: created before a crash, or let go by Retain."""
    if view.known_id is not None or not view.namesakes:
        return None
    mine = view.mine_among_namesakes
    if mine is not None:
        return Decision(
            Health.PROGRESSING,
            Reason.RETAKING,
            f"found domain {mine.name} as {mine.domain_id}",
            phase=PHASES.get(mine.status),
            wake_at=view.situation.now,
            remember={"domain_id": mine.domain_id, "arn": mine.arn},
        )
    if any(one.tags is None for one in view.namesakes):
        message = f"a {view.title} exists: looking whose it is"
        return look(view.situation.declared, view.memory, message, Look.TAGS)
    there = view.namesakes[0]
    if there.status == "Deleting":
        return waiting(
            Reason.DELETING, f"waiting until another {view.title} ({there.domain_id}) is deleted"
        )
    return refuse_owned(view.hold(there), Claim.UNOWNED, OTHER_NAME)


def refuse_incomplete(view: DomainView) -> Decision | None:
    """What AWS needs for a new domain."""
    if view.known_id is not None:
        return None
    required = {
        "vpcId": view.spec.vpc_id,
        "subnetIds": view.spec.subnet_ids,
        "defaultUserSettings": view.spec.default_user_settings,
    }
    missing = [f"spec.{name}" for name, value in required.items() if value is None]
    if missing:
        return stalled(
            Reason.INVALID_SPEC,
            f"a new domain needs {', '.join(missing)}; "
            "give spec.domainId to take over an existing one.",
        )
    return refuse_missing_groups(view)


def create_domain(view: DomainView) -> Decision | None:
    """Create it; AWS makes the id, so the intent is recorded before the call."""
    if view.known_id is not None:
        return None
    now, settles_at = view.situation.now, view.settles_at
    if settles_at is not None and now < settles_at:
        return waiting(
            Reason.CREATING,
            f"AWS was asked for {view.title}: waiting for it to show up",
            wake_at=settles_at,
        )
    where = f"{view.title} in {view.situation.region}"
    return Decision(
        Health.PROGRESSING,
        Reason.CREATING,
        f"creating {where}",
        phase="Pending",
        call=Call("CreateDomain", creation_parameters(view)),
        notes=(Note("Creating", "CreateDomain", f"Creating {where}"),),
        record_first=True,
        operation=Operation(type="Create", started_at=now.replace(microsecond=0)),
        remember={"managed_fields": managed_fields(view.declared)},
    )


def creation_parameters(view: DomainView) -> dict[str, Any]:
    """Parameters of CreateDomain."""
    spec = view.spec
    fixed = {"VpcId": spec.vpc_id, "KmsKeyId": spec.kms_key_id}
    return {
        "DomainName": view.name,
        "AuthMode": spec.auth_mode or "IAM",
        **{name: value for name, value in fixed.items() if value is not None},
        **creation_members(view.declared),
        "Tags": as_tag_list({**(spec.tags or {}), OWNER_TAG: str(view.mark)}),
    }


def refuse_missing_groups(view: DomainView) -> Decision | None:
    """Apps of a VpcOnly domain reach nothing without security groups: AWS is not even asked."""
    field = view.missing_groups
    if field is None:
        return None
    whose = " for shared spaces" if field.startswith("defaultSpaceSettings") else ""
    return stalled(
        Reason.VPC_SECURITY_GROUPS_MISSING,
        f"a domain with network VpcOnly needs security groups{whose}: set spec.{field}.",
    )


CREATING: tuple[Rule[DomainView], ...] = (
    yield_to_older,
    await_sight,
    report_gone,
    find_again,
    refuse_incomplete,
    create_domain,
)
