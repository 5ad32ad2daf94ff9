"""What nobody can send: it follows from something else, or time alone brings it."""

from dataclasses import dataclass

from huying.rules.vocabulary import Action, Flag, Step

from .base import Command


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
