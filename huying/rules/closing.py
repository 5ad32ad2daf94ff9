"""办结销号: the report is judged, the requester asked, the case closed or reopened; 复查, 复核 and the other ends."""

from dataclasses import replace
from typing import Any

from .access import Role
from .commands import (
    Archive,
    CallbackAttempt,
    CloseUnsatisfied,
    DecideClaim,
    DecideReview,
    RecordVerdict,
    RejectReport,
    RequestReview,
    Verify,
    Withdraw,
    given,
)
from .deciding import (
    Decision,
    Party,
    Refused,
    Row,
    Situation,
    approved_by_another,
    changed,
    ended,
    is_so,
    needed,
    reason_given,
    row,
    section,
    text_given,
    too_soon,
    word,
)
from .escalation import escalated, rungs_on_unsatisfied
from .rulebook_tables import Rung
from .stages import OPEN_STAGES
from .state import OUTLIVING, CaseState
from .vocabulary import (
    ClosedAs,
    RefusalCode,
    ReviewOutcome,
    Stage,
    StartEvent,
    Step,
    VerdictCode,
)

_CLOSES_AS = {
    VerdictCode.SATISFIED: ClosedAs.SATISFIED,
    VerdictCode.BASICALLY_SATISFIED: ClosedAs.BASICALLY_SATISFIED,
    VerdictCode.UNDERSTANDING: ClosedAs.UNDERSTANDING,
    VerdictCode.UNSATISFIED: ClosedAs.UNSATISFIED,
    VerdictCode.UNREACHABLE: ClosedAs.UNREACHABLE,
    VerdictCode.DECLINED: ClosedAs.DECLINED_TO_SAY,
}


# -- guards ----------------------------------------------------------------------------------------------------------


def _tries_apart(it: Situation[CallbackAttempt]) -> Refused | None:
    return too_soon(it, it.state.callback_attempts, it.rules.rulebook.callback_spacing, Step.CALLBACK)


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
    if it.state.stage is not Stage.VERIFIED or not _given_up(it):
        return None
    return Refused(RefusalCode.VERDICT_NOT_ALLOWED, "verdict", "verdicts.max_reopen")


def _given_up(it: Situation[Any]) -> bool:
    return it.state.verdict in it.rules.rulebook.reopen_on


def _verdict_allowed(it: Situation[RecordVerdict]) -> Refused | None:
    verdict = given(it.command, "verdict")
    if verdict in list(VerdictCode) and verdict not in it.rules.rulebook.allowed:
        return Refused(RefusalCode.VERDICT_NOT_ALLOWED, "verdict", "verdicts.allowed")
    return None


def _a_judgement(it: Situation[RecordVerdict]) -> Refused | None:
    """What only a caller can say of a requester, nobody says of himself."""
    of_a_call = given(it.command, "verdict") in (VerdictCode.UNREACHABLE, VerdictCode.DECLINED)
    own = it.actor.role is Role.CITIZEN
    return Refused(RefusalCode.VERDICT_NOT_ALLOWED, "verdict", "verdicts.allowed") if own and of_a_call else None


def _nothing_left(it: Situation[CloseUnsatisfied]) -> Refused | None:
    return None if _given_up(it) else Refused(RefusalCode.REOPEN_FIRST, clause="verdicts.max_reopen")


def _decided(it: Situation[DecideClaim]) -> Refused | None:
    return Refused(RefusalCode.FIELD_REQUIRED, "accepted") if it.command.accepted is None else None


def _window_open(it: Situation[RequestReview]) -> Refused | None:
    clock = it.state.clock(_window_of(it.state))
    in_time = it.state.stage is Stage.VERIFIED and clock is not None and clock.is_running and it.at < clock.due_at
    return None if in_time else Refused(RefusalCode.REVIEW_TOO_LATE, clause=f"step.{_window_of(it.state)}.window")


def _window_of(state: CaseState) -> Step:
    """Return which of the two the requester may ask for now: the re-review once a review was upheld."""
    return Step.RE_REVIEW if state.clock(Step.RE_REVIEW) is not None else Step.REVIEW


# -- effects ---------------------------------------------------------------------------------------------------------


def _rejected(it: Situation[RejectReport]) -> Decision:
    return changed(it, "report_rejected", _sent_back(it))


