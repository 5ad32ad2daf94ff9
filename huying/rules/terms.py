"""When a term ends, why, and how it stands: DOMAIN 4.3 (D1 to D11) as pure functions of events.

Deadlines are derived, never shifted: start, pauses, extensions and the calendar's version give the due
instant and its derivation. Nothing here reads a clock.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NotRequired, TypeAlias, TypedDict
from zoneinfo import ZoneInfo

from huying.rules.calendar import Calendar, Holiday
from huying.rules.duration import Duration, Unit

_INSTANT = timedelta(microseconds=1)
_ONE_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_MIDNIGHT = "24:00"
_DAY_END = re.compile(r"24:00|([01][0-9]|2[0-3]):[0-5][0-9]")
# The last day whose 24:00 can be written down in every zone.
_LAST_DAY = date(9999, 12, 30)
_LATEST = datetime(9999, 12, 31, tzinfo=UTC)


class DayFact(TypedDict):
    """A day, or with `last` days in a row, as a sentence names it: ISO date, and what nobody would guess."""

    date: str
    last: NotRequired[str]
    mark: NotRequired[Literal["holiday", "day_off", "make_up"]]
    zh: NotRequired[str]
    en: NotRequired[str]


class Step(TypedDict):
    """One step of a derivation; JSON. Days are DayFacts, instants local ISO texts with offset, to the second.

    start     at, day; event; moved, where the term counts from `day` and not from the date of `at`
    count     n, unit, to or to_at; for working days marked, the days that a person would not guess
    pause     n, unit, since, until, to, marked; for hours and minutes n minutes, since_at, until_at, to_at
    paused    since_at: an open pause, in which nothing has been counted
    extend    n, unit, to or to_at, marked
    roll      to
    set       to_at: the end that somebody set; nothing was counted
    end       clock, "24:00" or the close of business; not for hours and minutes
    provisional  years; before_table, those of them whose notice isn't to come: we don't have it
    """

    step: Literal["start", "count", "pause", "paused", "extend", "roll", "set", "end", "provisional"]
    at: NotRequired[str]
    day: NotRequired[DayFact]
    event: NotRequired[str]
    moved: NotRequired[Literal["day_ended", "late_intake"]]
    n: NotRequired[int]
    unit: NotRequired[str]
    since: NotRequired[DayFact]
    until: NotRequired[DayFact]
    since_at: NotRequired[str]
    until_at: NotRequired[str]
    to: NotRequired[DayFact]
    to_at: NotRequired[str]
    marked: NotRequired[list[DayFact]]
    clock: NotRequired[str]
    years: NotRequired[list[int]]
    before_table: NotRequired[list[int]]


Why: TypeAlias = list[Step]


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which a clock stands still; `end` is None while it still does."""

    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Counting:
    """How one rulebook counts. Raises ValueError for a `day_end` that is neither "24:00" nor "HH:MM".

    `late_intake` matters only with a close of business: "next_working_day" counts what comes at or after
    it, or on a day off, from the next working day; by default it belongs to its own date (D6).
    """

    calendar: Calendar
    zone: ZoneInfo
    roll: bool = True
    day_end: str = _MIDNIGHT
    late_intake: Literal["own_day", "next_working_day"] = "own_day"
    closing: time | None = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        # 00:00 would end every day before it began.
        if self.day_end == "00:00" or not _DAY_END.fullmatch(self.day_end):
            raise ValueError(f"{self.day_end!r} is no end of a day; write 24:00 or HH:MM")
        closing = None if self.day_end == _MIDNIGHT else time.fromisoformat(self.day_end)
        object.__setattr__(self, "closing", closing)

    def closing_on(self, day: date) -> time | None:
        """Return the close of business on `day`, earlier on a half day; None where a day ends at 24:00."""
        if self.closing is None:
            return None
        return min(self.closing, self.calendar.worked_until(day) or self.closing)

    def end_of(self, day: date) -> datetime:
        """Return the first instant after `day`, as a UTC time: its 24:00 or its close of business."""
        closing = self.closing_on(day)
        if closing is None:
            return datetime.combine(day + _ONE_DAY, time(), self.zone).astimezone(UTC)
        return datetime.combine(day, closing, self.zone).astimezone(UTC)

    def local(self, at: datetime) -> datetime:
        """Return `at` in the office's zone. Raises ValueError for a time without zone."""
        if at.tzinfo is None:
            # astimezone() would read it in the zone of the process.
            raise ValueError(f"{at} has no zone")
        return at.astimezone(self.zone)

    def day_ended(self, at: datetime) -> date:
        """Return the day that is over at `at`: Friday for Saturday 00:00, a clerk's Friday 24:00."""
        return (self.local(at) - _INSTANT).date()


