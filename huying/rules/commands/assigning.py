"""Giving a case to a unit, and taking it back."""

from dataclasses import dataclass
from datetime import datetime

from .base import Command


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
