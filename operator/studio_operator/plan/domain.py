"""The planner of domains: from what is declared, observed and remembered to the next step.

Read the rules top to bottom: the first one that decides wins. Every rule sees the same
`DomainView`, and none acts: at most one AWS call comes out of a pass, and the next pass sees what
became of it. A domain is never created twice, and deleted only when its resource is deleted under
`deletionPolicy: Delete`.
"""

from __future__ import annotations

from dataclasses import replace

from studio_operator.api.domain import StudioDomainStatus
from studio_operator.plan.decisions import Decision, Rule, first_decision, temper
from studio_operator.plan.domain_creation import CREATING, OTHER_NAME, refuse_missing_groups
from studio_operator.plan.domain_deletion import LETTING_GO
from studio_operator.plan.domain_status import finish
from studio_operator.plan.domain_view import DomainView
from studio_operator.plan.keeping import (
    await_moving,
    keep_tags,
    look,
    refuse_owned,
    stalled,
    take,
    update_operation,
    waiting,
)
from studio_operator.plan.ownership import Claim
from studio_operator.plan.reasons import Reason
from studio_operator.plan.settings_mapping import (
    DOMAIN_SETTINGS,
    Changes,
    field_in_message,
    managed_fields,
    read_member,
    update_members,
    values_to_repeat,
)
from studio_operator.plan.situations import DomainSituation
from studio_operator.plan.types import Call, Health, Look, Note, Plan


def plan_domain(situation: DomainSituation) -> Plan[StudioDomainStatus]:
    """What to do now for a domain, and its complete new status."""
    view = DomainView(situation)
    rules = LETTING_GO if situation.declared.deleting else KEEPING
    decision = first_decision(view, rules)
    failure = situation.failure
    named = field_in_message(failure.message, DOMAIN_SETTINGS) if failure else None
    return finish(view, temper(decision, failure, situation.declared, situation.now, named))


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
        # AWS wants the update again, changed or not.
        changes = replace(changes, sets=values_to_repeat(view.declared))
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
        _ready_words(view),
        notes=(note,) if fields else (),
        operation=None,
        remember={"managed_fields": managed_fields(view.declared)},
    )


def _ready_words(view: DomainView) -> str:
    words, missing = f"{view.title} is as declared", view.missing_for_shared_spaces
    return words if missing is None else f"{words}; shared spaces need spec.{missing} as well"


KEEPING: tuple[Rule[DomainView], ...] = (
    *CREATING,
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
