"""What somebody can do to a case, one frozen dataclass per verb; `lifecycle` says when and with what effect.

The field names are the keys of the acceptance stories and of the API. An empty text counts as absent. Units, posts
and cases are named by their ids. Somebody's own words (`is_free`) are kept sealed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import cast

from .vocabulary import (
    Action,
    AttachmentKind,
    CallbackResult,
    Claim,
    Complexity,
    ContactResult,
    Fault,
    Flag,
    Kind,
    Method,
    Outcome,
    ReturnCallResult,
    ReviewOutcome,
    Step,
    SuspendReason,
    Urgency,
    VerdictCode,
)


class Command:
    """Something that is done to one case."""

    __slots__ = ()


# -- sorting what came in --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenCase(Command):
    """立件: an unsorted contact is about a matter; the case keeps the contact's time."""

    kind: str | None = None
    complexity: str | None = None


@dataclass(frozen=True, slots=True)
class NotACase(Command):
    """不立件: an unsorted contact is no matter: verification, standby, spam …"""

    kind: str | None = None


@dataclass(frozen=True, slots=True)
class ReturnCall(Command):
    """回拨: a missed call was called back; reached with a kind that opens cases, it becomes one."""

    result: str | None = None
    kind: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class CompleteInfo(Command):
    """补正: the requester says what was missing."""

    fields: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Classify(Command):
    """分类: category and complexity; the term of handling is counted anew from the same start."""

    category: str | None = None
    complexity: str | None = None


@dataclass(frozen=True, slots=True)
class MarkUrgent(Command):
    """标为紧急: urgent and, says somebody by name, legitimate; "normal" takes it back."""

    urgency: str | None = None
    legitimate_by: str | None = None


@dataclass(frozen=True, slots=True)
class Summarise(Command):
    """整理: working title and text in a clerk's words; the verbatim stays beside them."""

    title: str | None = None
    summary: str | None = None


@dataclass(frozen=True, slots=True)
class Correct(Command):
    """更正: a mistyped phone, name, place or post called."""

    field: str | None = None
    value: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Note(Command):
    """备注: for colleagues; never shown to the citizen."""

    text: str | None = None


@dataclass(frozen=True, slots=True)
class Decline(Command):
    """不予受理: not accepted, with the reason and the way that is open."""

    reason: str | None = None
    route: str | None = None


@dataclass(frozen=True, slots=True)
class Refer(Command):
    """转法定渠道: to 110, 119, 120, 122 or another body; the person is told at once."""

    to: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class GiveAnswer(Command):
    """直接答复: a consultation answered on the spot."""

    text: str | None = None


@dataclass(frozen=True, slots=True)
class Merge(Command):
    """并单: the same requester's same matter; the older case takes its contacts over."""

    into: int | None = None


@dataclass(frozen=True, slots=True)
class Unmerge(Command):
    """撤销并单: it was another matter; stage and terms come back."""


@dataclass(frozen=True, slots=True)
class Group(Command):
    """归并共性问题: several requesters, one matter: one lead handles, each case keeps its own callback."""

    topic: str | None = None
    lead: int | None = None


# -- giving and taking back ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Assign(Command):
    """交办: give the case to a unit; by the office at level 1, by the holding unit one level further down."""

    unit: int | None = None
    exceed_approved_by: str | None = None
    reason: str | None = None
    designate: bool | None = None


@dataclass(frozen=True, slots=True)
class Recall(Command):
    """撤回交办: the office takes an assignment back; before 签收 without a reason."""

    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RequestReturn(Command):
    """申请退单: not ours, says the unit, and whose it thinks it is."""

    reason: str | None = None
    suggested_unit: int | None = None


@dataclass(frozen=True, slots=True)
class ApproveReturn(Command):
    """同意退单: the case waits to be given to another unit."""


@dataclass(frozen=True, slots=True)
class RefuseReturn(Command):
    """不同意退单: the unit keeps the case; designated, it may not ask again."""

    designate: bool | None = None


@dataclass(frozen=True, slots=True)
class JoinUnit(Command):
    """增加协办: another unit takes part; the lead can't report before it has."""

    unit: int | None = None


@dataclass(frozen=True, slots=True)
class Instruct(Command):
    """批示: a leader's directive to a unit, by default the holder, to be answered until `due`."""

    text: str | None = None
    unit: int | None = None
    due: datetime | None = None
    post: int | None = None


