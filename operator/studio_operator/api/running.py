"""What status tells of what starts and stops: whether it runs, and the requests of people."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from studio_operator.api.common import Model, Timestamp
from studio_operator.api.schedule import RunState


class RunningState(Model):
    """Which running state holds now, and which rule decided it."""

    state: RunState | None = Field(
        None, description="The running state that holds now, Running or Stopped."
    )
    by: Literal[
        "Spec",
        "Schedule",
        "MaxRunTime",
        "Request",
        "OutsideStop",
        "OutsideStart",
        "People",
        "Failure",
        "FirstSeen",
    ] = Field(
        description="Who decided: Spec, Schedule, MaxRunTime, Request (a person, by annotation), "
        "OutsideStop or OutsideStart (a person, the idle timer or AWS, after the spec had been "
        "carried out), Failure (the app failed after it ran), People (spec.state is left out), "
        "FirstSeen (the space was in AWS before this resource knew of it, and its app is left as "
        "it was found)."
    )
    trigger: str = Field(description="The trigger handled last: spec.state and the instance type.")
    reached: bool | None = Field(
        None, description="Whether AWS has shown that state since the trigger."
    )
    window: Literal["Open", "Closed", "Snoozed"] | None = Field(
        None, description="Where the schedule stood when it was handled last."
    )
    window_since: Timestamp | None = Field(
        None, description="Since when the schedule has stood there."
    )
    window_until: Timestamp | None = Field(
        None,
        description="Until when it was to stand there by the times that held then: an edit does "
        "not hide that this has passed.",
    )
    schedule: str | None = Field(
        None, description="A digest of the schedule: another one was edited, not crossed."
    )
    stops_at: Timestamp | None = Field(
        None, description="When the schedule or maxRunTime stops the app, if it runs until then."
    )
    starts_at: Timestamp | None = Field(
        None, description="When the schedule starts the app next; not told while it runs."
    )


class HandledRequests(Model):
    """What people asked for by annotation and the operator has taken up, each as its value.

    A kind that takes further requests has further members.
    """

    start: str | None = Field(
        None, description="Value of the annotation studio-operator.dev/start handled last."
    )
    stop: str | None = Field(
        None, description="Value of the annotation studio-operator.dev/stop handled last."
    )
    restart: str | None = Field(
        None, description="Value of the annotation studio-operator.dev/restart handled last."
    )
    snooze_until: str | None = Field(
        None, description="Value of the annotation studio-operator.dev/snooze-until seen last."
    )
