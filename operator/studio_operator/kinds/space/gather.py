"""From what there is to know of a space to its plan."""

from __future__ import annotations

from dataclasses import replace

from studio_operator.kinds.gathering import Context, Gathered, in_common
from studio_operator.kinds.space.features.backup.questions import place_of, script_question
from studio_operator.kinds.space.features.lingering.observed import LingeringQuestion
from studio_operator.kinds.space.in_aws.apps import ObservedApp
from studio_operator.kinds.space.in_aws.observed import ObservedSpace
from studio_operator.kinds.space.planner_input.situation import SpaceSituation
from studio_operator.kinds.space.rules import plan_space
from studio_operator.kinds.views import DomainScopeView
from studio_operator.plan.ownership import Claim
from studio_operator.plan.types import Look


def plan(context: Context) -> Gathered:
    """The plan of a space."""
    view, name = context.view, context.name
    space = view.spaces.get(name) if view else None
    app = view.apps.get(name) if view else None
    profiles = view.profiles if view else {}
    situation = SpaceSituation(
        **in_common(context, space),
        domain=context.domain,
        owner=context.owner,
        is_observed=view is not None,
        space=space,
        ran_on=_ran_on(context, space, app),
        owner_in_aws=profiles.get(space.owner.lower()) if space and space.owner else None,
        namesake=_namesake(context, view, name) if view and space is None else None,
        app=app,
        lingering=context.known(LingeringQuestion(context.scope, context.record.name)),
        known_instance_types=context.known_instance_types,
        prices=context.prices,
    )
    script, place = script_question(situation), place_of(situation)
    if script is not None and place is not None:
        known = context.known(script), context.known(place)
        situation = replace(situation, script=known[0], backup=known[1])
    made = plan_space(situation)
    owner = context.owner_record if Look.OWNER in made.looks else None
    return Gathered(made, (owner or context.record,), situation.is_observed)


def _ran_on(context: Context, space: ObservedSpace | None, app: ObservedApp | None) -> str | None:
    """The instance type on which this process saw the app of a space of ours run last."""
    if space is None or app is None or app.status != "InService":
        return context.ran_on
    if context.claim(space) is Claim.OURS:
        context.note_run(app.instance_type)
    return context.ran_on


def _namesake(context: Context, view: DomainScopeView, name: str) -> str | None:
    """What AWS has under the name of a space that is not there, in another case or as a profile."""
    real = view.space_names.get(name.lower())
    if real is not None and real != name:
        return context.told(f"space {real}", view.spaces.get(real))
    profile = view.profiles.get(name.lower())
    return context.told(f"user profile {profile.name}", profile) if profile else None
