"""Who serves in a post on which day: its holder, the liaisons who act for it, and who stands in while one is away."""

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from psycopg.types.range import DateRange

from huying.rules.access import Role

from .models import ApiToken, Delegate, Liaison, Post, Tenure, User


def day_of(at: datetime) -> date:
    """Return the day of a moment, as the city's clocks show it."""
    return at.astimezone(timezone.get_current_timezone()).date()


def holder_at(post: int, at: datetime) -> int | None:
    """Return the person who holds a post at a moment, if anybody does (one statement)."""
    held = Tenure.objects.filter(post=post, days__contains=day_of(at))
    return held.values_list("person_id", flat=True).first()


def end_service(post: int, at: datetime) -> None:
    """End the tenure that runs on that day before it begins, and let nobody act for the post any more."""
    day = day_of(at)
    for tenure in Tenure.objects.filter(post=post, days__contains=day):
        _end_before(tenure, day)
    for delegate in Delegate.objects.filter(post=post, days__endswith__gt=day):
        _end_before(delegate, day)
    Liaison.objects.filter(post=post).delete()
    ApiToken.objects.filter(post=post, revoked_at=None).update(revoked_at=at)


def _end_before(served: Tenure | Delegate, day: date) -> None:
    if served.days.lower >= day:
        served.delete()
        return
    served.days = DateRange(served.days.lower, day)
    served.save(update_fields=["days"])


# -- delegates -------------------------------------------------------------------------------------------------------


LONGEST = timedelta(days=366)  # from today to the last day: who is away longer is succeeded


class NotADelegate(ValueError):
    """Nobody may stand in so; `field` is what would have to be different."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def may_stand_in() -> QuerySet[User]:
    """Return the accounts that may be named as delegates: leaders, who have a post of their own to answer for."""
    return User.objects.filter(role=Role.LEADER, is_active=True, person__isnull=False)


def name_delegate(post: Post, user: User, first: date, last: date, named_by: str, at: datetime) -> Delegate:
    """Have somebody stand in for the holder of a post, from one day up to and including another.

    Raises NotADelegate: for `user` if that is no leader or holds the post himself in those days, for `last` if the
    days are over, none, or more than a year, for `first` if somebody stands in on one of them already.
    """
    if not max(first, day_of(at)) <= last <= day_of(at) + LONGEST:
        raise NotADelegate("last")
    days = DateRange(first, last, "[]")
    holds_it = Tenure.objects.filter(post=post, person=OuterRef("person"), days__overlap=days)
    if not may_stand_in().filter(~Exists(holds_it), id=user.id).exists():
        raise NotADelegate("user")
    try:
        with transaction.atomic():
            return Delegate.objects.create(post=post, user=user, days=days, named_by=named_by)
    except IntegrityError as taken:
        raise NotADelegate("first") from taken


def delegates_from(day: date) -> QuerySet[Delegate]:
    """Return who stands in on that day or will later, the nearest first."""
    found = Delegate.objects.filter(days__endswith__gt=day)
    return found.select_related("post__unit", "user").order_by("days", "id")


def end_delegate(delegate: int, at: datetime) -> bool:
    """End a delegate's days before today; return False if there is none who stands in, or will."""
    found = delegates_from(day_of(at)).filter(id=delegate).first()
    if found is None:
        return False
    _end_before(found, day_of(at))
    return True