# -- handling --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Acknowledge(Command):
    """签收: the holding unit takes the case and names who handles it."""

    handler: str | None = None
    handler_phone: str | None = None


@dataclass(frozen=True, slots=True)
class RecordContact(Command):
    """沟通: the unit spoke with the requester and told a handler's phone."""

    method: str | None = None
    handler: str | None = None
    handler_phone: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class ContactAttempt(Command):
    """联系未成: an attempt to reach the requester that failed."""

    result: str | None = None


@dataclass(frozen=True, slots=True)
class RequestExtension(Command):
    """申请延期: of the term of handling, before its end."""

    term: str | None = None
    reason: str | None = None
    citizen_informed: bool | None = None


@dataclass(frozen=True, slots=True)
class ApproveExtension(Command):
    """同意延期."""


@dataclass(frozen=True, slots=True)
class RefuseExtension(Command):
    """不同意延期."""

    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Suspend(Command):
    """挂起: the terms stand still until a day, for a reason of the list."""

    reason: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Resume(Command):
    """恢复办理."""


@dataclass(frozen=True, slots=True)
class CoReport(Command):
    """协办反馈: what a unit that takes part has done."""

    text: str | None = None
    unit: int | None = None


@dataclass(frozen=True, slots=True)
class SubmitReport(Command):
    """反馈: what was done; `public_text` is what the citizen reads, by default `text`.

    `claim` asks that the matter leave the unit's rates; the office decides on that.
    """

    text: str | None = None
    outcome: str | None = None
    basis: str | None = None
    public_text: str | None = None
    claim: str | None = None


@dataclass(frozen=True, slots=True)
class ContactOnBehalf(Command):
    """代录沟通: a talk that the holder wrote down on paper; the office, or the unit above, has the scan."""

    method: str | None = None
    handler: str | None = None
    handler_phone: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class ReportOnBehalf(Command):
    """代录反馈: a report that the holder signed on paper; likewise."""

    text: str | None = None
    outcome: str | None = None
    basis: str | None = None
    public_text: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerInstruction(Command):
    """回复批示."""

    text: str | None = None


# -- closing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RejectReport(Command):
    """退回重办: the office sends a report back; the term runs on from its old end."""

    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Verify(Command):
    """审核通过: the office accepts the report."""


@dataclass(frozen=True, slots=True)
class DecideClaim(Command):
    """剔除审定: whether a matter that a unit says is out of its power, untrue or unreasonable leaves the rates."""

    accepted: bool | None = None
    reason: str | None = None
    approved_by: str | None = None


@dataclass(frozen=True, slots=True)
class CallbackAttempt(Command):
    """回访未成: an attempt to reach the requester that brought no verdict."""

    result: str | None = None


@dataclass(frozen=True, slots=True)
class RecordVerdict(Command):
    """评价: what the requester says of the result."""

    verdict: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CloseUnsatisfied(Command):
    """不满意办结: after the last reopening, with reason, basis and approval; it counts as unsatisfied."""

    reason: str | None = None
    basis: str | None = None
    approved_by: str | None = None


@dataclass(frozen=True, slots=True)
class RequestReview(Command):
    """申请复查, 复核."""

    reason: str | None = None


@dataclass(frozen=True, slots=True)
class DecideReview(Command):
    """复查、复核意见: upheld or changed."""

    outcome: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Withdraw(Command):
    """撤回: the requester gives the matter up."""

    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Archive(Command):
    """归档."""


# -- supervising -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProposeFault(Command):
    """认定提出: one of the seven faults, of a unit; it is confirmed or cancelled once the unit could speak."""

    code: str | None = None
    unit: int | None = None


@dataclass(frozen=True, slots=True)
class StateFault(Command):
    """陈述说明: what the unit says to a fault."""

    text: str | None = None


@dataclass(frozen=True, slots=True)
class ConfirmFault(Command):
    """确认情形."""


@dataclass(frozen=True, slots=True)
class CancelFault(Command):
    """容错: a fault is not upheld."""

    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ScheduleInterview(Command):
    """安排约谈: who holds it, when and where, on which cases of one unit."""

    unit: int | None = None
    person: str | None = None
    time: datetime | None = None
    place: str | None = None
    cases: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class HoldInterview(Command):
    """约谈: minutes, and by when it must be put right."""

    person: str | None = None
    minutes: str | None = None
    rectify_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rectified(Command):
    """整改到位: what the unit was interviewed for is put right."""


