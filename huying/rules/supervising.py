"""登记督办、纪律要求: faults, interviews, discipline; what the clock does; what the citizen says of the handling."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from .access import Role
from .commands import (
    AskErasure,
    CancelFault,
    Command,
    ComplainHandling,
    ConfirmFault,
    HandToDiscipline,
    HoldInterview,
    MarkNuisance,
    ProposeFault,
    ReceivePackage,
    RecordResult,
    RecountTerms,
    Rectified,
    Resume,
    ReviewNuisance,
    ScheduleInterview,
    StateFault,
    TellUnanswered,
    TermEnded,
    TermPassed,
    given,
)
from .deciding import (
    Decision,
    Guard,
    Party,
    Refused,
    Row,
    Situation,
    approved_by_another,
    changed,
    ended,
    is_so,
    needed,
    not_complained_about,
    noted,
    reason_given,
    row,
    rung_of,
    text_given,
    word,
)
from .escalation import ends, escalated, events_of, next_rung, rungs_on_fault
from .handling import resumed
from .rulebook_steps import STATEMENT_TERM
from .stages import OPEN_STAGES
from .state import CaseState, OpenFault
from .terms import end_of_term
from .vocabulary import Action, ClosedAs, Fault, Flag, RefusalCode, ReviewOutcome, Stage, Step

# Longer than this nobody counts as a nuisance without being looked at again.
LONGEST_NUISANCE = timedelta(days=90)

# -- guards ----------------------------------------------------------------------------------------------------------


def _a_unit(it: Situation[ProposeFault]) -> Refused | None:
    unit = it.command.unit or it.state.unit
    return Refused(RefusalCode.FIELD_REQUIRED, "unit") if unit is None else None


def _which(it: Situation[Any]) -> OpenFault | None:
    """Return the open fault that a command is about: the one of that number, else the latest.

    A unit speaks to its own alone, where nothing is said to one that it hasn't spoken to.
    """
    open_ones = [fault for fault in it.state.faults if it.actor.role is not Role.UNIT or fault.unit == it.actor.unit]
    if it.command.fault is not None:
        return next((fault for fault in open_ones if fault.number == it.command.fault), None)
    silent = [fault for fault in open_ones if not fault.stated] if isinstance(it.command, StateFault) else []
    return next(reversed(silent or open_ones), None)


def _names_an_open_one(it: Situation[Any]) -> Refused | None:
    return Refused(RefusalCode.FIELD_INVALID, "fault") if it.state.faults and _which(it) is None else None


def _unit_was_heard(it: Situation[ConfirmFault]) -> Refused | None:
    """A fault is confirmed once the unit has spoken, or had its three working days to speak."""
    fault = _which(it)
    if fault is None or fault.stated:
        return None
    over = end_of_term(fault.at, STATEMENT_TERM, it.rules.counting(Step.STATEMENT)).at
    return None if it.at >= over else Refused(RefusalCode.WRONG_STATE)


def _complete(it: Situation[HoldInterview]) -> Refused | None:
    fields = ("person", "minutes", "rectify_by")
    lacking = next((name for name in fields if given(it.command, name) is None), None)
    if lacking is not None:
        return Refused(RefusalCode.INTERVIEW_INCOMPLETE, lacking)
    by = it.command.rectify_by
    return Refused(RefusalCode.FIELD_INVALID, "rectify_by") if by is not None and by <= it.at else None


def _ahead(it: Situation[ScheduleInterview]) -> Refused | None:
    time = it.command.time
    if time is None:
        return Refused(RefusalCode.FIELD_REQUIRED, "time")
    return Refused(RefusalCode.FIELD_INVALID, "time") if time <= it.at else None


def _until_is_near(it: Situation[MarkNuisance] | Situation[ReviewNuisance]) -> Refused | None:
    until = it.command.until
    if until is None:
        return Refused(RefusalCode.FIELD_REQUIRED, "until")
    near = it.at < until <= it.at + LONGEST_NUISANCE
    return None if near else Refused(RefusalCode.FIELD_INVALID, "until")


def _if_upheld(guard: Guard[ReviewNuisance]) -> Guard[ReviewNuisance]:
    """Return the guard for a review that goes on; to end it neither a day nor a second person is needed."""
    return lambda it: guard(it) if given(it.command, "outcome") == ReviewOutcome.UPHELD else None


def _rung_is_due(it: Situation[TermPassed]) -> Refused | None:
    """Refuse a rung that isn't the next one of its clock, or is not due: it fired already, or the term was met."""
    clock = it.state.clock(it.command.step)
    due = next_rung(clock, it.state, it.rules) if clock is not None else None
    if due is None or due.number != it.command.number or due.at > it.at:
        return Refused(RefusalCode.WRONG_STATE)
    return None


