"""Which days are worked: a calendar read from data, provisional for every year without a notice.

Not here: terms (rules/terms), their wording (rules/words), and reading files.
"""

import hashlib
import json
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, time
from types import MappingProxyType
from typing import Annotated, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

# The year that says whether a month-day exists every year; 29 February does not.
_COMMON_YEAR = 2023
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Holiday:
    """The names of a statutory holiday, or of two that were joined into one."""

    zh: str
    en: str


_MonthDay = Annotated[str, Field(pattern=r"^[0-9]{2}-[0-9]{2}$")]
_Offset = Annotated[int, Field(ge=-15, le=15)]


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Name(_Data):
    zh: str
    en: str


class Arrangement(_Data):
    """One holiday of a notice: off from `first` to `last`, both included, and worked on `make_up` (调休)."""

    of: tuple[str, ...] = Field(min_length=1)
    first: date
    last: date
    make_up: tuple[date, ...]


class Notice(_Data):
    """A year's notice of the State Council's General Office; `number` and `issued` identify it."""

    notice: str
    number: str
    issued: date
    holiday: tuple[Arrangement, ...]


class _Statutory(_Data):
    source: str
    fixed: dict[str, tuple[_MonthDay, ...]]
    lunar: dict[str, tuple[_Offset, ...]]
    date: dict[int, dict[str, date]]


class _File(_Data):
    id: str = Field(min_length=1)
    name: dict[str, _Name]
    year: dict[int, Notice]
    statutory: _Statutory


class _Table(NamedTuple):
    """One year's answers as ordinals in ascending order, so that counting is a bisection."""

    working: tuple[int, ...]
    works: frozenset[int]
    provisional: tuple[int, ...]
    marked: tuple[int, ...]
    is_marked: frozenset[int]
    holidays: Mapping[int, Holiday]


