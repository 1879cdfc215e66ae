"""What starts and stops: what its spec says of that, and what its status tells.

A kind takes RunningSpec and RunningStatus as they are, or has members of these names in words of
its own.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from studio_operator.api.common import Model, Timestamp, cel
from studio_operator.api.durations import DURATION, IDLE_RANGE
from studio_operator.api.schedule import RunState, Schedule


class RunningSpec(Model):
    """When it is to run."""

    state: RunState | None = Field(
        None,
        description="Running or Stopped, acted on when this changes. When left out, people start "
        "and stop it.",
    )
    schedule: Schedule | None = Field(
        None,
        description="When it runs, for example {timezone: Europe/Berlin, windows: "
        '[{days: Mon-Fri, from: "08:00", to: "19:00"}]}; always, when left out.',
    )
    max_run_time: str | None = Field(
        None,
        pattern=DURATION,
        min_length=2,
        max_length=16,
        description="How long it may run at a stretch before it is stopped, 60m to 365d, for "
        "example 12h; as long as it likes when left out.",
        json_schema_extra=cel((IDLE_RANGE, "maxRunTime must lie between 60m and 365d")),
    )


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
        "carried out), Failure (it failed after it ran), People (spec.state is left out), "
        "FirstSeen (it was in AWS before this resource knew of it, and is left as it was found)."
    )
    trigger: str = Field(
        description="The trigger handled last: spec.state, and what else of the spec acts like it, "
        "such as the instance type."
    )
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
        None, description="When the schedule or maxRunTime stops it, if it runs until then."
    )
    starts_at: Timestamp | None = Field(
        None, description="When the schedule starts it next; not told while it runs."
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


class RunningCost(Model):
    """What it costs now, by the operator's table of prices; without taxes and discounts."""

    per_hour: str = Field(
        description="An hour of what runs, for example 0.05; 0 while nothing runs, unknown where "
        "the table has no price."
    )
    currency: str = Field(description="The currency, for example USD.")


class RunningStatus(Model):
    """Whether it runs, since when and by whom, and what people asked for."""

    effective: RunningState | None = Field(
        None, description="Which running state holds now, and which rule decided it."
    )
    handled_requests: HandledRequests | None = Field(
        None, description="What people asked for by annotation, as far as it was taken up."
    )
    running_since: Timestamp | None = Field(
        None,
        description="When the run began that maxRunTime limits: when it was first seen to run, or "
        "later when a window of the schedule began.",
    )
    cost: RunningCost | None = Field(
        None, description="What it costs now, by the operator's table of prices."
    )
