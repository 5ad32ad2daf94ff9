"""How a case ends: review of the report, callback, verdict, claims, 复查, 复核."""

from dataclasses import dataclass

from .base import Command


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
