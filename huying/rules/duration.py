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
