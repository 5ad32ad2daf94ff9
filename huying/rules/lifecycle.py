"""The life of a case as one table: which verb, by whom, in which stage, under which guards, with which effect.

`decide` is the only reader of the table; it returns a `Decision` or a `Refused` and touches nothing. Later commands
join the loop by getting a row. Stages and guards: DOMAIN.md 4.2; the order in which refusals apply: STORIES.md.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from typing import Any, Generic, TypeVar, cast

from .access import Actor, Role
from .commands import (
    Acknowledge,
    Assign,
    CallbackAttempt,
    Command,
    GiveAnswer,
    JoinContact,
    RecordContact,
    RecordVerdict,
    RecountTerms,
    RejectReport,
    SubmitReport,
    TermPassed,
    Verify,
    given,
)
from .escalation import escalated, next_rung, rung_of, rungs_on_unsatisfied
from .rulebook_tables import Rung
from .ruleset import Ruleset
from .state import CaseState, ClockState
from .terms import end_of_term
from .vocabulary import (
    CallbackResult,
    ClosedAs,
    Flag,
    Method,
    Outcome,
    RefusalCode,
    Stage,
    StartEvent,
    Step,
    VerdictCode,
)

C = TypeVar("C", bound=Command)

# Where a case still waits for somebody; in all other stages it has ended.
OPEN_STAGES = frozenset(
    {
        Stage.RECEIVED,
        Stage.PENDING_INFO,
        Stage.ASSIGNED,
        Stage.ACKNOWLEDGED,
        Stage.CONTACTED,
        Stage.REPORTED,
        Stage.VERIFIED,
        Stage.SUSPENDED,
        Stage.RETURN_REQUESTED,
    }
)
IN_UNITS_HANDS = frozenset({Stage.ASSIGNED, Stage.ACKNOWLEDGED, Stage.CONTACTED})
_CLOSES_AS = {
    VerdictCode.SATISFIED: ClosedAs.SATISFIED,
    VerdictCode.BASICALLY_SATISFIED: ClosedAs.BASICALLY_SATISFIED,
    VerdictCode.UNDERSTANDING: ClosedAs.UNDERSTANDING,
    VerdictCode.UNSATISFIED: ClosedAs.UNSATISFIED,
    VerdictCode.UNREACHABLE: ClosedAs.UNREACHABLE,
    VerdictCode.DECLINED: ClosedAs.DECLINED_TO_SAY,
}
_CODES = tuple(RefusalCode)
_FIRST_OF_A_FIELD = _CODES.index(RefusalCode.METHOD_NOT_ALLOWED)
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

    `rungs` are the rungs of the ladder that it set off besides; each is an event of its own, after the others.
    """

    command: Command
    events: tuple[str, ...]
    after: CaseState
    rungs: tuple[Rung, ...] = ()

    @property
    def fired(self) -> tuple[Rung, ...]:
        """The rungs of which somebody is to be told: the one that this decision is, or those that it set off."""
        return (rung_of(self.command),) if isinstance(self.command, TermPassed) else self.rungs


@dataclass(frozen=True, slots=True)
class Situation(Generic[C]):
    """Everything a guard or an effect may look at."""

    state: CaseState
    command: C
    actor: Actor
    at: datetime
    rules: Ruleset


Guard = Callable[[Situation[C]], Refused | None]
Effect = Callable[[Situation[C]], Decision]


class Party(Enum):
    """Who may use a row of the table."""

    OFFICE = auto()
    OPERATOR = auto()
    LEADER = auto()  # who holds the post that was called, or that post's liaison
    HOLDER = auto()  # somebody of the unit that holds the case
    CLOCK = auto()  # nobody: the sweep


@dataclass(frozen=True)
class Row:
    by: frozenset[Party]
    stages: frozenset[Stage]
    guards: tuple[Guard[Any], ...]
    effect: Effect[Any]


