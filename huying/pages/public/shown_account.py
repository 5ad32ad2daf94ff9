"""What the templates show of the public account and of the rules behind it; see `shown`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from huying.pages.shown import BarPart

from .shown import ShownWhen


@dataclass(frozen=True)
class ShownPublicRate:
    """A rate in words: what stands large, the numbers below it, and what was counted of what."""

    name: str
    large: str
    numbers: str
    counts: str
    base: str


@dataclass(frozen=True)
class ShownAccount:
    """The account in words; a number that isn't told is a word. `bar` is empty where a part isn't told."""

    since: ShownWhen
    as_of: ShownWhen
    contacts: str
    ways: Sequence[tuple[str, str]]
    cases: str
    closed: str
    open: str
    overdue: str
    not_counted: str
    earlier: str
    earlier_overdue: str
    bar: Sequence[BarPart]
    rates: Sequence[ShownPublicRate]


@dataclass(frozen=True)
class ShownClause:
    """One number of a rulebook, with where it comes from; `source` is empty where the file says nothing."""

    key: str
    value: str
    source: str


@dataclass(frozen=True)
class ShownExample:
    """A term that begins on some day, worked out: when it ends, and why."""

    what: str
    start: ShownWhen
    term: str
    due: ShownWhen
    why: str


@dataclass(frozen=True)
class ShownHolidayNotice:
    """A year whose days off are known, by which notice."""

    year: int
    title: str
    number: str
    issued: datetime
