"""What a decision is made of: situations, guards, effects, and the rows that make the table of the lifecycle."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, auto
from typing import Any, Generic, TypeVar

from .access import Actor
from .commands import WORDS, Command, TermPassed, given
from .duration import Duration
from .rulebook_tables import Rung
from .ruleset import Ruleset
from .state import OUTLIVING, CaseState
from .terms import end_of_term
from .vocabulary import ClosedAs, RefusalCode, Stage, Step, Trigger

C = TypeVar("C", bound=Command)
_PHONE = re.compile(r"\+?[\d\s()-]{3,24}(?:(?:转|ext\.?|x)\s?\d{1,6})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Refused:
    """A command that can't be done: a stable code, the field it is about, the clause of the rulebook it rests on."""

    code: RefusalCode
    field: str | None = None
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a command did: the events in their order (a ledger line each) and the case after them.

    `command` says of itself all that was decided by who gave it: history is decided anew without the actor's unit.
    `rungs` are the rungs of the ladder that it set off besides; each is an event of its own, after the others.
    `others` are the commands that follow from it on other cases, by their ids: nobody else has to decide on those.
    """

    command: Command
    events: tuple[str, ...]
    after: CaseState
    rungs: tuple[Rung, ...] = ()
    others: Mapping[int, Command] = field(default_factory=dict)

    @property
    def fired(self) -> tuple[Rung, ...]:
        """The rungs of which somebody is to be told: the one that this decision is, or those that it set off."""
        return (rung_of(self.command),) if isinstance(self.command, TermPassed) else self.rungs


def rung_of(command: TermPassed) -> Rung:
    """Return the rung that a passed term stands for."""
    on = Trigger.NOT_RECTIFIED if command.step is Step.RECTIFICATION else Trigger(f"{command.step}_overdue")
    does_nothing = command.action is None and command.flag is None
    return Rung(on=on, action=command.action, flag=command.flag, tell=("liaison",) if does_nothing else ())


@dataclass(frozen=True, slots=True)
class Situation(Generic[C]):
    """Everything a guard or an effect may look at.

    `lines` says of each unit that the command names which units stand above it, itself included.
    """

    state: CaseState
    command: C
    actor: Actor
    at: datetime
    rules: Ruleset
    lines: Mapping[int, frozenset[int]] = field(default_factory=dict)


Guard = Callable[[Situation[C]], Refused | None]
Effect = Callable[[Situation[C]], Decision]


class Party(Enum):
    """Who may use a row of the table."""

    OFFICE = auto()
    OPERATOR = auto()
    SUPERVISOR = auto()
    DISCIPLINE = auto()
    LEADER = auto()  # who holds the post that was called, or that post's liaison
    HOLDER = auto()  # somebody of the unit that holds the case
    ON_BEHALF = auto()  # the office, or a unit that handed the case down: what the holder signed on paper
    CO_UNIT = auto()  # somebody of a unit that takes part and hasn't reported
    FAULTED = auto()  # somebody of a unit to which an open fault is laid
    INSTRUCTED = auto()  # somebody of a unit that owes an answer to an instruction
    CITIZEN = auto()  # who holds the receipt of the case
    CLOCK = auto()  # nobody: the sweep


@dataclass(frozen=True)
class Row:
    """One line of the table: this verb, by whom, in which stages, under which guards, with which effect."""

    command: type[Command]
    by: frozenset[Party]
    stages: frozenset[Stage]
    guards: tuple[Guard[Any], ...]
    effect: Effect[Any]


def row(
    command: type[C],
    by: Iterable[Party],
    stages: Iterable[Stage],
    guards: Iterable[Guard[C]],
    effect: Effect[C],
) -> Row:
    return Row(command, frozenset(by), frozenset(stages), tuple(guards), effect)


# -- guards and effects that several verbs share ---------------------------------------------------------------------


def needed(name: str, code: RefusalCode = RefusalCode.FIELD_REQUIRED) -> Guard[Any]:
    """Return the guard that something stands in a field."""

    def guard(it: Situation[Any]) -> Refused | None:
        return None if given(it.command, name) is not None else Refused(code, name)

    return guard


def word(name: str, *, needed: bool = True) -> Guard[Any]:
    """Return the guard that a field says a word of its list."""

    def guard(it: Situation[Any]) -> Refused | None:
        said = given(it.command, name)
        if said is None:
            return Refused(RefusalCode.FIELD_REQUIRED, name) if needed else None
        return None if said in list(WORDS[type(it.command), name]) else Refused(RefusalCode.FIELD_INVALID, name)

    return guard


def section(clause: str, has: Callable[[Ruleset], object]) -> Guard[Any]:
    """Return the guard that the rulebook has what the verb is about."""

    def guard(it: Situation[Any]) -> Refused | None:
        return None if has(it.rules) is not None else Refused(RefusalCode.NOT_IN_RULEBOOK, clause=clause)

    return guard


def is_so(holds: Callable[[CaseState], bool]) -> Guard[Any]:
    """Return the guard that the case is in a condition which its stage alone doesn't say."""
    return lambda it: None if holds(it.state) else Refused(RefusalCode.WRONG_STATE)


