"""From what there is to know of a domain to its plan."""

from __future__ import annotations

from studio_operator.kinds.gathering import Context, Gathered, in_common
from studio_operator.kinds.studio_domain.rules import plan_domain
from studio_operator.kinds.studio_domain.situation import DomainSituation
from studio_operator.kinds.views import DomainScopeView


def plan(context: Context) -> Gathered:
    """The plan of a domain."""
    scope, view, listed = context.scope, context.view, context.region_view
    candidates = tuple(
        one for one in (listed.domains if listed else ()) if one.name == context.name
    )
    found, status = view.domain if view else None, context.status
    going = view if context.declared.deleting else None  # only then anybody asks what is left
    blocked = view if context.failure or status.refusals else None  # by what is there
    profiles_of = going or blocked
    situation = DomainSituation(
        **in_common(context, found),
        region=scope.region,
        is_observed=(view if scope.domain_id else listed) is not None,
        domain=found,
        candidates=candidates,
        profiles_in_aws=(
            tuple(one.name for one in profiles_of.profiles.values()) if profiles_of else ()
        ),
        spaces_in_aws=tuple(going.spaces) if going else (),
        apps_in_aws=_apps_outside_of_spaces(going) if going else (),
        running_apps=_running_apps(blocked) if blocked else (),
        dependents=context.dependents if context.declared.deleting else (),
    )
    unknown = [one.domain_id for one in candidates if one.tags is None]
    ids = [scope.domain_id] if scope.domain_id else unknown
    about = tuple(context.record._replace(name=one) for one in ids)
    return Gathered(plan_domain(situation), about, situation.is_observed)


def _running_apps(view: DomainScopeView) -> tuple[str, ...]:
    """What holds up changes of the domain: apps of spaces, and those that people have beside."""
    spaces = (f"space {name}" for name, app in view.apps.items() if app.is_active)
    return (*spaces, *_apps_outside_of_spaces(view))


def _apps_outside_of_spaces(view: DomainScopeView) -> tuple[str, ...]:
    return tuple(
        f"{app.title} of {name}" for name, apps in view.apps_of_profiles.items() for app in apps
    )
