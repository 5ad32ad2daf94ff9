"""What supervision, discipline and the citizen do about the handling itself."""

from dataclasses import dataclass
from datetime import datetime

from .base import Command


@dataclass(frozen=True, slots=True)
class ProposeFault(Command):
    """认定提出: one of the seven faults, of a unit, with what shows it; decided once the unit could speak."""

    code: str | None = None
    unit: int | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class StateFault(Command):
    """陈述说明: what the unit says to a fault; of several open ones, to which, by its number (the latest)."""

    text: str | None = None
    fault: int | None = None


@dataclass(frozen=True, slots=True)
class ConfirmFault(Command):
    """确认情形: of an open fault, by its number (the latest)."""

    fault: int | None = None


@dataclass(frozen=True, slots=True)
class CancelFault(Command):
    """容错: an open fault, by its number (the latest), is not upheld."""

    reason: str | None = None
    fault: int | None = None


@dataclass(frozen=True, slots=True)
class ScheduleInterview(Command):
    """安排约谈: who holds it, when and where, on which cases of one unit; why not the leader in charge, if so."""

    unit: int | None = None
    person: str | None = None
    time: datetime | None = None
    place: str | None = None
    cases: tuple[int, ...] | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class HoldInterview(Command):
    """约谈: minutes, and by when it must be put right; why not the leader in charge, if nobody arranged that."""

    person: str | None = None
    minutes: str | None = None
    rectify_by: datetime | None = None
    reason: str | None = None


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
class TellUnanswered(Command):
    """没人接: the citizen dialled the handler's phone, and nobody answered."""


@dataclass(frozen=True, slots=True)
class AskErasure(Command):
    """要求删除: the citizen asks the office to delete name, phone and address."""


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
