"""From a user or a token to the actor that the rules know, at a moment: posts change hands from day to day."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import BigIntegerField, OuterRef, QuerySet, Subquery, Value

from huying.rules.access import Actor, Role

from .models import ApiToken, Delegate, Liaison, Tenure, User
from .serving import day_of
from .tokens import living_tokens, tokens_of


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
        name=user.full_name,
    )


def actor_with_token(secret: str, at: datetime) -> Actor | None:
    """Return who a program with this secret is for the rules at that moment (one statement); None where nobody is.

    A leader's token acts as who holds its post that day, a liaison's for that person.
    """
    return _of_token(tokens_of(secret), at)


def actor_called(name: str, at: datetime) -> Actor | None:
    """Return who is behind the name that an actor has in records, with the rights of that moment; None if nobody is
    any more.
    """
    kind, _, number = name.partition(":")
    if not number.isdecimal():
        return None
    if kind == "user":
        user = User.objects.select_related("unit").filter(pk=int(number), is_active=True).first()
        return None if user is None else actor_of(user, at)
    return _of_token(living_tokens().filter(pk=int(number)), at) if kind == "token" else None


def _of_token(found: QuerySet[ApiToken], at: datetime) -> Actor | None:
    holder = Subquery(_held(at).filter(post=OuterRef("post")).values("person"))
    token = found.annotate(holder=holder).first()
    if token is None:
        return None
    role = Role(token.role)
    posts = {token.post_id} if role in (Role.LEADER, Role.LIAISON) and token.post_id is not None else set()
    return Actor(
        id=f"token:{token.pk}",
        role=role,
        unit=token.unit_id,
        above=token.unit.above if token.unit else (),
        person=token.holder if role is Role.LEADER else None,
        posts=frozenset(posts),
        acts_for=frozenset({token.holder} if role is Role.LIAISON and token.holder is not None else ()),
        name=token.name,
    )


def _held(at: datetime) -> QuerySet[Tenure]:
    """Return the tenures of that day, as the city's clocks show it."""
    return Tenure.objects.filter(days__contains=day_of(at))


def _posts(user: User, at: datetime) -> tuple[frozenset[int], frozenset[int]]:
    """Return the posts that tie somebody to cases, and who holds those of them in which he acts for somebody else."""
    held = _held(at)
    holder = Subquery(held.filter(post=OuterRef("post")).values("person"))
    match user.role:
        case Role.LEADER if user.person_id is not None:
            own = held.filter(person=user.person_id).values_list("post_id", _NOBODY)
            for_others = Delegate.objects.filter(user_id=user.pk, days__contains=day_of(at))
            return _of(own.union(for_others.values_list("post_id", holder), all=True))
        case Role.LIAISON:
            return _of(Liaison.objects.filter(user_id=user.pk).values_list("post_id", holder))
        case _:
            return frozenset(), frozenset()


_NOBODY = Value(None, BigIntegerField())


def _of(rows: Iterable[tuple[int, int | None]]) -> tuple[frozenset[int], frozenset[int]]:
    found = list(rows)
    return frozenset(post for post, _ in found), frozenset(person for _, person in found if person is not None)
