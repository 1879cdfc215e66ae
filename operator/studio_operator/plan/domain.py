"""The planner of domains: from what is declared, observed and remembered to the next step.

Read the rules top to bottom: the first one that decides wins. Every rule sees the same
`DomainView`, and none acts: at most one AWS call comes out of a pass, and the next pass sees what
became of it. A domain is never created twice, and deleted only when its resource is deleted under
`deletionPolicy: Delete`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from studio_operator.api.common import OWNER_TAG, Operation
from studio_operator.api.domain import StudioDomainStatus
from studio_operator.plan.decisions import (
    Decision,
    Rule,
    as_plan,
    common_status,
    decide_unseen,
    first_decision,
    temper,
)
from studio_operator.plan.domain_deletion import LETTING_GO
from studio_operator.plan.domain_view import DomainView
from studio_operator.plan.keeping import (
    PHASES,
    await_moving,
    keep_tags,
    look,
    next_tag_keys,
    refuse_owned,
    refuse_rival,
    stalled,
    take,
    update_operation,
    waiting,
)
from studio_operator.plan.ownership import Claim, as_tag_list
from studio_operator.plan.reasons import Reason
from studio_operator.plan.settings_mapping import (
    DOMAIN_SETTINGS,
    Changes,
    creation_members,
    field_in_message,
    managed_fields,
    read_member,
    update_members,
)
from studio_operator.plan.situations import DomainSituation
from studio_operator.plan.types import Call, Health, Look, Note, Plan

OTHER_NAME = "Set spec.domainId to take it over, or spec.domainName to another name."


def plan_domain(situation: DomainSituation) -> Plan[StudioDomainStatus]:
    """What to do now for a domain, and its complete new status."""
    view = DomainView(situation)
    rules = LETTING_GO if situation.declared.deleting else KEEPING
    decision = first_decision(view, rules)
    failure = situation.failure
    named = field_in_message(failure.message, DOMAIN_SETTINGS) if failure else None
    return finish(view, temper(decision, failure, situation.declared, situation.now, named))


# --- before there is a domain ------------------------------------------------------------------


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


# --- whose domain it is ------------------------------------------------------------------------


def learn_more(view: DomainView) -> Decision | None:
    """Tags say whose it is, details how it differs; nothing is touched before both are known."""
    if view.domain is None or (view.claim is not None and view.changes is not None):
        return None
    looks = {Look.TAGS} if view.claim is None else set()
    looks |= {Look.SETTINGS} if view.changes is None else set()
    return look(view.situation.declared, view.memory, f"looking at {view.title}", *looks)


def refuse_foreign(view: DomainView) -> Decision | None:
    """What another resource owns is not touched. spec.domainId takes what nobody owns any more."""
    if view.domain is None or view.claim is None:
        return None
    if view.claim is Claim.FOREIGN:
        remedy = "Delete that resource first (its deletionPolicy must not be Delete)."
        return refuse_owned(view.hold(view.domain), view.claim, remedy)
    if view.claim is Claim.RELEASED and view.spec.domain_id is None:
        return refuse_owned(view.hold(view.domain), view.claim, OTHER_NAME)
    return None


def await_domain(view: DomainView) -> Decision | None:
    """A domain that moves is left alone; one that failed for good needs a person."""
    domain = view.domain
    if domain is None:
        return None
    if domain.status == "Failed":
        anew = "Mend that, delete the failed domain in AWS, and it is made anew."
        remedy = "Declare another domain." if view.spec.domain_id else anew
        words = f"AWS could not create {view.title}: {_words(domain.failure)}. {remedy}"
        return replace(stalled(Reason.CREATION_FAILED, words), operation=None)
    if domain.status == "Delete_Failed":
        return stalled(
            Reason.DELETION_FAILED,
            f"someone's deletion of {view.title} failed: {_words(domain.failure)}. "
            "Delete it again in AWS.",
        )
    if domain.status == "Deleting" and view.creation_failed:
        message = f"{view.title}, which AWS could not create, is being deleted in AWS"
        return waiting(Reason.CREATION_FAILED, message)
    return await_moving(view.hold(domain))


def _words(failure: str | None) -> str:
    return (failure or "AWS gives no reason").rstrip(". ")


def refuse_immutable(view: DomainView) -> Decision | None:
    """What AWS fixed at creation stays; a domain that differs there is not even marked as ours."""
    domain = view.domain
    if domain is None or domain.details is None:
        return None
    pairs = (
        ("domainName", view.spec.domain_name, domain.name),
        ("authMode", view.spec.auth_mode, read_member(domain.details, ("AuthMode",))),
        ("vpcId", view.spec.vpc_id, read_member(domain.details, ("VpcId",))),
        ("kmsKeyId", view.spec.kms_key_id, read_member(domain.details, ("KmsKeyId",))),
    )
    wrong = [
        f"spec.{name} is {declared}, the domain has {live or 'none'}"
        for name, declared, live in pairs
        if declared is not None and not _is_same_value(name, declared, live)
    ]
    if not wrong:
        return None
    return stalled(
        Reason.IMMUTABLE_FIELD,
        f"{'; '.join(wrong)}: AWS never changes that. Apply this resource anew with what "
        f"{view.title} has, or declare another domain.",
    )


def _is_same_value(name: str, declared: str, live: str | None) -> bool:
    """Whether both name the same. AWS may show a key's ARN for its id; an alias tells nothing."""
    if name == "kmsKeyId":
        return (
            "alias/" in declared or (live or "").rpartition("/")[2] == declared.rpartition("/")[2]
        )
    return declared == live


