"""What is looked at before an app is stopped, started or changed: nobody is stopped in vain.

`CHECKS` is the one list. Each check says from what is known, without asking AWS, what AWS would
refuse; a new one takes one line here. They hold for every stop that is for a change or a restart,
for every start, for new spaces, and in `kubectl studio plan`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from studio_operator.api.common import OWNER_TAG
from studio_operator.kinds.shared.ownership import look_at, name_owner
from studio_operator.kinds.space.checks.file_systems import check_new_mounts, check_present_mounts
from studio_operator.kinds.space.checks.idle_limits import check_idle_time, check_present_idle_time
from studio_operator.kinds.space.checks.instance_types import check_instance_type
from studio_operator.kinds.space.checks.lifecycle_config import (
    check_lifecycle_config,
    must_look_for_space,
)
from studio_operator.kinds.space.checks.policy import check_policy, judges_role
from studio_operator.kinds.space.checks.remote_access import check_remote_access
from studio_operator.kinds.space.checks.script_failures import has_failed_script, names_own_script
from studio_operator.kinds.space.checks.security_groups import must_know_owners_groups
from studio_operator.kinds.space.checks.start_rules import (
    check_security_groups,
    check_studio_classic,
)
from studio_operator.kinds.space.checks.volume_limit import check_present_volume, check_volume_size
from studio_operator.kinds.space.in_aws import settings
from studio_operator.kinds.space.planner_input.comparison import (
    FILE_SYSTEMS,
    IDLE_TIME,
    LIFECYCLE_CONFIG,
    STORAGE,
    Change,
)
from studio_operator.kinds.space.planner_input.findings import CheckInput, Finding, unready
from studio_operator.kinds.space.planner_input.view import SpaceView
from studio_operator.plan.decisions import KEEP, Decision
from studio_operator.plan.lifecycle_configs import AT_LIFECYCLE_CONFIGS
from studio_operator.plan.messages import tell
from studio_operator.plan.ownership import Claim, OwnerMark, mark_of
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import Resource, Steps, in_kubernetes, set_field
from studio_operator.plan.types import Health, Look

Check = Callable[[CheckInput], Finding | None]


def check_domain(given: CheckInput) -> Finding | None:
    """AWS starts no app while the domain is being changed: one that runs is not stopped then."""
    domain = given.situation.domain
    if domain is None or not domain.problem or not given.app_is_active:
        return None
    return unready(
        tell(f"StudioDomain {domain.name} is not ready: {domain.problem}"),
        refuses_update=True,
        refuses_start=True,
        is_told=False,
    )


def check_owner(given: CheckInput) -> Finding | None:
    """Who has the owner's user profile decides the role and the scripts that the app runs with.

    That is checked as long as the space lives. Nobody is stopped for it, and nothing is started. A
    shared space runs with the domain's role: where its spec names no owner, AWS's does not matter.
    """
    situation = given.situation
    profile, declared = situation.owner_in_aws, situation.declared
    value = (profile.tags or {}).get(OWNER_TAG) if profile is not None else None
    reference = declared.spec.owner_ref
    if profile is None or value is None or (reference is None and declared.spec.is_shared):
        return None
    mark, owner = mark_of(declared, situation.cluster), OwnerMark.parse(value)
    if owner is not None and (owner.cluster, owner.namespace) == (mark.cluster, mark.namespace):
        return None
    who = name_owner(owner, mark) if owner is not None else "others by its tag in AWS"
    problem = f"its owner, user profile {profile.name}, belongs to {who}"
    here = reference.name if reference is not None else profile.name
    said = tell(
        f"{problem}, which decides what the app may do",
        Steps(
            (
                in_kubernetes("have that resource deleted with deletionPolicy Orphan"),
                set_field("adopt", True, on=Resource("UserProfile", here)),
            )
        ),
    )
    return Finding(
        Health.STALLED,
        Reason.OWNERSHIP_CONFLICT,
        said,
        refuses_update=True,
        refuses_start=True,
    )


def check_owners_defaults(given: CheckInput) -> Finding | None:
    """AWS starts no app while the profile is being changed, from which a new default comes."""
    owner = given.situation.owner
    resolved = given.wanted.resolved if given.wanted is not None else {}
    inherited = {one.field for one, found in resolved.items() if found.source == "UserProfile"}
    fields = frozenset(given.changes.keys() & inherited)
    if owner is None or not owner.problem or not fields:
        return None
    return unready(tell(f"UserProfile {owner.name} is not ready: {owner.problem}"), fields=fields)


# In this order: the first that stands against something is told.
CHECKS: tuple[Check, ...] = (
    check_owner,
    check_studio_classic,
    check_remote_access,
    check_security_groups,
    check_lifecycle_config,
    check_new_mounts,
    check_present_mounts,
    check_volume_size,
    check_idle_time,
    check_instance_type,
    check_present_volume,
    check_present_idle_time,
    check_domain,
    check_owners_defaults,
)


def find_all(given: CheckInput) -> tuple[Finding, ...]:
    """All that stands against what is wanted."""
    checks = (check_policy, *CHECKS) if given.situation.policy.judges else CHECKS
    return tuple([one for check in checks if (one := check(given)) is not None])


def held_by(findings: Iterable[Finding], changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes that are not made as things are."""
    fields = {name for finding in findings for name in finding.fields}
    return tuple(change for change in changes if change.field in fields)


