"""From what there is to know of a query server to its plan."""

from __future__ import annotations

from studio_operator.kinds.gathering import Context, Gathered, in_common

from .rules import plan_server
from .view import ServerSituation, known_server_id


def plan(context: Context) -> Gathered:
    """The plan of a query server."""
    view = context.region_view
    servers = view.shown("QueryServer") if view else {}
    rules = view.shown("AccessRule") if view else {}
    id_ = known_server_id(context.status, context.declared.spec.server_id)
    found = servers.get(id_) if id_ else None
    listed = () if id_ else tuple(one for one in servers.values() if one.name == context.name)
    situation = ServerSituation(
        **in_common(context, found),
        domain=context.domain,
        region=context.scope.region,
        is_observed=view is not None,
        server=found,
        rule=rules.get(id_) if id_ else None,
        candidates=listed,
        dependents=context.dependents if context.declared.deleting else (),
        prices=context.prices,
    )
    ids = [id_] if id_ else [one.server_id for one in listed if one.tags is None]
    about = tuple(context.record._replace(name=one) for one in ids)
    return Gathered(plan_server(situation), about, situation.is_observed)
