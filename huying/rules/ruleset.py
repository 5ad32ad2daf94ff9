"""One city's rulebook together with its calendar: everything a decision needs besides the case itself."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from .calendar import Calendar, Holiday
from .duration import Duration
from .rulebook import Rulebook
from .state import CaseState, ClockState
from .terms import Counting, end_of_term
from .vocabulary import Flag, StartEvent, Step

# The clocks of the main line; return, review and the other terms join when their commands do.
MAIN_LINE = (Step.REGISTER, Step.ASSIGN, Step.CONTACT, Step.RESOLVE, Step.CALLBACK)
# Steps that a reopening doesn't start again: a case is registered and assigned by the office once.
_FIRST_CYCLE_ONLY = frozenset({Step.REGISTER, Step.ASSIGN})
_REOPENING = frozenset({StartEvent.REOPENED, StartEvent.ASSIGNED, StartEvent.FIRST_ASSIGNED, StartEvent.RECEIVED})


@dataclass(frozen=True)
class Ruleset:
    """A rulebook and the calendar by which it counts."""

    rulebook: Rulebook
    calendar: Calendar

    def counting(self, step: Step) -> Counting:
        return Counting(
            calendar=self.calendar,
            zone=self.rulebook.zone,
            roll=self.rulebook.rolls(step),
            day_end=self.rulebook.calendar.day_end,
        )

    def counting_after(self) -> Counting:
        """Return how the `after` of a rung counts: like the calendar, whatever its step says."""
        return Counting(
            calendar=self.calendar,
            zone=self.rulebook.zone,
            roll=self.rulebook.rolls(),
            day_end=self.rulebook.calendar.day_end,
        )

    def term(self, step: Step, state: CaseState) -> Duration | None:
        """Return the length of `step`'s term for a case, or None where the rulebook has no such term."""
        if step is Step.RESOLVE:
            return self.rulebook.resolve_term(state.kind, state.complexity)
        due = getattr(self.rulebook.section(step), "due", None)
        return due if isinstance(due, Duration) else None

    def open(self, state: CaseState, at: datetime) -> CaseState:
        """Return a case that was received in full, with the terms that begin then."""
        return self.noted(self.start(state, {StartEvent.RECEIVED, StartEvent.COMPLETED}, at))

    def start(self, state: CaseState, events: Collection[StartEvent], at: datetime) -> CaseState:
        """Return the state with the clock of every step started whose term begins at one of `events`.

        A term that already runs, or was met, in this cycle doesn't begin again.
        """
        started = tuple(
            self._clock(step, event, term, state, at)
            for event in StartEvent
            if event in events
            for step in self.rulebook.starting_at(event)
            if step in MAIN_LINE and state.clock(step) is None and (term := self.term(step, state)) is not None
        )
        return replace(state, clocks=state.clocks + started)

    def reopen(self, state: CaseState, at: datetime) -> CaseState:
        """Return the next cycle of a case: same unit and level, new clocks; the old ones stay on record."""
        settled = state.void(*state.running, at=at)
        fresh = replace(settled, cycle=state.cycle + 1, contacted=False, callback_attempts=(), handled_by=frozenset())
        started = self.start(fresh, _REOPENING, at)
        again = tuple(c for c in started.clocks if c.cycle != fresh.cycle or c.step not in _FIRST_CYCLE_ONLY)
        return replace(started, clocks=again)

    def recount(self, state: CaseState) -> CaseState:
        """Return the state with every running term derived anew by this calendar; what fired stays fired."""
        clocks = (self.derived(clock) if clock.is_running else clock for clock in state.clocks)
        return replace(state, clocks=tuple(clocks))

    def noted(self, state: CaseState) -> CaseState:
        """Return the state with the flag that says whether a statutory holiday lies in one of its running terms."""
        running = (clock for clock in state.clocks if clock.is_running)
        between = any(self.holidays_in(clock.step, clock.started_at, clock.due_at) for clock in running)
        others = state.flags - {Flag.HOLIDAY_BETWEEN}
        return replace(state, flags=others | {Flag.HOLIDAY_BETWEEN} if between else others)

    def holidays_in(self, step: Step, start: datetime, due: datetime) -> list[Holiday]:
        """Return the statutory holidays in a term, in order, each once; the day on which it starts isn't in it."""
        counting = self.counting(step)
        days = self.calendar.marked_days(counting.local(start).date(), counting.day_ended(due))
        holidays = (self.calendar.holiday(day) for day in days)
        return list(dict.fromkeys(holiday for holiday in holidays if holiday is not None))

    def derived(self, clock: ClockState) -> ClockState:
        """Return a clock with its due, and why, as they follow from its start."""
        length = Duration.parse(clock.term)
        due = end_of_term(clock.started_at, length, self.counting(clock.step), event=clock.start_event)
        version = self.calendar.version
        return replace(clock, due_at=due.at, provisional=due.provisional, why=due.why, calendar_version=version)

    def _clock(self, step: Step, event: StartEvent, term: Duration, state: CaseState, at: datetime) -> ClockState:
        return self.derived(
            ClockState(
                step=step,
                cycle=state.cycle,
                unit=state.unit,
                start_event=event,
                started_at=at,
                term=str(term),
                due_at=at,
                provisional=False,
                why=[],
                calendar_version=self.calendar.version,
            )
        )
