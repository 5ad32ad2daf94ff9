"""The closed lists of words that rulebooks, stories, the API and the code share.

Wire names are fixed: words may be added, none renamed. What they are called in Chinese stands in GLOSSARY.md.
"""

from enum import StrEnum


class Stage(StrEnum):
    """Where a case stands (DOMAIN 4.2); `waiting` is a contact that is no case yet: unsorted, or a missed call."""

    WAITING = "waiting"
    RECEIVED = "received"
    PENDING_INFO = "pending_info"
    ASSIGNED = "assigned"
    ACKNOWLEDGED = "acknowledged"
    CONTACTED = "contacted"
    REPORTED = "reported"
    VERIFIED = "verified"
    CLOSED = "closed"
    SUSPENDED = "suspended"
    RETURN_REQUESTED = "return_requested"
    REFERRED = "referred"
    DECLINED = "declined"
    ANSWERED = "answered"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"
    ARCHIVED = "archived"


# The ways in that every city may have; a rulebook can name others.
CHANNELS = frozenset(
    {
        "phone",
        "phone_mobile",
        "phone_office",
        "hotline",
        "sms",
        "wechat_personal",
        "email",
        "letter",
        "web",
        "counter",
        "appointment",
        "message_board",
        "import_12345",
    }
)


class Kind(StrEnum):
    """What a contact is about; the first six open no case unless the rulebook says so."""

    UNSORTED = "unsorted"
    VERIFICATION = "verification"
    STANDBY = "standby"
    MISSED = "missed"
    SPAM = "spam"
    FRAUD_REPORT = "fraud_report"
    CONSULTATION = "consultation"
    PROBLEM = "problem"
    HELP = "help"
    SUGGESTION = "suggestion"
    COMPLAINT = "complaint"
    REPORT = "report"
    PRAISE = "praise"
    INVESTMENT_LEAD = "investment_lead"


KINDS_WITHOUT_CASE = frozenset(
    {Kind.UNSORTED, Kind.VERIFICATION, Kind.STANDBY, Kind.MISSED, Kind.SPAM, Kind.FRAUD_REPORT}
)


class Complexity(StrEnum):
    """How much work a matter is; not said = simple."""

    SIMPLE = "simple"
    COMPLEX = "complex"


class Urgency(StrEnum):
    """特急, 紧急, 一般 (DOMAIN 4.4)."""

    CRITICAL = "critical"
    URGENT = "urgent"
    NORMAL = "normal"


class Step(StrEnum):
    """What a clock runs for; `dispatch`, `feedback`, `total` and the last five have no `[step.X]` in a rulebook."""

    REGISTER = "register"
    ASSIGN = "assign"
    ACKNOWLEDGE = "acknowledge"
    CONTACT = "contact"
    RETURN = "return"
    RESOLVE = "resolve"
    CALLBACK = "callback"
    RETURN_CALL = "return_call"
    NOTIFY_ACCEPTANCE = "notify_acceptance"
    DISPATCH = "dispatch"
    FEEDBACK = "feedback"
    REVIEW = "review"
    RE_REVIEW = "re_review"
    OFFICE = "office"
    TOTAL = "total"
    PENDING_INFO = "pending_info"  # how long a case waits for what is missing
    SUSPENSION = "suspension"  # until when it is suspended
    INSTRUCTION = "instruction"  # by when a leader wants an answer
    STATEMENT = "statement"  # how long a unit may take to speak to a fault
    RECTIFICATION = "rectification"  # by when it must have put right what it was interviewed for


class StartEvent(StrEnum):
    """What a term may start at."""

    RECEIVED = "received"
    COMPLETED = "completed"
    ASSIGNED = "assigned"
    FIRST_ASSIGNED = "first_assigned"
    ACCEPTED = "accepted"
    REPORTED = "reported"
    VERIFIED = "verified"
    CLOSED = "closed"
    REOPENED = "reopened"


class Roll(StrEnum):
    """What becomes of a term in days whose last day is a day off (民法典 203)."""

    NEXT_WORKING_DAY = "next_working_day"
    NONE = "none"


class AnswerMode(StrEnum):
    """Who is at the other end of a published number."""

    IN_PERSON = "in_person"
    OPERATOR = "operator"
    SMS_ONLY = "sms_only"
    SECRETARY = "secretary"
    SESSION = "session"
    UNDECLARED = "undeclared"


class AnsweredBy(StrEnum):
    """Who answered a call (DOMAIN 4.1)."""

    LEADER = "leader"
    OPERATOR = "operator"
    SECRETARY = "secretary"
    NOBODY = "nobody"


