"""接电: a contact becomes a case or not; a case is completed, classified, answered, declined, referred, merged."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from .assigning import hand_to, lead_known, taken_back
from .commands import (
    Classify,
    CompleteInfo,
    Correct,
    Decline,
    GiveAnswer,
    GiveBack,
    Group,
    JoinContact,
    MarkUrgent,
    Merge,
    MovePost,
    NotACase,
    Note,
    OpenCase,
    Refer,
    ReissueCode,
    ReturnCall,
    Summarise,
    TakeOver,
    Unmerge,
    given,
)
from .deciding import (
    Decision,
    Party,
    Refused,
    Row,
    Situation,
    changed,
    ended,
    is_so,
    needed,
    not_complained_about,
    noted,
    reason_given,
    row,
    text_given,
    valid_phone,
    word,
)
from .escalation import escalated, rungs_passed
from .stages import IN_UNITS_HANDS, OPEN_STAGES
from .state import CaseState
from .vocabulary import (
    ClosedAs,
    Complexity,
    Flag,
    Kind,
    RefusalCode,
    ReturnCallResult,
    Stage,
    StartEvent,
    Step,
    Urgency,
)

_LONGEST_CATEGORY = 24
# What of a contact may have been mistyped under every rulebook; its own fields besides.
_CORRECTED = frozenset({"contact_phone", "name", "address", "post_called"})
LONGEST_TITLE = 20
_INCOMING = frozenset({Stage.RECEIVED, Stage.PENDING_INFO})
_MERGEABLE = _INCOMING | IN_UNITS_HANDS


# -- guards ----------------------------------------------------------------------------------------------------------


def _opens_case(it: Situation[OpenCase]) -> Refused | None:
    kind = given(it.command, "kind")
    if kind in list(Kind) and not it.rules.rulebook.opens_case(Kind(kind)):
        return Refused(RefusalCode.FIELD_INVALID, "kind", "intake.kinds")
    return None


def _opens_none(it: Situation[NotACase]) -> Refused | None:
    kind = given(it.command, "kind")
    if kind in list(Kind) and (kind == Kind.UNSORTED or it.rules.rulebook.opens_case(Kind(kind))):
        return Refused(RefusalCode.FIELD_INVALID, "kind", "intake.kinds")
    return None


def _kind_if_reached(it: Situation[ReturnCall]) -> Refused | None:
    if given(it.command, "result") != ReturnCallResult.REACHED:
        return None
    unsaid = given(it.command, "kind") in (Kind.UNSORTED, Kind.MISSED)
    return Refused(RefusalCode.FIELD_INVALID, "kind") if unsaid else word("kind")(it)


def _something_told(it: Situation[CompleteInfo]) -> Refused | None:
    fields = it.command.fields or {}
    if not any(value.strip() for value in fields.values()):
        return Refused(RefusalCode.FIELD_REQUIRED, "fields")
    phone = fields.get("contact_phone")
    return None if phone is None or valid_phone(phone) else Refused(RefusalCode.FIELD_INVALID, "fields")


def _something_classified(it: Situation[Classify]) -> Refused | None:
    category = given(it.command, "category")
    if category is None and it.command.complexity is None:
        return Refused(RefusalCode.FIELD_REQUIRED, "category")
    fits = category is None or (len(category) <= _LONGEST_CATEGORY and category.isprintable())
    return None if fits else Refused(RefusalCode.FIELD_INVALID, "category")


def _legitimate(it: Situation[MarkUrgent]) -> Refused | None:
    """Fast track needs both: urgent, and somebody who says by name that it is legitimate (002)."""
    if given(it.command, "urgency") == Urgency.NORMAL or given(it.command, "legitimate_by"):
        return None
    return Refused(RefusalCode.LEGITIMACY_REQUIRED, "legitimate_by")


def _something_summarised(it: Situation[Summarise]) -> Refused | None:
    title = given(it.command, "title")
    if title is None and given(it.command, "summary") is None:
        return Refused(RefusalCode.FIELD_REQUIRED, "title")
    return Refused(RefusalCode.FIELD_INVALID, "title") if title and len(title) > LONGEST_TITLE else None


def _known_field(it: Situation[Correct]) -> Refused | None:
    field, intake = given(it.command, "field"), it.rules.rulebook.intake
    known = {*_CORRECTED, *intake.required, *intake.optional}
    return None if field is None or field in known else Refused(RefusalCode.FIELD_INVALID, "field")


def _phone_if_that(it: Situation[Correct]) -> Refused | None:
    value = given(it.command, "value")
    if given(it.command, "field") != "contact_phone" or value is None or valid_phone(value):
        return None
    return Refused(RefusalCode.FIELD_INVALID, "value")


def _a_consultation(it: Situation[GiveAnswer]) -> Refused | None:
    if it.rules.rulebook.may_answer_on_spot(it.state.kind):
        return None
    return Refused(RefusalCode.NOT_A_CONSULTATION, clause="intake.kinds")


def _is_first_cycle(it: Situation[Any]) -> Refused | None:
    """What was handled and judged can't leave the rates by being turned away, answered or merged after all."""
    return None if it.state.cycle == 1 else Refused(RefusalCode.WRONG_STATE)


