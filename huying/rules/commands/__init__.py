"""What somebody can do to a case, one frozen dataclass per verb; `lifecycle` says when and with what effect.

The field names are the keys of the acceptance stories and of the API. An empty text counts as absent. Units, posts
and cases are named by their ids. Somebody's own words (`is_free`) are kept sealed.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from enum import StrEnum
from typing import Any, cast

from huying.rules.vocabulary import (
    AttachmentKind,
    CallbackResult,
    Claim,
    Complexity,
    ContactResult,
    Fault,
    Kind,
    Method,
    Outcome,
    ReturnCallResult,
    ReviewOutcome,
    SuspendReason,
    Urgency,
    VerdictCode,
)

from .assigning import ApproveReturn, Assign, Instruct, JoinUnit, Recall, RefuseReturn, RequestReturn
from .base import Command
from .closing import (
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
)
from .following import (
    Attach,
    GiveBack,
    JoinContact,
    MovePost,
    MoveUnit,
    RecountTerms,
    TakeOver,
    TermEnded,
    TermPassed,
)
from .handling import (
    Acknowledge,
    AnswerInstruction,
    ApproveExtension,
    ContactAttempt,
    ContactOnBehalf,
    CoReport,
    RecordContact,
    RefuseExtension,
    ReportOnBehalf,
    RequestExtension,
    Resume,
    SubmitReport,
    Suspend,
)
from .sorting import (
    Classify,
    CompleteInfo,
    Correct,
    Decline,
    GiveAnswer,
    Group,
    MarkUrgent,
    Merge,
    NotACase,
    Note,
    OpenCase,
    Refer,
    ReturnCall,
    Summarise,
    Unmerge,
)
from .supervising import (
    AskErasure,
    CancelFault,
    ComplainHandling,
    ConfirmFault,
    HandToDiscipline,
    HoldInterview,
    MarkNuisance,
    ProposeFault,
    ReceivePackage,
    RecordResult,
    Rectified,
    ReissueCode,
    ReviewNuisance,
    ScheduleInterview,
    StateFault,
    TellUnanswered,
)

__all__ = [
    "CASES",
    "COMMANDS",
    "OWN_POSTS",
    "POSTS",
    "RESPONDENTS",
    "UNITS",
    "VERBS",
    "WORDS",
    "Acknowledge",
    "AnswerInstruction",
    "ApproveExtension",
    "ApproveReturn",
    "Archive",
    "AskErasure",
    "Assign",
    "Attach",
    "CallbackAttempt",
    "CancelFault",
    "Classify",
    "CloseUnsatisfied",
    "CoReport",
    "Command",
    "ComplainHandling",
    "CompleteInfo",
    "ConfirmFault",
    "ContactAttempt",
    "ContactOnBehalf",
    "Correct",
    "DecideClaim",
    "DecideReview",
    "Decline",
    "GiveAnswer",
    "GiveBack",
    "Group",
    "HandToDiscipline",
    "HoldInterview",
    "Instruct",
    "JoinContact",
    "JoinUnit",
    "MarkNuisance",
    "MarkUrgent",
    "Merge",
    "MovePost",
    "MoveUnit",
    "NotACase",
    "Note",
    "OpenCase",
    "ProposeFault",
    "Recall",
    "ReceivePackage",
    "RecordContact",
    "RecordResult",
    "RecordVerdict",
    "RecountTerms",
    "Rectified",
    "Refer",
    "RefuseExtension",
    "RefuseReturn",
    "ReissueCode",
    "RejectReport",
    "ReportOnBehalf",
    "RequestExtension",
    "RequestReturn",
    "RequestReview",
    "Resume",
    "ReturnCall",
    "ReviewNuisance",
    "ScheduleInterview",
    "StateFault",
    "SubmitReport",
    "Summarise",
    "Suspend",
    "TakeOver",
    "TellUnanswered",
    "TermEnded",
    "TermPassed",
    "Unmerge",
    "Verify",
    "Withdraw",
    "command_of",
    "field_names",
    "given",
    "is_free",
    "verb_of",
]

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
    "tell_unanswered": TellUnanswered,
    "ask_erasure": AskErasure,
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
UNITS = frozenset({"unit", "suggested_unit", "lead", "respondent"})
OWN_POSTS = frozenset({"post"})  # of whoever does it
POSTS = OWN_POSTS | {"respondent_post"}
# Whom a case is about: only those who stand above the units read it.
RESPONDENTS = frozenset({"respondent", "respondent_post"})
CASES = frozenset({"into", "cases"})
# The fields that name a second person, who approved what nobody may do alone.
APPROVER: Mapping[type[Command], str] = {
    Assign: "exceed_approved_by",
    DecideClaim: "approved_by",
    CloseUnsatisfied: "approved_by",
    MarkNuisance: "approved_by",
    ReviewNuisance: "approved_by",
}
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


def approved(command: Command, by: str | None) -> Command:
    """Return a command with another approver, of those that need one."""
    return cast(Command, replace(cast(Any, command), **{APPROVER[type(command)]: by}))


def verb_of(command: Command) -> str:
    return _VERB_OF[type(command)]


def given(command: Command, field: str) -> str | None:
    """Return a text field of a command without surrounding space, or None where nothing was written."""
    value = getattr(command, field)
    return (value.strip() or None) if isinstance(value, str) else value


def field_names(command: type[Command]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(command))  # type: ignore[arg-type]  # each a dataclass
