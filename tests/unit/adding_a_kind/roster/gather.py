"""From what there is to know of a roster to its plan."""

from __future__ import annotations

from studio_operator.kinds.gathering import Context, Gathered

from .rules import RosterSituation, plan_roster


def plan(context: Context) -> Gathered:
    """The plan of a roster. AWS is not looked at, so nothing of it can be out of sight."""
    situation = RosterSituation(context.declared, context.status, context.domain, context.now)
    return Gathered(plan_roster(situation), (), is_observed=True)
