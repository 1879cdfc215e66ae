"""What a domain's status says of AWS: what a domain of ours shows, else what it showed last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio_operator.api.domain import StudioDomainStatus
from studio_operator.plan.decisions import Decision, as_plan, common_status
from studio_operator.plan.domain_view import DomainView, shared_spaces
from studio_operator.plan.keeping import PHASES, next_tag_keys
from studio_operator.plan.ownership import Claim
from studio_operator.plan.settings_mapping import read_member
from studio_operator.plan.types import Plan


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


def _from_details(details: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "auth_mode": read_member(details, ("AuthMode",)),
        "network": read_member(details, ("AppNetworkAccessType",)),
        "home_efs_file_system_id": read_member(details, ("HomeEfsFileSystemId",)),
        "shared_spaces": shared_spaces(details),
    }
