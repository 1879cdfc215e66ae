"""Times of a week: the schedule of an app, and the window of its resizes."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AwareDatetime, Field, PlainSerializer
from pydantic_core import PydanticCustomError

from studio_operator.api.common import Model, UniqueList, cel, format_time, in_utc, list_as

_DAY = "(Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
DAYS = rf"^{_DAY}(-{_DAY})?(,{_DAY}(-{_DAY})?)*$"
TIME_OF_DAY = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
END_OF_WINDOW = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
# The form alone; that a calendar has the date is for its format to say.
LOCAL_DATE = r"^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
# RFC 3339, where the API server's date-time takes more than others can read, such as +99:00.
MOMENT = r"^[1-9].{3}-.{5}T.{8}(\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
# The form of IANA's names, such as America/Argentina/Ushuaia or Etc/GMT+3.
TIME_ZONE_FORM = r"^[A-Za-z][A-Za-z0-9_+-]{0,30}(/[A-Za-z0-9_+-]{1,30}){0,2}$"


# The type of the error about a time zone that is not known here. The API server has no list of
# zones, so it is the one thing that a CRD admits and a model refuses.
UNKNOWN_ZONE = "unknown_time_zone"


def _refuse_unknown_zone(name: str) -> str:
    """The name as it is; raises PydanticCustomError when there is no such time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise PydanticCustomError(UNKNOWN_ZONE, "no time zone {zone}", {"zone": name}) from error
    return name


TimeZone = Annotated[str, Field(pattern=TIME_ZONE_FORM), AfterValidator(_refuse_unknown_zone)]
# The type of the error about a date that no year has, such as 2026-02-30.
NO_DATE = "no_date"


def _refuse_no_date(text: str) -> str:
    """The date as it is; raises PydanticCustomError when the calendar lacks it."""
    try:
        date.fromisoformat(text)
    except ValueError as error:
        raise PydanticCustomError(NO_DATE, "no date {date}", {"date": text}) from error
    return text


LocalDate = Annotated[
    str,
    Field(pattern=LOCAL_DATE, json_schema_extra={"format": "date"}),
    AfterValidator(_refuse_no_date),
]


Moment = Annotated[
    AwareDatetime,
    AfterValidator(in_utc),
    PlainSerializer(format_time, return_type=str, when_used="json"),
    Field(json_schema_extra={"pattern": MOMENT}),
]


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


# Whether an app is to run.
RunState = Literal["Running", "Stopped"]


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
    snooze_until: Moment | None = Field(
        None,
        description="Until then the schedule neither starts nor stops the app, for example "
        '"2026-12-24T22:00:00Z".',
    )


class ResizeWindow(Window):
    """When a running app may be stopped for a change."""

    timezone: TimeZone = Field(
        description="Time zone of its times, by its IANA name, for example Europe/Berlin."
    )
