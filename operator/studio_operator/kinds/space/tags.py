"""Tags of a space: they need no stop, so they follow the spec whatever else of it has to wait."""

from __future__ import annotations

from dataclasses import replace

from studio_operator.kinds.shared import tags
from studio_operator.kinds.space.planner_input.view import SpaceView
from studio_operator.plan.decisions import Decision, Rule, apply_failure


def follow_tags(view: SpaceView) -> Decision | None:
    """Tags follow the spec, one request at a time; they never need a stop."""
    return None if view.has_foreign_tags else tags.follow_tags(view)


def with_tags(rule: Rule[SpaceView]) -> Rule[SpaceView]:
    """A rule that may let all else wait for a person: it sets tags, and says what waits for what.

    A refusal of the tags holds them back and nothing else.
    """

    def decide(view: SpaceView) -> Decision | None:
        decision = rule(view)
        if decision is None or decision.call is not None or decision.looks:
            return decision
        change = follow_tags(view)
        if change is None or change.call is None:
            return decision
        situation = view.situation
        tried = apply_failure(change, view.failure, situation.declared, situation.now)
        return replace(decision, call=tried.call, notes=(*decision.notes, *tried.notes))

    return decide
