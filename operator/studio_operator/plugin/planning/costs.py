"""What starts and stops costs before a change and after it."""

from __future__ import annotations

from decimal import Decimal

from studio_operator.engine.declared.index import domain_of, id_of
from studio_operator.kinds.managed_kind import Billed
from studio_operator.kinds.registry import BY_NAME
from studio_operator.kube.resources import Key
from studio_operator.plan.prices import Prices
from studio_operator.plan.scope import OWN_ACCOUNT, Scope
from studio_operator.plugin.planning.dry_run import DryRun
from studio_operator.plugin.planning.report import Cost, CostChange

NOTHING = Cost()


def compare_costs(
    key: Key, before: DryRun, after: DryRun, prices: Prices, default_region: str | None
) -> CostChange | None:
    """What a resource costs before and after; None when that does not change.

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
    """What is billed: what runs or may be run, and GiB; None for nothing.

    What has no resource any more may stay in AWS: what became of it is asked there.
    """
    entry, kind = stage.entries.get(key), BY_NAME[key.kind]
    if entry is None or kind.billed is None:
        return None
    status = entry.status
    view = stage.aws.view(Scope(OWN_ACCOUNT, status.region or "", status.domain_id))
    name = kind.record_name(id_of(entry) or entry.aws_name)
    record = view.shown(kind.aws.name).get(name)
    if record is None:
        return None
    companion = view.shown(kind.companion.name).get(name) if kind.companion else None
    let_go = stage.outcomes[key].let_go
    return kind.billed(Billed(record, companion, entry.declared.spec, let_go=let_go))


def _cost(shape: Shape | None, prices: Prices, region: str | None) -> Cost:
    if shape is None:
        return NOTHING
    running_on, gib = shape
    return Cost(
        hour=Decimal(0) if running_on is None else prices.instance_hour(region, running_on),
        volume_month=Decimal(0) if gib is None else prices.volume_month(region, gib),
    )


def _region(key: Key, stage: DryRun) -> str | None:
    """The region that its StudioDomain declares, or that its status has on record."""
    entry = stage.entries.get(key)
    if entry is None:
        return None
    domain = stage.entries.get(domain_of(entry) or key)
    declared = (domain.spec.get("aws") or {}).get("region") if domain else None
    return declared or entry.shown.get("region")
