"""Who holds an interview with a unit: the leader in charge of it, by the portfolios of the day."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.db.models.functions import Length

from .models import Delegate, Portfolio, Tenure, Unit


def serves(name: str, day: date, without: frozenset[int] = frozenset()) -> bool:
    """Return whether a person of that name, who is none of `without`, holds a post on that day."""
    held = Tenure.objects.filter(person__name=name, days__contains=day)
    return held.exclude(person__in=without).exists()


@dataclass(frozen=True, slots=True)
class Chair:
    """A leader who can hold an interview; `in_charge` is the unit that the post answers for."""

    post: int
    person: int
    name: str
    in_charge: str
    passed_over: tuple[str, ...] = ()  # who is nearer, but vacant, away, or held by whoever is complained about


def interview_chair(unit: Unit, day: date, without: frozenset[int] = frozenset()) -> Chair | None:
    """Return the holder of the post that answers for `unit`, or for the nearest unit above it, on that day.

    `without` are persons who can't: whoever is complained about. Nor does who is away, so that somebody stands in.
    None where nobody is left.
    """
    line = Q(unit__in=(unit.id, *unit.above))
    found = Portfolio.objects.filter(line, days__contains=day).select_related("post", "unit")
    nearest = found.order_by(Length("unit__path").desc(), "id")
    away = Delegate.objects.filter(days__contains=day).values("post")
    held = Tenure.objects.filter(post__in=found.values("post"), days__contains=day).exclude(post__in=away)
    holders = {tenure.post_id: tenure.person for tenure in held.select_related("person")}
    passed_over: list[str] = []
    for entry in nearest:
        person = holders.get(entry.post_id)
        if person is not None and person.id not in without:
            return Chair(entry.post_id, person.id, person.name, entry.unit.name, tuple(passed_over))
        passed_over.append(entry.post.name)
    return None