class Calendar:
    """Working days by version; immutable, equal and hashed by `version`, a digest of the content.

    A year without a notice is provisional: weekdays less the statutory days of the 2024 Measures, no
    make-up days. A year outside the table of lunar dates knows only the fixed ones. No date raises.
    """

    __slots__ = ("_file", "_given", "_half_days", "_make_up", "_off", "_tables", "id", "version")

    id: str
    version: str

    def __init__(
        self,
        file: _File,
        given: Mapping[int, tuple[bool, bool]],
        half_days: Mapping[int, time] = MappingProxyType({}),
    ) -> None:
        """Take checked content; callers use `parse`."""
        self.id = file.id
        self.version = _digest(file, given, half_days)
        self._file = file
        self._given = given
        self._half_days = half_days
        self._off = dict(_days_off(file))
        # A notice may let somebody work in December for the New Year that follows, so not per year.
        self._make_up = {
            day.toordinal() for year in file.year.values() for one in year.holiday for day in one.make_up
        }
        # Filled when a year is first asked for: a date in the year 9000 must not cost seven thousand tables.
        self._tables: dict[int, _Table] = {}

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the calendar that the TOML `text` says. Raises ValueError naming the dotted key."""
        try:
            file = _File.model_validate(tomllib.loads(text))
        except ValidationError as error:
            first = error.errors()[0]
            raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
        for fault in _faults(file):
            raise ValueError(fault)
        return cls(file, {})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Calendar) and self.version == other.version

    def __hash__(self) -> int:
        return hash(self.version)

    def __repr__(self) -> str:
        return f"<Calendar {self.id} {self.version}>"

    def cut_to(self, last_year: int) -> Self:
        """Return the calendar as `last_year`'s notice left it; `cn-state-council` becomes `cn-2026`."""
        kept = {year: notice for year, notice in self._file.year.items() if year <= last_year}
        name = f"{self.id.partition('-')[0]}-{last_year}"
        end = date(last_year, 12, 31).toordinal()
        given = {day: state for day, state in self._given.items() if day <= end}
        half_days = {day: until for day, until in self._half_days.items() if day <= end}
        return type(self)(self._file.model_copy(update={"id": name, "year": kept}), given, half_days)

    def with_days(
        self, days: Mapping[date, tuple[bool, bool]], half_days: Mapping[date, time] = MappingProxyType({})
    ) -> Self:
        """Return this calendar with `days` laid over it: date -> (is_working, provisional).

        A day given as not provisional is final, so a year of which all days are given so is final. `half_days` says
        until when those of `days` are worked that end earlier than others.
        """
        laid = {day.toordinal(): state for day, state in days.items()}
        shorter = {day: until for day, until in self._half_days.items() if day not in laid}
        shorter |= {day.toordinal(): until for day, until in half_days.items() if day in days}
        return type(self)(self._file, {**self._given, **laid}, shorter)

    def notice(self, year: int) -> Notice | None:
        """Return the notice that arranged `year`, to be quoted as the source; None where there is none."""
        return self._file.year.get(year)

    @property
    def notice_years(self) -> list[int]:
        """Return the years that a notice arranged, in order."""
        return sorted(self._file.year)

    def lacks_notice(self, year: int) -> bool:
        """Return whether the notice of `year` is missing here although a later one was issued.

        Notices come out year by year: such a one isn't still to come, we just don't have it.
        """
        return year not in self._file.year and year < max(self._file.year, default=MINYEAR)

    def is_working(self, day: date) -> bool:
        return day.toordinal() in self._table(day.year).works

    def worked_until(self, day: date) -> time | None:
        """Return when work ends on a half day; None on every other day."""
        return self._half_days.get(day.toordinal()) if self.is_working(day) else None

    def is_provisional(self, day: date) -> bool:
        """Return whether a notice that is still to come may change `day`."""
        provisional = self._table(day.year).provisional
        at = bisect_left(provisional, day.toordinal())
        return at < len(provisional) and provisional[at] == day.toordinal()

    def holiday(self, day: date) -> Holiday | None:
        """Return the statutory holiday that the day off belongs to; None on a plain weekend."""
        return self._table(day.year).holidays.get(day.toordinal())

    def next_working_day(self, day: date) -> date:
        """Return `day` itself if it is worked, else the first working day after it."""
        return self._nth(day.year, bisect_left(self._table(day.year).working, day.toordinal()))

    def add_working_days(self, day: date, n: int) -> date:
        """Return the n-th working day after `day`, which is not counted; `day` for n = 0. About 1 µs.

        Thu 2026-09-24 plus 1 is Mon 09-28: the 25th to 27th are Mid-Autumn. Ends at date.max.
        """
        if n < 0:
            raise ValueError(f"{n} working days: terms count forward")
        if n == 0:
            return day
        year = day.year
        table = self._tables.get(year) or self._table(year)
        return self._nth(year, bisect_right(table.working, day.toordinal()) + n - 1)

    def working_days_between(self, after: date, until: date) -> int:
        """Return the number of working days d with after < d <= until; 0 where `until` is not later."""
        if until <= after:
            return 0
        passed = bisect_right(self._table(after.year).working, after.toordinal())
        whole = sum(len(self._table(year).working) for year in range(after.year, until.year))
        return whole + bisect_right(self._table(until.year).working, until.toordinal()) - passed

    def is_marked(self, day: date) -> bool:
        """Return whether `day` is one that nobody would guess, see `marked_days`."""
        return day.toordinal() in self._table(day.year).is_marked

    def marked_days(self, after: date, until: date) -> list[date]:
        """Return the days d with after < d <= until that nobody would guess.

        That is: days of a holiday, weekdays off, weekend days that are worked.
        """
        first, last = after.toordinal(), until.toordinal()
        return [
            date.fromordinal(ordinal)
            for year in range(after.year, until.year + 1)
            for ordinal in _within(self._table(year).marked, first + 1, last)
        ]

    def provisional_years(self, first: date, last: date) -> list[int]:
        """Return the years in which a day from `first` to `last`, both included, is provisional."""
        return [
            year
            for year in range(first.year, last.year + 1)
            if (days := self._table(year).provisional) and _within(days, first.toordinal(), last.toordinal())
        ]

    def _nth(self, year: int, index: int) -> date:
        """Return the working day `index` places after the first one of `year`."""
        working = (self._tables.get(year) or self._table(year)).working
        while index >= len(working):
            index -= len(working)
            year += 1
            if year > MAXYEAR:
                return date.max
            working = self._table(year).working
        return date.fromordinal(working[index])

    def _table(self, year: int) -> _Table:
        if year not in self._tables:
            self._tables[year] = self._build(year)
        return self._tables[year]

    def _build(self, year: int) -> _Table:
        names = {**self._by_law(year), **self._off}
        days = range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1)
        works = frozenset(day for day in days if self._works(day, names))
        holidays = {day: names[day] for day in days if day in names and day not in works}
        for day in days:
            if day in self._given and day not in works and day not in holidays:
                near = self._holiday_beside(day)
                if near is not None:
                    holidays[day] = near
        final = year in self._file.year
        provisional = (day for day in days if self._given.get(day, (None, not final))[1])
        marked = [day for day in days if day in holidays or (day in works) != _is_weekday(day)]
        return _Table(tuple(sorted(works)), works, tuple(provisional), tuple(marked), frozenset(marked), holidays)

    def _works(self, ordinal: int, names: Mapping[int, Holiday]) -> bool:
        if ordinal in self._given:
            return self._given[ordinal][0]
        return ordinal in self._make_up or (ordinal not in names and _is_weekday(ordinal))

    def _holiday_beside(self, ordinal: int) -> Holiday | None:
        """Return the holiday whose run of days off reaches `ordinal`: imported days come without names."""
        year = date.fromordinal(ordinal).year
        # The run may cross New Year.
        names = {
            day: name for near in (year - 1, year, year + 1) for day, name in self._by_law(near).items()
        } | self._off
        for step in (-1, 1):
            day = ordinal
            while not self._works(day, names):
                if day in names:
                    return names[day]
                day += step
        return None

    def _by_law(self, year: int) -> dict[int, Holiday]:
        """Return the statutory days of a year without a notice (全国年节及纪念日放假办法, 2024 revision)."""
        if year in self._file.year or not MINYEAR <= year <= MAXYEAR:
            return {}
        law = self._file.statutory
        keyed = [
            (date.fromisoformat(f"{year:04}-{month_day}").toordinal(), key)
            for key, month_days in law.fixed.items()
            for month_day in month_days
        ]
        keyed += [
            (day.toordinal() + offset, key)
            for key, day in law.date.get(year, {}).items()
            for offset in law.lunar[key]
        ]
        # Mid-Autumn falls on National Day in some years (2028, 2031).
        return {
            day: _joined(self._file, [key for other, key in keyed if other == day])
            for day in {day for day, _ in keyed}
        }


