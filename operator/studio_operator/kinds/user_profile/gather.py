"""From what there is to know of a user profile to its plan."""

from __future__ import annotations

from studio_operator.kinds.gathering import Context, Gathered, in_common
from studio_operator.kinds.user_profile.rules import plan_profile
from studio_operator.kinds.user_profile.situation import ProfileSituation
from studio_operator.kinds.views import DomainScopeView


def plan(context: Context) -> Gathered:
    """The plan of a user profile."""
    view, name = context.view, context.record.name
    found = view.profiles.get(name) if view else None
    deleting = context.declared.deleting
    going = view if deleting else None  # only then anybody asks what is left
    situation = ProfileSituation(
        **in_common(context, found),
        domain=context.domain,
        is_observed=view is not None,
        profile=found,
        namesake=_namesake(context, view, name),
        spaces_in_aws=_spaces_of(going, name) if going else (),
        apps_in_aws=_apps_of(going, name) if going else (),
        dependents=tuple(map(_without_kind, context.dependents)) if deleting else (),
    )
    return Gathered(plan_profile(situation), (context.record,), situation.is_observed)


def _namesake(context: Context, view: DomainScopeView | None, name: str) -> str | None:
    """The space that AWS has under a profile's name, in any case."""
    real = view.space_names.get(name) if view else None
    if view is None or real is None:
        return None
    return context.told(f"space {real}", view.spaces.get(real))


def _spaces_of(view: DomainScopeView, name: str) -> tuple[str, ...]:
    return tuple(one.name for one in view.spaces.values() if (one.owner or "").lower() == name)


def _apps_of(view: DomainScopeView, name: str) -> tuple[str, ...]:
    return tuple(app.title for app in view.apps_of_profiles.get(name, ()))


def _without_kind(dependent: str) -> str:
    return dependent.partition(" ")[2]
