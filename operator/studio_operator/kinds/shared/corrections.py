"""What others changed in AWS and is changed back: the words for it, from what to what.

A person who picked something in Studio should read why it goes again, and how it could stay.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from studio_operator.api.common import CommonStatus, ConditionType
from studio_operator.plan.messages import Message, plain, shorten, tell
from studio_operator.plan.remedies import field
from studio_operator.plan.settings.mapping import Changes, read_member
from studio_operator.plan.types import Declared, SpecT

# More of a value would leave no place for the next one.
VALUE_LIMIT = 60


def was_as_declared(declared: Declared[SpecT], status: CommonStatus) -> bool:
    """Whether AWS had all of this very spec when it was looked at last.

    Domains and profiles have no status of single values: what differs after that was changed by
    others.
    """
    ready = status.condition(ConditionType.READY)
    is_same = status.observed_generation == declared.generation
    return is_same and ready is not None and ready.status == "True"


def tell_changing_back(title: str, changes: Changes, details: Mapping[str, Any]) -> Message:
    """What is set of a domain or profile that others have changed."""
    settings = sorted(changes.sets.items(), key=lambda one: one[0].field)
    changed = ", ".join(
        f"{field(setting.field)} from {_brief(was)} to {_brief(value)}"
        for setting, value in settings
        for was in [read_member(details, setting.member)]
    )
    return tell(f"others changed {title} in AWS: setting {changed}")


def _brief(value: Any) -> str:
    if value in (None, "", [], {}):
        return "none"
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
    return shorten(plain(text), VALUE_LIMIT)