def _sent_back(it: Situation[Any]) -> CaseState:
    """Return the case as the unit goes on with it; the callback term that the report began is void.

    Its old end is as the calendar of today has it: one that was loaded while the report lay here counts for it too.
    """
    back = replace(it.state, stage=Stage.ASSIGNED, claim=None)
    return it.rules.recount(back.resume(Step.RESOLVE).void(Step.CALLBACK, at=it.at))


def _verified(it: Situation[Verify]) -> Decision:
    """The requester is asked anew; without anybody to ask and anything to wait for, the case is closed at once."""
    accepted = replace(it.state, stage=Stage.VERIFIED, callback_attempts=(), verdict=None)
    steps = it.rules.rulebook.step
    if steps.callback is None and steps.review is None:
        return Decision(it.command, ("verified", "closed"), ended(accepted, Stage.CLOSED, ClosedAs.NO_REVIEW, it.at))
    return changed(it, "verified", it.rules.start(accepted, {StartEvent.VERIFIED}, it.at))


def _claim_decided(it: Situation[DecideClaim]) -> Decision:
    if not it.command.accepted:
        return changed(it, "claim_refused", _sent_back(it))
    closed = ended(it.state, Stage.CLOSED, ClosedAs.NOT_COUNTED, it.at)
    return Decision(it.command, ("claim_accepted", "closed"), closed)


def _attempted(it: Situation[CallbackAttempt]) -> Decision:
    tried = (*it.state.callback_attempts, it.at)
    return changed(it, "callback_attempted", replace(it.state, callback_attempts=tried))


def _judged(it: Situation[RecordVerdict]) -> Decision:
    """A verdict closes or reopens as the rulebook says; unsatisfied once too often, the case stays as it is.

    While a review is pending nothing closes: what the verdict says is done when that is decided.
    """
    verdict = VerdictCode(given(it.command, "verdict") or "")
    judged = replace(it.state, verdict=verdict, callback_attempts=()).finish(Step.CALLBACK, at=it.at)
    book = it.rules.rulebook
    rungs: tuple[Rung, ...] = ()
    if verdict is VerdictCode.UNSATISFIED:
        rungs = tuple(rungs_on_unsatisfied(it.state.unsatisfied + 1, it.rules))
        judged = escalated(replace(judged, unsatisfied=it.state.unsatisfied + 1), *rungs)
    if verdict in book.reopen_on and it.state.cycle <= book.max_reopen:
        return Decision(it.command, ("verdict_recorded", "reopened"), it.rules.reopen(judged, it.at), rungs)
    if it.state.stage is Stage.CLOSED:
        return Decision(it.command, ("verdict_recorded",), _next_visit(it, judged), rungs)
    if it.state.review is None and book.closes(verdict):
        return Decision(it.command, ("verdict_recorded", "closed"), _closed_by(it, judged, verdict), rungs)
    return Decision(it.command, ("verdict_recorded",), judged, rungs)


def _closed_by(it: Situation[Any], judged: CaseState, verdict: VerdictCode) -> CaseState:
    """Return the case closed as a verdict says, with the follow-up visits that come after."""
    closed = ended(judged, Stage.CLOSED, _CLOSES_AS[verdict], it.at)
    return it.rules.start(closed, {StartEvent.CLOSED}, it.at)


def _next_visit(it: Situation[RecordVerdict], judged: CaseState) -> CaseState:
    """Return a closed case after a follow-up visit, with the term of the next one while there is one to come."""
    callback, visits = it.rules.rulebook.step.callback, it.state.visits + 1
    visited = replace(judged, visits=visits)
    if callback is None or visits >= callback.times:
        return visited
    return it.rules.begin(visited, Step.CALLBACK, StartEvent.CLOSED, it.at)


def _closed_unsatisfied(it: Situation[CloseUnsatisfied]) -> Decision:
    return changed(it, "closed", ended(it.state, Stage.CLOSED, ClosedAs.UNSATISFIED, it.at))


def _review_asked(it: Situation[RequestReview]) -> Decision:
    """Within the window; nothing closes until it is decided."""
    step = _window_of(it.state)
    due = getattr(it.rules.rulebook.section(step), "due", None)
    asked = replace(it.state, review=step).finish(step, at=it.at)
    return changed(it, "review_requested", it.rules.begin(asked, step, "requested", it.at, due))