def decide(
    state: CaseState, command: Command, actor: Actor, at: datetime, rules: Ruleset, misread: Refused | None = None
) -> Decision | Refused:
    """Return what `command` does to a case in `state`, or of the refusals that apply the first by its code.

    `misread` is a field that could not even be read (`reading`); it comes before every other field.
    """
    mine = [row for row in TABLE[type(command)] if may_do(actor, row, state)]
    if not mine:
        return Refused(RefusalCode.FORBIDDEN)
    row = next((row for row in mine if state.stage in row.stages), None)
    if row is None:
        return Refused(RefusalCode.WRONG_STATE)
    situation = Situation(state, command, actor, at, rules)
    refusals = [refused for guard in row.guards if (refused := guard(situation)) is not None]
    first = min(refusals, key=_precedence, default=None)
    if misread is not None and (first is None or _precedence(first) >= _FIRST_OF_A_FIELD):
        return misread
    if first is not None:
        return first
    decision = row.effect(situation)
    return replace(decision, after=rules.noted(decision.after))


def _precedence(refused: Refused) -> int:
    return _CODES.index(refused.code)


def valid_phone(text: str) -> bool:
    """Return whether `text` can be dialled: 3 to 20 digits with the usual separators and perhaps an extension."""
    return _PHONE.fullmatch(text) is not None and 3 <= sum(char.isdigit() for char in text) <= 20


def may_do(actor: Actor, row: Row, state: CaseState) -> bool:
    match actor.role:
        case None:
            return True
        case Role.OFFICE:
            return Party.OFFICE in row.by
        case Role.DISCIPLINE:  # runs a confidential case as the office runs the others
            return Party.OFFICE in row.by and state.confidential
        case Role.OPERATOR:
            return Party.OPERATOR in row.by
        case Role.LEADER | Role.LIAISON:
            return Party.LEADER in row.by and state.post in actor.posts
        case Role.UNIT:
            return Party.HOLDER in row.by and state.unit is not None and actor.unit == state.unit
        case _:
            return False


# -- guards -----------------------------------------------------------------------------------------------------


def _within_levels(it: Situation[Assign]) -> Refused | None:
    if it.state.level < it.rules.rulebook.max_levels:
        return None
    if given(it.command, "exceed_approved_by") is None:
        return Refused(RefusalCode.LEVEL_LIMIT, "exceed_approved_by", "step.assign.max_levels")
    return _reason_given(it)


def _another_unit(it: Situation[Assign]) -> Refused | None:
    if it.command.unit is None:
        return Refused(RefusalCode.FIELD_REQUIRED, "unit")
    return Refused(RefusalCode.FIELD_INVALID, "unit") if it.command.unit == it.state.unit else None


def _contact_made(it: Situation[SubmitReport]) -> Refused | None:
    if it.rules.rulebook.step.contact is None or it.state.contacted:
        return None
    return Refused(RefusalCode.CONTACT_REQUIRED, clause="step.contact")


def _a_consultation(it: Situation[GiveAnswer]) -> Refused | None:
    if it.rules.rulebook.may_answer_on_spot(it.state.kind):
        return None
    return Refused(RefusalCode.NOT_A_CONSULTATION, clause="intake.kinds")


def _verdicts_in_rulebook(it: Situation[Any]) -> Refused | None:
    return None if it.rules.rulebook.verdicts is not None else Refused(RefusalCode.NOT_IN_RULEBOOK, clause="verdicts")


def _spaced(it: Situation[CallbackAttempt]) -> Refused | None:
    """One day apart means the next day, at whatever hour; four hours apart means four hours."""
    attempts, counting = it.state.callback_attempts, it.rules.counting(Step.CALLBACK)
    if not attempts:
        return None
    end = end_of_term(attempts[-1], it.rules.rulebook.callback_spacing, counting)
    apart = it.at >= end.at if end.unrolled is None else counting.local(it.at).date() >= end.unrolled
    return None if apart else Refused(RefusalCode.ATTEMPT_TOO_SOON, clause="step.callback.attempt_spacing")


def _attempts_made(it: Situation[RecordVerdict]) -> Refused | None:
    if given(it.command, "verdict") != VerdictCode.UNREACHABLE:
        return None
    if len(it.state.callback_attempts) >= it.rules.rulebook.callback_attempts:
        return None
    return Refused(RefusalCode.ATTEMPTS_NOT_EXHAUSTED, clause="step.callback.attempts")


def _somebody_else(it: Situation[Any]) -> Refused | None:
    return Refused(RefusalCode.SAME_PERSON) if it.actor.role and it.actor.id in it.state.handled_by else None