class Method(StrEnum):
    """How a handler talked with the requester; a rulebook's `methods` says which of them count."""

    FACE_TO_FACE = "face_to_face"
    PHONE = "phone"
    VIDEO = "video"
    SMS = "sms"
    WECHAT = "wechat"
    EMAIL = "email"
    LETTER = "letter"


class ContactResult(StrEnum):
    """How a handler's attempt to reach the requester ended."""

    NO_ANSWER = "no_answer"
    OFF = "off"
    WRONG_NUMBER = "wrong_number"
    NOT_THE_PERSON = "not_the_person"
    REFUSES = "refuses"


class CallbackResult(StrEnum):
    """How a callback without a verdict ended."""

    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    WRONG_PERSON = "wrong_person"


class ReturnCallResult(StrEnum):
    """How calling back a missed call ended; `no_answer` alone doesn't end the term."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"


class AuditOutcome(StrEnum):
    """What a test call met (DOMAIN 4.1)."""

    ANSWERED_IN_PERSON = "answered_in_person"
    ANSWERED_BY_SECRETARY = "answered_by_secretary"
    ANSWERED_BY_OPERATOR = "answered_by_operator"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    POWERED_OFF = "powered_off"
    WRONG_NUMBER = "wrong_number"
    SUSPENDED_NUMBER = "suspended_number"
    SILENT = "silent"


class AttachmentKind(StrEnum):
    """What a file shows: who somebody is, that they were spoken with, that the matter was dealt with, the matter."""

    MATTER = "matter"
    IDENTITY = "identity"
    PROOF_OF_CONTACT = "proof_of_contact"
    PROOF_OF_HANDLING = "proof_of_handling"


class SuspendReason(StrEnum):
    """Why a case may be suspended."""

    COURT = "court"
    SEASON = "season"
    CITIZEN_ABSENT = "citizen_absent"
    THIRD_PARTY = "third_party"


class Outcome(StrEnum):
    """What a report says was done (信访工作条例 32: support, explain, not support)."""

    DONE = "done"
    EXPLAINED_NOT_ELIGIBLE = "explained_not_eligible"
    EXPLAINED_OBJECTIVE = "explained_objective"
    REFERRED = "referred"
    POLICY_SUGGESTED = "policy_suggested"


class Claim(StrEnum):
    """Why a unit asks that a matter leave its rates."""

    OUT_OF_POWER = "out_of_power"
    UNTRUE = "untrue"
    UNREASONABLE = "unreasonable"


class ReviewOutcome(StrEnum):
    """What a review 复查 or re-review 复核 decided."""

    UPHELD = "upheld"
    CHANGED = "changed"


class VerdictCode(StrEnum):
    """What the requester said at the callback; `declined` is 拒评."""

    SATISFIED = "satisfied"
    BASICALLY_SATISFIED = "basically_satisfied"
    UNDERSTANDING = "understanding"
    UNSATISFIED = "unsatisfied"
    UNREACHABLE = "unreachable"
    DECLINED = "declined"


# Those that make a callback valid: somebody was reached and has judged.
VALID_VERDICTS = (
    VerdictCode.SATISFIED,
    VerdictCode.BASICALLY_SATISFIED,
    VerdictCode.UNDERSTANDING,
    VerdictCode.UNSATISFIED,
)


class ClosedAs(StrEnum):
    """How a finished case is counted."""

    SATISFIED = "satisfied"
    BASICALLY_SATISFIED = "basically_satisfied"
    UNDERSTANDING = "understanding"
    UNSATISFIED = "unsatisfied"
    UNREACHABLE = "unreachable"
    DECLINED_TO_SAY = "declined_to_say"
    ANSWERED = "answered"
    INCOMPLETE = "incomplete"
    NO_REVIEW = "no_review"
    NOT_COUNTED = "not_counted"


# Ends that are in no rate: the office's honest account shows them apart.
NOT_COUNTED = (ClosedAs.NOT_COUNTED, ClosedAs.INCOMPLETE)


class Flag(StrEnum):
    """What a reader of a case must know; a proposal is a flag, not an action."""

    CITIZEN_NOT_REACHED = "citizen_not_reached"
    RECORDED_ON_BEHALF = "recorded_on_behalf"
    INTERVIEW_PROPOSED = "interview_proposed"
    REPEAT = "repeat"
    NUISANCE_REVIEW = "nuisance_review"
    HOLIDAY_BETWEEN = "holiday_between"
    LEVEL_EXCEPTION = "level_exception"
    CALL_BACK_DUE = "call_back_due"
    LEGACY_ISSUE = "legacy_issue"
    OBSTRUCTION = "obstruction"
    HARDSHIP = "hardship"


class Fault(StrEnum):
    """The seven faults of article 003."""

    NO_ANSWER = "no_answer"
    PERFUNCTORY = "perfunctory"
    BUCK_PASSING = "buck_passing"
    INACTION = "inaction"
    SLOW_ACTION = "slow_action"
    ARBITRARY_ACTION = "arbitrary_action"
    LONG_UNRESOLVED = "long_unresolved"


class Action(StrEnum):
    """What supervision does, mildest first; the last two are a city's own rungs."""

    REMIND = "remind"
    SUPERVISE = "supervise"
    LISTED = "listed"
    INTERVIEW = "interview"
    CIRCULAR = "circular"
    DISCIPLINE = "discipline"
    DAILY_REVIEW_AGENDA = "daily_review_agenda"
    DISCIPLINE_SECRETARY_NOTICE = "discipline_secretary_notice"


