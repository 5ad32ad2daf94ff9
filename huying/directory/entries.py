"""A post as the directory tells of it: who holds and held it, how it is and was reached, what it answers for.

One statement, however many posts, numbers and holders there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import F, JSONField, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.utils.dateparse import parse_datetime

from huying.people.models import Post, Tenure
from huying.people.serving import day_of

_DAY = timedelta(days=1)
# What is told of each post. Written out here: Django took longer to write it than to read a page of posts by it.
_TOLD = """
    jsonb_build_object(
        'held', ARRAY(
            SELECT jsonb_build_object('person', name, 'first', lower(days), 'end', upper(days))
            FROM people_tenure JOIN people_person ON people_person.id = person_id
            WHERE post_id = people_post.id AND (lower_inf(days) OR lower(days) <= %s) ORDER BY days DESC
        ),
        'points', ARRAY(
            SELECT jsonb_build_array(kind, value, answer_mode, hours, valid_from, suspended, withdrawn_at)
            FROM directory_contactpoint WHERE post_id = people_post.id ORDER BY id
        ),
        'portfolio', ARRAY(
            SELECT unit.name FROM people_portfolio JOIN people_unit AS unit ON unit.id = unit_id
            WHERE post_id = people_post.id AND days @> %s AND unit.abolished_on IS NULL ORDER BY unit.path
        )
    )
"""


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody's days in a post, the last one included; None where it has no end, or nobody knows the beginning."""

    person: str
    first: date | None
    last: date | None


# A page has hundreds of them, and a row of a model takes ten times as long to make.
class Listed(NamedTuple):
    """A `Post` and its unit; `above` is None for the office's own level, as it is for no unit."""

    id: int
    code: str
    name: str
    unit_id: int | None
    unit: str | None
    above: int | None
    abolished_on: date | None


class Point(NamedTuple):
    """A `ContactPoint`."""

    kind: str
    value: str
    answer_mode: str
    hours: str | None
    valid_from: datetime | None
    suspended: str | None
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A post on a day: who holds it then, everybody who does or did (the latest first), its numbers and its units."""

    post: Listed
    holder: Held | None
    held: Sequence[Held]
    points: Sequence[Point]
    withdrawn: Sequence[Point]
    portfolio: Sequence[str]


def listed(today: date) -> QuerySet[Post]:
    """Return the posts of living units in the order of the tree, each with `holder`, who holds it that day."""
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
    told = RawSQL(_TOLD, (today, today), output_field=JSONField())  # noqa: S611  # a constant, and parameters
    whose = ("id", "code", "name", "unit_id", "unit__name", "unit__parent_id", "unit__abolished_on")
    rows = posts.annotate(told=told).values_list(*whose, "told")
    return [_entry(Listed(*post), said, at, today) for *post, said in rows]


def _entry(post: Listed, told: Mapping[str, Sequence[Any]], at: datetime, today: date) -> Entry:
    held = [Held(one["person"], _day(one["first"]), _last_day(one["end"])) for one in told["held"]]
    points = [_point(one) for one in told["points"]]
    standing = [one for one in points if one.withdrawn_at is None or one.withdrawn_at > at]
    holder = next((one for one in held if one.last is None or one.last >= today), None)
    return Entry(
        post=post,
        holder=holder,
        held=held,
        points=standing,
        withdrawn=_gone(points, standing) if len(points) > len(standing) else [],
        portfolio=told["portfolio"],
    )


def _gone(points: Sequence[Point], standing: Sequence[Point]) -> list[Point]:
    """Return what is published no more, each number once; one that was published anew isn't among them."""
    known = {(one.kind, one.value): one for one in points}
    for one in standing:
        known.pop((one.kind, one.value), None)
    return list(known.values())


def _point(said: Sequence[Any]) -> Point:
    kind, value, answer_mode, hours, valid, suspended, withdrawn = said
    return Point(kind, value, answer_mode, hours, _moment(valid), suspended, _moment(withdrawn))


def _moment(said: str | None) -> datetime | None:
    return parse_datetime(said) if said else None


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None


def _last_day(end: str | None) -> date | None:
    """Return the last day of a range, whose upper end the database keeps as the day after it."""
    day = _day(end)
    return day - _DAY if day else None