def _not_given_up(it: Situation[RecordVerdict]) -> Refused | None:
    """Unsatisfied once too often waits for a supervisor; nobody makes a satisfied case of it (S30)."""
    if it.state.verdict not in it.rules.rulebook.reopen_on:
        return None
    return Refused(RefusalCode.VERDICT_NOT_ALLOWED, "verdict", "verdicts.max_reopen")


def _verdict_allowed(it: Situation[RecordVerdict]) -> Refused | None:
    verdict = given(it.command, "verdict")
    if verdict is None:
        return Refused(RefusalCode.FIELD_REQUIRED, "verdict")
    if verdict not in list(VerdictCode):
        return Refused(RefusalCode.FIELD_INVALID, "verdict")
    if verdict not in it.rules.rulebook.allowed:
        return Refused(RefusalCode.VERDICT_NOT_ALLOWED, "verdict", "verdicts.allowed")
    return None


def _method_allowed(it: Situation[RecordContact]) -> Refused | None:
    step = it.rules.rulebook.step.contact
    method = given(it.command, "method")
    if method is None:
        return Refused(RefusalCode.FIELD_REQUIRED, "method")
    if step is not None and method not in step.methods:
        return Refused(RefusalCode.METHOD_NOT_ALLOWED, "method", "step.contact.methods")
    return None if method in list(Method) else Refused(RefusalCode.FIELD_INVALID, "method")


def _handler_disclosed(it: Situation[RecordContact]) -> Refused | None:
    step = it.rules.rulebook.step.contact
    must = () if step is None else step.must_disclose
    if "handler_name" in must and given(it.command, "handler") is None:
        return Refused(RefusalCode.HANDLER_NAME_REQUIRED, "handler", "step.contact.must_disclose")
    if "handler_phone" in must and given(it.command, "handler_phone") is None:
        return Refused(RefusalCode.HANDLER_PHONE_REQUIRED, "handler_phone", "step.contact.must_disclose")
    return _phone_valid(it)


def _handler_named(it: Situation[Acknowledge]) -> Refused | None:
    if given(it.command, "handler") is None:
        return Refused(RefusalCode.HANDLER_NAME_REQUIRED, "handler")
    if given(it.command, "handler_phone") is None:
        return Refused(RefusalCode.HANDLER_PHONE_REQUIRED, "handler_phone")
    return _phone_valid(it)


def _phone_valid(it: Situation[Any]) -> Refused | None:
    phone = given(it.command, "handler_phone")
    return None if phone is None or valid_phone(phone) else Refused(RefusalCode.FIELD_INVALID, "handler_phone")


def _reason_given(it: Situation[Any]) -> Refused | None:
    return None if given(it.command, "reason") else Refused(RefusalCode.REASON_REQUIRED, "reason")


def _text_given(it: Situation[Any]) -> Refused | None:
    return None if given(it.command, "text") else Refused(RefusalCode.FIELD_REQUIRED, "text")


def _report_complete(it: Situation[SubmitReport]) -> Refused | None:
    missing = [field for field in it.rules.rulebook.step.report.required if given(it.command, field) is None]
    if "basis" in missing:
        return Refused(RefusalCode.BASIS_REQUIRED, "basis", "step.report.required")
    if missing:
        return Refused(RefusalCode.FIELD_REQUIRED, missing[0], "step.report.required")
    outcome = given(it.command, "outcome")
    return None if outcome is None or outcome in list(Outcome) else Refused(RefusalCode.FIELD_INVALID, "outcome")


def _result_known(it: Situation[CallbackAttempt]) -> Refused | None:
    result = given(it.command, "result")
    if result is None:
        return Refused(RefusalCode.FIELD_REQUIRED, "result")
    return None if result in list(CallbackResult) else Refused(RefusalCode.FIELD_INVALID, "result")


def _rung_is_due(it: Situation[TermPassed]) -> Refused | None:
    """Refuse a rung that isn't the next one of its clock, or is not due: it fired already, or the term was met."""
    clock = it.state.clock(it.command.step)
    due = next_rung(clock, it.rules) if clock is not None else None
    if due is None or due.number != it.command.number or due.at > it.at:
        return Refused(RefusalCode.WRONG_STATE)
    return None


# -- effects ----------------------------------------------------------------------------------------------------


