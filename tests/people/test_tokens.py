"""Tokens for programs: a secret that is shown once, found again by its hash, and ended for good."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from huying.people.actors import actor_with_token
from huying.people.models import ApiToken, Post
from huying.people.office import the_office
from huying.people.tokens import PREFIX, issue_token, revoke_token, tokens_of
from huying.rules.access import Actor, Role
from tests.builders import NOW, at, held_by, post, unit

pytestmark = pytest.mark.django_db


def test_a_secret_leads_to_its_token_and_any_other_to_none() -> None:
    secret = issue_token("board", Role.UNIT, NOW, unit=unit())
    found = tokens_of(secret).first()
    assert found is not None
    assert found.unit is not None
    assert (found.name, found.role, found.unit.code) == ("board", "unit", "housing")
    assert secret.startswith(PREFIX)
    assert [tokens_of(other).first() for other in ("", secret[:-1], secret.swapcase(), f" {secret}")] == [None] * 4


def test_the_database_does_not_hold_the_secret() -> None:
    secret = issue_token("board", Role.OFFICE, NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT api::text, encode(digest, 'escape') FROM people_apitoken api")
        [row] = cursor.fetchall()
    assert not [value for value in row if secret in value or secret.removeprefix(PREFIX) in value]
    assert len(bytes(ApiToken.objects.get().digest)) == 33


def test_a_revoked_token_leads_nowhere_and_its_name_is_free_again() -> None:
    first = issue_token("board", Role.OFFICE, NOW)
    assert revoke_token("board", at(3, 11))
    assert not revoke_token("board", at(3, 12))
    second = issue_token("board", Role.OFFICE, at(3, 12))
    assert tokens_of(first).first() is None
    assert tokens_of(second).first() is not None


@pytest.mark.parametrize("role", [Role.UNIT, Role.LEADER, Role.LIAISON])
def test_the_database_wants_the_unit_or_post_that_a_role_acts_for(role: Role) -> None:
    with pytest.raises(IntegrityError, match="_named"), transaction.atomic():
        issue_token("board", role, NOW)


def test_no_token_acts_for_a_unit_and_a_post_at_once() -> None:
    the_office()
    post = Post.objects.create(code="mayor", name="市长")
    with pytest.raises(IntegrityError, match="token_of_unit_or_post"), transaction.atomic():
        issue_token("board", Role.OFFICE, NOW, unit=unit(), post=post)


def test_two_living_tokens_never_bear_one_name() -> None:
    issue_token("board", Role.OFFICE, NOW)
    with pytest.raises(IntegrityError, match="token_name_once"), transaction.atomic():
        issue_token("board", Role.OPERATOR, NOW)


# -- who a program is ------------------------------------------------------------------------------------------------


def test_a_units_token_acts_for_it_below_the_units_above_it() -> None:
    unit("housing")
    heating = unit("heating", "housing")
    secret = issue_token("feed", Role.UNIT, NOW, unit=heating)

    actor = actor_with_token(secret, NOW)

    assert actor == Actor(f"token:{ApiToken.objects.get().id}", Role.UNIT, heating.id, heating.above, name="feed")
    assert len(heating.above) == 2


@pytest.mark.parametrize("role", [Role.LEADER, Role.LIAISON])
def test_a_posts_token_acts_for_whoever_holds_it_that_day(role: Role) -> None:
    mayor = post("mayor")
    held_by(mayor, date(2026, 1, 1), date(2026, 3, 10))
    person = mayor.tenures.get().person_id
    secret = issue_token("feed", role, NOW, post=mayor)

    last, next_day = (actor_with_token(secret, at(3, day, 12)) for day in (10, 11))

    assert last is not None
    assert next_day is not None
    assert last.posts == next_day.posts == {mayor.id}
    assert (last.person, next_day.person) == ((person, None) if role is Role.LEADER else (None, None))
    assert not next_day.acts_for
    assert list(last.acts_for) == ([] if role is Role.LEADER else [person])


def test_nobody_acts_with_a_wrong_or_a_revoked_secret() -> None:
    secret = issue_token("feed", Role.OFFICE, NOW)
    assert actor_with_token(secret + "x", NOW) is None

    revoke_token("feed", NOW)

    assert actor_with_token(secret, NOW) is None
