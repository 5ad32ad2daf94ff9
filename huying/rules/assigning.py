"""交办: giving a case to a unit and taking it back; who takes part, and what a leader directs."""

from dataclasses import replace
from typing import Any

from .commands import ApproveReturn, Assign, Instruct, JoinUnit, MoveUnit, Recall, RefuseReturn, RequestReturn, given
from .deciding import (
    Decision,
    Party,
    Refused,
    Row,
    Situation,
    changed,
    is_so,
    not_complained_about,
    reason_given,
    row,
    section,
    text_given,
)
from .stages import IN_UNITS_HANDS, OPEN_STAGES
from .state import OF_THE_CASE, CaseState, ClockState, EarlyInstruction
from .vocabulary import Flag, RefusalCode, Stage, StartEvent, Step

_AT_ASSIGNMENT = frozenset({StartEvent.ASSIGNED, StartEvent.FIRST_ASSIGNED})
_FIRST = frozenset({*_AT_ASSIGNMENT, StartEvent.ACCEPTED})


# -- guards ----------------------------------------------------------------------------------------------------------


def _within_levels(it: Situation[Assign]) -> Refused | None:
    if it.state.level < it.rules.rulebook.max_levels:
        return None
    if given(it.command, "exceed_approved_by") is None:
        return Refused(RefusalCode.LEVEL_LIMIT, "exceed_approved_by", "step.assign.max_levels")
    return reason_given(it)


def _another_unit(it: Situation[Any]) -> Refused | None:
    if it.command.unit is None:
        return Refused(RefusalCode.FIELD_REQUIRED, "unit")
    return Refused(RefusalCode.FIELD_INVALID, "unit") if it.command.unit == it.state.unit else None


def _not_in_it_yet(it: Situation[JoinUnit]) -> Refused | None:
    return Refused(RefusalCode.FIELD_INVALID, "unit") if it.command.unit in it.state.co_units else None


def lead_known(it: Situation[Any]) -> Refused | None:
    return Refused(RefusalCode.FIELD_REQUIRED, "lead") if it.command.lead is None else None


def _not_designated(it: Situation[RequestReturn]) -> Refused | None:
    return Refused(RefusalCode.RETURN_DESIGNATED) if it.state.designated else None


def _returns_left(it: Situation[RequestReturn]) -> Refused | None:
    step = it.rules.rulebook.step.return_
    if step is None or step.max is None or it.state.returns < step.max:
        return None
    return Refused(RefusalCode.RETURN_USED_UP, clause="step.return.max")


def _return_in_time(it: Situation[RequestReturn]) -> Refused | None:
    clock = it.state.clock(Step.RETURN)
    in_time = clock is None or it.at < clock.due_at
    return None if in_time else Refused(RefusalCode.RETURN_TOO_LATE, clause="step.return.due")


def _reason_once_acknowledged(it: Situation[Recall]) -> Refused | None:
    return None if it.state.stage is Stage.ASSIGNED and not it.state.handled_by else reason_given(it)


def _due_ahead(it: Situation[Instruct]) -> Refused | None:
    due = it.command.due
    return Refused(RefusalCode.FIELD_INVALID, "due") if due is not None and due <= it.at else None


# -- effects ---------------------------------------------------------------------------------------------------------


def _assigned(it: Situation[Assign]) -> Decision:
    """Ends register and assign; terms begin at the first level only, so that handing down buys no time."""
    return changed(it, "assigned", hand_to(it, it.command.unit, level=it.state.level + 1))


def hand_to(it: Situation[Any], unit: int | None, level: int) -> CaseState:
    """Return the case in the hands of another unit."""
    handed = replace(
        it.state,
        stage=Stage.ASSIGNED,
        unit=unit,
        level=level,
        given_on=(*it.state.given_on, it.state.unit) if level > 1 and it.state.unit else (),
        designated=it.state.designated or bool(getattr(it.command, "designate", None)),
        extension_asked=None,
        interview_with=_alone(it.state),
        answering=frozenset(one for one in it.state.answering if one != unit),  # which the door hasn't read yet
    )
    if level > it.rules.rulebook.max_levels:  # with leave, else a guard had refused it
        handed = replace(handed, flags=handed.flags | {Flag.LEVEL_EXCEPTION})
    handed = _instructed_by_then(it, handed)
    settled = handed.finish(Step.REGISTER, Step.ASSIGN, Step.DISPATCH, Step.NOTIFY_ACCEPTANCE, at=it.at)
    return it.rules.start(settled, _FIRST if level == 1 else {StartEvent.ASSIGNED}, it.at)


def _instructed_by_then(it: Situation[Any], state: CaseState) -> CaseState:
    """Return the state in which its unit owes an answer to what was instructed before any unit had the case."""
    if not state.instructions or state.unit is None:
        return state
    waited = state.instructions
    state = replace(state, instructed=state.instructed | {state.unit}, instructions=())
    for one in waited:
        if one.due is not None:
            state = it.rules.begin_until(state, Step.INSTRUCTION, "requested", one.at, one.due)
    return state


def _recalled(it: Situation[Recall]) -> Decision:
    """The term of assigning never stopped: it runs on towards its old end."""
    return changed(it, "recalled", it.rules.recount(taken_back(it).resume(Step.ASSIGN)))


def _asked_back(it: Situation[RequestReturn]) -> Decision:
    asked = replace(it.state, stage=Stage.RETURN_REQUESTED)
    return changed(it, "return_requested", asked.finish(Step.RETURN, at=it.at))


