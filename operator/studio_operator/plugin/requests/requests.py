"""Requests to the operator by annotation: their values, and what has become of them.

Pure functions over resources in raw JSON. The operator handles each value once and echoes it on
status; it never sees a spec edited by these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from studio_operator.api.common import (
    APPLY_NOW_REQUEST,
    RECREATE_REQUEST,
    REQUESTED_AT,
    RESTART_REQUEST,
    START_REQUEST,
    STOP_REQUEST,
    format_time,
)
from studio_operator.kinds.managed_kind import ManagedKind
from studio_operator.kinds.registry import KINDS
from studio_operator.kube.resources import key_of
from studio_operator.plan.reasons import Reason
from studio_operator.plan.schedule.timetable import parse_moment
from studio_operator.plugin.explanation.unreadable import unreadable
from studio_operator.plugin.names import DEFAULT_KIND, target_of

Raw = Mapping[str, Any]
# The operator's Event about a request that it does not carry out.
REFUSED = "RequestRefused"


class State(StrEnum):
    """What has become of a request."""

    ASKED = "Asked"  # the annotation is set, the operator has not answered
    UNDER_WAY = "UnderWay"  # the operator has taken it up
    DONE = "Done"
    STALLED = "Stalled"  # taken up, and something needs a person
    NO_OPERATOR = "NoOperator"  # asked, and no operator runs that could take it up
    REFUSED = "Refused"  # the operator does not do it, or there is nothing that it could do


@dataclass(frozen=True, slots=True)
class RequestOutcome:
    """What has become of a request, in words too."""

    state: State
    message: str

    @property
    def is_final(self) -> bool:
        """Whether waiting longer changes nothing."""
        return self.state not in {State.ASKED, State.UNDER_WAY}


class Wish(Protocol):
    """What can be asked of the operator by an annotation."""

    @property
    def verb(self) -> str:
        """Its word on the command line."""

    @property
    def annotation(self) -> str:
        """The annotation that asks for it."""

    def refusal(self, resource: Raw) -> str | None:
        """Why it is of no use to ask that of the resource as it is, or None."""

    def next_value(self, now: datetime, resource: Raw) -> str | None:
        """The annotation's new value; None to take the annotation away."""

    def judge(self, value: str | None, resource: Raw, events: Sequence[Raw] = ()) -> RequestOutcome:
        """What has become of it. `events` are those posted since it was asked for."""


@dataclass(frozen=True, slots=True)
class Request:
    """One thing to ask for. `member` is where status.handledRequests echoes it.

    `is_general`: whether it is asked of any kind; it is echoed as status.lastHandledReconcileAt
    then. `phase` is the phase in which what was asked for is reached; None for Ready or Stalled.
    """

    verb: str
    annotation: str
    member: str | None = None
    phase: str | None = None
    is_general: bool = False

    def refusal(self, resource: Raw) -> str | None:
        """Why it is of no use to ask that of the resource as it is, or None."""
        metadata = resource["metadata"]
        if "deletionTimestamp" in metadata and not self.is_general:
            return "it is being deleted"
        if not self.is_general and "arn" not in resource.get("status", {}):
            return (
                "it is not in AWS yet, and the operator takes up no request before that: "
                f"`kubectl studio why {target_of(key_of(resource))}` says what it waits for"
            )
        # A reconcile looks only, and a stop is carried out all the same.
        if not self.is_general and self.verb != "stop":
            return unreadable(resource["spec"])
        return None

    def next_value(self, now: datetime, resource: Raw) -> str:
        """The time of a request, in whole seconds and later than any request before it.

        Of two requests at once the operator takes the later, and one of the same value is none.
        """
        annotations = resource["metadata"].get("annotations", {})
        before = [annotations[one.annotation] for one in REQUESTS if one.annotation in annotations]
        value = format_time(now)
        for time in before:
            if time >= value and (parsed := parse_moment(time)) is not None:
                value = format_time(parsed + timedelta(seconds=1))
        return value

    def judge(self, value: str | None, resource: Raw, events: Sequence[Raw] = ()) -> RequestOutcome:
        """What has become of a request. `events` are those posted since it was made."""
        status = resource.get("status", {})
        if refused := refusal_among(events):
            return refused
        if echoed(self, status) != value:
            return RequestOutcome(State.ASKED, "waiting for the operator to take it up")
        ready, stalled = find_condition(status, "Ready"), find_condition(status, "Stalled")
        message = str(ready.get("message", ""))
        if self is RESTART and _is_at_rest(status) and status.get("phase") == "Stopped":
            return RequestOutcome(State.REFUSED, "it does not run: start it instead")
        if _is_reached(self, resource):
            return RequestOutcome(State.DONE, message)
        # A stop goes on though something else needs a person, such as a spec that can't be read.
        hindered = ready.get("reason") != Reason.INVALID_SPEC and status.get("phase") != "Stopping"
        goes_on = self is STOP and not hindered
        if stalled.get("status") == "True" and not goes_on and not lags_behind(resource):
            return RequestOutcome(State.STALLED, message)
        return RequestOutcome(State.UNDER_WAY, message)


START = Request("start", START_REQUEST, "start", "InService")
STOP = Request("stop", STOP_REQUEST, "stop", "Stopped")
RESTART = Request("restart", RESTART_REQUEST, "restart", "InService")
APPLY_NOW = Request("apply-now", APPLY_NOW_REQUEST, "applyNow")
# Not a verb: a new space with an empty volume in a lost one's place is asked for by kubectl.
RECREATE = Request("recreate", RECREATE_REQUEST, "recreate")
RECONCILE = Request("reconcile", REQUESTED_AT, is_general=True)
REQUESTS = (START, STOP, RESTART, APPLY_NOW, RECREATE, RECONCILE)


def kinds_of(request: Request) -> tuple[str, ...]:
    """The kinds that it may be asked of, the one that a bare name means first."""
    kinds = [kind for kind in reversed(KINDS) if _may_be_asked(request, kind)]
    return tuple(sorted((kind.name for kind in kinds), key=lambda name: name != DEFAULT_KIND))


def _may_be_asked(request: Request, kind: ManagedKind) -> bool:
    return request.is_general or (request.member is not None and kind.takes(request.member))


def refusal_among(events: Sequence[Raw]) -> RequestOutcome | None:
    """What the operator's Event says of a request that it refuses, if there is one."""
    found = next((one for one in events if one["reason"] == REFUSED), None)
    return None if found is None else RequestOutcome(State.REFUSED, str(found["note"]))


def echoed(request: Request, status: Raw) -> str | None:
    """The value of the request that the operator has handled last."""
    if request.member is None:
        return status.get("lastHandledReconcileAt")
    handled: Raw = status.get("handledRequests") or {}
    return handled.get(request.member)


def find_condition(status: Raw, type_: str) -> Raw:
    """A condition, empty when it is not there."""
    found = (one for one in status.get("conditions", ()) if one["type"] == type_)
    return next(found, {})


def lags_behind(resource: Raw) -> bool:
    """Whether the status speaks of an older spec."""
    observed = resource.get("status", {}).get("observedGeneration")
    return bool(observed != resource["metadata"]["generation"])


def _is_at_rest(status: Raw) -> bool:
    return "operation" not in status and not find_condition(status, "Reconciling")


def _is_reached(request: Request, resource: Raw) -> bool:
    status = resource["status"]
    if lags_behind(resource) or "operation" in status:
        return False
    if request.phase is not None:
        return bool(status.get("phase") == request.phase)
    return find_condition(status, "Ready").get("status") == "True"
