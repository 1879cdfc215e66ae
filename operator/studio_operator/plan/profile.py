"""The planner of user profiles: from what is declared, observed and remembered to the next step.

Read the rules top to bottom: the first one that decides wins. Every rule sees the same
`ProfileView`, and none acts: at most one AWS call comes out of a pass, and the next pass sees what
became of it. A profile holds no data, so one that vanished is made again; it is deleted only when
its resource is deleted under `deletionPolicy: Delete`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from studio_operator.api.profile import UserProfileStatus
from studio_operator.plan.decisions import (
    Decision,
    Rule,
    first_decision,
    temper,
)
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
from studio_operator.plan.observed import ObservedProfile
from studio_operator.plan.ownership import Claim
from studio_operator.plan.profile_creation import CREATING
from studio_operator.plan.profile_deletion import LETTING_GO
from studio_operator.plan.profile_status import finish
from studio_operator.plan.profile_view import ProfileView
from studio_operator.plan.reasons import Reason
from studio_operator.plan.settings_mapping import (
    PROFILE_SETTINGS,
    Changes,
    field_in_message,
    managed_fields,
    read_member,
    update_members,
    values_to_repeat,
)
from studio_operator.plan.situations import ProfileSituation
from studio_operator.plan.types import Call, Health, Look, Note, Plan


def plan_profile(situation: ProfileSituation) -> Plan[UserProfileStatus]:
    """What to do now for a user profile, and its complete new status."""
    view = ProfileView(situation)
    rules = LETTING_GO if situation.declared.deleting else KEEPING
    decision = hold_for_domain(view, first_decision(view, rules))
    failure = situation.failure
    named = field_in_message(failure.message, PROFILE_SETTINGS) if failure else None
    return finish(view, temper(decision, failure, situation.declared, situation.now, named))


def hold_for_domain(view: ProfileView, decision: Decision) -> Decision:
    """AWS takes no change of a profile while its domain moves; a profile at rest does not care."""
    domain = view.situation.domain
    if decision.call is None or domain is None or domain.problem is None:
        return decision
    if view.situation.declared.deleting:
        return decision
    return waiting(
        Reason.DEPENDENCY_NOT_READY, f"{view.domain_title} is not ready: {domain.problem}"
    )


# --- whose profile it is -----------------------------------------------------------------------


def learn_more(view: ProfileView) -> Decision | None:
    """Nothing is touched before it is known whose it is and, where that matters, how it differs."""
    profile = view.profile
    if profile is None:
        return None
    looks = {Look.TAGS} if view.claim is None else set()
    if view.changes is None or view.arn is None or view.is_unexplained:
        looks |= {Look.SETTINGS}
    if not looks:
        return None
    return look(view.situation.declared, view.memory, f"looking at {view.title}", *looks)


def refuse_foreign(view: ProfileView) -> Decision | None:
    """What others own is not touched, and what nobody owns only with spec.adopt."""
    if view.profile is None or view.claim in {None, Claim.OURS, Claim.FREE_TO_RETAKE}:
        return None
    assert view.claim is not None
    if view.claim is Claim.FOREIGN:
        remedy = "Set spec.userProfileName to another name."
    elif view.spec.adopt:
        return None
    else:
        remedy = "Set spec.adopt: true to take it over, or spec.userProfileName to another name."
    return refuse_owned(view.hold(view.profile), view.claim, remedy)


def await_profile(view: ProfileView) -> Decision | None:
    """A profile that moves is left alone; one that failed for good needs a person."""
    profile = view.profile
    if profile is None:
        return None
    if profile.status == "Failed":
        words = (
            f"AWS could not create {view.title}: {_words(profile)}. Mend that, delete the failed "
            "profile in AWS, and it is made anew."
        )
        return replace(stalled(Reason.CREATION_FAILED, words), operation=None)
    if profile.status == "Delete_Failed":
        return stalled(
            Reason.DELETION_FAILED,
            f"someone's deletion of {view.title} failed: {_words(profile)}. "
            "Delete it again in AWS.",
        )
    return await_moving(view.hold(profile))


def _words(profile: ObservedProfile) -> str:
    told = profile.failure or read_member(profile.details, ("FailureReason",))
    return str(told or "AWS gives no reason").rstrip(". ")


def refuse_immutable(view: ProfileView) -> Decision | None:
    """AWS never changes whom a profile is for, nor settings that it takes at creation only."""
    return _refuse_other_person(view) or _refuse_fixed_settings(view)


def _refuse_other_person(view: ProfileView) -> Decision | None:
    person = view.spec.single_sign_on
    if view.profile is None or view.profile.details is None or person is None:
        return None
    live = read_member(view.profile.details, ("SingleSignOnUserValue",))
    if live == person.value:
        return None
    return stalled(
        Reason.IMMUTABLE_FIELD,
        f"spec.singleSignOn.value is {person.value}, {view.title} has {live or 'none'}: AWS never "
        "changes that. Apply this resource anew with what AWS has, or declare another profile.",
    )


def _refuse_fixed_settings(view: ProfileView) -> Decision | None:
    changes, details = view.changes, view.profile.details if view.profile else None
    for setting, value in changes.sets.items() if changes else ():
        if setting.fixed:
            live = read_member(details, setting.member)
            return stalled(
                Reason.IMMUTABLE_FIELD,
                f"spec.{setting.field} is {value}, {view.title} has {live or 'none'}: AWS never "
                "changes that. Apply this resource anew with what AWS has, or declare another "
                "profile.",
            )
    return None


def take_ownership(view: ProfileView) -> Decision | None:
    """Put our mark on it: adopted, or taken back."""
    if view.profile is None or view.claim is Claim.OURS:
        return None
    return take(view.hold(view.profile))


# --- the profile itself ------------------------------------------------------------------------


def update_profile(view: ProfileView) -> Decision | None:
    """All that differs in one update; given up when AWS takes it several times in vain."""
    profile, changes, situation = view.profile, view.changes, view.situation
    if profile is None or changes is None:
        return None
    failed = profile.status == "Update_Failed"
    if failed and not changes:
        # AWS wants it again, changed or not.
        changes = replace(changes, sets=values_to_repeat(view.declared))
    if not changes and not failed:
        return None
    fields = ", ".join(changes.fields) or "nothing"
    operation = update_operation(
        situation.declared, view.memory, situation.failure, situation.now, fields
    )
    if operation is None:
        return _give_up(view, profile, changes)
    members = update_members(changes, view.declared, profile.details or {})
    named = {"DomainId": view.domain_id, "UserProfileName": profile.name}
    return Decision(
        Health.PROGRESSING,
        Reason.UPDATING,
        f"updating {fields} of {view.title}",
        call=Call("UpdateUserProfile", {**named, **members}),
        notes=(Note("Updating", "UpdateUserProfile", f"Updating {fields} of {view.title}"),),
        operation=operation,
        remember={"managed_fields": managed_fields(view.declared, changes.clears + changes.kept)},
    )


def _give_up(view: ProfileView, profile: ObservedProfile, changes: Changes) -> Decision | None:
    if profile.status == "Update_Failed":
        return stalled(
            Reason.UPDATE_FAILED,
            f"AWS failed to carry out the update of {view.title}: {_words(profile)}. "
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


def follow_tags(view: ProfileView) -> Decision | None:
    """Tags follow the spec."""
    return keep_tags(view.hold(view.profile)) if view.profile else None


def be_ready(view: ProfileView) -> Decision:
    """AWS shows what is declared."""
    left = view.changes.kept + view.changes.clears if view.changes is not None else ()
    fields = ", ".join(setting.field for setting in left)
    note = Note(
        "SettingKept",
        "UpdateUserProfile",
        f"{fields} left the spec and AWS cannot clear it: {view.title} keeps the value",
        "Warning",
    )
    return Decision(
        Health.READY,
        Reason.IN_SERVICE,
        f"{view.title} is as declared",
        notes=(note,) if fields else (),
        operation=None,
        remember={"managed_fields": managed_fields(view.declared), **_as_matched(view)},
    )


def _as_matched(view: ProfileView) -> dict[str, Any]:
    """What spares the next start of the operator a look at each profile."""
    profile = view.profile
    if profile is None or profile.details is None or profile.modified_at is None:
        return {}
    return {
        "settings_modified_at": profile.modified_at.replace(microsecond=0),
        "settings_hash": view.declared_hash,
    }


KEEPING: tuple[Rule[ProfileView], ...] = (
    *CREATING,
    learn_more,
    refuse_foreign,
    await_profile,
    refuse_immutable,
    take_ownership,
    update_profile,
    follow_tags,
    be_ready,
)
