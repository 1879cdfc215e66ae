"""How a decision about a user profile becomes its complete status and its plan."""

from __future__ import annotations

from typing import Any

from studio_operator.api.profile import UserProfileStatus
from studio_operator.plan.decisions import (
    Decision,
    as_plan,
    common_status,
)
from studio_operator.plan.keeping import (
    PHASES,
    next_tag_keys,
)
from studio_operator.plan.ownership import Claim
from studio_operator.plan.profile_view import ProfileView
from studio_operator.plan.settings_mapping import (
    read_member,
)
from studio_operator.plan.types import Plan


def finish(view: ProfileView, decision: Decision) -> Plan[UserProfileStatus]:
    """The complete status: what AWS shows of a profile of ours, else what it showed last."""
    memory, profile, situation = view.memory, view.profile, view.situation
    facts = situation.domain
    seen: dict[str, Any] = {
        "domain_id": view.domain_id,
        "region": (facts.region if facts else None) or memory.region,
        "phase": decision.phase or memory.phase,
    }
    if profile is not None and view.claim is Claim.OURS:
        seen |= {
            "user_profile_name": profile.name,
            "arn": view.arn,
            "phase": decision.phase or PHASES.get(profile.status, memory.phase),
            "tag_keys": next_tag_keys(view.hold(profile)),
        }
        if profile.details is not None:
            role = read_member(profile.details, ("UserSettings", "ExecutionRole"))
            seen["execution_role"] = role
    status = memory.model_copy(
        update=seen | common_status(situation.declared, memory, decision, situation.now)
    )
    return as_plan(decision, memory, status)
