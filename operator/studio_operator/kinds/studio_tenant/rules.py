"""The planner of tenants: nothing is called, status tells what the tenant has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from studio_operator.kinds.shared.deletion import let_go
from studio_operator.kinds.shared.unreadable import report_unreadable
from studio_operator.kinds.studio_tenant.api import StudioTenantSpec, StudioTenantStatus
from studio_operator.plan.decisions import (
    Decision,
    Rule,
    as_plan,
    common_status,
    counted,
    first_decision,
    name_some,
)
from studio_operator.plan.lifecycle import phase_without, stalled
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import another
from studio_operator.plan.tenancy.governed import Governed
from studio_operator.plan.types import Declared, Health, Plan

# Names of namespaces that status lists: it stays small, and the count tells of more.
LISTED_AT_MOST = 100


@dataclass(frozen=True, slots=True)
class TenantSituation:
    """What is declared and remembered, and what the tenant has in the cluster."""

    declared: Declared[StudioTenantSpec]
    status: StudioTenantStatus
    governed: Governed
    now: datetime


def let_go_when_deleted(situation: TenantSituation) -> Decision | None:
    """There is nothing in AWS to see to."""
    return let_go("nothing to let go of") if situation.declared.deleting else None


def tell_unreadable(situation: TenantSituation) -> Decision | None:
    """What is wrong with the spec."""
    unreadable = situation.declared.unreadable
    return report_unreadable(unreadable, is_observed=False, is_known=False) if unreadable else None


def tell_conflict(situation: TenantSituation) -> Decision | None:
    """A namespace that several tenants claim counts for none of them."""
    conflicts = situation.governed.conflicts
    if not conflicts:
        return None
    others = name_some({one for names in conflicts.values() for one in names}, 3)
    return stalled(
        Reason.TENANT_CONFLICT,
        f"{name_some(conflicts, 3)}: claimed by {others} as well, so neither counts there",
        another("namespaces.names", "names that no other tenant has"),
    )


def be_ready(situation: TenantSituation) -> Decision:
    """What the tenant has."""
    governed = situation.governed
    resources = counted(sum(governed.resources.values()), "resource")
    message = f"{counted(len(governed.namespaces), 'namespace')} with {resources}"
    return Decision(Health.READY, Reason.IN_SERVICE, message)


RULES: tuple[Rule[TenantSituation], ...] = (
    let_go_when_deleted,
    tell_unreadable,
    tell_conflict,
    be_ready,
)


def plan_tenant(situation: TenantSituation) -> Plan[StudioTenantStatus]:
    """What to say of a tenant now."""
    declared, status, governed = situation.declared, situation.status, situation.governed
    decision = first_decision(situation, RULES)
    members: dict[str, Any] = {
        "phase": decision.phase or phase_without(decision, status),
        "namespaces": governed.namespaces[:LISTED_AT_MOST] or None,
        "namespace_count": len(governed.namespaces),
        "resources": dict(governed.resources) or None,
        "conflicts": tuple(governed.conflicts)[:LISTED_AT_MOST] or None,
    }
    common = common_status(declared, status, decision, situation.now)
    return as_plan(decision, status, status.with_members(members | common))
