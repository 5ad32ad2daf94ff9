"""From a user to the actor that the rules know, at a moment: posts are held, and represented, from day to day."""

from datetime import datetime

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from huying.rules.access import Actor, Role

from .models import Liaison, Tenure, User


def actor_of(user: User, at: datetime) -> Actor:
    """Return who `user` is for the rules at that moment; one statement for a leader or liaison, else none.

    The unit is expected to be there, as the login brings it along.
    """
    posts, acts_for = _posts(user, at)
    return Actor(
        id=f"user:{user.pk}",
        role=Role(user.role),
        unit=user.unit_id,
        above=user.unit.above if user.unit else (),
        person=user.person_id,
        posts=posts,
        acts_for=acts_for,
    )


def _posts(user: User, at: datetime) -> tuple[frozenset[int], frozenset[int]]:
    """Return the posts that tie somebody to cases, and for a liaison the persons who hold them that day."""
    today = at.astimezone(timezone.get_current_timezone()).date()
    held = Tenure.objects.filter(days__contains=today)
    match user.role:
        case Role.LEADER if user.person_id is not None:
            return frozenset(held.filter(person=user.person_id).values_list("post_id", flat=True)), frozenset()
        case Role.LIAISON:
            holder = Subquery(held.filter(post=OuterRef("post")).values("person"))
            rows = list(Liaison.objects.filter(user_id=user.pk).values_list("post_id", holder))
            return frozenset(post for post, _ in rows), frozenset(person for _, person in rows if person is not None)
        case _:
            return frozenset(), frozenset()
