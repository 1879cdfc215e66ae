"""From what there is to know of a tenant to its plan."""

from __future__ import annotations

from studio_operator.kinds.gathering import Context, Gathered
from studio_operator.kinds.studio_tenant.rules import TenantSituation, plan_tenant


def plan(context: Context) -> Gathered:
    """The plan of a tenant. AWS is not looked at, so nothing of it can be out of sight."""
    situation = TenantSituation(context.declared, context.status, context.governed, context.now)
    return Gathered(plan_tenant(situation), (), is_observed=True)
