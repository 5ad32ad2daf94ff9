"""Days as an office loads them: what is said of each, as the database keeps it and as a calendar takes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any, Self, TypeAlias

from huying.rules.calendar import Calendar


@dataclass(frozen=True, slots=True)
class Day:
    """What a notice says of a day; `source` is who says so, `until` when work ends on a half day."""

    works: bool
    provisional: bool = False
    source: str = ""
    until: time | None = None

    @classmethod
    def of(cls, written: Mapping[str, Any]) -> Self:
        until = written.get("until")
        return cls(
            written["works"], written["provisional"], written["source"], time.fromisoformat(until) if until else None
        )

    def written(self) -> dict[str, object]:
        """Return it as JSON; a whole day as it was written before there were half days, since lines vouch for it."""
        half = {} if self.until is None else {"until": f"{self.until:%H:%M}"}
        return {"works": self.works, "provisional": self.provisional, "source": self.source} | half

    @property
    def counts_as(self) -> tuple[bool, bool, time | None]:
        """Return all that terms depend on, which is not who says it."""
        return self.works, self.provisional, self.until


Days: TypeAlias = Mapping[date, Day]


def laid_over(under: Calendar, days: Days) -> Calendar:
    """Return a calendar with these days over it."""
    half_days = {day: said.until for day, said in days.items() if said.until is not None}
    return under.with_days({day: (said.works, said.provisional) for day, said in days.items()}, half_days)


def written(days: Days) -> dict[str, dict[str, object]]:
    return {day.isoformat(): said.written() for day, said in sorted(days.items())}


def read(written: Mapping[str, Mapping[str, Any]]) -> dict[date, Day]:
    return {date.fromisoformat(day): Day.of(said) for day, said in written.items()}
