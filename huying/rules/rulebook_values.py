"""What a single value of a rulebook may look like; a value of another form is refused in a sentence."""

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, Strict, StrictInt

from .duration import Duration

T = TypeVar("T")


def _wait(written: object) -> Duration:
    if not isinstance(written, str):
        raise ValueError(f'{written!r} is not a duration; write it in quotes, such as "3 working_days"')  # noqa: TRY004
    return Duration.parse(written)


def _term(written: object) -> Duration:
    length = _wait(written)
    if length.n == 0:
        raise ValueError(f"{written!r} is no term; it must be longer than 0")
    return length


def written_as(pattern: str, form: str) -> AfterValidator:
    def check(text: str) -> str:
        if re.fullmatch(pattern, text) is None:
            raise ValueError(f"{text!r} is not {form}")
        return text

    return AfterValidator(check)


def _not_empty(entries: tuple[T, ...]) -> tuple[T, ...]:
    if not entries:
        raise ValueError("must not be empty")
    return entries


def minute_of_day(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def intervals(hours: str) -> list[tuple[int, int]]:
    """Return `08:30-12:00,14:30-17:30` in minutes after midnight: [(510, 720), (870, 1050)]."""
    return [
        (minute_of_day(opens), minute_of_day(closes))
        for opens, _, closes in (interval.partition("-") for interval in hours.split(","))
    ]


def _one_after_another(hours: str) -> str:
    last = 0
    for opens, closes in intervals(hours):
        if opens >= closes:
            raise ValueError(f"{hours!r} ends before it begins; hours lie within one day")
        if opens < last:
            raise ValueError(f"{hours!r} opens again before it has closed; write the intervals in their order")
        last = closes
    return hours


def known_zone(key: str) -> str:
    try:
        ZoneInfo(key)
    except (KeyError, ValueError, OSError):  # the three ways in which ZoneInfo says no
        raise ValueError(f"{key!r} is no time zone; write one such as Asia/Shanghai") from None
    return key


def shape(written: object) -> str:
    return "(table)" if isinstance(written, Mapping) else "(text)"


# [0-9], since \d is a digit of any script.
HHMM = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_HHMM_OR_24 = rf"({HHMM}|24:00)"
_HOURS = rf"{HHMM}-{_HHMM_OR_24}(,{HHMM}-{_HHMM_OR_24})*"

Term = Annotated[Duration, PlainValidator(_term)]  # longer than 0
Wait = Annotated[Duration, PlainValidator(_wait)]  # may be "0 hours"
Count = Annotated[StrictInt, Field(ge=1)]
Text = Annotated[str, written_as(r"(?s).*\S.*", "a text; it is empty")]
Word = Annotated[str, written_as(r"[a-z][a-z0-9_]*", "a word of small letters, digits and _")]
Slug = Annotated[str, written_as(r"[a-z0-9]+(-[a-z0-9]+)*", "an id of small letters, digits and -")]
Day = Annotated[date, Strict()]
Clock = Annotated[str, written_as(HHMM, "a time of day such as 08:30")]
DayEnd = Annotated[str, written_as(_HHMM_OR_24, "a time of day such as 24:00 or 17:30")]
Hours = Annotated[
    str,
    written_as(_HOURS, "hours such as 08:00-22:00, or 08:30-12:00,14:30-17:30"),
    AfterValidator(_one_after_another),
]
NotEmpty = AfterValidator(_not_empty)
Words = Annotated[tuple[Word, ...], NotEmpty]
Formula = Annotated[str, written_as(r"[a-z_]+ / [a-z_]+", "a rate such as closed / cases")]


_NUMBER = re.compile(rf"[0-9]+ (calendar_day|working_day|hour|minute)s?|(daily )?{HHMM}|24:00|{_HOURS}")


def is_number(value: object) -> bool:
    """Return whether a value is a number, date or time, or a text that says a duration, time or hours."""
    if isinstance(value, str):
        return _NUMBER.fullmatch(value) is not None
    return isinstance(value, int | float | date | time) and not isinstance(value, bool)


class Table(BaseModel):
    """A table of the file: unknown keys are refused, nothing can be changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True)