def _review_decided(it: Situation[DecideReview]) -> Decision:
    step = it.state.review or Step.REVIEW
    decided = replace(it.state, review=None).finish(step, at=it.at)
    if given(it.command, "outcome") == ReviewOutcome.CHANGED:
        return Decision(it.command, ("review_decided", "reopened"), it.rules.reopen(decided, it.at))
    verdict = it.state.verdict
    if verdict is not None and it.rules.rulebook.closes(verdict):
        return Decision(it.command, ("review_decided", "closed"), _closed_by(it, decided, verdict))
    if step is Step.REVIEW and it.rules.rulebook.step.re_review is not None:
        return changed(it, "review_decided", it.rules.begin(decided, Step.RE_REVIEW, "reviewed", it.at))
    return Decision(it.command, ("review_decided", "closed"), ended(decided, Stage.CLOSED, ClosedAs.NO_REVIEW, it.at))


def _withdrawn(it: Situation[Withdraw]) -> Decision:
    return changed(it, "withdrawn", ended(it.state, Stage.WITHDRAWN, None, it.at))


def _archived(it: Situation[Archive]) -> Decision:
    return changed(it, "archived", replace(it.state.end_running(it.at, OUTLIVING), stage=Stage.ARCHIVED))


# -- rows ------------------------------------------------------------------------------------------------------------

_OFFICE = frozenset({Party.OFFICE})
_CALLERS = frozenset({Party.OFFICE, Party.OPERATOR})
_ASKED = {Stage.VERIFIED, Stage.CLOSED}
_TO_BE_ARCHIVED = {Stage.CLOSED, Stage.ANSWERED}  # what was turned away is no case, and doesn't become one
_has_verdicts = section("verdicts", lambda rules: rules.rulebook.verdicts)
_has_reviews = section("step.review", lambda rules: rules.rulebook.step.review)
_no_claim_open = is_so(lambda state: state.claim is None)
_claim_open = is_so(lambda state: state.claim is not None)
_asked_now = is_so(lambda state: state.stage is Stage.VERIFIED or state.runs(Step.CALLBACK))
_not_under_review = is_so(lambda state: state.review is None)
_under_review = is_so(lambda state: state.review is not None)

ROWS: tuple[Row, ...] = (
    row(RejectReport, _OFFICE, {Stage.REPORTED}, (_no_claim_open, reason_given), _rejected),
    row(Verify, _OFFICE, {Stage.REPORTED}, (_no_claim_open,), _verified),
    row(
        DecideClaim,
        _OFFICE,
        {Stage.REPORTED},
        (_claim_open, _decided, reason_given, approved_by_another),
        _claim_decided,
    ),
    row(
        CallbackAttempt,
        _CALLERS,
        _ASKED,
        (_asked_now, _has_verdicts, _tries_apart, _somebody_else, word("result")),
        _attempted,
    ),
    row(
        RecordVerdict,
        {Party.CITIZEN, *_CALLERS},
        _ASKED,
        (
            _asked_now,
            _has_verdicts,
            _attempts_made,
            _somebody_else,
            _not_given_up,
            word("verdict"),
            _verdict_allowed,
            _a_judgement,
        ),
        _judged,
    ),
    row(
        CloseUnsatisfied,
        {Party.SUPERVISOR},
        {Stage.VERIFIED},
        (
            _has_verdicts,
            _not_under_review,
            _nothing_left,
            reason_given,
            needed("basis", RefusalCode.BASIS_REQUIRED),
            approved_by_another,
        ),
        _closed_unsatisfied,
    ),
    row(
        RequestReview,
        {Party.CITIZEN, *_CALLERS},
        _ASKED,
        (_has_reviews, _not_under_review, _window_open, reason_given),
        _review_asked,
    ),
    row(
        DecideReview,
        _OFFICE,
        {Stage.VERIFIED},
        (_has_reviews, _under_review, word("outcome"), text_given),
        _review_decided,
    ),
    row(Withdraw, {Party.CITIZEN}, OPEN_STAGES, (reason_given,), _withdrawn),
    row(Archive, _OFFICE, _TO_BE_ARCHIVED, (), _archived),
)
