"""What is done with what came in: contacts and cases that no unit holds yet."""

from collections.abc import Mapping
from dataclasses import dataclass

from .base import Command


@dataclass(frozen=True, slots=True)
class OpenCase(Command):
    """立件: an unsorted contact is about a matter; the case keeps the contact's time.

    Whom it is about is hidden from it from then on: a unit, or who held a post when it came in.
    """

    kind: str | None = None
    complexity: str | None = None
    respondent: int | None = None
    respondent_post: int | None = None


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
    respondent: int | None = None
    respondent_post: int | None = None


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
