"""The planner of user profiles: from what is declared, observed and remembered to the next step.

Read the rules top to bottom: the first one that decides wins. Every rule sees the same
`ProfileView`, and none acts: at most one AWS call comes out of a pass, and the next pass sees what
became of it. A profile holds no data, so one that vanished is made again; it is deleted only when
its resource is deleted under `deletionPolicy: Delete`.
"""

from __future__ import annotations

from studio_operator.kinds.shared.admission import refuse_stranger
from studio_operator.kinds.shared.outcome import decide
from studio_operator.kinds.shared.ownership import (
    refuse_adoption,
    refuse_unless_adopted,
    take_ownership,
    tell_loss,
)
from studio_operator.kinds.shared.policy import hold_for_policy
from studio_operator.kinds.shared.updates import (
    SETTINGS_RULES,
    hold_for_scripts,
    learn_owner_and_settings,
)
from studio_operator.kinds.user_profile.api import UserProfileStatus
from studio_operator.kinds.user_profile.creation import CREATION_RULES
from studio_operator.kinds.user_profile.deletion import DELETION_RULES
from studio_operator.kinds.user_profile.existing import (
    await_profile,
    hold_fixed_settings,
    refuse_immutable,
)
from studio_operator.kinds.user_profile.security_groups import hold_last_groups
from studio_operator.kinds.user_profile.situation import ProfileSituation
from studio_operator.kinds.user_profile.status import finish
from studio_operator.kinds.user_profile.view import ProfileView
from studio_operator.plan.decisions import Decision, Rule
from studio_operator.plan.lifecycle import waiting
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import set_field
from studio_operator.plan.types import Plan

RULES: tuple[Rule[ProfileView], ...] = (
    tell_loss,
    *CREATION_RULES,
    learn_owner_and_settings,
    refuse_unless_adopted(set_field("adopt", True, goal="to take it over")),
    refuse_adoption,
    await_profile,
    refuse_immutable,
    take_ownership,
    *SETTINGS_RULES,
)
# What holds a setting back before AWS is asked; all else goes its own way.
CHECKS = (hold_for_policy, hold_fixed_settings, hold_last_groups, hold_for_scripts)


def plan_profile(situation: ProfileSituation) -> Plan[UserProfileStatus]:
    """What to do now for a user profile, and its complete new status."""
    declared, status = situation.declared, situation.status
    refused = refuse_stranger(declared, status, situation.domain, situation.now)
    if refused is not None:
        return refused
    view = ProfileView(situation, CHECKS)
    return finish(view, hold_for_domain(view, decide(view, RULES, DELETION_RULES)))


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
