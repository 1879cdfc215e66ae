"""What `kubectl studio plan` says of spaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio_operator.kinds.plan_words import PlanWords

Json = Mapping[str, Any]


def _created(given: Json, spec: Json) -> str:
    size = (spec.get("storage") or {}).get("sizeGiB")
    volume = f", {size} GiB" if size else ""
    where = _instance_type_of(given.get("SpaceSettings", {}))
    return f"creates the space: {spec.get('app')} on {where}{volume}"


def _instance_type_of(settings: Json) -> str:
    blocks = (value for name, value in settings.items() if name.endswith("AppSettings"))
    found = (block.get("DefaultResourceSpec", {}).get("InstanceType") for block in blocks)
    return next((str(one) for one in found if one), "the domain's instance type")


def _updated(before: str | None, after: str | None) -> str:
    return f"changes {before} to {after}: no app runs"


def _deleted(_spec: Json) -> tuple[str, bool]:
    text = (
        "DATA LOSS: deletes the space, its volume and all files on it "
        "(deletionPolicy Delete); this can't be undone"
    )
    return text, True


WORDS = PlanWords(
    _created,
    _updated,
    _deleted,
    "the space and its volume stay in AWS without an owner, and the volume goes on costing money "
    "(deletionPolicy {policy})",
)
