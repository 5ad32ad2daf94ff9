"""One city's rulebook together with its calendar: everything a decision needs besides the case itself."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto

from .calendar import Calendar, Holiday
from .duration import Duration
from .masking import valid_id_number
from .rulebook import Rulebook
from .rulebook_steps import STATEMENT_TERM
from .rulebook_tables import Rung
from .stages import OPEN_STAGES
from .state import OF_THE_CASE, REVIEWS, WINDOWS, CaseState, ClockState
from .terms import Counting, agreed_end, end_of_term
from .vocabulary import Flag, Kind, Stage, StartEvent, Step, Trigger

# Steps that a reopening doesn't start again: a case is registered, assigned by the office and accepted once.
_FIRST_CYCLE_ONLY = frozenset({Step.REGISTER, Step.ASSIGN, Step.NOTIFY_ACCEPTANCE})
_REOPENING = frozenset(
    {
        StartEvent.RECEIVED,
        StartEvent.ASSIGNED,
        StartEvent.FIRST_ASSIGNED,
        StartEvent.ACCEPTED,
        StartEvent.REOPENED,
    }
)
# What a requester without a name needn't say.
_IDENTITY = frozenset({"contact_phone", "name", "contact_name", "id_number", "home_address", "work_unit"})
# Terms beside the way of the case: one of them alone leaves an open case without a term.
_BESIDE = frozenset({Step.OFFICE, Step.INSTRUCTION, Step.STATEMENT, Step.RECTIFICATION}) | WINDOWS
# In these stages only such terms are the stage's own.
_OWN_TERMS = {
    Stage.WAITING: frozenset({Step.REGISTER, Step.RETURN_CALL}),
    Stage.PENDING_INFO: frozenset({Step.PENDING_INFO}),
    Stage.SUSPENDED: frozenset({Step.SUSPENSION}),
    Stage.RETURN_REQUESTED: frozenset[Step](),
    Stage.REPORTED: frozenset({Step.CALLBACK, Step.REVIEW}),
    Stage.VERIFIED: frozenset({Step.CALLBACK, Step.REVIEW, Step.RE_REVIEW}),
}


class WayIn(Enum):
    """What becomes of a contact by the channel that it came through, at its hour."""

    OPEN = auto()
    CALL_BACK = auto()  # out of hours: somebody calls back
    OFF = auto()  # it is kept and answered, and opens no case


SET = "set"  # the length of a term whose end somebody set


@dataclass(frozen=True)
class Ruleset:
    """A rulebook and the calendar by which it counts."""

    rulebook: Rulebook
    calendar: Calendar

    def counting(self, step: Step | None = None) -> Counting:
        """Return how the terms of a step count; without one, how the `after` of a rung does: like the calendar."""
        return Counting(
            calendar=self.calendar,
            zone=self.rulebook.zone,
            roll=self.rulebook.rolls(step),
            day_end=self.rulebook.calendar.day_end,
            late_intake=self.rulebook.calendar.late_intake,
        )

    def term(self, step: Step, state: CaseState) -> Duration | None:
        """Return the length of `step`'s term for a case, or None where the rulebook has no such term."""
        match step:
            case Step.RESOLVE:
                return self.rulebook.resolve_term(state.kind, state.complexity)
            case Step.ACKNOWLEDGE:
                return self.rulebook.acknowledge_term(state.urgency)
            case Step.DISPATCH:
                return self.rulebook.dispatch_term(state.urgency)
            case Step.FEEDBACK:
                return self.rulebook.feedback_term(state.urgency)
            case Step.CALLBACK:
                return self.rulebook.callback_term
            case Step.REVIEW | Step.RE_REVIEW:
                return getattr(self.rulebook.section(step), "window", None)
            case Step.PENDING_INFO:
                return self.rulebook.intake.pending_info_limit
            case Step.STATEMENT:
                return STATEMENT_TERM
        due = getattr(self.rulebook.section(step), "due", None)
        return due if isinstance(due, Duration) else None

    def ladder(self, step: Step) -> list[Rung]:
        """Return the rungs of the terms of a step, as the rulebook has them.

        Where nobody acknowledges in time, somebody is told under every rulebook.
        """
        on = Trigger.NOT_RECTIFIED if step is Step.RECTIFICATION else _TRIGGERS.get(step)
        rungs = [rung for rung in self.rulebook.ladder if rung.on is on]
        if on is Trigger.ACKNOWLEDGE_OVERDUE and not any(rung.tell for rung in rungs):
            return [Rung(on=on, tell=("liaison", "duty_phone", "head")), *rungs]
        return rungs

    # -- what a contact must say

    def missing(self, said: Callable[[str], str | None], *, anonymous: bool = False) -> tuple[str, ...]:
        """Return the required fields that `said` doesn't tell; an identity number with a wrong check digit tells
        nothing, and where the rulebook lets people stay unnamed such a one needn't say who.
        """
        unnamed = _IDENTITY if anonymous and self.rulebook.intake.anonymous else frozenset[str]()
        names = (name for name in self.rulebook.required_fields if name not in unnamed)
        return tuple(name for name in names if not self.is_told(name, said(name)))

    def is_told(self, name: str, value: str | None) -> bool:
        """Return whether a value of a required field says something."""
        checked = name == "id_number" and self.rulebook.intake.id_check is not None
        return bool(value and value.strip()) and (not checked or valid_id_number((value or "").strip()))

    # -- ways in

    def way_in(self, channel: str, at: datetime) -> WayIn:
        """Return whether a channel takes contacts at that moment; one that the rulebook doesn't name does."""
        way = self.rulebook.channel(channel)
        if way is None:
            return WayIn.OPEN
        if not way.enabled:
            return WayIn.OFF
        local = at.astimezone(self.rulebook.zone)
        day = local.date()
        works, until = self.calendar.is_working(day), self.calendar.worked_until(day)
        if way.is_open(local.time(), working_day=works, until=until):
            return WayIn.OPEN
        return WayIn.CALL_BACK if way.out_of_hours == "voicemail_and_callback_task" else WayIn.OFF

    def reply(self, channel: str) -> str | None:
        """Return what somebody is told who comes by a channel that is off or closed."""
        way = self.rulebook.channel(channel)
        return None if way is None else way.auto_reply

    # -- terms

    def open(self, state: CaseState, at: datetime) -> CaseState:
        """Return a case that was received in full, with the terms that begin then."""
        return self.settled(self.start(state, {StartEvent.RECEIVED, StartEvent.COMPLETED}, at), at)

    def received(self, state: CaseState, at: datetime) -> CaseState:
        """Return a case as it was received; while something is missing no term of handling runs."""
        about_a_unit = self.rulebook.intake.flag_obstruction_by_unit and state.respondent is not None
        marked = replace(state, flags=state.flags | {Flag.OBSTRUCTION}) if about_a_unit else state
        return self.wait_for_info(marked, at) if marked.missing else self.open(marked, at)

    def wait_for_info(self, state: CaseState, at: datetime) -> CaseState:
        """Return a case of which something is missing, with the term within which it must be told, if any."""
        asked = replace(state, stage=Stage.PENDING_INFO)
        return self.settled(self.begin(asked, Step.PENDING_INFO, StartEvent.RECEIVED, at), at)

    def wait(self, state: CaseState, at: datetime) -> CaseState:
        """Return a contact that waits to be sorted or called back, with its term, or else the office's own."""
        step = Step.RETURN_CALL if state.kind is Kind.MISSED else Step.REGISTER
        return self.settled(self.begin(state, step, StartEvent.RECEIVED, at), at)

    def start(self, state: CaseState, events: Collection[StartEvent], at: datetime) -> CaseState:
        """Return the state with the clock of every step started whose term begins at one of `events`.

        A term that already runs, or was met, in this cycle doesn't begin again; but what starts at "assigned" does
        at every assignment. A call is returned before there is a case: see `wait`.
        """
        for event in (event for event in StartEvent if event in events):
            for step in (one for one in self.rulebook.starting_at(event) if one is not Step.RETURN_CALL):
                known = state.clock(step) is not None
                if event is StartEvent.ASSIGNED or not known:
                    state = self.begin(state.void(step, at=at) if known else state, step, event, at)
        return state

    def begin(
        self, state: CaseState, step: Step, event: str, at: datetime, term: Duration | None = None
    ) -> CaseState:
        """Return the state with a new clock of one step: as long as `term`, or as the rulebook says if it does."""
        length = term or self.term(step, state)
        if length is None:
            return state
        clock = self._clock(step, event, str(length), state, at)
        return replace(state, clocks=(*state.clocks, self.derived(clock)))

    def begin_until(
        self, state: CaseState, step: Step, event: str, at: datetime, until: datetime, unit: int | None = None
    ) -> CaseState:
        """Return the state with a clock of which somebody has set the end; of the case's holder or another unit."""
        why = agreed_end(at, until, self.rulebook.zone)
        clock = replace(self._clock(step, event, SET, state, at), due_at=until, why=why)
        return replace(state, clocks=(*state.clocks, replace(clock, unit=unit or state.unit)))

    def reopen(self, state: CaseState, at: datetime) -> CaseState:
        """Return the next cycle of a case: same unit and level, new clocks; the old ones stay on record."""
        settled = state.finish(Step.OFFICE, at=at).end_running(at, OF_THE_CASE)
        fresh = replace(
            settled,
            stage=Stage.ASSIGNED,
            cycle=state.cycle + 1,
            contacted=False,
            contact_attempts=(),
            callback_attempts=(),
            handled_by=frozenset(),
            shown=frozenset(),
            visits=0,
            review=None,
            ended_at=None,
            closed_as=None,
            flags=state.flags - {Flag.CITIZEN_NOT_REACHED, Flag.RECORDED_ON_BEHALF},
        )
        started = self.start(fresh, _REOPENING, at)
        again = tuple(c for c in started.clocks if c.cycle != fresh.cycle or c.step not in _FIRST_CYCLE_ONLY)
        return replace(started, clocks=again)

    def recount(self, state: CaseState) -> CaseState:
        """Return the state with every running term derived anew by this calendar; what fired stays fired."""
        clocks = (self.derived(clock) if clock.is_running else clock for clock in state.clocks)
        return replace(state, clocks=tuple(clocks))

    def settled(self, state: CaseState, at: datetime) -> CaseState:
        """Return a state as every decision leaves it: no open stage without a term, holidays between noted, and who
        has answered lets go of what it no longer holds.
        """
        answered = replace(state, answering=state.answering & state.owing)
        return self._noted(self._without_gap(answered, at))

    def _without_gap(self, state: CaseState, at: datetime) -> CaseState:
        """Return the state in which the office's own term runs if its stage has no other; each stage has its own.

        A merged case stands still with all its terms.
        """
        if state.stage is Stage.MERGED:
            return state
        lacks = self._lacks_term(state)
        if lacks and state.office_for is state.stage and state.runs(Step.OFFICE):
            return state
        told = replace(state.finish(Step.OFFICE, at=at), office_for=state.stage if lacks else None)
        return self.begin(told, Step.OFFICE, state.stage, at) if lacks else told

    def _lacks_term(self, state: CaseState) -> bool:
        if state.ended_at is not None or state.stage not in OPEN_STAGES | {Stage.WAITING}:
            return False
        # The end of a window closes a case only where nobody is to be called back.
        windows = frozenset[Step]() if self.rulebook.step.callback is None else state.idle & REVIEWS
        running = frozenset(state.running) - _BESIDE - windows
        own = _OWN_TERMS.get(state.stage)
        return state.claim is not None or not (running if own is None else running & own)

    def _noted(self, state: CaseState) -> CaseState:
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
        """Return a clock with its due, and why, as they follow from its start, its extensions and its pauses.

        An end that somebody set is nothing to be counted.
        """
        if clock.term == SET:
            return clock
        due = end_of_term(
            clock.started_at,
            Duration.parse(clock.term),
            self.counting(clock.step),
            [Duration.parse(length) for length in clock.extensions],
            clock.pauses,
            event=clock.start_event,
        )
        version = self.calendar.version
        return replace(clock, due_at=due.at, provisional=due.provisional, why=due.why, calendar_version=version)

    def _clock(self, step: Step, event: str, term: str, state: CaseState, at: datetime) -> ClockState:
        return ClockState(
            step=step,
            cycle=state.cycle,
            unit=state.unit,
            start_event=str(event),
            started_at=at,
            term=term,
            due_at=at,
            provisional=False,
            why=[],
            calendar_version=self.calendar.version,
        )


_TRIGGERS = {step: Trigger(f"{step}_overdue") for step in Step if f"{step}_overdue" in list(Trigger)}
