"""A post as the directory tells of it: who holds and held it, how it is and was reached, what it answers for.

One statement, however many posts, numbers and holders there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils.dateparse import parse_datetime

from huying.people.models import Portfolio, Post, Tenure
from huying.people.serving import day_of

from .models import ContactPoint

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody's days in a post, the last one included; None where it has no end, or nobody knows the beginning."""

    person: str
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A post on a day: who holds it then, everybody who does or did (the latest first), its numbers and its units."""

    post: Post
    holder: Held | None
    held: Sequence[Held]
    points: Sequence[ContactPoint]
    withdrawn: Sequence[ContactPoint]
    portfolio: Sequence[str]


def listed(at: datetime) -> QuerySet[Post]:
    """Return the posts of living units in the order of the tree, each with `holder`, who holds it that day."""
    today = day_of(at)
    holder = Tenure.objects.filter(post=OuterRef("id"), days__contains=today).values("person__name")
    living = Post.objects.filter(Q(unit=None) | Q(unit__abolished_on=None) | Q(unit__abolished_on__gt=today))
    return (
        living.select_related("unit")
        .annotate(holder=Subquery(holder))
        .order_by(F("unit__path").asc(nulls_first=True), "id")
    )


def entries(posts: QuerySet[Post], at: datetime) -> list[Entry]:
    """Return what the directory tells of each of these posts."""
    today = day_of(at)
    begun = Tenure.objects.filter(days__startswith__lte=today) | Tenure.objects.filter(days__lower_inf=True)
    answered_for = Portfolio.objects.filter(days__contains=today, unit__abolished_on=None)
    points = {name: name for name in ("kind", "value", "answer_mode", "hours", "withdrawn_at")}
    told = JSONObject(
        held=_rows(begun.order_by("-days"), person="person__name", first="days__startswith", end="days__endswith"),
        points=_rows(ContactPoint.objects.order_by("id"), **points),
        portfolio=_rows(answered_for.order_by("unit__path"), name="unit__name"),
    )
    return [_entry(post, post.told, today) for post in posts.select_related("unit").annotate(told=told)]


def _rows(found: QuerySet[Any], **facts: str) -> ArraySubquery:
    return ArraySubquery(found.filter(post=OuterRef("id")).values(row=JSONObject(**facts)))


def _entry(post: Post, told: Mapping[str, Sequence[Mapping[str, Any]]], today: date) -> Entry:
    held = [Held(one["person"], _day(one["first"]), _last_day(one["end"])) for one in told["held"]]
    points = [_point(one) for one in told["points"]]
    holder = next((one for one in held if one.last is None or one.last >= today), None)
    return Entry(
        post=post,
        holder=holder,
        held=held,
        points=[one for one in points if one.withdrawn_at is None],
        withdrawn=[one for one in points if one.withdrawn_at is not None],
        portfolio=[one["name"] for one in told["portfolio"]],
    )


def _point(said: Mapping[str, Any]) -> ContactPoint:
    withdrawn = said["withdrawn_at"]
    return ContactPoint(**{**said, "withdrawn_at": withdrawn and parse_datetime(withdrawn)})


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None


def _last_day(end: str | None) -> date | None:
    """Return the last day of a range, whose upper end the database keeps as the day after it."""
    day = _day(end)
    return day - _DAY if day else None