def _another_case(it: Situation[Merge]) -> Refused | None:
    return Refused(RefusalCode.FIELD_INVALID, "into") if it.command.into == it.state.id else None


# -- effects ---------------------------------------------------------------------------------------------------------


def _opened(it: Situation[OpenCase]) -> Decision:
    """The case keeps the contact's time; what its terms would have led to meanwhile follows at once."""
    opened = _with_rungs_of_waiting(it, _case_from(it, it.state.received_at))
    since = it.state.clocks[0].recorded_at if it.state.clocks else None
    clocks = tuple(replace(clock, recorded_at=clock.recorded_at or since) for clock in opened.after.clocks)
    return replace(opened, after=replace(opened.after, clocks=clocks))


def _with_rungs_of_waiting(it: Situation[Any], opened: Decision) -> Decision:
    """Return the opening of a case with what the contact's own term has led to: while it waits there is no case yet
    on which it could follow.
    """
    waited = it.state.clock(Step.RETURN_CALL if it.state.kind is Kind.MISSED else Step.REGISTER)
    rungs = () if waited is None else rungs_passed(waited, it.at, it.rules)
    return replace(opened, after=escalated(opened.after, *rungs), rungs=rungs)


def _case_from(it: Situation[Any], received_at: datetime) -> Decision:
    complexity = Complexity(getattr(it.command, "complexity", None) or Complexity.SIMPLE)
    sorted_ = it.state.finish(Step.REGISTER, Step.RETURN_CALL, Step.OFFICE, at=it.at)
    kind = Kind(given(it.command, "kind") or "")
    about = it.command.respondent or sorted_.respondent
    case = replace(sorted_, kind=kind, complexity=complexity, received_at=received_at, respondent=about)
    case = replace(case, stage=Stage.RECEIVED)
    after = it.rules.received(case, received_at)
    return changed(it, "case_opened_incomplete", after) if case.missing else changed(it, "case_opened", after)


def _no_case(it: Situation[NotACase]) -> Decision:
    sorted_ = it.state.finish(Step.REGISTER, Step.RETURN_CALL, Step.OFFICE, at=it.at)
    return changed(it, "sorted", replace(sorted_, kind=Kind(given(it.command, "kind") or ""), ended_at=it.at))


def _called_back(it: Situation[ReturnCall]) -> Decision:
    """Only reached and a wrong number end the term; reached about a matter, a case begins with this call."""
    match given(it.command, "result"):
        case ReturnCallResult.NO_ANSWER:
            return changed(it, "return_call_missed", it.state)
        case ReturnCallResult.WRONG_NUMBER:
            kind = it.state.kind
        case _:
            kind = Kind(given(it.command, "kind") or "")
    if kind is not it.state.kind and it.rules.rulebook.opens_case(kind):
        return _with_rungs_of_waiting(it, _case_from(it, it.at))
    done = it.state.finish(Step.RETURN_CALL, Step.REGISTER, Step.OFFICE, at=it.at)
    return changed(it, "called_back", replace(done, kind=kind, ended_at=it.at))


def _completed(it: Situation[CompleteInfo]) -> Decision:
    """The terms of handling begin when nothing is missing any more; what is still wrong is asked for again."""
    told = it.command.fields or {}
    missing = tuple(name for name in it.state.missing if not it.rules.is_told(name, told.get(name)))
    state = replace(it.state, missing=missing)
    if missing:
        return changed(it, "info_incomplete", state)
    done = replace(state.finish(Step.PENDING_INFO, at=it.at), stage=Stage.RECEIVED)
    opened = it.rules.open(done, it.at)
    for step in (Step.DISPATCH, Step.FEEDBACK):  # of what was marked as urgent meanwhile
        opened = it.rules.begin(opened, step, StartEvent.COMPLETED, it.at)
    return changed(it, "completed", opened)


