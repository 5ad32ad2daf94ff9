"""What somebody can do to a case, one frozen dataclass per verb; `lifecycle` says when and with what effect.

The field names are the keys of the acceptance stories and of the API. An empty text counts as absent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import cast

from .vocabulary import Action, Flag, Step


@dataclass(frozen=True, slots=True)
class Assign:
    """交办: give the case to a unit; by the office at level 1, by the holding unit one level further down."""

    unit: int | None = None
    exceed_approved_by: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """签收: the holding unit takes the case and names who handles it."""

    handler: str | None = None
    handler_phone: str | None = None


@dataclass(frozen=True, slots=True)
class RecordContact:
    """沟通: the unit spoke with the requester and told a handler's phone."""

    method: str | None = None
    handler: str | None = None
    handler_phone: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class SubmitReport:
    """反馈: what was done; `public_text` is what the citizen reads, by default `text`."""

    text: str | None = None
    outcome: str | None = None
    basis: str | None = None
    public_text: str | None = None


@dataclass(frozen=True, slots=True)
class RejectReport:
    """退回重办: the office sends a report back; the term runs on from its old end."""

    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Verify:
    """审核通过: the office accepts the report."""


@dataclass(frozen=True, slots=True)
class CallbackAttempt:
    """回访未成: an attempt to reach the requester that brought no verdict."""

    result: str | None = None


@dataclass(frozen=True, slots=True)
class RecordVerdict:
    """评价: what the requester says of the result."""

    verdict: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class GiveAnswer:
    """直接答复: a consultation answered on the spot."""

    text: str | None = None


@dataclass(frozen=True, slots=True)
class JoinContact:
    """并入: another contact is about this very matter, as whoever took it has confirmed. Door 1 alone sends this."""


@dataclass(frozen=True, slots=True)
class TermPassed:
    """期限已过: the clock itself; rung `number` of the ladder on `step` is due. Nobody can send this."""

    step: Step
    number: int
    action: Action | None = None
    flag: Flag | None = None


@dataclass(frozen=True, slots=True)
class RecountTerms:
    """重算: the clock again; running terms are derived anew by the calendar of this id. Nobody can send this."""

    calendar: int


Command = (
    Assign
    | Acknowledge
    | RecordContact
    | SubmitReport
    | RejectReport
    | Verify
    | CallbackAttempt
    | RecordVerdict
    | GiveAnswer
    | JoinContact
    | TermPassed
    | RecountTerms
)

VERBS: dict[str, type[Command]] = {
    "assign": Assign,
    "acknowledge": Acknowledge,
    "record_contact": RecordContact,
    "report": SubmitReport,
    "reject_report": RejectReport,
    "verify": Verify,
    "callback_attempt": CallbackAttempt,
    "record_verdict": RecordVerdict,
    "answer": GiveAnswer,
}
_VERB_OF: dict[type[Command], str] = {
    **{command: verb for verb, command in VERBS.items()},
    JoinContact: "join_contact",
    TermPassed: "term_passed",
    RecountTerms: "recount",
}


def command_of(verb: str, said: Mapping[str, object]) -> Command:
    """Return the command of a verb with these fields, unchecked: `decide` and the doors say what they are worth."""
    return cast(Callable[..., Command], VERBS[verb])(**said)


def verb_of(command: Command) -> str:
    return _VERB_OF[type(command)]


def given(command: Command, field: str) -> str | None:
    """Return a text field of a command without surrounding space, or None where nothing was written."""
    value = getattr(command, field)
    return (value.strip() or None) if isinstance(value, str) else value


def field_names(command: type[Command]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(command))
