"""核对号码: whether what a message names is published by the city, was once, or is unknown here."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from django.db.models import F, OuterRef, Q, Subquery, TextField, Value
from django.db.models.functions import Length

from huying.people.models import Post, Tenure
from huying.people.serving import day_of
from huying.rules.number_check import MOST, NATIONAL, Picked, What, digits_of, is_same_number, picked

from .models import ContactPoint

NAMED_MOST = 3
MOST_CHECKED = 10  # of the contacts in one message


class Standing(StrEnum):
    """How a number or account stands in the directory."""

    PUBLISHED = "published"
    PENDING = "pending"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    NATIONAL = "national"
    UNKNOWN = "unknown"


_NOT_IN_USE = {Standing.WITHDRAWN, Standing.PENDING, Standing.SUSPENDED}


@dataclass(frozen=True, slots=True)
class Checked:
    """One contact of a message; `point` where the city publishes it, with the holder today.

    `since` is when it was withdrawn, or when a pending one will be valid.
    """

    picked: Picked
    standing: Standing
    point: ContactPoint | None = None
    since: datetime | None = None
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a message names, one by one; and how the posts that it names, or whose number it once was, are reached.

    `more` is how many contacts behind those were not looked at.
    """

    checked: Sequence[Checked]
    more: int = 0
    reached_by: Sequence[ContactPoint] = ()


def check(text: str, at: datetime) -> Answer:
    """Return how everything in a text stands; three statements, however much it names."""
    every = picked(text)
    wanted, more = every[:MOST_CHECKED], len(every[MOST_CHECKED:])
    known = _known(wanted, at)
    checked = [_checked(one, known, at) for one in wanted]
    gone = {one.point.post_id for one in checked if one.standing in _NOT_IN_USE and one.point}
    posts = {*_named(text[:MOST].replace("\0", ""), at), *gone} - {None}
    told = {one.point.value for one in checked if one.standing is not Standing.WITHDRAWN and one.point}
    ways = ContactPoint.objects.standing(at).filter(post__in=posts).exclude(value__in=told)
    return Answer(checked, more, list(ways.select_related("post__unit").order_by("post", "id")) if posts else [])


def _holder(post: str, at: datetime) -> Subquery:
    """Return who holds a post on that day, by the name of the column that has its id."""
    return Subquery(Tenure.objects.filter(post=OuterRef(post), days__contains=day_of(at)).values("person__name"))


def _known(wanted: Iterable[Picked], at: datetime) -> list[ContactPoint]:
    """Return the contact points that could be one of these, withdrawn ones too (one statement)."""
    condition = Q(pk__in=())
    for one in wanted:
        if one.what is What.PHONE:
            # From the end, so that an area code before it doesn't matter.
            last = one.value[-8:] if len(one.value) > 8 else one.value
            condition |= Q(value__regex=r"[^0-9]*".join(last) + "$")
        else:
            condition |= Q(value__iexact=one.value) | Q(value__iexact=one.written)
    found = ContactPoint.objects.filter(condition).annotate(holder=_holder("post", at))
    return list(found.select_related("post__unit").order_by("id"))


def _checked(one: Picked, known: Sequence[ContactPoint], at: datetime) -> Checked:
    same = [point for point in known if _is_same(one, point)]
    standing = [point for point in same if point.withdrawn_at is None or point.withdrawn_at > at]
    if standing:
        # Where several have one number, what can be used now comes first.
        now, how = min(((point, _how(point, at)) for point in standing), key=lambda found: _BY_USE.index(found[1]))
        since = now.valid_from if how is Standing.PENDING else None
        return Checked(one, how, now, since, now.holder or "")  # type: ignore[attr-defined]  # annotated
    if one.value in NATIONAL:
        return Checked(one, Standing.NATIONAL)
    if same:
        last = max(same, key=lambda point: (point.withdrawn_at, point.id))
        return Checked(one, Standing.WITHDRAWN, last, last.withdrawn_at)
    return Checked(one, Standing.UNKNOWN)


_BY_USE = (Standing.PUBLISHED, Standing.SUSPENDED, Standing.PENDING)


def _how(point: ContactPoint, at: datetime) -> Standing:
    if point.valid_from is not None and point.valid_from > at:
        return Standing.PENDING
    return Standing.PUBLISHED if point.suspended is None else Standing.SUSPENDED


def _is_same(one: Picked, point: ContactPoint) -> bool:
    if one.what is What.PHONE:
        return is_same_number(digits_of(point.value), one.value)
    return point.value.casefold() == one.value


def _named(text: str, at: datetime) -> list[int]:
    """Return the posts that a text names, such as the mayor, or whose holders it does (one statement)."""
    within = Post.objects.annotate(said=Value(text, TextField()), holder=_holder("id", at))
    lengths = within.annotate(letters=Length("name"), holder_letters=Length("holder"))
    named = Q(said__contains=F("name"), letters__gt=1) | Q(said__contains=F("holder"), holder_letters__gt=1)
    found = lengths.filter(named).order_by("-letters", "name", "id")
    return list(_meant(found.values_list("id", "name", "unit__name", "holder"), text))[:NAMED_MOST]


def _meant(found: Iterable[tuple[int, str, str | None, str | None]], text: str) -> Iterator[int]:
    """Yield of the posts whose names stand in a text those that are meant, the longest names first.

    副市长 is no 市长; and of many with one name, such as 局长, it is the one whose unit, or holder, is named too.
    """
    rest = text
    for name, several in groupby(found, key=lambda row: row[1]):
        posts = list(several)
        is_said = re.search(f"(?<![副原前]){re.escape(name)}", rest) is not None
        for post, _, unit, holder in posts:
            if (holder and holder in text) or (is_said and (len(posts) == 1 or (unit and unit in text))):
                yield post
        rest = rest.replace(name, " ")
