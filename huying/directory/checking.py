"""核对号码: whether what a message names is published by the city, was once, or is unknown here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import F, Q, TextField, Value
from django.db.models.functions import Length

from huying.people.models import Post
from huying.rules.number_check import MOST, Picked, What, digits_of, is_same_number, picked

from .models import ContactPoint


class Standing(StrEnum):
    """How a number or account stands in the directory."""

    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Checked:
    """One contact of a message; `point` where the city publishes it, or did until `since`."""

    picked: Picked
    standing: Standing
    point: ContactPoint | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a message names, one by one; and how the posts that it names, or whose number it once was, are reached."""

    checked: Sequence[Checked]
    reached_by: Sequence[ContactPoint] = ()


def check(text: str) -> Answer:
    """Return how everything in a text stands; three statements, however much it names."""
    wanted = picked(text)
    known = _known(wanted)
    checked = [_checked(one, known) for one in wanted]
    gone = {one.point.post_id for one in checked if one.standing is Standing.WITHDRAWN and one.point}
    posts = {*_named(text), *gone} - {None}
    real = {one.point.id for one in checked if one.standing is Standing.PUBLISHED and one.point}
    ways = ContactPoint.published.filter(post__in=posts).select_related("post__unit").order_by("post", "id")
    return Answer(checked, [way for way in ways if way.id not in real] if posts else [])


def _known(wanted: Iterable[Picked]) -> list[ContactPoint]:
    """Return the contact points that could be one of these, withdrawn ones too (one statement)."""
    condition = Q(pk__in=())
    for one in wanted:
        if one.what is What.PHONE:
            # From the end, so that an area code before it doesn't matter.
            last = one.value[-8:] if len(one.value) > 8 else one.value
            condition |= Q(value__regex=r"[^0-9]*".join(last) + "$")
        else:
            condition |= Q(value__iexact=one.value) | Q(value__iexact=one.written)
    return list(ContactPoint.objects.filter(condition).select_related("post__unit").order_by("id"))


def _checked(one: Picked, known: Sequence[ContactPoint]) -> Checked:
    same = [point for point in known if _is_same(one, point)]
    now = next((point for point in same if point.withdrawn_at is None), None)
    if now is not None:
        return Checked(one, Standing.PUBLISHED, now)
    if same:
        last = max(same, key=lambda point: (point.withdrawn_at, point.id))
        return Checked(one, Standing.WITHDRAWN, last, last.withdrawn_at)
    return Checked(one, Standing.UNKNOWN)


def _is_same(one: Picked, point: ContactPoint) -> bool:
    if one.what is What.PHONE:
        return is_same_number(digits_of(point.value), one.value)
    return point.value.casefold() == one.value


def _named(text: str) -> list[int]:
    """Return the posts that a text names, such as the mayor (one statement)."""
    within = Post.objects.annotate(said=Value(text[:MOST].replace("\0", ""), TextField()), letters=Length("name"))
    found = within.filter(said__contains=F("name"), letters__gt=1).order_by("-letters", "id")
    return list(found.values_list("id", flat=True)[:3])
