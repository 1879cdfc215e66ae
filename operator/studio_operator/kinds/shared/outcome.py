"""From the rules of a domain or user profile to its plan: the decision, and the complete status."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from studio_operator.api.common import ConditionType, StatusWithRefusals
from studio_operator.kinds.shared.policy import policy_condition
from studio_operator.kinds.shared.running.view import RunSettingsView
from studio_operator.kinds.shared.tags import next_tag_keys
from studio_operator.kinds.shared.unreadable import UNREADABLE_RULES
from studio_operator.kinds.shared.view import SettingsView
from studio_operator.plan.decisions import (
    Decision,
    Rule,
    apply_failure,
    as_plan,
    common_status,
    first_decision,
)
from studio_operator.plan.lifecycle import PHASES, phase_without
from studio_operator.plan.ownership import Claim
from studio_operator.plan.settings.mapping import field_in_message
from studio_operator.plan.types import Plan

ViewT = TypeVar("ViewT", bound=SettingsView)


def decide(
    view: ViewT,
    rules: Iterable[Rule[ViewT]],
    deletion_rules: Iterable[Rule[ViewT]],
    unreadable_rules: Iterable[Rule[ViewT]] = UNREADABLE_RULES,
) -> Decision:
    """What the first rule decides, of those that hold for the resource as it is."""
    declared = view.situation.declared
    if declared.deleting:
        return first_decision(view, deletion_rules)
    return first_decision(view, rules if declared.unreadable is None else unreadable_rules)


def finish(
    view: SettingsView,
    decision: Decision,
    *,
    known: Mapping[str, Any],
    shown: Mapping[str, Any],
) -> Plan[Any]:
    """The complete status: what AWS shows of a thing of ours, else what it showed last.

    A call that failed is held back while its failure asks for that.

    `known`: members that hold in any case; `shown`: those that only what is ours may tell.
    """
    situation, found, holding = view.situation, view.found, view.holding
    failure = view.refusals.failure
    named = field_in_message(failure.message, view.table, view.others) if failure else None
    decision = apply_failure(decision, failure, situation.declared, situation.now, named)
    status: StatusWithRefusals = situation.status
    members = {**known, "phase": decision.phase or phase_without(decision, status)}
    if found is not None and holding is not None and view.claim is Claim.OURS:
        members |= {
            "arn": found.arn or status.arn,
            "phase": decision.phase or PHASES.get(found.status, status.phase),
            "tag_keys": next_tag_keys(holding),
            **shown,
        }
        declared = situation.declared
        is_planned = not declared.deleting and declared.unreadable is None
        if is_planned and view.differing is not None:
            members["refusals"] = view.update.refusals or None
    further = _further(view)
    common = common_status(situation.declared, status, decision, situation.now, further)
    if not isinstance(view, RunSettingsView):
        return as_plan(decision, status, status.with_members(members | common))
    told = view.run_members(decision)
    before = view.run.situation.status
    is_asked = before.effective is not None and told["handled_requests"] != before.handled_requests
    return as_plan(
        decision,
        status,
        status.with_members(members | common | told),
        notes=view.run.refused_requests(
            is_observed=situation.is_observed, is_foreign=view.is_foreign(decision)
        ),
        must_record=decision.call is not None and (view.run.is_decided_anew or is_asked),
        due=(view.run.changes_at,),
    )


def _further(view: SettingsView) -> Mapping[ConditionType, tuple[str, str]]:
    """The condition about what the tenant does not allow; as it was while AWS was not seen."""
    situation = view.situation
    if situation.declared.deleting or situation.declared.unreadable is not None:
        return {}
    if view.claim is None and situation.violations:
        known = situation.status.condition(ConditionType.POLICY_VIOLATION)
        return {ConditionType.POLICY_VIOLATION: (known.reason, known.message)} if known else {}
    return policy_condition(situation.violations, is_ours=view.claim is Claim.OURS)