@dataclass(frozen=True, slots=True)
class HandToDiscipline(Command):
    """移送: to the body of discipline and supervision."""


@dataclass(frozen=True, slots=True)
class ReceivePackage(Command):
    """移送回执: the body of discipline has the case with its ledger; for its own eyes, like the result."""

    text: str | None = None


@dataclass(frozen=True, slots=True)
class RecordResult(Command):
    """查处结果."""

    text: str | None = None


@dataclass(frozen=True, slots=True)
class ComplainHandling(Command):
    """投诉办理: the citizen about the handling, to the supervisor."""

    text: str | None = None


@dataclass(frozen=True, slots=True)
class MarkNuisance(Command):
    """列为骚扰待核: of who calls, until a day, approved by a second person; no contact is dropped for it."""

    reason: str | None = None
    until: datetime | None = None
    approved_by: str | None = None


@dataclass(frozen=True, slots=True)
class ReviewNuisance(Command):
    """骚扰复核, of the office's own accord or upon an appeal: "changed" ends it, "upheld" needs a new end."""

    outcome: str | None = None
    reason: str | None = None
    until: datetime | None = None
    approved_by: str | None = None


@dataclass(frozen=True, slots=True)
class ReissueCode(Command):
    """补发查询码: the old one no longer opens."""

    reason: str | None = None


# -- what nobody can send --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attach(Command):
    """附件: a file that lies sealed beside the register; `name` is its sender's, `digest` a keyed hash of it.

    `cases.attachments` alone sends this: the file has to be there first.
    """

    kind: str | None = None
    name: str | None = None
    file: str | None = None
    size: int | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class JoinContact(Command):
    """并入: another contact is about this very matter, as whoever took it has confirmed. Door 1 alone sends this."""


@dataclass(frozen=True, slots=True)
class TakeOver(Command):
    """A younger case was merged into this one: its contacts count here."""

    case: int
    contacts: int


@dataclass(frozen=True, slots=True)
class GiveBack(Command):
    """A merged case became one of its own again, with its contacts."""

    case: int
    contacts: int


@dataclass(frozen=True, slots=True)
class MovePost(Command):
    """交接: the case follows the post that was called to its successor."""

    post: int


@dataclass(frozen=True, slots=True)
class MoveUnit(Command):
    """机构调整: what `before` held, or took part in, goes on with the unit that succeeds it."""

    before: int
    unit: int


@dataclass(frozen=True, slots=True)
class TermPassed(Command):
    """期限已过: the clock itself; rung `number` of the ladder on `step` is due."""

    step: Step
    number: int
    action: Action | None = None
    flag: Flag | None = None


@dataclass(frozen=True, slots=True)
class TermEnded(Command):
    """到期: the clock again; what the end of this step's term brings about, such as that a suspension is over."""

    step: Step


@dataclass(frozen=True, slots=True)
class RecountTerms(Command):
    """重算: the clock again; running terms are derived anew by the calendar of this id."""

    calendar: int


# -- their names and fields ------------------------------------------------------------------------------------------