reason_given = needed("reason", RefusalCode.REASON_REQUIRED)
text_given = needed("text")


def approved_by_another(it: Situation[Any]) -> Refused | None:
    """Refuse what nobody, or nobody else, has approved."""
    approver = given(it.command, "approved_by")
    if approver is None:
        return Refused(RefusalCode.APPROVAL_REQUIRED, "approved_by")
    own = {it.actor.id, it.actor.id.partition(":")[2], it.actor.name}
    return Refused(RefusalCode.SAME_PERSON, "approved_by") if approver in own else None


def not_complained_about(name: str) -> Guard[Any]:
    """Return the guard that a unit is neither the one complained about nor below it."""

    def guard(it: Situation[Any]) -> Refused | None:
        unit = getattr(it.command, name)
        if it.state.respondent is None or type(unit) is not int:
            return None
        if it.state.respondent not in it.lines.get(unit, frozenset({unit})):
            return None
        return Refused(RefusalCode.UNIT_IS_RESPONDENT, name)

    return guard


def valid_phone(text: str) -> bool:
    """Return whether `text` can be dialled: 3 to 20 digits with the usual separators and perhaps an extension."""
    return _PHONE.fullmatch(text) is not None and 3 <= sum(char.isdigit() for char in text) <= 20


def too_soon(it: Situation[Any], tries: tuple[datetime, ...], spacing: Duration, step: Step) -> Refused | None:
    """Refuse a try too soon after the last. One day apart means the next day; four hours apart means four hours."""
    if not tries:
        return None
    counting = it.rules.counting(step)
    end = end_of_term(tries[-1], spacing, counting)
    apart = it.at >= end.at if end.unrolled is None else counting.local(it.at).date() >= end.unrolled
    return None if apart else Refused(RefusalCode.ATTEMPT_TOO_SOON, clause=f"step.{step}.attempt_spacing")


def changed(it: Situation[Any], event: str, state: CaseState) -> Decision:
    return Decision(it.command, (event,), state)


def noted(event: str) -> Effect[Any]:
    """Return the effect of a verb after which the case is as it was, but for the record."""
    return lambda it: Decision(it.command, (event,), it.state)


def ended(state: CaseState, stage: Stage, as_: ClosedAs | None, at: datetime) -> CaseState:
    """Return the state after its end; a term that still ran has nothing left to wait for.

    No end lets a unit off what it was interviewed for, nor a fault that is laid to it.
    """
    settled = state.finish(Step.OFFICE, at=at).end_running(at, OUTLIVING)
    return replace(settled, stage=stage, ended_at=at, closed_as=as_, claim=None)