class Trigger(StrEnum):
    """What a rung of the ladder answers to; `<step>_overdue` = the term of that step has passed."""

    REGISTER_OVERDUE = "register_overdue"
    ASSIGN_OVERDUE = "assign_overdue"
    ACKNOWLEDGE_OVERDUE = "acknowledge_overdue"
    CONTACT_OVERDUE = "contact_overdue"
    RETURN_OVERDUE = "return_overdue"
    RESOLVE_OVERDUE = "resolve_overdue"
    CALLBACK_OVERDUE = "callback_overdue"
    RETURN_CALL_OVERDUE = "return_call_overdue"
    NOTIFY_ACCEPTANCE_OVERDUE = "notify_acceptance_overdue"
    DISPATCH_OVERDUE = "dispatch_overdue"
    FEEDBACK_OVERDUE = "feedback_overdue"
    REVIEW_OVERDUE = "review_overdue"
    RE_REVIEW_OVERDUE = "re_review_overdue"
    OFFICE_OVERDUE = "office_overdue"
    UNSATISFIED = "unsatisfied"
    FAULT = "fault"
    SERIOUS_FAULT = "serious_fault"
    NOT_RECTIFIED = "not_rectified"


class RefusalCode(StrEnum):
    """Why a command is not done; of several that apply the first in this order is the answer."""

    # who
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    # state
    CHANGED_MEANWHILE = "changed_meanwhile"
    WRONG_STATE = "wrong_state"
    # case rules
    NOT_IN_RULEBOOK = "not_in_rulebook"
    UNIT_IS_RESPONDENT = "unit_is_respondent"
    LEVEL_LIMIT = "level_limit"
    CO_UNITS_PENDING = "co_units_pending"
    CONTACT_REQUIRED = "contact_required"
    PROOF_REQUIRED = "proof_required"
    RETURN_DESIGNATED = "return_designated"
    RETURN_USED_UP = "return_used_up"
    RETURN_TOO_LATE = "return_too_late"
    EXTENSION_TOO_LATE = "extension_too_late"
    EXTENSION_USED_UP = "extension_used_up"
    EXTENSION_OVER_LIMIT = "extension_over_limit"
    CITIZEN_NOT_INFORMED = "citizen_not_informed"
    NOT_A_CONSULTATION = "not_a_consultation"
    ATTEMPT_TOO_SOON = "attempt_too_soon"
    ATTEMPTS_NOT_EXHAUSTED = "attempts_not_exhausted"
    REOPEN_FIRST = "reopen_first"
    SAME_PERSON = "same_person"
    VERDICT_NOT_ALLOWED = "verdict_not_allowed"
    LEGITIMACY_REQUIRED = "legitimacy_required"
    REVIEW_TOO_LATE = "review_too_late"
    SLOT_TAKEN = "slot_taken"
    IDENTITY_REUSED = "identity_reused"
    # fields
    METHOD_NOT_ALLOWED = "method_not_allowed"
    HANDLER_NAME_REQUIRED = "handler_name_required"
    HANDLER_PHONE_REQUIRED = "handler_phone_required"
    REASON_REQUIRED = "reason_required"
    BASIS_REQUIRED = "basis_required"
    APPROVAL_REQUIRED = "approval_required"
    INTERVIEW_INCOMPLETE = "interview_incomplete"
    FIELD_REQUIRED = "field_required"
    FIELD_INVALID = "field_invalid"
