"""Which rulebook is the office's current one, from when, and that no case finds itself under another."""

from datetime import date

import pytest
from django.db import InternalError, ProgrammingError, transaction

from huying.cases.models import RulebookInForce
from huying.cases.rulebooks import NoRulebook, TooLate, in_force, put_in_force
from huying.rules.access import Actor
from tests.builders import NOW, at, received, version

pytestmark = pytest.mark.django_db


def adopted(rulebook_id: str, day: date) -> None:
    put_in_force(version(rulebook_id), day, NOW, Actor.system())


def test_the_date_decides_which_version_is_in_force() -> None:
    adopted("bozhou", date(2026, 3, 10))
    adopted("laixi", date(2026, 4, 1))
    moments = [at(3, 10), at(3, 31, 23, 59, 59), at(4, 1), at(12, 31)]
    assert [in_force(moment).rulebook for moment in moments] == ["bozhou", "bozhou", "laixi", "laixi"]


def test_one_that_is_adopted_later_for_an_earlier_day_is_in_force_between() -> None:
    adopted("laixi", date(2026, 4, 1))
    adopted("bozhou", date(2026, 3, 20))
    assert [in_force(at(month, day)).rulebook for month, day in ((3, 20), (4, 2))] == ["bozhou", "laixi"]


def test_of_two_from_one_day_the_one_adopted_last_counts_and_an_old_one_can_come_back() -> None:
    for rulebook in ("bozhou", "laixi", "bozhou"):
        adopted(rulebook, date(2026, 4, 1))
    assert in_force(at(4, 1)).rulebook == "bozhou"
    assert in_force(at(4, 1)).version == 1


def test_before_the_first_there_is_none_and_the_remedy_is_named() -> None:
    adopted("bozhou", date(2026, 3, 10))
    with pytest.raises(NoRulebook, match="rulebook adopt ID --from DATE"):
        in_force(at(3, 9, 23, 59, 59))


def test_a_past_day_is_possible_while_no_case_came_in_since() -> None:
    received(at(2, 1, 12))
    with pytest.raises(TooLate, match="something was received since 2026-02-01"):
        adopted("laixi", date(2026, 2, 1))
    adopted("laixi", date(2026, 2, 2))
    assert in_force(at(2, 2)).rulebook == "laixi"


def test_today_means_from_now_on_once_a_case_of_today_is_there() -> None:
    adopted("bozhou", date(2026, 3, 1))
    received(at(3, 10, 8))
    adopted("laixi", date(2026, 3, 10))
    assert in_force(at(3, 10, 9, 14)).rulebook == "bozhou"
    assert in_force(NOW).rulebook == "laixi"


def test_what_was_in_force_can_not_be_rewritten() -> None:
    adopted("bozhou", date(2026, 3, 10))
    for change in (lambda: RulebookInForce.objects.update(since=NOW), lambda: RulebookInForce.objects.all().delete()):
        with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
            change()


def test_what_still_waits_to_be_sorted_counts_as_received_too() -> None:
    adopted("bozhou", date(2026, 3, 1))
    received(at(3, 10, 8), kind="unsorted")
    adopted("laixi", date(2026, 3, 10))
    assert in_force(at(3, 10, 8)).rulebook == "bozhou"
    with pytest.raises(TooLate):
        adopted("henan-xinfang", date(2026, 3, 9))
