"""Tokens for programs: a secret that is shown once, found again by its hash, and ended for good."""

import pytest
from django.db import IntegrityError, connection, transaction

from huying.people.models import ApiToken, Post
from huying.people.office import the_office
from huying.people.tokens import PREFIX, issue_token, revoke_token, token_of
from huying.rules.access import Role
from tests.builders import NOW, at, unit

pytestmark = pytest.mark.django_db


def test_a_secret_leads_to_its_token_and_any_other_to_none() -> None:
    secret = issue_token("board", Role.UNIT, NOW, unit=unit())
    found = token_of(secret)
    assert found is not None
    assert found.unit is not None
    assert (found.name, found.role, found.unit.code) == ("board", "unit", "housing")
    assert secret.startswith(PREFIX)
    assert [token_of(other) for other in ("", secret[:-1], secret.swapcase(), f" {secret}")] == [None] * 4


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
    assert token_of(first) is None
    assert token_of(second) is not None


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
