"""What spaces cost before a change and after it."""

from __future__ import annotations

from decimal import Decimal

from studio_operator.engine.declared.index import domain_of
from studio_operator.kinds.space.api.spec import SpaceSpec
from studio_operator.kinds.space.in_aws.apps import ObservedApp
from studio_operator.kinds.space.in_aws.observed import ObservedSpace, SpaceSettings
from studio_operator.kube.resources import Key
from studio_operator.plan.prices import Prices
from studio_operator.plan.scope import OWN_ACCOUNT, Scope
from studio_operator.plugin.planning.dry_run import DryRun
from studio_operator.plugin.planning.report import Cost, CostChange

NOTHING = Cost()


def compare_costs(
    key: Key, before: DryRun, after: DryRun, prices: Prices, default_region: str | None
) -> CostChange | None:
    """What a space costs before and after; None when that does not change.

    `default_region` is the region of domains that name none, None when it is not known: then
    prices are not known either.
    """
    was, becomes = _find(key, before), _find(key, after)
    if was == becomes:
        return None
    region = _region(key, before) or _region(key, after) or default_region
    change = CostChange(_cost(was, prices, region), _cost(becomes, prices, region))
    return change if change.hour != 0 or change.volume_month != 0 else None


Shape = tuple[str | None, int | None]


def _find(key: Key, stage: DryRun) -> Shape | None:
    """What is billed: instance type of the app that runs or may be run, and GiB; None for nothing.

    A space whose resource is gone may stay in AWS: what became of it is asked there.
    """
    entry = stage.entries.get(key)
    if entry is None:
        return None
    status = entry.status
    view = stage.aws.view(Scope(OWN_ACCOUNT, status.region or "", status.domain_id))
    space = view.spaces.get(entry.aws_name)
    if space is None:
        return None
    app = view.apps.get(space.name)
    spec: SpaceSpec = entry.declared.spec
    return _billed_type(space, app, spec, let_go=stage.outcomes[key].let_go), space.storage_gib


def _billed_type(
    space: ObservedSpace, app: ObservedApp | None, spec: SpaceSpec, *, let_go: bool
) -> str | None:
    """An app that people or a schedule start and stop is counted as if it ran."""
    if app is not None and app.is_active:
        return app.instance_type
    if let_go or (spec.state is not None and spec.schedule is None):
        return None
    return (space.settings or SpaceSettings()).instance_type


def _cost(shape: Shape | None, prices: Prices, region: str | None) -> Cost:
    if shape is None:
        return NOTHING
    instance_type, gib = shape
    return Cost(
        hour=Decimal(0) if instance_type is None else prices.instance_hour(region, instance_type),
        volume_month=Decimal(0) if gib is None else prices.volume_month(region, gib),
    )


def _region(key: Key, stage: DryRun) -> str | None:
    """The region that the space's StudioDomain declares, or that its status has on record."""
    entry = stage.entries.get(key)
    if entry is None:
        return None
    domain = stage.entries.get(domain_of(entry) or key)
    declared = (domain.spec.get("aws") or {}).get("region") if domain else None
    return declared or entry.shown.get("region")
