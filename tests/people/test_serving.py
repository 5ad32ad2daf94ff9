"""Delegates: who stands in for the holder of a post, from which day to which, and what ends it."""

from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from huying.cases.queries import visible_to
from huying.cases.transfer import transfer_post
from huying.people.actors import actor_of, actor_with_token
from huying.people.models import Delegate, Post, User
from huying.people.serving import NotADelegate, end_delegate, name_delegate
from huying.people.tokens import issue_token
from huying.rules.access import Role, may_register
from tests.builders import NOW, at, case_of, clerk, held_by, post, received, user

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2026, 3, 9), date(2026, 3, 13)


@pytest.fixture
def mayor() -> Post:
    return post("mayor")


@pytest.fixture
def deputy() -> User:
    return held_by(post("deputy"))


def stands_in(deputy: User, mayor: Post, first: date = FIRST, last: date = LAST) -> Delegate:
    return name_delegate(mayor, deputy, first, last, "user:1001", NOW)


def test_a_delegate_sees_and_registers_what_comes_to_the_post_in_these_days_only(mayor: Post, deputy: User) -> None:
    stands_in(deputy, mayor)
    case = case_of(received(post=mayor.id))
    for day, sees in ((8, False), (9, True), (13, True), (14, False)):
        actor = actor_of(deputy, at(3, day, 23, 59))
        assert visible_to(actor).filter(id=case.id).exists() is sees
        assert may_register(actor, mayor.id) is sees


def test_a_delegate_keeps_his_own_post(mayor: Post, deputy: User) -> None:
    stands_in(deputy, mayor)
    assert actor_of(deputy, NOW).posts == {mayor.id, post("deputy").id}


def test_what_is_about_the_holder_is_hidden_from_his_delegate(mayor: Post, deputy: User) -> None:
    held_by(mayor)
    about_him = case_of(received(post=post("deputy").id, respondent_post=mayor.id))
    assert visible_to(actor_of(deputy, NOW)).filter(id=about_him.id).exists()

    stands_in(deputy, mayor)

    assert not visible_to(actor_of(deputy, NOW)).filter(id=about_him.id).exists()
    assert visible_to(actor_of(deputy, at(3, 14))).filter(id=about_him.id).exists()


@pytest.mark.parametrize(
    ("first", "last", "wrong"),
    [
        (date(2026, 3, 12), date(2026, 3, 11), "last"),
        (date(2026, 3, 1), date(2026, 3, 9), "last"),  # over
        (date(2026, 3, 14), date(2027, 3, 12), "last"),
        (date(2026, 3, 14), date.max, "last"),
        (date(2026, 3, 13), date(2026, 3, 20), "first"),  # somebody stands in on the 13th
    ],
)
def test_days_that_cannot_be_are_refused(mayor: Post, deputy: User, first: date, last: date, wrong: str) -> None:
    stands_in(deputy, mayor)
    with pytest.raises(NotADelegate) as refused:
        stands_in(deputy, mayor, first, last)
    assert refused.value.field == wrong
    assert Delegate.objects.count() == 1


def test_only_another_leader_stands_in(mayor: Post, deputy: User) -> None:
    gone = held_by(post("gone"))
    User.objects.filter(id=gone.id).update(is_active=False)
    for one in (held_by(mayor), user("clerk"), user("liaison", Role.LIAISON), gone):
        with pytest.raises(NotADelegate) as refused:
            stands_in(one, mayor)
        assert refused.value.field == "user"


def test_whoever_held_the_post_once_may_stand_in_later(mayor: Post) -> None:
    former = held_by(mayor, date(2025, 1, 1), date(2025, 12, 31))
    assert stands_in(former, mayor).user == former


def test_a_delegate_is_ended_early_and_one_who_has_not_begun_is_gone(mayor: Post, deputy: User) -> None:
    running = stands_in(deputy, mayor)
    later = stands_in(deputy, mayor, date(2026, 4, 1), date(2026, 4, 2))

    assert end_delegate(running.id, NOW)
    assert end_delegate(later.id, NOW)

    assert Delegate.objects.get().days.upper == NOW.date()
    assert not end_delegate(running.id, NOW)
    assert mayor.id not in actor_of(deputy, NOW).posts


def test_handing_a_post_over_ends_its_delegates_and_tokens(mayor: Post, deputy: User) -> None:
    stands_in(deputy, mayor)
    stands_in(deputy, mayor, date(2026, 4, 1), date(2026, 4, 2))
    elsewhere = stands_in(held_by(post("other")), post("deputy"))
    secret = issue_token("phone of the mayor", Role.LEADER, NOW, post=mayor)
    case = case_of(received(post=mayor.id))

    transfer_post(mayor.id, post("new").id, at(3, 10, 10), clerk())

    assert not visible_to(actor_of(deputy, at(3, 10, 10))).filter(id=case.id).exists()
    assert actor_with_token(secret, at(3, 10, 11)) is None
    assert list(Delegate.objects.filter(days__contains=date(2026, 3, 10))) == [elsewhere]
    assert not Delegate.objects.filter(days__contains=date(2026, 4, 1)).exists()


def test_who_stands_in_costs_one_statement(
    mayor: Post, deputy: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    stands_in(deputy, mayor)
    with django_assert_num_queries(1):
        actor_of(deputy, NOW)
