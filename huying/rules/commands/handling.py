"""What the unit that holds a case does, and what it is granted."""

from dataclasses import dataclass
from datetime import datetime

from .base import Command


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
    """回复批示: of the unit that was instructed; of all that were, where nobody says whose answer it is."""

    text: str | None = None
    unit: int | None = None
