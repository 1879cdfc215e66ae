"""A plan as a table and as data."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from rich.console import Group, RenderableType

from studio_operator.plugin.output import lines, table
from studio_operator.plugin.planning.report import (
    Action,
    Cost,
    CostChange,
    Effect,
    PlanReport,
    ResourceReport,
    Total,
)

NO_CHANGE = "No change in AWS."
UNKNOWN = "unknown"
_COUNTED_AS = {
    Action.REFUSE: "refused",
    Action.BLOCKED: "blocked",
    Action.WAIT: "waiting",
    Action.SCHEDULE: "by the clock",
    Action.NOTE: "with a note",
}


def summarise(report: PlanReport) -> str:
    """The plan in one line."""
    counted = (
        f"{report.count(action)} {_COUNTED_AS.get(action, action)}"
        for action in Action
        if action is not Action.NONE and report.count(action)
    )
    said = ", ".join(counted)
    if not said:
        return NO_CHANGE
    same = report.count(Action.NONE)
    others = f"; {same} without change" if same else ""
    return f"{said}{others}. {summarise_cost(report)}"


def summarise_cost(report: PlanReport) -> str:
    """The difference in cost, in one sentence."""
    if not any(one.cost for one in report.resources):
        return "Cost: no change."
    hour, volume, month = report.hour, report.volume_month, report.month_at_most
    parts = [
        f"Cost while the apps run: {_total(hour, report.currency)} an hour",
        f"volumes: {_total(volume, report.currency)} a month",
    ]
    if not month.unknown:
        parts.append(f"together at most {_total(month, report.currency)} a month")
    return f"{'; '.join(parts)}."


def _total(total: Total, currency: str) -> str:
    amount = f"{_signed(total.amount)} {currency}"
    if not total.unknown:
        return amount
    spaces = "1 space" if total.unknown == 1 else f"{total.unknown} spaces"
    return f"{amount} and {UNKNOWN} for {spaces}" if total.amount else UNKNOWN


# --- text ---------------------------------------------------------------------------------------


def as_text(report: PlanReport) -> RenderableType:
    """A table, the summary, and what is taken for granted."""
    if not report.changed:
        return lines(NO_CHANGE, *_remarks(report))
    heads = ["action", "resource", "what happens", "people", "an hour", "volume a month"]
    drawn = table(heads, [row for one in report.changed for row in _rows(one)])
    return Group(drawn, lines("", summarise(report), *_remarks(report)))


def _remarks(report: PlanReport) -> list[str]:
    return [line for line in (report.basis, *report.assumptions) if line]


def _rows(one: ResourceReport) -> Iterator[list[str]]:
    first, *rest = by_gravity(one)
    hour, volume = cost_cells(one.cost)
    yield [first.action, str(one.key), first.text, one.people or "", hour, volume]
    for effect in rest:
        yield [effect.action, "", effect.text, "", "", ""]


def by_gravity(one: ResourceReport) -> list[Effect]:
    """The effect that names the row first, the rest as they happen."""
    return sorted(one.effects, key=lambda effect: effect.action is not one.action)


def cost_cells(cost: CostChange | None) -> tuple[str, str]:
    """The differences an hour and a month; empty where there is no cost."""
    if cost is None:
        return "", ""
    return _signed(cost.hour), _signed(cost.volume_month)


def _signed(amount: Decimal | None) -> str:
    if amount is None:
        return UNKNOWN
    if not amount:
        return "0"
    if abs(amount) >= 1:
        return f"{amount:+,.2f}"
    whole, _, part = f"{amount:+.4f}".partition(".")
    return f"{whole}.{part[:2]}{part[2:].rstrip('0')}"  # cents, and less where there is less


# --- data ---------------------------------------------------------------------------------------


def as_data(report: PlanReport) -> dict[str, Any]:
    """The plan in JSON types. Amounts are strings, null where a price is not known."""
    return {
        "summary": {action.value: report.count(action) for action in Action},
        "changed": bool(report.changed),
        "dataLoss": any(one.loses_data for one in report.resources),
        "resources": [_resource_data(one) for one in report.resources],
        "cost": {
            "currency": report.currency,
            "hour": _total_data(report.hour),
            "volumeMonth": _total_data(report.volume_month),
            "monthAtMost": _total_data(report.month_at_most),
            "sources": list(report.sources),
        },
        "basis": report.basis,
        "assumptions": list(report.assumptions),
    }


def _resource_data(one: ResourceReport) -> dict[str, Any]:
    data: dict[str, Any] = {
        "kind": one.key.kind,
        "namespace": one.key.namespace,
        "name": one.key.name,
        "action": one.action.value,
        "effects": [_effect_data(effect) for effect in one.effects],
        "calls": list(one.calls),
    }
    if one.people:
        data["people"] = one.people
    if one.cost is not None:
        data["cost"] = {
            "before": _cost_data(one.cost.before),
            "after": _cost_data(one.cost.after),
        }
    return data


def _effect_data(effect: Effect) -> dict[str, Any]:
    data: dict[str, Any] = {"action": effect.action.value, "text": effect.text}
    changes = {"from": effect.before, "to": effect.after}
    data |= {name: value for name, value in changes.items() if value is not None}
    return {**data, "dataLoss": True} if effect.data_loss else data


def _cost_data(cost: Cost) -> dict[str, str | None]:
    return {"hour": _amount(cost.hour), "volumeMonth": _amount(cost.volume_month)}


def _total_data(total: Total) -> dict[str, Any]:
    return {"difference": _amount(total.amount), "unknown": total.unknown}


def _amount(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"