VERBS: dict[str, type[Command]] = {
    "open_case": OpenCase,
    "not_a_case": NotACase,
    "return_call": ReturnCall,
    "complete_info": CompleteInfo,
    "classify": Classify,
    "mark_urgent": MarkUrgent,
    "assign": Assign,
    "recall": Recall,
    "request_return": RequestReturn,
    "approve_return": ApproveReturn,
    "refuse_return": RefuseReturn,
    "join_unit": JoinUnit,
    "acknowledge": Acknowledge,
    "record_contact": RecordContact,
    "contact_attempt": ContactAttempt,
    "request_extension": RequestExtension,
    "approve_extension": ApproveExtension,
    "refuse_extension": RefuseExtension,
    "suspend": Suspend,
    "resume": Resume,
    "co_report": CoReport,
    "report": SubmitReport,
    "contact_on_behalf": ContactOnBehalf,
    "report_on_behalf": ReportOnBehalf,
    "reject_report": RejectReport,
    "verify": Verify,
    "decide_claim": DecideClaim,
    "callback_attempt": CallbackAttempt,
    "record_verdict": RecordVerdict,
    "close_unsatisfied": CloseUnsatisfied,
    "request_review": RequestReview,
    "decide_review": DecideReview,
    "answer": GiveAnswer,
    "decline": Decline,
    "refer": Refer,
    "merge": Merge,
    "unmerge": Unmerge,
    "group": Group,
    "instruct": Instruct,
    "answer_instruction": AnswerInstruction,
    "fault": ProposeFault,
    "statement": StateFault,
    "confirm_fault": ConfirmFault,
    "cancel_fault": CancelFault,
    "schedule_interview": ScheduleInterview,
    "interview": HoldInterview,
    "rectified": Rectified,
    "discipline": HandToDiscipline,
    "receive_package": ReceivePackage,
    "record_result": RecordResult,
    "complain_handling": ComplainHandling,
    "withdraw": Withdraw,
    "summarise": Summarise,
    "correct": Correct,
    "mark_nuisance": MarkNuisance,
    "review_nuisance": ReviewNuisance,
    "reissue_code": ReissueCode,
    "note": Note,
    "archive": Archive,
}
_VERB_OF: dict[type[Command], str] = {
    **{command: verb for verb, command in VERBS.items()},
    JoinContact: "join_contact",
    Attach: "attach",
    TakeOver: "take_over",
    GiveBack: "give_back",
    MovePost: "move_post",
    MoveUnit: "move_unit",
    TermPassed: "term_passed",
    TermEnded: "term_ended",
    RecountTerms: "recount",
}
COMMANDS: Mapping[str, type[Command]] = {verb: command for command, verb in _VERB_OF.items()}

# The fields that take one word of a closed list.
WORDS: Mapping[tuple[type[Command], str], type[StrEnum]] = {
    (OpenCase, "kind"): Kind,
    (OpenCase, "complexity"): Complexity,
    (NotACase, "kind"): Kind,
    (Attach, "kind"): AttachmentKind,
    (ReturnCall, "result"): ReturnCallResult,
    (ReturnCall, "kind"): Kind,
    (Classify, "complexity"): Complexity,
    (MarkUrgent, "urgency"): Urgency,
    (RecordContact, "method"): Method,
    (ContactAttempt, "result"): ContactResult,
    (Suspend, "reason"): SuspendReason,
    (SubmitReport, "outcome"): Outcome,
    (ContactOnBehalf, "method"): Method,
    (ReportOnBehalf, "outcome"): Outcome,
    (SubmitReport, "claim"): Claim,
    (CallbackAttempt, "result"): CallbackResult,
    (RecordVerdict, "verdict"): VerdictCode,
    (DecideReview, "outcome"): ReviewOutcome,
    (ProposeFault, "code"): Fault,
    (ReviewNuisance, "outcome"): ReviewOutcome,
}
# The fields that name a unit, a post, a case, or several cases, of the register.
UNITS = frozenset({"unit", "suggested_unit", "lead"})
POSTS = frozenset({"post"})
CASES = frozenset({"into", "cases"})
# The fields in which somebody writes freely, or names a person: sealed wherever they are kept.
_PLAIN = frozenset({"category", "term", "field", "file", "digest", *UNITS, *POSTS, *CASES})


def is_free(command: type[Command], field: str) -> bool:
    """Return whether a field holds somebody's own words, and not a word of a list, an id or a term."""
    if (command, field) in WORDS or field in _PLAIN:
        return False
    return any(one.name == field and one.type in _FREE_TYPES for one in fields(command))  # type: ignore[arg-type]


_FREE_TYPES = (str | None, Mapping[str, str] | None)


def command_of(verb: str, said: Mapping[str, object]) -> Command:
    """Return the command of a verb with these fields, unchecked: `decide` and the doors say what they are worth."""
    return cast(Callable[..., Command], COMMANDS[verb])(**said)


def verb_of(command: Command) -> str:
    return _VERB_OF[type(command)]


def given(command: Command, field: str) -> str | None:
    """Return a text field of a command without surrounding space, or None where nothing was written."""
    value = getattr(command, field)
    return (value.strip() or None) if isinstance(value, str) else value


def field_names(command: type[Command]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(command))  # type: ignore[arg-type]  # each a dataclass