def _assigned(it: Situation[Assign]) -> Decision:
    """Ends register and assign; terms begin at the first level only, so that handing down buys no time."""
    first = it.state.level == 0
    events = {StartEvent.ASSIGNED, StartEvent.FIRST_ASSIGNED, StartEvent.ACCEPTED} if first else {StartEvent.ASSIGNED}
    handed = replace(it.state, stage=Stage.ASSIGNED, unit=it.command.unit, level=it.state.level + 1)
    if it.state.level >= it.rules.rulebook.max_levels:  # with leave, else a guard had refused it
        handed = replace(handed, flags=handed.flags | {Flag.LEVEL_EXCEPTION})
    settled = handed.finish(Step.REGISTER, Step.ASSIGN, at=it.at)
    return Decision(it.command, ("assigned",), it.rules.start(settled, events, it.at))


def _acknowledged(it: Situation[Acknowledge]) -> Decision:
    taken = replace(it.state, stage=Stage.ACKNOWLEDGED, handled_by=it.state.handled_by | {it.actor.id})
    return Decision(it.command, ("acknowledged",), taken.finish(Step.ACKNOWLEDGE, at=it.at))


def _contacted(it: Situation[RecordContact]) -> Decision:
    spoken = replace(it.state, stage=Stage.CONTACTED, contacted=True, handled_by=it.state.handled_by | {it.actor.id})
    return Decision(it.command, ("contacted",), spoken.finish(Step.ACKNOWLEDGE, Step.CONTACT, at=it.at))


def _reported(it: Situation[SubmitReport]) -> Decision:
    told = replace(it.state, stage=Stage.REPORTED, handled_by=it.state.handled_by | {it.actor.id})
    done = told.finish(Step.ACKNOWLEDGE, Step.RESOLVE, at=it.at)
    return Decision(it.command, ("reported",), it.rules.start(done, {StartEvent.REPORTED}, it.at))


def _rejected(it: Situation[RejectReport]) -> Decision:
    """The resolve term runs on towards its old end; the callback term that the report began is void.

    Its old end as the calendar of today has it: one that was loaded while the report lay here counts for it too.
    """
    back = replace(it.state, stage=Stage.ASSIGNED).resume(Step.RESOLVE).void(Step.CALLBACK, at=it.at)
    return Decision(it.command, ("report_rejected",), it.rules.recount(back))


def _verified(it: Situation[Verify]) -> Decision:
    """The requester is asked anew; without anybody to ask and anything to wait for, the case is closed at once."""
    accepted = replace(it.state, stage=Stage.VERIFIED, callback_attempts=(), verdict=None)
    steps = it.rules.rulebook.step
    if steps.callback is None and steps.review is None:
        return Decision(it.command, ("verified", "closed"), _ended(accepted, Stage.CLOSED, ClosedAs.NO_REVIEW, it.at))
    return Decision(it.command, ("verified",), it.rules.start(accepted, {StartEvent.VERIFIED}, it.at))


def _attempted(it: Situation[CallbackAttempt]) -> Decision:
    tried = replace(it.state, callback_attempts=(*it.state.callback_attempts, it.at))
    return Decision(it.command, ("callback_attempted",), tried)


def _judged(it: Situation[RecordVerdict]) -> Decision:
    """A verdict closes or reopens as the rulebook says; unsatisfied once too often, the case stays verified."""
    verdict = VerdictCode(given(it.command, "verdict") or "")
    judged = replace(it.state, verdict=verdict).finish(Step.CALLBACK, at=it.at)
    book = it.rules.rulebook
    rungs: tuple[Rung, ...] = ()
    if verdict is VerdictCode.UNSATISFIED:
        rungs = tuple(rungs_on_unsatisfied(it.state.unsatisfied + 1, it.rules))
        judged = escalated(replace(judged, unsatisfied=it.state.unsatisfied + 1), *rungs)
    if verdict in book.reopen_on:
        if it.state.cycle > book.max_reopen:
            return Decision(it.command, ("verdict_recorded",), judged, rungs)
        again = it.rules.reopen(replace(judged, stage=Stage.ASSIGNED), it.at)
        return Decision(it.command, ("verdict_recorded", "reopened"), again, rungs)
    if book.closes(verdict):
        closed = _ended(judged, Stage.CLOSED, _CLOSES_AS[verdict], it.at)
        return Decision(it.command, ("verdict_recorded", "closed"), closed, rungs)
    return Decision(it.command, ("verdict_recorded",), judged, rungs)


