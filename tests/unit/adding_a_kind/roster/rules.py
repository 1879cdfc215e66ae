"""The planner of rosters: nothing is ever called, only said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from studio_operator.kinds.shared.admission import refuse_stranger
from studio_operator.kinds.shared.deletion import let_go
from studio_operator.kinds.shared.unreadable import report_unreadable
from studio_operator.plan.decisions import (
    Decision,
    Rule,
    as_plan,
    common_status,
    counted,
    first_decision,
)
from studio_operator.plan.lifecycle import domain_resource, phase_without, waiting
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import in_kubernetes
from studio_operator.plan.types import Declared, DomainFacts, Health, Plan

from .api import RosterSpec, RosterStatus


@dataclass(frozen=True, slots=True)
class RosterSituation:
    """What is declared and remembered, and what is told of the StudioDomain."""

    declared: Declared[RosterSpec]
    status: RosterStatus
    domain: DomainFacts | None
    now: datetime


def let_go_when_deleted(situation: RosterSituation) -> Decision | None:
    """There is nothing in AWS to see to."""
    return let_go("nothing to let go of") if situation.declared.deleting else None


def tell_unreadable(situation: RosterSituation) -> Decision | None:
    """What is wrong with the spec."""
    unreadable = situation.declared.unreadable
    return report_unreadable(unreadable, is_observed=False, is_known=False) if unreadable else None


def await_domain(situation: RosterSituation) -> Decision | None:
    """A roster is of use only where there are people."""
    domain = situation.domain
    named = domain_resource(situation.declared, situation.declared.spec.domain_ref)
    if domain is None:
        apply = in_kubernetes(f"apply {named}")
        return waiting(Reason.DEPENDENCY_NOT_READY, f"{named} does not exist", apply)
    if domain.problem is not None:
        return waiting(Reason.DEPENDENCY_NOT_READY, f"{named} is not ready: {domain.problem}")
    return None


def be_ready(situation: RosterSituation) -> Decision:
    """Somebody is on call."""
    count = counted(len(situation.declared.spec.people), "name")
    message = f"{count} in turn"
    return Decision(Health.READY, Reason.IN_SERVICE, message, phase="InService")


RULES: tuple[Rule[RosterSituation], ...] = (
    let_go_when_deleted,
    tell_unreadable,
    await_domain,
    be_ready,
)


def plan_roster(situation: RosterSituation) -> Plan[RosterStatus]:
    """What to say of a roster now."""
    declared, status, now = situation.declared, situation.status, situation.now
    refused = refuse_stranger(declared, status, situation.domain, now)
    if refused is not None:
        return refused
    decision = first_decision(situation, RULES)
    members = {"phase": decision.phase or phase_without(decision, status)}
    common = common_status(declared, status, decision, now)
    return as_plan(decision, status, status.model_copy(update=members | common))
