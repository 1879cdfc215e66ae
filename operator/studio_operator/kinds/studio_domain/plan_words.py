"""What `kubectl studio plan` says of domains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio_operator.kinds.plan_words import PlanWords


def _deleted(spec: Mapping[str, Any]) -> tuple[str, bool]:
    if spec.get("homeEfsRetention") == "Delete":
        text = (
            "DATA LOSS: deletes the domain and the file system with people's home folders "
            "(deletionPolicy Delete, homeEfsRetention Delete); this can't be undone"
        )
        return text, True
    text = "deletes the domain (deletionPolicy Delete); the file system with people's home folders"
    return f"{text} stays", False


WORDS = PlanWords(deleted=_deleted)
