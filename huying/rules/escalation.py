"""The ladder 催办, 督办, 约谈 …: what follows, and when, if a term passes or a citizen stays unsatisfied.

A rung on a term is due `after` the term's end, counted from the day that ended; it rolls like the rulebook's
calendar. Rungs fire in the order of their instants, each once; what they do is an action or a flag.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from .commands import TermPassed
from .rulebook_tables import Rung
from .ruleset import Ruleset
from .state import CaseState, ClockState
from .terms import end_of_term
from .vocabulary import Step, Trigger


@dataclass(frozen=True, slots=True)
class DueRung:
    """A rung of one clock, and the instant at which it fires; `number` is its place on that clock's ladder from 1."""

    number: int
    at: datetime
    rung: Rung


def rungs_of(clock: ClockState, rules: Ruleset) -> list[DueRung]:
    """Return the ladder of a clock in the order of its instants; at one instant in the order of the rulebook."""
    trigger = _TRIGGERS.get(clock.step)
    timed = [(_instant(clock, rung, rules), rung) for rung in rules.rulebook.ladder if rung.on is trigger]
    ordered = sorted(timed, key=lambda one: one[0])
    return [DueRung(number, at, rung) for number, (at, rung) in enumerate(ordered, 1)]


def next_rung(clock: ClockState, rules: Ruleset) -> DueRung | None:
    """Return the next rung that may fire on a running clock: not one that fired, nor one from before its recording.

    A term that was recorded late (history, 补录) is shown as late, but nobody is reminded of the past.
    """
    if not clock.is_running:
        return None
    open_rungs = (due for due in rungs_of(clock, rules) if due.number > clock.rungs_fired)
    return next((due for due in open_rungs if clock.recorded_at is None or due.at >= clock.recorded_at), None)


def next_watch(state: CaseState, rules: Ruleset) -> tuple[ClockState, DueRung] | None:
    """Return the rung of a case that fires first, and its clock; None if no rung is left on a running clock."""
    due = ((clock, rung) for clock in state.clocks if (rung := next_rung(clock, rules)) is not None)
    return min(due, key=lambda one: one[1].at, default=None)


def rungs_on_unsatisfied(times: int, rules: Ruleset) -> list[Rung]:
    """Return what follows when a citizen says unsatisfied for the `times`-th time about one case."""
    return [rung for rung in rules.rulebook.ladder if rung.on is Trigger.UNSATISFIED and rung.times == times]


def rung_of(command: TermPassed) -> Rung:
    """Return the rung that a passed term stands for."""
    return Rung(on=Trigger(f"{command.step}_overdue"), action=command.action, flag=command.flag)


def escalated(state: CaseState, *rungs: Rung) -> CaseState:
    """Return the state after what these rungs do: actions that happened, flags that propose one."""
    actions = tuple(rung.action for rung in rungs if rung.action is not None)
    flags = {rung.flag for rung in rungs if rung.flag is not None}
    return replace(state, actions=state.actions + actions, flags=state.flags | flags)


_TRIGGERS = {step: Trigger(f"{step}_overdue") for step in Step if f"{step}_overdue" in list(Trigger)}


def _instant(clock: ClockState, rung: Rung, rules: Ruleset) -> datetime:
    if rung.after.n == 0:
        return clock.due_at
    return end_of_term(clock.due_at, rung.after, rules.counting_after(), from_day_ended=True).at