def _digest(file: _File, given: Mapping[int, tuple[bool, bool]], half_days: Mapping[int, time]) -> str:
    content: list[object] = [file.model_dump(mode="json"), sorted(given.items())]
    if half_days:
        # Clocks say by which version they were counted, and those of before there were half days must go on to fit.
        content.append(sorted((day, f"{until:%H:%M}") for day, until in half_days.items()))
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]


def _days_off(file: _File) -> Iterator[tuple[int, Holiday]]:
    for year in file.year.values():
        for one in year.holiday:
            for ordinal in range(one.first.toordinal(), one.last.toordinal() + 1):
                yield ordinal, _joined(file, one.of)


def _joined(file: _File, keys: Sequence[str]) -> Holiday:
    names = [file.name[key] for key in keys]
    return Holiday("、".join(name.zh for name in names), " and ".join(name.en for name in names))


def _is_weekday(ordinal: int) -> bool:
    # 0001-01-01, ordinal 1, was a Monday.
    return (ordinal - 1) % 7 < _SATURDAY


def _within(ordinals: tuple[int, ...], first: int, last: int) -> tuple[int, ...]:
    return ordinals[bisect_left(ordinals, first) : bisect_right(ordinals, last)]


def _faults(file: _File) -> Iterator[str]:
    """Yield what the types alone can't say, each with its dotted key."""
    for year, notice in file.year.items():
        for place, one in enumerate(notice.holiday):
            yield from _faults_of_arrangement(file, f"year.{year}.holiday.{place}", one)
    law = file.statutory
    for table, keys in (("fixed", law.fixed), ("lunar", law.lunar)):
        yield from (f"statutory.{table}.{key}: not in [name]" for key in keys if key not in file.name)
    for key, month_days in law.fixed.items():
        yield from (
            f"statutory.fixed.{key}: {written!r} is not a month-day of every year"
            for written in month_days
            if not _is_month_day(written)
        )
    for year, days in law.date.items():
        for key, day in days.items():
            if key not in law.lunar:
                yield f"statutory.date.{year}.{key}: not in [statutory.lunar]"
            if day.year != year:
                yield f"statutory.date.{year}.{key}: {day} lies in another year"


def _faults_of_arrangement(file: _File, where: str, one: Arrangement) -> Iterator[str]:
    yield from (f"{where}.of: {key!r} is not in [name]" for key in one.of if key not in file.name)
    if one.last < one.first:
        yield f"{where}.last: before first"
    yield from (f"{where}.make_up: {day} is no weekend day" for day in one.make_up if _is_weekday(day.toordinal()))


def _is_month_day(written: str) -> bool:
    try:
        date.fromisoformat(f"{_COMMON_YEAR}-{written}")
    except ValueError:
        return False
    return True
