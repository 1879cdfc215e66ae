"""Which calls a fault or a barrier is for."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from pydantic import Field

from studio_simulator.settings import Settings


class Matcher(Settings):
    """Calls by operation and, if wanted, by the values of parameters."""

    operation: str
    """An operation's name, or a pattern such as ``Create*`` or ``*``."""
    parameters: dict[str, Any] = Field(default_factory=dict)
    """Only calls with these values, for example ``{"SpaceName": "churn"}``.

    Of a structure only these members count: ``{"ResourceSpec": {"InstanceType": "ml.t3.medium"}}``.
    """

    def matches(self, operation: str, parameters: dict[str, Any]) -> bool:
        """Return whether a call is meant."""
        return fnmatchcase(operation, self.operation) and _has(parameters, self.parameters)


def _has(value: Any, wanted: Any) -> bool:
    """Whether a value is the wanted one, or a structure with at least the wanted members."""
    if not isinstance(wanted, dict) or not isinstance(value, dict):
        return bool(value == wanted)
    return all(_has(value.get(name), member) for name, member in wanted.items())