def _has_ended(it: Situation[TermEnded]) -> Refused | None:
    clock = it.state.clock(it.command.step)
    over = clock is not None and clock.due_at <= it.at and ends(clock, it.state, it.rules)
    return None if over else Refused(RefusalCode.WRONG_STATE)


# -- effects ---------------------------------------------------------------------------------------------------------


def _fault_proposed(it: Situation[ProposeFault]) -> Decision:
    unit = it.command.unit or it.state.unit or 0
    number = 1 + max((fault.number for fault in it.state.faults), default=0)
    fault = OpenFault(Fault(given(it.command, "code") or ""), unit, it.at, number=number)
    begun = it.rules.begin(replace(it.state, unit=unit), Step.STATEMENT, "requested", it.at)
    return changed(it, "fault_proposed", replace(begun, unit=it.state.unit, faults=(*it.state.faults, fault)))


def _stated(it: Situation[StateFault]) -> Decision:
    fault = _the_one(it)
    faults = tuple(replace(one, stated=True) if one is fault else one for one in it.state.faults)
    said = replace(it.command, fault=fault.number)  # so that the record alone says which
    return Decision(said, ("fault_stated",), replace(_answered(it, fault), faults=faults))


def _confirmed(it: Situation[ConfirmFault]) -> Decision:
    fault = _the_one(it)
    rungs = tuple(rungs_on_fault(fault.code, it.rules))
    state = replace(_settled(it, fault), confirmed=(*it.state.confirmed, fault.code))
    return Decision(it.command, ("fault_confirmed",), escalated(state, *rungs), rungs)


def _cancelled(it: Situation[CancelFault]) -> Decision:
    return changed(it, "fault_cancelled", _settled(it, _the_one(it)))


def _the_one(it: Situation[Any]) -> OpenFault:
    """Return the open fault that a command is about: there is one, the guards have seen to that."""
    return _which(it) or it.state.faults[-1]


def _settled(it: Situation[Any], fault: OpenFault) -> CaseState:
    others = tuple(one for one in it.state.faults if one is not fault)
    return replace(_answered(it, fault), faults=others)


def _answered(it: Situation[Any], fault: OpenFault) -> CaseState:
    """Return the state in which the unit has nothing more to say to this fault; its terms for others run on."""
    return it.state.finish_one(Step.STATEMENT, fault.at, it.at)


def _scheduled(it: Situation[ScheduleInterview]) -> Decision:
    """The other cases of the interview get the same appointment; what is then held on one is held on all.

    They have it already where one of them is given the appointment that it has.
    """
    cases, time = tuple(sorted({it.state.id, *(it.command.cases or ())})), it.command.time
    known = (it.state.interview_with, it.state.interview_at) == (cases, time)
    state = replace(
        it.state,
        interview_with=cases,
        interview_of=it.command.unit or it.state.unit,
        interview_at=time,
        flags=it.state.flags | {Flag.INTERVIEW_PROPOSED},
    )
    others = dict[int, Command]() if known else dict.fromkeys(cases, it.command)
    return Decision(it.command, ("interview_scheduled",), state, others=_but(it.state.id, others))


def _held(it: Situation[HoldInterview]) -> Decision:
    by = it.command.rectify_by or it.at
    state = replace(
        it.state,
        actions=(*it.state.actions, Action.INTERVIEW),
        flags=it.state.flags - {Flag.INTERVIEW_PROPOSED},
        interview_with=(),
        interview_of=None,
        interview_at=None,
    )
    state = state.finish(Step.RECTIFICATION, at=it.at)
    state = it.rules.begin_until(state, Step.RECTIFICATION, "interview", it.at, by, it.state.interview_of)
    others = dict.fromkeys(it.state.interview_with, it.command)
    return Decision(it.command, ("interview_held",), state, others=_but(it.state.id, others))


def _but(case: int, others: Mapping[int, Command]) -> Mapping[int, Command]:
    return {other: command for other, command in others.items() if other != case}


def _rectified(it: Situation[Rectified]) -> Decision:
    return changed(it, "rectified", it.state.finish(Step.RECTIFICATION, at=it.at))


def _handed_over(it: Situation[HandToDiscipline]) -> Decision:
    """A confidential case is discipline's alone from now on; an ordinary one also goes on."""
    state = replace(it.state, actions=(*it.state.actions, Action.DISCIPLINE))
    if not state.confidential:
        return changed(it, "discipline_informed", state)
    taken_over = ended(state, Stage.REFERRED, None, it.at).end_running(it.at)
    return changed(it, "handed_to_discipline", replace(taken_over, unit=None, faults=(), interview_of=None))


def _nuisance_marked(it: Situation[MarkNuisance]) -> Decision:
    state = replace(it.state, nuisance_until=it.command.until, flags=it.state.flags | {Flag.NUISANCE_REVIEW})
    return changed(it, "nuisance_marked", state)


