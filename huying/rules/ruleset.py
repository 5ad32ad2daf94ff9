"""One city's rulebook together with its calendar: everything a decision needs besides the case itself."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from .calendar import Calendar
from .duration import Duration
from .rulebook import Rulebook
from .state import CaseState, ClockState
from .terms import Counting, end_of_term
from .vocabulary import StartEvent, Step

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

    def _clock(self, step: Step, event: StartEvent, term: Duration, state: CaseState, at: datetime) -> ClockState:
        due = end_of_term(at, term, self.counting(step), event=event)
        return ClockState(
            step=step,
            cycle=state.cycle,
            unit=state.unit,
            start_event=event,
            started_at=at,
            term=str(term),
            due_at=due.at,
            provisional=due.provisional,
            why=due.why,
            calendar_version=self.calendar.version,
        )
