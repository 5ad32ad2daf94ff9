"""The ladder 催办, 督办, 约谈 …: what follows, and when, on a passed term, an unsatisfied citizen, a confirmed fault.

A rung on a term is due `after` the term's end, counted from the day that ended; it rolls like the rulebook's
calendar. Rungs fire in the order of their instants, each once; what they do is an action or a flag. Some terms bring
something about when they end: a suspension is over, a case that nobody completed is declined.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from .commands import TermEnded, TermPassed
from .rulebook_tables import Rung
from .ruleset import Ruleset
from .stages import IN_UNITS_HANDS, OPEN_STAGES
from .state import OUTLIVING, CaseState, ClockState
from .terms import end_of_term
from .vocabulary import Action, Fault, Flag, Stage, Step, Trigger

_GOING_ON = OPEN_STAGES | {Stage.CLOSED}  # after which there may be visits


@dataclass(frozen=True, slots=True)
class DueRung:
    """A rung of one clock, and the instant at which it fires; `number` is its place on that clock's ladder from 1."""

    number: int
    at: datetime
    rung: Rung


@dataclass(frozen=True, slots=True)
class Watched:
    """What the clock will do to a case next, and when."""

    at: datetime
    command: TermPassed | TermEnded


def rungs_of(clock: ClockState, rules: Ruleset) -> list[DueRung]:
    """Return the ladder of a clock in the order of its instants; at one instant in the order of the rulebook."""
    timed = [(_instant(clock, rung, rules), rung) for rung in rules.ladder(clock.step)]
    ordered = sorted(timed, key=lambda one: one[0])
    return [DueRung(number, at, rung) for number, (at, rung) in enumerate(ordered, 1)]


def next_rung(clock: ClockState, state: CaseState, rules: Ruleset) -> DueRung | None:
    """Return the next rung that may fire on a running clock: not one that fired, nor one from before its recording.

    A term that was recorded late (history, 补录) is shown as late, but nobody is reminded of the past. Nothing
    follows from a term that is paused, that presses nobody, or that stands still with its case.
    """
    if not clock.is_running or clock.is_paused or clock.step in state.idle:
        return None
    if state.stage not in _GOING_ON and clock.step not in OUTLIVING:
        return None
    return next(_left(clock, rules), None)


def rungs_passed(clock: ClockState, at: datetime, rules: Ruleset) -> tuple[Rung, ...]:
    """Return the rungs of a clock that were due up to and including `at` and haven't fired, in their order."""
    return tuple(due.rung for due in _left(clock, rules) if due.at <= at)


def _left(clock: ClockState, rules: Ruleset) -> Iterator[DueRung]:
    """Yield the rungs of a clock that haven't fired, without those from before its recording."""
    open_rungs = (due for due in rungs_of(clock, rules) if due.number > clock.rungs_fired)
    return (due for due in open_rungs if clock.recorded_at is None or due.at >= clock.recorded_at)


def ends(clock: ClockState, state: CaseState, rules: Ruleset) -> bool:
    """Return whether the end of this running clock brings something about."""
    if not clock.is_running or clock.is_paused or state.stage not in OPEN_STAGES:
        return False
    match clock.step:
        case Step.SUSPENSION | Step.PENDING_INFO:
            return True
        case Step.REVIEW | Step.RE_REVIEW:  # the window has passed, and nobody is to be called back
            return state.review is None and rules.rulebook.step.callback is None
    return False


def next_watch(state: CaseState, rules: Ruleset) -> Watched | None:
    """Return what the clock does to a case first; None if nothing is left on a running term."""
    return min(_watched(state, rules), key=lambda one: one.at, default=None)


def _watched(state: CaseState, rules: Ruleset) -> Iterator[Watched]:
    for clock in state.clocks:
        if ends(clock, state, rules):
            yield Watched(clock.due_at, TermEnded(clock.step))
        if (due := next_rung(clock, state, rules)) is not None:
            yield Watched(due.at, TermPassed(clock.step, due.number, due.rung.action, due.rung.flag))


def rungs_on_unsatisfied(times: int, rules: Ruleset) -> list[Rung]:
    """Return what follows when a citizen says unsatisfied for the `times`-th time about one case."""
    return [rung for rung in rules.rulebook.ladder if rung.on is Trigger.UNSATISFIED and rung.times == times]


def rungs_on_fault(fault: Fault, rules: Ruleset) -> list[Rung]:
    """Return what follows when a fault is confirmed; an interview is proposed then, and counts when it is held."""
    found = (
        rung
        for rung in rules.rulebook.ladder
        if rung.on is Trigger.SERIOUS_FAULT or (rung.on is Trigger.FAULT and fault in rung.faults)
    )
    return [_proposed(rung) for rung in found]


def escalated(state: CaseState, *rungs: Rung) -> CaseState:
    """Return the state after what these rungs do: actions that happened, flags that propose one."""
    actions = tuple(rung.action for rung in rungs if rung.action is not None)
    flags = {rung.flag for rung in rungs if rung.flag is not None}
    return replace(state, actions=state.actions + actions, flags=state.flags | flags)


# Whom a rung tells, and the event that says so: a line of the ledger for each.
TELLING = {"liaison": "liaison_told", "duty_phone": "duty_phone_told", "head": "head_told"}


def presses_unit(rung: Rung, state: CaseState) -> bool:
    """Return whether a rung is a unit's to hear of: a passed term only while the case is in its hands, but what comes
    of a fault or an interview wherever the case lies by now.
    """
    if rung.on in (Trigger.FAULT, Trigger.SERIOUS_FAULT, Trigger.NOT_RECTIFIED):
        return True
    return state.unit is not None and (state.stage in IN_UNITS_HANDS or rung.on is Trigger.UNSATISFIED)


def events_of(rung: Rung, state: CaseState) -> tuple[str, ...]:
    """Return the events that a rung is when it fires: that it did something, and each that somebody was told."""
    told = tuple(TELLING[name] for name in rung.tell) if presses_unit(rung, state) else ()
    return told if told and rung.action is None and rung.flag is None else ("escalated", *told)


def _proposed(rung: Rung) -> Rung:
    if rung.action is not Action.INTERVIEW:
        return rung
    return rung.model_copy(update={"action": None, "flag": Flag.INTERVIEW_PROPOSED})


def _instant(clock: ClockState, rung: Rung, rules: Ruleset) -> datetime:
    if rung.after.n == 0:
        return clock.due_at
    return end_of_term(clock.due_at, rung.after, rules.counting(), from_day_ended=True).at
