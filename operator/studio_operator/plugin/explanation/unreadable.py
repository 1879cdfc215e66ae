"""What the API server admits in a spec and the operator can't read: then it carries out stops only.

Known before anything is asked, so that nobody waits in vain.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from studio_operator.api.problems import NOT_AT_ADMISSION, find_problems
from studio_operator.api.schedule import ResizeWindow, Schedule

_MODELS = {"schedule": Schedule, "resizeWindow": ResizeWindow}


def unreadable(spec: Mapping[str, Any]) -> str | None:
    """What to correct first in the spec of a space, in words; None where it can be read."""
    for member, model in _MODELS.items():
        try:
            model.model_validate(spec.get(member) or {})
        except ValidationError as error:
            for problem in find_problems(error, spec.get(member)):
                if problem.type in NOT_AT_ADMISSION:
                    return f"spec.{member}.{problem.path} {problem.words}: correct it first"
    return None
