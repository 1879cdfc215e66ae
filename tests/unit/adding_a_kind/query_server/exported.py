"""A query server that exists, as the spec says it."""

from __future__ import annotations

from typing import Any

from studio_operator.kinds.exporting import Answered, Exporting


def _members(server: Answered) -> dict[str, Any]:
    """Members of the spec; one whom nobody may reach is not exported: the spec has to name some."""
    answer, rule = server.answer, server.companion
    members = {
        "serverName": answer["QueryServerName"],
        "size": answer.get("Size"),
        "allowedCidr": rule.cidr if rule else None,
    }
    return {name: value for name, value in members.items() if value is not None}


EXPORTING = Exporting(_members)