def refuse_missing_groups(view: DomainView) -> Decision | None:
    """VpcOnly requires security groups (API reference of CreateDomain)."""
    if not view.lacks_security_groups:
        return None
    return stalled(
        Reason.VPC_SECURITY_GROUPS_MISSING,
        "a domain with network VpcOnly needs security groups: "
        "set spec.defaultUserSettings.securityGroups.",
    )


def take_ownership(view: DomainView) -> Decision | None:
    """Put our mark on it: adopted by id, taken back, or stripped of its tag by others."""
    if view.domain is None or view.claim is Claim.OURS:
        return None
    return take(view.hold(view.domain))


# --- the domain itself -------------------------------------------------------------------------


def update_domain(view: DomainView) -> Decision | None:
    """All that differs in one update; given up when AWS takes it several times in vain."""
    domain, changes = view.domain, view.changes
    if domain is None or domain.details is None or changes is None:
        return None
    failed = domain.status == "Update_Failed"
    if failed and not changes:
        changes = replace(changes, sets=view.declared)  # AWS wants the update again, changed or not
    if not changes and not failed:
        return None
    situation = view.situation
    fields = ", ".join(changes.fields) or "nothing"
    operation = update_operation(
        situation.declared, view.memory, situation.failure, situation.now, fields
    )
    if operation is None:
        return _give_up(view, changes)
    members = update_members(changes, view.declared, domain.details)
    return Decision(
        Health.PROGRESSING,
        Reason.UPDATING,
        f"updating {fields} of {view.title}",
        call=Call("UpdateDomain", {"DomainId": domain.domain_id, **members}),
        notes=(Note("Updating", "UpdateDomain", f"Updating {fields} of {view.title}"),),
        operation=operation,
        remember={"managed_fields": managed_fields(view.declared, changes.clears + changes.kept)},
    )


def _give_up(view: DomainView, changes: Changes) -> Decision | None:
    if view.domain is not None and view.domain.status == "Update_Failed":
        return stalled(
            Reason.UPDATE_FAILED,
            f"AWS failed to carry out the update of {view.title}: {_words(view.domain.failure)}. "
            "Mend that, then change the spec or the requested-at annotation.",
        )
    if not changes.sets:
        return None  # only values that left the spec: AWS keeps them, which `be_ready` tells
    fields = ", ".join(f"spec.{setting.field}" for setting in changes.sets)
    return stalled(
        Reason.NOT_APPLIED,
        f"AWS took the update of {view.title} several times and still shows another {fields}. "
        "Check the values.",
    )


def follow_tags(view: DomainView) -> Decision | None:
    """Tags follow the spec."""
    return keep_tags(view.hold(view.domain)) if view.domain else None


def be_ready(view: DomainView) -> Decision:
    """AWS shows what is declared."""
    left = view.changes.kept + view.changes.clears if view.changes is not None else ()
    fields = ", ".join(setting.field for setting in left)
    note = Note(
        "SettingKept",
        "UpdateDomain",
        f"{fields} left the spec and AWS cannot clear it: {view.title} keeps the value",
        "Warning",
    )
    return Decision(
        Health.READY,
        Reason.IN_SERVICE,
        f"{view.title} is as declared",
        notes=(note,) if fields else (),
        operation=None,
        remember={"managed_fields": managed_fields(view.declared)},
    )


KEEPING: tuple[Rule[DomainView], ...] = (
    yield_to_older,
    await_sight,
    report_gone,
    find_again,
    refuse_incomplete,
    create_domain,
    learn_more,
    refuse_foreign,
    await_domain,
    refuse_immutable,
    refuse_missing_groups,
    take_ownership,
    update_domain,
    follow_tags,
    be_ready,
)


def finish(view: DomainView, decision: Decision) -> Plan[StudioDomainStatus]:
    """The complete status: what AWS shows of a domain of ours, else what it showed last."""
    memory, domain, situation = view.memory, view.domain, view.situation
    seen: dict[str, Any] = {"region": situation.region, "phase": decision.phase or memory.phase}
    if domain is not None and view.claim is Claim.OURS:
        seen |= {
            "domain_id": domain.domain_id,
            "domain_name": domain.name,
            "arn": domain.arn or memory.arn,
            "url": domain.url or memory.url,
            "phase": decision.phase or PHASES.get(domain.status, memory.phase),
            "tag_keys": next_tag_keys(view.hold(domain)),
        }
        if domain.details is not None:
            seen |= _from_details(domain.details)
    status = memory.model_copy(
        update=seen | common_status(situation.declared, memory, decision, situation.now)
    )
    return as_plan(decision, memory, status)


def _from_details(details: Any) -> dict[str, Any]:
    return {
        "auth_mode": read_member(details, ("AuthMode",)),
        "network": read_member(details, ("AppNetworkAccessType",)),
        "home_efs_file_system_id": read_member(details, ("HomeEfsFileSystemId",)),
        "shared_space_execution_role": read_member(
            details, ("DefaultSpaceSettings", "ExecutionRole")
        ),
    }