@dataclass(frozen=True, slots=True)
class Due:
    """The end of a term.

    `at` is aware, UTC and exclusive: on time means done_at < at. `unrolled` is the last day before
    rolling, None for a term that ends at an instant (hours, minutes). `provisional`: a day that decided
    the result lies in a year without a notice. `why` is for rules/words.
    """

    at: datetime
    unrolled: date | None
    provisional: bool
    why: Why


def end_of_term(
    start: datetime,
    term: Duration,
    counting: Counting,
    extensions: Sequence[Duration] = (),
    pauses: Sequence[Pause] = (),
    *,
    from_day_ended: bool = False,
    event: str = "",
) -> Due:
    """Return when `term` ends that starts at `start` (aware), after its approved extensions and its pauses.

    3 calendar days from Mon 2026-09-28 09:00 are Thu 10-01, a holiday, rolled: due Thu 10-08 24:00.
    `from_day_ended`: the term starts because a deadline passed (ladder `after`) and counts from the day
    that ended then (D11). `event` is the start event's name, kept for the words.
    Extensions count from the unrolled end (D7). Pauses count in the term's own unit, whatever the
    extensions' (D8); what lies before the start or in an earlier pause doesn't count, nor does a pause that
    begins after the end. An open pause moves nothing: the result is the due as it stood when the pause
    began, and `why` says that the clock stands. To the letter of D8 a working-day term that is paused on
    its last day and resumed before the next working day gains nothing and has ended.
    Ends at 9999-12-30 at the latest. Source: 民法典 200-204.
    """

    def reckon(counted: Sequence[Pause]) -> Due:
        reckoning = _Reckoning(counting, term.unit)
        reckoning.begin(start, from_day_ended=from_day_ended, event=event)
        reckoning.count("count", term)
        for pause in counted:
            reckoning.pause(pause)
        for extension in extensions:
            reckoning.count("extend", extension)
        return reckoning.finish()

    due = reckon(())
    counted: list[Pause] = []
    for pause in sorted(pauses, key=lambda pause: pause.start):
        # What begins after the end can't bring a passed term back to life.
        if pause.start >= due.at:
            break
        counted.append(pause)
        due = reckon(counted)
    return due


def agreed_end(start: datetime, end: datetime, zone: ZoneInfo) -> Why:
    """Return the derivation of a term of which somebody set the end."""
    began, ends = (at.astimezone(zone).isoformat(timespec="seconds") for at in (start, end))
    day = DayFact(date=began[:10])
    return [Step(step="start", at=began, day=day), Step(step="set", to_at=ends)]


def on_time(due: datetime, done: datetime | None, now: datetime) -> bool | None:
    """Return whether it was done before `due`; None as long as it is neither done nor due (D5)."""
    if done is not None:
        return done < due
    return False if due <= now else None


