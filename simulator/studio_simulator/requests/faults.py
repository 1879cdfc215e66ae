"""Faults that a test asks for: errors, delays, lost answers, calls that never end."""

from __future__ import annotations

from fnmatch import fnmatchcase
from random import Random
from threading import Event, Lock
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from studio_simulator.errors import ServiceError
from studio_simulator.requests.matching import Matcher

Mode = Literal["before", "lost-answer", "lost-connection", "hang", "fail-later"]
LONGEST_HANG = 3600.0
CAN_FAIL_LATER = frozenset(
    f"{verb}{kind}"
    for kind in ("Domain", "UserProfile", "Space", "App")
    for verb in ("Create", "Update", "Delete")
) - {"UpdateApp", "DeleteApp"}
"""Operations that begin a transition which has a failed status."""


class FaultRequest(Matcher):
    """A fault as it is asked for.

    Modes: ``before``: not carried out, answered with the error. ``lost-answer``: carried out, yet
    answered with the error. ``lost-connection``: carried out, and the connection is closed
    without an answer. ``hang``: not carried out and never answered. ``fail-later``: carried out
    and answered well, but what it began ends in Failed, Update_Failed or Delete_Failed, with the
    message as the reason.
    """

    code: str | None = "InternalFailure"
    """The error's code; null delays the call and does no more."""
    message: str = "The request processing has failed because of an unknown error."
    status: int | None = Field(None, ge=400, le=599)
    """The HTTP status; 500 or 503 for the service's own faults and 400 for the rest."""
    rate: float = Field(1.0, ge=0, le=1)
    """The share of matching calls that it strikes."""
    times: int | None = Field(None, ge=1)
    """How often it strikes before it is gone; endless when left out."""
    delay_seconds: float = Field(0.0, ge=0)
    """Real seconds to wait first."""
    mode: Mode = "before"

    @model_validator(mode="after")
    def _begins_something(self) -> Self:
        if self.mode == "fail-later" and not any(
            fnmatchcase(name, self.operation) for name in CAN_FAIL_LATER
        ):
            raise ValueError(f"{self.operation} begins nothing that could fail later")
        return self

    def matches(self, operation: str, parameters: dict[str, Any]) -> bool:
        """Return whether a call is meant, and one that can fail in this way."""
        can_fail = self.mode != "fail-later" or operation in CAN_FAIL_LATER
        return can_fail and super().matches(operation, parameters)


class Fault:
    """A fault in force."""

    def __init__(self, number: int, request: FaultRequest) -> None:
        self.number = number
        self.request = request
        self.struck = 0
        self.withdrawn = Event()
        """Set when the fault is taken away; lets hanging calls go."""

    @property
    def is_spent(self) -> bool:
        """Whether it has struck as often as it was asked to."""
        return self.request.times is not None and self.struck >= self.request.times

    def error(self) -> ServiceError:
        """Return what the client is answered."""
        code = self.request.code or "InternalFailure"
        return ServiceError(code, self.request.message, self.request.status)

    def shown(self) -> dict[str, Any]:
        """Return the fault as the control API shows it."""
        return {
            "id": self.number,
            **self.request.model_dump(by_alias=True),
            "struck": self.struck,
            "spent": self.is_spent,
        }


class Faults:
    """The faults in force, oldest first; the first that strikes a call is the only one."""

    def __init__(self, random: Random) -> None:
        self._lock = Lock()
        self._random = random
        self._faults: list[Fault] = []
        self._number = 0

    def add(self, request: FaultRequest) -> Fault:
        """Put a fault in force."""
        with self._lock:
            self._number += 1
            fault = Fault(self._number, request)
            self._faults = [*self._faults, fault]
        return fault

    def strike(self, operation: str, parameters: dict[str, Any]) -> Fault | None:
        """Return the fault that strikes a call, if one does."""
        if not self._faults:
            return None
        with self._lock:
            for fault in self._faults:
                request = fault.request
                if fault.is_spent or not request.matches(operation, parameters):
                    continue
                if request.rate < 1 and self._random.random() >= request.rate:
                    continue
                fault.struck += 1
                return fault
        return None

    def all(self) -> list[Fault]:
        """Return the faults, spent ones too."""
        return self._faults

    def remove(self, number: int | None = None) -> int:
        """Take away one fault or all; return how many that were."""
        with self._lock:
            gone = [fault for fault in self._faults if number in {None, fault.number}]
            self._faults = [fault for fault in self._faults if fault not in gone]
        for fault in gone:
            fault.withdrawn.set()
        return len(gone)