def _classified(it: Situation[Classify]) -> Decision:
    complexity = Complexity(given(it.command, "complexity") or it.state.complexity)
    state = replace(it.state, category=given(it.command, "category") or it.state.category, complexity=complexity)
    return changed(it, "classified", _with_term_anew(it, state.finish(Step.REGISTER, at=it.at)))


def _with_term_anew(it: Situation[Classify], state: CaseState) -> CaseState:
    """Return the state with its term of handling as long as its complexity says, from the same start."""
    length = it.rules.term(Step.RESOLVE, state)
    clocks = (
        it.rules.derived(replace(clock, term=str(length)))
        if clock.step is Step.RESOLVE and clock.is_running and length is not None
        else clock
        for clock in state.clocks
    )
    return replace(state, clocks=tuple(clocks))


def _marked_urgent(it: Situation[MarkUrgent]) -> Decision:
    """Urgent terms count from the marking, or from the completion of what nobody can assign before; marking the same
    again buys or costs nobody time.
    """
    urgency = Urgency(given(it.command, "urgency") or "")
    state = replace(it.state, urgency=urgency)
    if urgency is it.state.urgency or state.stage is Stage.PENDING_INFO:
        return changed(it, "marked_urgent", state)
    running = [step for step in (Step.ACKNOWLEDGE, Step.DISPATCH, Step.FEEDBACK) if state.runs(step)]
    state = state.void(*running, at=it.at)
    anew = {
        Step.ACKNOWLEDGE: Step.ACKNOWLEDGE in running,
        Step.DISPATCH: state.unit is None,
        Step.FEEDBACK: not state.contacted,
    }
    for step in (step for step, applies in anew.items() if applies):
        state = it.rules.begin(state, step, "marked_urgent", it.at)
    return changed(it, "marked_urgent", state)


def _answered(it: Situation[GiveAnswer]) -> Decision:
    """An answer on the spot is what registering, assigning and contacting would have led to."""
    steps = (Step.REGISTER, Step.ASSIGN, Step.DISPATCH, Step.FEEDBACK, Step.CONTACT, Step.RESOLVE)
    said = it.state.finish(*steps, at=it.at)
    return changed(it, "answered", ended(said, Stage.ANSWERED, ClosedAs.ANSWERED, it.at))


def _declined(it: Situation[Decline]) -> Decision:
    said = it.state.finish(Step.REGISTER, at=it.at)
    return changed(it, "declined", ended(said, Stage.DECLINED, None, it.at))


def _referred(it: Situation[Refer]) -> Decision:
    said = it.state.finish(Step.REGISTER, Step.DISPATCH, at=it.at)
    return changed(it, "referred", ended(said, Stage.REFERRED, None, it.at))


def _joined(it: Situation[JoinContact]) -> Decision:
    """Who comes again changes neither a term nor the order of the queue; of what has ended the result is told."""
    more = replace(it.state, contacts=it.state.contacts + 1, flags=it.state.flags | {Flag.REPEAT})
    over = it.state.stage not in OPEN_STAGES
    return Decision(it.command, ("contact_joined", "result_told") if over else ("contact_joined",), more)


def _merged(it: Situation[Merge]) -> Decision:
    """The younger case stands still, its terms with it; its contacts count at the older, of which nothing moves."""
    into = it.command.into or 0
    still = replace(it.state, stage=Stage.MERGED, ended_at=it.at, merged_into=into, merged_from=it.state.stage)
    return Decision(it.command, ("merged",), still, others={into: TakeOver(it.state.id, it.state.contacts)})


def _unmerged(it: Situation[Unmerge]) -> Decision:
    into, stage = it.state.merged_into or 0, it.state.merged_from or Stage.RECEIVED
    again = replace(it.state, stage=stage, ended_at=None, merged_into=None, merged_from=None)
    return Decision(it.command, ("unmerged",), again, others={into: GiveBack(it.state.id, it.state.contacts)})


def _taken_over(it: Situation[TakeOver]) -> Decision:
    more = it.state.contacts + it.command.contacts
    return changed(it, "took_over", replace(it.state, contacts=more, flags=it.state.flags | {Flag.REPEAT}))


