"""The account for everybody: ordinary cases alone, of the city or of one post, in three statements.

Nobody's rights are behind it, so it holds nothing by which somebody could be told: no confidential case, no unit, no
person, and no number under five, nor one from which such a number can be worked out. It is counted as of now only.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Value

from huying.cases.models import Case
from huying.cases.queries import late, ordinary_cases, ordinary_contacts
from huying.rules.vocabulary import Stage
from huying.written import Written

from .figures import facts_of_row, tallied, ways, whether
from .rates import FEW, Base, Name, Rate, account_of, rate_of

PERIOD = timedelta(days=30)
OF_POST = timedelta(days=365)  # one post hears too little in a month: nearly all of it would be withheld
RATES = (Name.CONTACT_KEPT, Name.ANSWER_KEPT, Name.SATISFIED_OF_VALID, Name.REOPENED)


@dataclass(frozen=True, slots=True)
class Number:
    """A count that may be read by everybody: `shown` is None where it is withheld, `few` says that it is under five.

    What is withheld and not few stands beside a few, which could be told from it.
    """

    shown: int | None
    few: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """A rate for everybody: all of it, or of `of` fewer than five, or all but fewer than five, or of fewer than five.

    `of` is None where the base itself is that small, or `withheld`: what isn't told beside it could be told from it.
    """

    name: Name
    base: Base
    of: int | None
    numerator: int | None = None
    percent: str | None = None
    few: bool = False
    more_than: int | None = None
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Published:
    """Contacts since then: those of no case, those that joined one, of no case for us, and the cases; then how they
    stand. `earlier` counts what was received before and is still open.
    """

    since: datetime
    as_of: datetime
    contacts: Number
    ways: Mapping[str, Number]
    cases: Number
    parts: Mapping[str, Number]
    overdue: Number
    earlier: Number
    earlier_overdue: Number
    rates: tuple[Share, ...]


def published(as_of: datetime, post: int | None = None) -> Published:
    """Count for everybody, as of now: the city's last thirty days, or a post's last year, whoever held it."""
    since = as_of - (PERIOD if post is None else OF_POST)
    tally = tallied(_standing(since, as_of, post))
    account = account_of(tally)
    [contacts] = _contacts(since, as_of, post)
    every = sum(tally.values())
    came = {
        "alone": contacts["alone"],
        "joined": contacts["raw"] - contacts["alone"] - every,
        "no_case": every - account.cases,
        "cases": account.cases,
    }
    parts = {"closed": account.closed, "open": account.open, "not_counted": account.not_counted}
    [earlier] = _earlier(since, as_of, post)
    told, shown = withheld(came, spared="cases"), withheld(parts)
    if told["cases"].shown is None:
        shown = dict.fromkeys(shown, Number(None))
    return Published(
        since=since,
        as_of=as_of,
        contacts=number(contacts["raw"]),
        ways=told,
        cases=told["cases"],
        parts=shown,
        overdue=_within(shown["open"], account.open, account.overdue),
        earlier=number(earlier["open"]),
        earlier_overdue=_within(number(earlier["open"]), earlier["open"], earlier["overdue"]),
        rates=tuple(_beside(shown["closed"], rate_of(name, tally, as_of)) for name in RATES),
    )


def _came(since: datetime, as_of: datetime, post: int | None = None) -> QuerySet[Any, Any]:
    """Count what came in, and what of it is of no case; what joined a case is of that case's post."""
    came = ordinary_contacts().filter(at__gte=since, at__lte=as_of)
    if post is not None:
        came = came.filter(Q(case=None, post=post) | Q(case__post=post))
    return _together(came, raw=Count("id"), alone=Count("id", filter=Q(case=None)))


def _tallied(since: datetime, as_of: datetime, post: int | None = None) -> QuerySet[Any, Any]:
    """Count the cases by how they stand."""
    received = _cases(post).filter(received_at__gte=since, received_at__lte=as_of)
    return ways(received, facts_of_row(as_of) | {"judged_as": F("judged"), "reopened": whether(Q(cycle__gt=1))})


def _still_open(since: datetime, as_of: datetime, post: int | None = None) -> QuerySet[Any, Any]:
    """Count what was received before and hasn't ended, so that the account doesn't forget what is late for long."""
    before = _cases(post).filter(received_at__lt=since, closed_at=None)
    counted = before.exclude(stage__in=(Stage.DECLINED, Stage.MERGED))
    return _together(counted, open=Count("id"), overdue=Count("id", filter=late(as_of)))


def _cases(post: int | None) -> QuerySet[Case]:
    return ordinary_cases() if post is None else ordinary_cases().filter(post=post)


def _together(rows: QuerySet[Any], **counts: Count) -> QuerySet[Any, Any]:
    """Return a single row of counts, as `aggregate` would if it could be written without being asked."""
    counted: QuerySet[Any, Any] = rows.order_by().annotate(all=Value(1)).values("all").annotate(**counts)
    return counted.values(*counts)


class _Asked:
    """A count of the city or of one post, each written once."""

    def __init__(self, rows: Callable[..., QuerySet[Any, Any]]) -> None:
        self._city: Written[Any] = Written(rows)
        self._post: Written[Any] = Written(rows)

    def __call__(self, since: datetime, as_of: datetime, post: int | None) -> list[dict[str, Any]]:
        if post is None:
            return self._city.dicts(since, as_of)
        return self._post.dicts(since, as_of, post)


_contacts, _standing, _earlier = _Asked(_came), _Asked(_tallied), _Asked(_still_open)


def number(count: int) -> Number:
    return Number(None, few=True) if 0 < count < FEW else Number(count)


def withheld(parts: Mapping[str, int], spared: str = "") -> dict[str, Number]:
    """Return the parts of a sum that is known, without the small ones, and without enough others to hide those.

    Of 60, 37 and 3 the 3 is few and the 37 is withheld: together they are 40, and nobody knows how many each. The
    part that is `spared` hides the others last.
    """
    told = {name: number(count) for name, count in parts.items()}
    few = [name for name, one in told.items() if one.few]
    rest = sorted((name for name, one in told.items() if one.shown), key=lambda name: (name == spared, parts[name]))
    hidden = list(few)
    while rest and hidden and (len(hidden) < 2 or sum(map(parts.__getitem__, hidden)) < FEW):
        hidden.append(rest.pop(0))
    return {name: Number(None, few=name in few) if name in hidden else told[name] for name in parts}


def _within(whole: Number, count: int, part: int) -> Number:
    """Return a part of a whole: withheld where the whole is, or where the rest is few."""
    if whole.shown is None or 0 < count - part < FEW:
        return Number(None, few=0 < part < FEW)
    return number(part)


def _beside(closed: Number, rate: Rate) -> Share:
    """Return a rate beside the equation: of what is closed or judged, the number would tell what is closed."""
    if rate.base is Base.CLOSED_OR_JUDGED and closed.shown is None and rate.denominator >= FEW:
        return Share(rate.name, rate.base, None, withheld=True)
    return share(rate)


def share(rate: Rate) -> Share:
    rest = rate.denominator - rate.numerator
    if 0 < rate.denominator < FEW:
        return Share(rate.name, rate.base, None)
    if 0 < rate.numerator < FEW:
        return Share(rate.name, rate.base, rate.denominator, few=True)
    if 0 < rest < FEW:
        return Share(rate.name, rate.base, rate.denominator, more_than=rate.denominator - FEW)
    return Share(rate.name, rate.base, rate.denominator, rate.numerator, rate.percent)