@dataclass(frozen=True, slots=True)
class Left:
    """What a due tag shows: `day` is the due day as a clerk names it, `at` the local due time.

    working_days          n working days after today up to and including `day`. Without rolling n may be 0,
                          on a Saturday before a due Sunday: show the date instead
    today                 `day` is today, until its 24:00 or the close of business
    overdue_working_days  n working days after `day` up to and including today, at least 1: on the weekend
                          after a due Friday it is as late as on Monday; nobody says "0 days late"
    by                    a term of hours or minutes: n whole minutes until `at`
    overdue_minutes       such a term has passed: n whole minutes since `at`
    """

    kind: Literal["working_days", "today", "overdue_working_days", "by", "overdue_minutes"]
    n: int
    day: date
    at: datetime


def time_left(due: datetime, now: datetime, counting: Counting) -> Left:
    """Return how `due` stands at `now`, both aware.

    A due at the end of a day (24:00 or close of business) is told in days, every other one in minutes.
    """
    day, today, at = counting.day_ended(due), counting.local(now).date(), counting.local(due)
    if due != counting.end_of(day):
        if now < due:
            return Left("by", (due - now) // _MINUTE, day, at)
        return Left("overdue_minutes", (now - due) // _MINUTE, day, at)
    if now >= due:
        return Left("overdue_working_days", max(1, counting.calendar.working_days_between(day, today)), day, at)
    if today == day:
        return Left("today", 0, day, at)
    return Left("working_days", counting.calendar.working_days_between(today, day), day, at)


def day_fact(day: date, calendar: Calendar) -> DayFact:
    """Return what a sentence says about `day`."""
    fact = DayFact(date=day.isoformat())
    if not calendar.is_marked(day):
        return fact
    if (holiday := calendar.holiday(day)) is not None:
        fact["mark"], fact["zh"], fact["en"] = "holiday", holiday.zh, holiday.en
    else:
        fact["mark"] = "make_up" if calendar.is_working(day) else "day_off"
    return fact


def _runs(days: Sequence[date], calendar: Calendar) -> list[DayFact]:
    """Return `days`, the days in a row of one holiday as one fact."""
    runs: list[DayFact] = []
    before: tuple[date, Holiday | None] = (date.min, None)
    for day in days:
        holiday = calendar.holiday(day)
        if holiday is not None and before == (day - _ONE_DAY, holiday):
            runs[-1]["last"] = day.isoformat()
        else:
            runs.append(day_fact(day, calendar))
        before = day, holiday
    return runs


class _Reckoning:
    """One derivation under way: the term ends with `day` so far, or at `instant` where that isn't None."""

    def __init__(self, counting: Counting, unit: Unit) -> None:
        self.counting = counting
        self.calendar = counting.calendar
        self.unit = unit
        self.first = self.day = date.min
        self.instant: datetime | None = None
        # Where the latest pause ended: two pauses that overlap don't count twice.
        self.running_since = datetime.min.replace(tzinfo=UTC)
        self.years: set[int] = set()
        self.why: Why = []

    def begin(self, start: datetime, *, from_day_ended: bool, event: str) -> None:
        local = self.counting.local(start)
        self.day, self.running_since = local.date(), start
        step = Step(step="start", at=local.isoformat(timespec="seconds"))
        if event:
            step["event"] = event
        if not self.unit.is_day:
            self.instant = start.astimezone(UTC)
        elif from_day_ended:
            self.day, step["moved"] = self.counting.day_ended(start), "day_ended"
        elif (later := self._intake_day(local)) != self.day:
            self._lean_on(self.day, later)
            self.day, step["moved"] = later, "late_intake"
        self.first = self.day
        step["day"] = day_fact(self.day, self.calendar)
        self.why.append(step)

    def count(self, name: Literal["count", "extend"], length: Duration) -> None:
        step = Step(step=name, n=length.n, unit=length.unit)
        if length.unit.is_day:
            step["marked"] = self._move_days(length.n, length.unit)
        else:
            minutes = length.n * (60 if length.unit is Unit.HOURS else 1)
            self._move_instant(timedelta(minutes=minutes))
        self._close(step)

    def pause(self, pause: Pause) -> None:
        since = max(pause.start, self.running_since)
        if pause.end is None:
            self.why.append(Step(step="paused", since_at=self._written(since)))
            return
        if pause.end <= since:
            return
        self.running_since = pause.end
        if self.unit.is_day:
            self._pause_days(self.counting.local(since).date(), self.counting.local(pause.end).date())
            return
        step = Step(step="pause", n=(pause.end - since) // _MINUTE, unit=Unit.MINUTES)
        step["since_at"], step["until_at"] = self._written(since), self._written(pause.end)
        self._move_instant(pause.end - since)
        self._close(step)

    def finish(self) -> Due:
        unrolled = None if self.instant else self.day
        if unrolled is not None:
            if self.counting.roll:
                self._roll()
            closing = self.counting.closing_on(self.day)
            self.why.append(Step(step="end", clock=_MIDNIGHT if closing is None else f"{closing:%H:%M}"))
        if self.years:
            self.why.append(self._provisional(sorted(self.years)))
        return Due(self._end(), unrolled, bool(self.years), self.why)

    def _provisional(self, years: list[int]) -> Step:
        step = Step(step="provisional", years=years)
        if lacking := [year for year in years if self.calendar.lacks_notice(year)]:
            step["before_table"] = lacking
        return step

    def _intake_day(self, local: datetime) -> date:
        """Return the day that an intake belongs to (D6)."""
        day = local.date()
        closing = self.counting.closing_on(day)
        if closing is None or self.counting.late_intake == "own_day":
            return day
        return self.calendar.next_working_day(day if local.time() < closing else day + _ONE_DAY)

    def _pause_days(self, since: date, until: date) -> None:
        # A term that counts from a later day (late intake) can't lose the days before it.
        since = max(since, self.first)
        if self.unit is Unit.WORKING_DAYS:
            self._lean_on(since + _ONE_DAY, until)
            lost = self.calendar.working_days_between(since, until)
        else:
            lost = max((until - since).days, 0)
        step = Step(step="pause", n=lost, unit=self.unit, marked=self._move_days(lost, self.unit))
        step["since"], step["until"] = day_fact(since, self.calendar), day_fact(until, self.calendar)
        self._close(step)

    def _roll(self) -> None:
        worked = min(self.calendar.next_working_day(self.day), _LAST_DAY)
        self._lean_on(self.day, worked)
        if worked != self.day:
            self.day = worked
            self._close(Step(step="roll"))

    def _move_days(self, n: int, unit: Unit) -> list[DayFact]:
        """Move the end by `n` days and return the marked days on the way: calendar days need no remark."""
        origin, self.instant = self.day, None
        if unit is Unit.CALENDAR_DAYS:
            self.day = date.fromordinal(min(origin.toordinal() + n, _LAST_DAY.toordinal()))
            return []
        self.day = min(self.calendar.add_working_days(origin, n), _LAST_DAY)
        self._lean_on(origin + _ONE_DAY, self.day)
        return _runs(self.calendar.marked_days(origin, self.day), self.calendar)

    def _move_instant(self, elapsed: timedelta) -> None:
        # In UTC, since a local sum would be wrong by an hour where clocks change.
        end = self._end()
        self.instant = end + min(elapsed, _LATEST - end)
        self.day = self.counting.day_ended(self.instant)

    def _end(self) -> datetime:
        return self.instant or self.counting.end_of(self.day)

    def _lean_on(self, first: date, last: date) -> None:
        self.years.update(self.calendar.provisional_years(first, last))

    def _close(self, step: Step) -> None:
        if self.instant:
            step["to_at"] = self._written(self.instant)
        else:
            step["to"] = day_fact(self.day, self.calendar)
        self.why.append(step)

    def _written(self, at: datetime) -> str:
        return self.counting.local(at).isoformat(timespec="seconds")