def _nuisance_reviewed(it: Situation[ReviewNuisance]) -> Decision:
    if given(it.command, "outcome") == ReviewOutcome.UPHELD:
        return changed(it, "nuisance_upheld", replace(it.state, nuisance_until=it.command.until))
    state = replace(it.state, nuisance_until=None, flags=it.state.flags - {Flag.NUISANCE_REVIEW})
    return changed(it, "nuisance_ended", state)


def _passed(it: Situation[TermPassed]) -> Decision:
    late = it.state.clock(it.command.step)
    due = next_rung(late, it.state, it.rules) if late is not None else None
    events = events_of(due.rung if due is not None else rung_of(it.command), it.state)
    clocks = (replace(c, rungs_fired=it.command.number) if c is late else c for c in it.state.clocks)
    return Decision(it.command, events, escalated(replace(it.state, clocks=tuple(clocks)), rung_of(it.command)))


def _over(it: Situation[TermEnded]) -> Decision:
    match it.command.step:
        case Step.SUSPENSION:
            again = resumed(Situation(it.state, Resume(), it.actor, it.at, it.rules))
            return replace(again, command=it.command)
        case Step.PENDING_INFO:
            late = ended(it.state, Stage.DECLINED, ClosedAs.INCOMPLETE, it.at)
            return changed(it, "incomplete_declined", late)
    return changed(it, "closed", ended(it.state, Stage.CLOSED, ClosedAs.NO_REVIEW, it.at))


def _recounted(it: Situation[RecountTerms]) -> Decision:
    """Terms are derived, never shifted: a calendar that was loaded gives each running one its end anew."""
    return changed(it, "recounted", it.rules.recount(replace(it.state, calendar=it.command.calendar)))


# -- rows ------------------------------------------------------------------------------------------------------------

_SUPERVISOR, _CLOCK = frozenset({Party.SUPERVISOR}), frozenset({Party.CLOCK})
_A_CASE = frozenset(Stage) - {Stage.WAITING}
_fault_open = is_so(lambda state: bool(state.faults))
_handed = is_so(lambda state: Action.DISCIPLINE in state.actions)
_is_nuisance = is_so(lambda state: state.nuisance_until is not None)
_is_none_yet = is_so(lambda state: state.nuisance_until is None)
_to_be_rectified = is_so(lambda state: state.runs(Step.RECTIFICATION))

ROWS: tuple[Row, ...] = (
    row(
        ProposeFault,
        _SUPERVISOR,
        OPEN_STAGES,
        (word("code"), _a_unit, needed("evidence"), not_complained_about("unit")),
        _fault_proposed,
    ),
    row(StateFault, {Party.FAULTED}, _A_CASE, (_fault_open, text_given, _names_an_open_one), _stated),
    row(ConfirmFault, _SUPERVISOR, _A_CASE, (_fault_open, _unit_was_heard, _names_an_open_one), _confirmed),
    row(CancelFault, _SUPERVISOR, _A_CASE, (_fault_open, reason_given, _names_an_open_one), _cancelled),
    row(
        ScheduleInterview,
        _SUPERVISOR,
        _A_CASE,
        (needed("person"), _ahead, not_complained_about("unit")),
        _scheduled,
    ),
    row(HoldInterview, _SUPERVISOR, _A_CASE, (_complete,), _held),
    row(Rectified, _SUPERVISOR, _A_CASE, (_to_be_rectified,), _rectified),
    row(HandToDiscipline, _SUPERVISOR, OPEN_STAGES, (), _handed_over),
    row(ReceivePackage, {Party.DISCIPLINE}, _A_CASE, (_handed, text_given), noted("package_received")),
    row(RecordResult, {Party.DISCIPLINE}, _A_CASE, (_handed, text_given), noted("result_recorded")),
    row(ComplainHandling, {Party.CITIZEN}, _A_CASE, (text_given,), noted("handling_complained")),
    row(TellUnanswered, {Party.CITIZEN}, OPEN_STAGES, (), noted("unanswered_told")),
    row(AskErasure, {Party.CITIZEN}, _A_CASE, (), noted("erasure_asked")),
    row(
        MarkNuisance,
        {Party.OFFICE},
        _A_CASE,
        (_is_none_yet, reason_given, _until_is_near, approved_by_another),
        _nuisance_marked,
    ),
    row(
        ReviewNuisance,
        {Party.OFFICE, Party.SUPERVISOR},
        _A_CASE,
        (_is_nuisance, word("outcome"), reason_given, _if_upheld(_until_is_near), _if_upheld(approved_by_another)),
        _nuisance_reviewed,
    ),
    row(TermPassed, _CLOCK, _A_CASE, (_rung_is_due,), _passed),
    row(TermEnded, _CLOCK, OPEN_STAGES, (_has_ended,), _over),
    row(RecountTerms, _CLOCK, Stage, (), _recounted),
)