def _given_back(it: Situation[GiveBack]) -> Decision:
    left = it.state.contacts - it.command.contacts
    flags = it.state.flags if left > 1 else it.state.flags - {Flag.REPEAT}
    return changed(it, "gave_back", replace(it.state, contacts=left, flags=flags))


def _grouped(it: Situation[Group]) -> Decision:
    """Every member goes to the lead at level 1, whose terms begin then; one that the lead holds keeps its own."""
    lead = it.command.lead
    if it.state.unit == lead:
        return changed(it, "grouped", it.state)
    return Decision(it.command, ("grouped", "assigned"), hand_to(replace(it, state=taken_back(it)), lead, level=1))


def _post_moved(it: Situation[MovePost]) -> Decision:
    return changed(it, "post_moved", replace(it.state, post=it.command.post))


# -- rows ------------------------------------------------------------------------------------------------------------

_CALLERS = frozenset({Party.OFFICE, Party.OPERATOR})
_OFFICE = frozenset({Party.OFFICE})
_WAITING = frozenset({Stage.WAITING})
_CORRECTABLE = OPEN_STAGES | _WAITING
_still_waits = is_so(lambda state: state.ended_at is None)
_is_unsorted = is_so(lambda state: state.kind is Kind.UNSORTED)
_is_missed = is_so(lambda state: state.kind is Kind.MISSED)
_JOINABLE = frozenset(Stage) - {Stage.WAITING, Stage.MERGED}

ROWS: tuple[Row, ...] = (
    row(
        OpenCase,
        _OFFICE,
        _WAITING,
        (_still_waits, _is_unsorted, word("kind"), word("complexity", needed=False), _opens_case),
        _opened,
    ),
    row(NotACase, _OFFICE, _WAITING, (_still_waits, _is_unsorted, word("kind"), _opens_none), _no_case),
    row(
        ReturnCall,
        _CALLERS | {Party.LEADER},
        _WAITING,
        (_still_waits, _is_missed, word("result"), _kind_if_reached),
        _called_back,
    ),
    row(CompleteInfo, _CALLERS | {Party.CITIZEN}, {Stage.PENDING_INFO}, (_something_told,), _completed),
    row(
        Classify,
        _OFFICE,
        OPEN_STAGES,
        (_something_classified, word("complexity", needed=False)),
        _classified,
    ),
    row(MarkUrgent, _OFFICE, OPEN_STAGES, (word("urgency"), _legitimate), _marked_urgent),
    row(Summarise, _OFFICE, _CORRECTABLE, (_something_summarised,), noted("summarised")),
    row(
        Correct,
        _OFFICE,
        _CORRECTABLE,
        (needed("field"), _known_field, needed("value"), reason_given, _phone_if_that),
        noted("corrected"),
    ),
    row(
        Note,
        {Party.OFFICE, Party.SUPERVISOR, Party.HOLDER, Party.CO_UNIT, Party.LEADER},
        _CORRECTABLE,
        (text_given,),
        noted("noted"),
    ),
    row(Decline, _OFFICE, _INCOMING, (_is_first_cycle, reason_given, needed("route")), _declined),
    row(Refer, _OFFICE, _INCOMING, (_is_first_cycle, needed("to")), _referred),
    row(
        GiveAnswer,
        _CALLERS | {Party.LEADER},
        {Stage.RECEIVED},
        (_is_first_cycle, _a_consultation, text_given),
        _answered,
    ),
    row(JoinContact, _CALLERS | {Party.LEADER, Party.CITIZEN}, _JOINABLE, (), _joined),
    row(Merge, _OFFICE, _MERGEABLE, (_is_first_cycle, needed("into"), _another_case), _merged),
    row(Unmerge, _OFFICE, {Stage.MERGED}, (), _unmerged),
    row(TakeOver, (), OPEN_STAGES, (), _taken_over),
    row(GiveBack, (), frozenset(Stage) - {Stage.MERGED}, (), _given_back),
    row(
        Group,
        _OFFICE,
        {Stage.RECEIVED, *IN_UNITS_HANDS},
        (not_complained_about("lead"), needed("topic"), lead_known),
        _grouped,
    ),
    row(ReissueCode, _CALLERS, frozenset(Stage) - _WAITING, (reason_given,), noted("code_reissued")),
    row(MovePost, (), Stage, (), _post_moved),
)
