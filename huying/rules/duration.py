"""The length of a term as a rulebook writes it: `3 calendar_days`, `1 working_day`, `24 hours`, `15 minutes`."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Unit(StrEnum):
    """What a term is counted in; calendar and working days are whole days, hours and minutes elapsed time."""

    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"
    HOURS = "hours"
    MINUTES = "minutes"

    @property
    def is_day(self) -> bool:
        return self in (Unit.CALENDAR_DAYS, Unit.WORKING_DAYS)


_WRITTEN = re.compile(r"([0-9]{1,4}) (calendar_day|working_day|hour|minute)s?")


@dataclass(frozen=True, slots=True)
class Duration:
    """`n` of one unit; never negative. Singular and plural are the same duration."""

    n: int
    unit: Unit

    @classmethod
    def parse(cls, written: str) -> Self:
        """Return the duration that `written` says. Raises ValueError that names the form expected."""
        match = _WRITTEN.fullmatch(written)
        if match is None:
            raise ValueError(f"{written!r} is not a duration; write N calendar_days, working_days, hours or minutes")
        return cls(int(match[1]), Unit(match[2] + "s"))

    def __str__(self) -> str:
        return f"{self.n} {self.unit if self.n != 1 else self.unit.removesuffix('s')}"


def never_shorter(one: Duration, other: Duration, *, other_rolls: bool, day_end_minute: int = 1440) -> bool:
    """Return whether a term never ends before another that began at the same moment, and at times ends later.

    n working days are at least n calendar days, rolled or not, and at most n * 7 / 5 + 10 of them; a roll adds at
    most 10. Never shorter: 4 working days than 3 calendar days. Unsure: 20 calendar days and 9 working days.
    """
    if one.unit is other.unit or (one.unit, other.unit) == (Unit.WORKING_DAYS, Unit.CALENDAR_DAYS):
        return one.n > other.n
    return _least(one, day_end_minute) > _most(other, other_rolls)


_DAY, _HOLIDAYS = 1440, 10 * 1440  # minutes; no run of days off has been longer than ten days
_MINUTES = {Unit.MINUTES: 1, Unit.HOURS: 60}


def _least(term: Duration, day_end_minute: int) -> float:
    """Return how many minutes a term has at least: it may begin in the last minute of a day."""
    return (term.n - 1) * _DAY + day_end_minute - 1 if term.unit.is_day else term.n * _MINUTES[term.unit]


def _most(term: Duration, rolls: bool) -> float:
    """Return how many minutes a term has at most: it may begin in the first minute of a day."""
    match term.unit:
        case Unit.CALENDAR_DAYS:
            return (term.n + 1) * _DAY + (_HOLIDAYS if rolls else 0)
        case Unit.WORKING_DAYS:
            return (term.n * 7 / 5 + 1) * _DAY + _HOLIDAYS
        case unit:
            return term.n * _MINUTES[unit]
