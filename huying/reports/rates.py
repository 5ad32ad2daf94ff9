"""The rates of DOMAIN 4.6, as data: what each counts, and of what. Pure: it is told how cases stand, and adds up.

A rate is never a bare percentage. It carries numerator, denominator, its base, and the moment as of which it holds.
Matters that were declined or merged are no cases; cases that are not counted are in no rate. Reachability needs
test calls, which nobody records yet.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from huying.rules.vocabulary import NOT_COUNTED, ClosedAs, VerdictCode

FEW = 5  # confidential cases that may stand together in a figure: of fewer, somebody could tell which they are


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands at a moment, as far as figures ask; cases that stand alike are counted together.

    `closed_as` None: it hasn't ended, or as nothing in particular (withdrawn). `verdict` is the latest valid one.
    `done`: the latest report says so. `contacted` and `resolved` say whether that was in time; None where the case
    has no such term. `contact_due` and `answer_due`: that term has passed. `settled`: received early enough for the
    cohort.
    """

    is_case: bool = True
    confidential: bool = False
    settled: bool = False
    overdue: bool = False
    ended: bool = False
    closed_as: ClosedAs | None = None
    verdict: VerdictCode | None = None
    done: bool = False
    assigned: bool = False
    contacted: bool | None = None
    resolved: bool | None = None
    contact_due: bool = False
    answer_due: bool = False
    returned: bool = False
    reopened: bool = False

    @property
    def counted(self) -> bool:
        return self.is_case and self.closed_as not in NOT_COUNTED

    @property
    def closed(self) -> bool:
        return self.counted and self.ended


Tally = Mapping[Standing, int]
Test = Callable[[Standing], bool]


class Base(StrEnum):
    """What a rate is of."""

    CASES = "cases"
    CLOSED = "closed"
    CLOSED_WITH_TERM = "closed_with_term"
    ASSIGNED = "assigned"
    ASSIGNED_WITH_TERM = "assigned_with_term"
    CONTACT_DUE = "contact_due"
    ANSWER_DUE = "answer_due"
    VALID_CALLBACKS = "valid_callbacks"
    CLOSED_OR_JUDGED = "closed_or_judged"


BASES: Mapping[Base, Test] = {
    Base.CASES: lambda case: case.counted,
    Base.CLOSED: lambda case: case.closed,
    Base.CLOSED_WITH_TERM: lambda case: case.closed and case.resolved is not None,
    Base.ASSIGNED: lambda case: case.counted and case.assigned,
    Base.ASSIGNED_WITH_TERM: lambda case: case.counted and case.assigned and case.contacted is not None,
    Base.CONTACT_DUE: lambda case: case.counted and case.contact_due,
    Base.ANSWER_DUE: lambda case: case.counted and case.answer_due,
    Base.VALID_CALLBACKS: lambda case: case.counted and case.verdict is not None,
    Base.CLOSED_OR_JUDGED: lambda case: case.closed or (case.counted and case.verdict is not None),
}


class Name(StrEnum):
    """The rates there are; a rulebook's `[reports.rates]` may name those without `_of_valid` or `_kept`, not `other`.

    Whether a term was kept is counted once it has passed: what isn't answered by then is in the base too.
    """

    CLOSED = "closed"
    ON_TIME = "on_time"
    RESPONSE = "response"
    ANSWER_KEPT = "answer_kept"
    CONTACT_KEPT = "contact_kept"
    RETURNED = "returned"
    REOPENED = "reopened"
    SATISFIED = "satisfied"
    UNDERSTANDING = "understanding"
    UNSATISFIED = "unsatisfied"
    OTHER = "other"
    RESOLUTION = "resolution"
    SATISFIED_OF_VALID = "satisfied_of_valid"
    UNDERSTANDING_OF_VALID = "understanding_of_valid"
    UNSATISFIED_OF_VALID = "unsatisfied_of_valid"


@dataclass(frozen=True, slots=True)
class Definition:
    """A rate: of the cases in `base`, those for which `test` holds; so no numerator exceeds its denominator."""

    base: Base
    test: Test


