"""Times of a week: the schedule of an app, and the window of its resizes."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from studio_operator.api.common import Model, Timestamp, UniqueList, cel, list_as

_DAY = "(Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
DAYS = rf"^{_DAY}(-{_DAY})?(,{_DAY}(-{_DAY})?)*$"
TIME_OF_DAY = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
END_OF_WINDOW = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
LOCAL_DATE = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
# The form of IANA's names, such as America/Argentina/Ushuaia or Etc/GMT+3.
TIME_ZONE_FORM = r"^[A-Za-z][A-Za-z0-9_+-]{0,30}(/[A-Za-z0-9_+-]{1,30}){0,2}$"


def _refuse_unknown_zone(name: str) -> str:
    """The name as it is; raises ValueError when there is no such time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = f"there is no time zone {name}: give an IANA name such as Europe/Berlin"
        raise ValueError(message) from error
    return name


TimeZone = Annotated[str, Field(pattern=TIME_ZONE_FORM), AfterValidator(_refuse_unknown_zone)]


def _refuse_no_date(text: str) -> str:
    """The date as it is; raises ValueError for one that no year has, such as 2026-02-30."""
    date.fromisoformat(text)
    return text


LocalDate = Annotated[str, Field(pattern=LOCAL_DATE), AfterValidator(_refuse_no_date)]


class Window(Model):
    """A time of certain days; it ends on the next day when `to` is earlier than `from`."""

    days: str = Field(
        max_length=64,
        pattern=DAYS,
        description="Days on which it begins, for example Mon-Fri, or Sat,Sun.",
    )
    from_: str = Field(
        alias="from",
        pattern=TIME_OF_DAY,
        description='Time of day at which it begins, for example "08:00".',
    )
    to: str = Field(
        pattern=END_OF_WINDOW,
        description='Time of day at which it ends, for example "19:00", or "24:00" for midnight.',
    )


WINDOW_RULES = cel(
    ("self.from != self.to", 'from and to are equal: for a whole day give "00:00" and "24:00"')
)


class Schedule(Model):
    """When the app runs, so that nobody pays for nights and weekends."""

    timezone: TimeZone = Field(
        description="Time zone of all times here, by its IANA name, for example Europe/Berlin."
    )
    windows: Annotated[
        list[Annotated[Window, Field(json_schema_extra=WINDOW_RULES)]],
        Field(min_length=1, max_length=20, json_schema_extra=list_as("atomic")),
    ] = Field(
        description="When the schedule is open, for example "
        '[{days: Mon-Fri, from: "08:00", to: "19:00"}]. With state Running the app is started '
        "when one begins; whatever the state, it is stopped when one ends."
    )
    holidays: Annotated[UniqueList[LocalDate], Field(max_length=100)] | None = Field(
        None, description='Dates on which no window begins, for example ["2026-12-25"].'
    )
    snooze_until: Timestamp | None = Field(
        None,
        description="Until then the schedule neither starts nor stops the app, for example "
        '"2026-12-24T22:00:00Z".',
    )


class ResizeWindow(Window):
    """When a running app may be stopped for a change."""

    timezone: TimeZone = Field(
        description="Time zone of its times, by its IANA name, for example Europe/Berlin."
    )