# --- the rules ------------------------------------------------------------------------------------


def learn_owner_settings(view: SpaceView) -> Decision | None:
    """What the owner's profile says counts before the domain's, so it has to be known."""
    owner = view.situation.owner
    if owner is None or owner.problem or view.spec.is_shared:
        return None
    if must_know_owners_groups(view):
        return look_at(view, Look.OWNER)
    if owner.is_described:
        return None
    return look_at(view, Look.OWNER) if _owner_matters(view) else None


def learn_lifecycle_configs(view: SpaceView) -> Decision | None:
    """Before the declared one is set, or an app is stopped or started with it."""
    if not must_look_for_space(view.situation, view.wanted):
        return None
    stops = view.app_is_active and (view.may_stop_for_changes or view.is_restart_asked)
    starts = view.wants_running and not view.app_is_active
    live = view.present.lifecycle_config_arn if view.present else None
    aim = view.wanted[settings.LIFECYCLE_CONFIG] if view.wanted else None
    is_used = (stops or starts) and live == (view.spec.lifecycle_config_arn or aim)
    is_changed = any(change.field == LIFECYCLE_CONFIG for change in view.changes)
    if view.situation.space is None or is_changed or is_used:
        return look_at(view, AT_LIFECYCLE_CONFIGS)
    return None


def refuse_creation(view: SpaceView) -> Decision | None:
    """A space that could not be as declared is not made: it would need a stop to become so."""
    if view.situation.space is not None:
        return None
    for one in view.findings:
        if one.refuses_creation or (one.refuses_start and view.wants_running):
            return one.decide()
    return None


def refuse_vain_stop(view: SpaceView) -> Decision | None:
    """No stop for a change that AWS would refuse, nor one that the app would not come back from."""
    if not view.app_is_active:
        return None
    for one in view.findings:
        against_change = view.may_stop_for_changes and (one.refuses_update or one.refuses_start)
        if against_change or (view.is_restart_asked and one.refuses_start):
            return one.decide(operation=KEEP if view.is_restart_asked else None)
    return None


def refuse_vain_update(view: SpaceView) -> Decision | None:
    """No update that AWS would refuse; a start that an operation owes stays owed."""
    if view.app_is_active or not (view.changes or view.has_failed_update):
        return None
    found = next((one for one in view.findings if one.refuses_update), None)
    return found.decide() if found is not None else None


def refuse_vain_start(view: SpaceView) -> Decision | None:
    """No start that AWS, or the tenant, would refuse; one that an operation owes stays owed.

    A tenant that came after the stop does not keep from starting what ran before.
    """
    if view.app_is_active or not view.wants_running:
        return None
    stands = (one for one in view.findings if one.refuses_start)
    found = next((one for one in stands if one.refuses_owed_start or not view.is_restarting), None)
    if found is None:
        return None
    return found.decide(phase="Failed" if found.health is Health.STALLED else None)


def report_findings(view: SpaceView) -> Decision | None:
    """All else of the space is kept, and status says what to change."""
    found = next((one for one in view.findings if one.is_told), None)
    return found.decide(operation=None) if found is not None else None


def _owner_matters(view: SpaceView) -> bool:
    """Whether something is about to be done, or said, that the owner's settings decide."""
    touched = {change.field for change in view.changes}
    touched |= {name for one in view.findings for name in one.fields}
    if view.situation.space is None:
        storage = view.spec.storage
        mounts = bool(storage and storage.file_systems)
        return mounts or bool(touched) or _judges_role(view)
    stops = view.app_is_active and (view.may_stop_for_changes or view.is_restart_asked)
    starts = view.wants_running and not view.app_is_active
    mounts = view.present is not None and bool(view.present.file_systems)
    return (
        FILE_SYSTEMS in touched
        or (stops and bool(touched & {STORAGE, IDLE_TIME}))
        or any(one.fields & {STORAGE, IDLE_TIME} for one in view.findings)
        or ((stops or starts) and mounts)
        or (starts and has_failed_script(view) and not names_own_script(view))
        or (_judges_role(view) and (stops or starts or _may_stop_by_policy(view)))
    )


def _judges_role(view: SpaceView) -> bool:
    return view.situation.policy.judges and judges_role(view.situation)


def _may_stop_by_policy(view: SpaceView) -> bool:
    """Whether an app runs that is stopped where the tenant does not allow its role."""
    return view.situation.policy.stops and view.app_is_active and view.claim is Claim.OURS