def _answered(it: Situation[GiveAnswer]) -> Decision:
    """An answer on the spot is what registering, assigning and contacting would have led to."""
    said = it.state.finish(Step.REGISTER, Step.ASSIGN, Step.CONTACT, Step.RESOLVE, at=it.at)
    return Decision(it.command, ("answered",), _ended(said, Stage.ANSWERED, ClosedAs.ANSWERED, it.at))


def _joined(it: Situation[JoinContact]) -> Decision:
    """Who comes again changes neither a term nor the order of the queue."""
    more = replace(it.state, contacts=it.state.contacts + 1, flags=it.state.flags | {Flag.REPEAT})
    return Decision(it.command, ("contact_joined",), more)


def _passed(it: Situation[TermPassed]) -> Decision:
    fired = replace(it.state, clocks=tuple(_climbed(clock, it) for clock in it.state.clocks))
    return Decision(it.command, ("escalated",), escalated(fired, rung_of(it.command)))


def _recounted(it: Situation[RecountTerms]) -> Decision:
    """Terms are derived, never shifted: a calendar that was loaded gives each running one its end anew."""
    counted = it.rules.recount(replace(it.state, calendar=it.command.calendar))
    return Decision(it.command, ("recounted",), counted)


def _climbed(clock: ClockState, it: Situation[TermPassed]) -> ClockState:
    is_it = clock.step is it.command.step and clock.cycle == it.state.cycle and clock.is_running
    return replace(clock, rungs_fired=it.command.number) if is_it else clock


def _ended(state: CaseState, stage: Stage, as_: ClosedAs, at: datetime) -> CaseState:
    """Return the state after its end; a term that still ran has nothing left to wait for."""
    return replace(state, stage=stage, ended_at=at, closed_as=as_).void(*state.running, at=at)


# -- the table --------------------------------------------------------------------------------------------------


def _row(
    command: type[C],
    by: Iterable[Party],
    stages: Iterable[Stage],
    guards: tuple[Guard[C], ...],
    effect: Effect[C],
) -> tuple[type[Command], Row]:
    return cast(type[Command], command), Row(frozenset(by), frozenset(stages), guards, effect)


def _rows() -> dict[type[Command], tuple[Row, ...]]:
    office, holder = {Party.OFFICE}, {Party.HOLDER}
    callers = {Party.OFFICE, Party.OPERATOR}
    listed: list[tuple[type[Command], Row]] = [
        _row(Assign, office, {Stage.RECEIVED}, (_another_unit,), _assigned),
        _row(Assign, holder, {Stage.ASSIGNED, Stage.ACKNOWLEDGED}, (_within_levels, _another_unit), _assigned),
        _row(Acknowledge, holder, {Stage.ASSIGNED}, (_handler_named,), _acknowledged),
        _row(RecordContact, holder, IN_UNITS_HANDS, (_method_allowed, _handler_disclosed), _contacted),
        _row(SubmitReport, holder, IN_UNITS_HANDS, (_contact_made, _report_complete), _reported),
        _row(RejectReport, office, {Stage.REPORTED}, (_reason_given,), _rejected),
        _row(Verify, office, {Stage.REPORTED}, (), _verified),
        _row(
            CallbackAttempt,
            callers,
            {Stage.VERIFIED},
            (_verdicts_in_rulebook, _spaced, _somebody_else, _result_known),
            _attempted,
        ),
        _row(
            RecordVerdict,
            callers,
            {Stage.VERIFIED},
            (_verdicts_in_rulebook, _attempts_made, _somebody_else, _not_given_up, _verdict_allowed),
            _judged,
        ),
        _row(JoinContact, {*callers, Party.LEADER}, OPEN_STAGES, (), _joined),
        _row(TermPassed, {Party.CLOCK}, OPEN_STAGES, (_rung_is_due,), _passed),
        _row(RecountTerms, {Party.CLOCK}, Stage, (), _recounted),
        _row(GiveAnswer, {*callers, Party.LEADER}, {Stage.RECEIVED}, (_a_consultation, _text_given), _answered),
    ]
    table: dict[type[Command], tuple[Row, ...]] = {}
    for command, row in listed:
        table[command] = (*table.get(command, ()), row)
    return table


TABLE = _rows()
