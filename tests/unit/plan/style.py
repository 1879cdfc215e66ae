"""What docs/style.md asks of every message: held by each pass of each planner test."""

from __future__ import annotations

import re
from typing import Any

from studio_operator.api.common import ConditionType
from studio_operator.plan.messages import MESSAGE_LIMIT
from studio_operator.plan.types import Plan

# Words of libraries and of our own code.
_FOREIGN = ("Value error", "Input should", "Dictionary should", "Traceback", "None", "Key(", "dict")
# A time as people type it into a field or an annotation.
_VALUE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_TIME = re.compile(r"\d\d:\d\d(:\d\d)?")
_WHOLE_TIME = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d UTC( \((\d{4}-\d\d-\d\d )?\d\d:\d\d [A-Za-z_/]+\))?"
)


def faults_of(text: str) -> list[str]:
    """What is against the style in a message; AWS's own words may hold times of their own."""
    ours = _VALUE.sub("", text.partition(" AWS says: ")[0])
    said = [f"holds {word!r}" for word in _FOREIGN if word in ours]
    said += ["is too long"] if len(text) > MESSAGE_LIMIT else []
    said += ["holds an ARN"] if "arn:aws" in text else []
    said += ["has two stops"] if ".." in text.replace("...", "") else []
    said += ["has two lines or gaps"] if "\n" in text or "  " in text else []
    if len(_TIME.findall(ours)) > 2 * len(_WHOLE_TIME.findall(ours)):
        said.append("has a time in another form")
    return said


def check_style(plan: Plan[Any]) -> None:
    """All that a plan says, on conditions and by Events; a refusal offers a remedy."""
    texts = [one.message for one in plan.status.conditions] + [one.message for one in plan.notes]
    wrong = {text: faults for text in texts if (faults := faults_of(text))}
    assert wrong == {}, wrong
    ready = plan.status.condition(ConditionType.READY)
    if plan.status.condition(ConditionType.STALLED) is not None and ready is not None:
        assert plan.remedies, f"{ready.message!r} offers no remedy"