_JUDGED_AS = (ClosedAs.SATISFIED, ClosedAs.UNDERSTANDING, ClosedAs.UNSATISFIED)
DEFINITIONS: Mapping[Name, Definition] = {
    Name.CLOSED: Definition(Base.CASES, lambda case: case.closed),
    Name.ON_TIME: Definition(Base.CLOSED_WITH_TERM, lambda case: case.resolved is True),
    Name.RESPONSE: Definition(Base.ASSIGNED_WITH_TERM, lambda case: case.contacted is True),
    Name.ANSWER_KEPT: Definition(Base.ANSWER_DUE, lambda case: case.resolved is True),
    Name.CONTACT_KEPT: Definition(Base.CONTACT_DUE, lambda case: case.contacted is True),
    Name.RETURNED: Definition(Base.ASSIGNED, lambda case: case.returned),
    Name.REOPENED: Definition(Base.CLOSED_OR_JUDGED, lambda case: case.reopened),
    Name.SATISFIED: Definition(Base.CLOSED, lambda case: case.closed_as is ClosedAs.SATISFIED),
    Name.UNDERSTANDING: Definition(Base.CLOSED, lambda case: case.closed_as is ClosedAs.UNDERSTANDING),
    Name.UNSATISFIED: Definition(Base.CLOSED, lambda case: case.closed_as is ClosedAs.UNSATISFIED),
    Name.OTHER: Definition(Base.CLOSED, lambda case: case.closed_as not in _JUDGED_AS),
    Name.RESOLUTION: Definition(Base.VALID_CALLBACKS, lambda case: case.done),
    Name.SATISFIED_OF_VALID: Definition(Base.VALID_CALLBACKS, lambda case: case.verdict is VerdictCode.SATISFIED),
    Name.UNDERSTANDING_OF_VALID: Definition(
        Base.VALID_CALLBACKS, lambda case: case.verdict is VerdictCode.UNDERSTANDING
    ),
    Name.UNSATISFIED_OF_VALID: Definition(Base.VALID_CALLBACKS, lambda case: case.verdict is VerdictCode.UNSATISFIED),
}


@dataclass(frozen=True, slots=True)
class Rate:
    """`numerator` of `denominator`, as of a moment; 728 of 1,577 is 46.2 %, and nothing of nothing is no rate."""

    name: Name
    numerator: int
    denominator: int
    as_of: datetime

    def __post_init__(self) -> None:
        if not 0 <= self.numerator <= self.denominator:
            raise ValueError(f"{self.numerator} can't be a part of {self.denominator}")

    @property
    def base(self) -> Base:
        return DEFINITIONS[self.name].base

    @property
    def value(self) -> Fraction | None:
        return Fraction(self.numerator, self.denominator) if self.denominator else None

    @property
    def percent(self) -> str | None:
        """Return `46.2 %`, rounded half up to one decimal; Chinese and English both write a point."""
        if not self.denominator:
            return None
        tenths = (2000 * self.numerator + self.denominator) // (2 * self.denominator)
        return f"{tenths // 10}.{tenths % 10} %"


@dataclass(frozen=True, slots=True)
class Beside:
    """A rate of all cases, and beside it that of the cohort: of those that were received long enough ago."""

    snapshot: Rate
    cohort: Rate


@dataclass(frozen=True, slots=True)
class Account:
    """The equation: `cases` = `open` (of these some `overdue`) + `closed` + `not_counted`."""

    cases: int
    open: int
    overdue: int
    closed: int
    not_counted: int


def rates_of(tally: Tally, as_of: datetime) -> Sequence[Beside]:
    """Return every rate of these cases, in the order of `Name`."""
    settled = _settled(tally)
    return [Beside(rate_of(name, tally, as_of), rate_of(name, settled, as_of)) for name in Name]


def rate_of(name: Name, tally: Tally, as_of: datetime) -> Rate:
    return Rate(name, *_share(name, tally), as_of)


def _share(name: Name, tally: Tally) -> tuple[int, int]:
    """Return numerator and denominator of a rate."""
    definition = DEFINITIONS[name]
    base = {case: count for case, count in tally.items() if BASES[definition.base](case)}
    return _count(base, definition.test), sum(base.values())


def _settled(tally: Tally) -> Tally:
    return {case: count for case, count in tally.items() if case.settled}


_PARTS: Mapping[str, Test] = {
    "cases": lambda case: case.is_case,
    "open": lambda case: case.is_case and not case.ended,
    "overdue": lambda case: case.is_case and not case.ended and case.overdue,
    "closed": lambda case: case.closed,
    "not_counted": lambda case: case.is_case and not case.counted,
}


def account_of(tally: Tally) -> Account:
    return Account(**{part: _count(tally, test) for part, test in _PARTS.items()})


def discreet(tally: Tally) -> Tally:
    """Return the cases that figures may be made of: without the confidential ones if any figure has few of them.

    Either all or none, so that two figures side by side don't tell by their difference what each of them hides.
    """
    confidential = {case: count for case, count in tally.items() if case.confidential}
    if any(0 < count < FEW for count in _cells(confidential)):
        return {case: count for case, count in tally.items() if not case.confidential}
    return tally


def _cells(tally: Tally) -> Iterator[int]:
    """Yield every number that figures of these cases show, and the rest of each base, which a reader can work out."""
    yield _count(tally, lambda case: not case.is_case)
    for test in _PARTS.values():
        yield _count(tally, test)
    for part in (tally, _settled(tally)):
        for name in Name:
            numerator, denominator = _share(name, part)
            yield numerator
            yield denominator - numerator


def _count(tally: Tally, test: Test) -> int:
    return sum(count for case, count in tally.items() if test(case))
