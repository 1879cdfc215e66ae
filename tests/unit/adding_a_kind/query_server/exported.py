"""A query server that exists, as the spec says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .observe import ObservedRule


def export(answer: Mapping[str, Any], rule: ObservedRule | None) -> dict[str, Any]:
    """Members of the spec; one whom nobody may reach is not exported: the spec has to name some."""
    members = {
        "serverName": answer["QueryServerName"],
        "size": answer.get("Size"),
        "allowedCidr": rule.cidr if rule else None,
    }
    return {name: value for name, value in members.items() if value is not None}
