"""What a user profile's status says of AWS."""

from __future__ import annotations

from typing import Any

from studio_operator.kinds.shared import outcome
from studio_operator.kinds.user_profile.api import UserProfileStatus
from studio_operator.kinds.user_profile.view import ProfileView
from studio_operator.plan.decisions import Decision
from studio_operator.plan.lifecycle import drop_creation
from studio_operator.plan.ownership import Claim
from studio_operator.plan.settings.mapping import read_member
from studio_operator.plan.types import Plan


def finish(view: ProfileView, decision: Decision) -> Plan[UserProfileStatus]:
    """The complete status: what AWS shows of a profile of ours, else what it showed last."""
    status, profile, domain = view.status, view.found, view.situation.domain
    facts = domain if domain and (domain.admits or view.claim is Claim.OURS) else None
    known = {
        "domain_id": (facts.domain_id if facts else None) or status.domain_id,
        "region": (facts.region if facts else None) or status.region,
    }
    shown: dict[str, Any] = {"user_profile_name": profile.name} if profile else {}
    if profile is not None and profile.details is not None:
        shown["execution_role"] = read_member(view.live, ("UserSettings", "ExecutionRole"))
    decision = drop_creation(decision, status, view.claim)
    return outcome.finish(view, decision, known=known, shown=shown)