def _given_back(it: Situation[ApproveReturn]) -> Decision:
    """The case is to be assigned within one more period."""
    back = replace(taken_back(it), returns=it.state.returns + 1).void(Step.ASSIGN, at=it.at)
    return changed(it, "return_approved", it.rules.begin(back, Step.ASSIGN, "returned", it.at))


def _kept(it: Situation[RefuseReturn]) -> Decision:
    designated = it.state.designated or bool(it.command.designate)
    return changed(it, "return_refused", replace(it.state, stage=Stage.ASSIGNED, designated=designated))


def taken_back(it: Situation[Any]) -> CaseState:
    """Return the case without a unit; terms that an assignment began are void, those from the receipt run on.

    No unit sees it any longer but one that has something to answer, and that one until it has.
    """
    void = [step for event in _AT_ASSIGNMENT for step in it.rules.rulebook.starting_at(event)]
    back = replace(
        it.state,
        stage=Stage.RECEIVED,
        unit=None,
        level=0,
        contacted=False,
        contact_attempts=(),
        handled_by=frozenset(),
        given_on=(),
        shown=frozenset(),
        designated=False,
        extension_asked=None,
        co_units=frozenset(),
        interview_with=_alone(it.state),
        answering=it.state.owing,
    )
    return back.void(*void, at=it.at)


def _alone(state: CaseState) -> tuple[int, ...]:
    """Return the cases of the interview that is arranged once the case leaves its unit: what is then held on the
    others is none of the next one's.
    """
    return (state.id,) if state.interview_with else ()


def _unit_joined(it: Situation[JoinUnit]) -> Decision:
    unit = it.command.unit or 0
    joined = replace(it.state, co_units=it.state.co_units | {unit}, answering=it.state.answering - {unit})
    return changed(it, "unit_joined", joined)


def _instructed(it: Situation[Instruct]) -> Decision:
    unit, due = it.command.unit or it.state.unit, it.command.due
    if unit is None:
        waiting = (*it.state.instructions, EarlyInstruction(it.at, due))
        return changed(it, "instructed", replace(it.state, instructions=waiting))
    state = replace(it.state, instructed=it.state.instructed | {unit})
    if due is not None:
        state = it.rules.begin_until(state, Step.INSTRUCTION, "requested", it.at, due, unit)
    return changed(it, "instructed", state)


def _unit_moved(it: Situation[MoveUnit]) -> Decision:
    """The successor stands where the unit stood; level and terms are as they were, and what it owes is its own."""

    def instead(units: frozenset[int]) -> frozenset[int]:
        return frozenset(map(successor, units))

    def successor(unit: int) -> int:
        return it.command.unit if unit == it.command.before else unit

    def owed(clock: ClockState) -> ClockState:
        theirs = clock.is_running and clock.step in OF_THE_CASE and clock.unit == it.command.before
        return replace(clock, unit=it.command.unit) if theirs else clock

    holder = None if it.state.unit is None else successor(it.state.unit)
    state = replace(
        it.state,
        unit=holder,
        co_units=instead(it.state.co_units) - {holder or 0},
        given_on=tuple(dict.fromkeys(map(successor, it.state.given_on))),
        instructed=instead(it.state.instructed),
        answering=instead(it.state.answering),
        faults=tuple(replace(fault, unit=successor(fault.unit)) for fault in it.state.faults),
        interview_of=None if it.state.interview_of is None else successor(it.state.interview_of),
        clocks=tuple(map(owed, it.state.clocks)),
    )
    return changed(it, "unit_moved", state)


# -- rows ------------------------------------------------------------------------------------------------------------

_OFFICE, _HOLDER = frozenset({Party.OFFICE}), frozenset({Party.HOLDER})
# Merging may be undone, and a closed case may still owe something.
_NOT_OVER = OPEN_STAGES | {Stage.MERGED, Stage.CLOSED}
_goes_on = is_so(lambda state: state.stage is not Stage.CLOSED or state.is_owed)
_has_returns = section("step.return", lambda rules: rules.rulebook.step.return_)

ROWS: tuple[Row, ...] = (
    row(Assign, _OFFICE, {Stage.RECEIVED}, (not_complained_about("unit"), _another_unit), _assigned),
    row(
        Assign,
        _HOLDER,
        {Stage.ASSIGNED, Stage.ACKNOWLEDGED},
        (not_complained_about("unit"), _within_levels, _another_unit),
        _assigned,
    ),
    row(Recall, _OFFICE, IN_UNITS_HANDS, (_reason_once_acknowledged,), _recalled),
    row(
        RequestReturn,
        _HOLDER,
        {Stage.ASSIGNED, Stage.ACKNOWLEDGED},
        (_has_returns, _not_designated, _returns_left, _return_in_time, reason_given),
        _asked_back,
    ),
    row(ApproveReturn, _OFFICE, {Stage.RETURN_REQUESTED}, (), _given_back),
    row(RefuseReturn, _OFFICE, {Stage.RETURN_REQUESTED}, (), _kept),
    row(
        JoinUnit,
        _OFFICE,
        IN_UNITS_HANDS,
        (not_complained_about("unit"), _another_unit, _not_in_it_yet),
        _unit_joined,
    ),
    row(Instruct, {Party.LEADER}, OPEN_STAGES, (not_complained_about("unit"), text_given, _due_ahead), _instructed),
    row(MoveUnit, (), _NOT_OVER, (_goes_on, not_complained_about("unit")), _unit_moved),
)
