"""Who holds an interview: the leader in charge of the unit, not the one complained about, in office that day."""

from datetime import date

import pytest
from psycopg.types.range import DateRange

from huying.people.chair import interview_chair
from huying.people.models import Delegate, Portfolio, Post, Unit
from tests.builders import held_by, post, unit

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 20)


def in_charge(of: Unit, by: Post, last: date | None = None) -> None:
    Portfolio.objects.create(post=by, unit=of, days=DateRange(date(2026, 1, 1), last, "[]" if last else "[)"))


def above_housing() -> Unit:
    parent = unit("housing").parent
    assert parent is not None
    return parent


def test_the_leader_whose_portfolio_holds_the_unit_holds_the_interview() -> None:
    leader = held_by(post("vice"))
    in_charge(unit("housing"), post("vice"))
    chair = interview_chair(unit("housing"), DAY)
    assert chair is not None
    assert (chair.person, chair.in_charge, chair.passed_over) == (leader.person_id, "housing", ())


def test_for_a_unit_in_nobodys_portfolio_it_is_who_answers_for_the_nearest_above() -> None:
    held_by(post("vice"))
    held_by(post("mayor"))
    in_charge(above_housing(), post("mayor"))
    in_charge(unit("housing"), post("vice"))
    chair = interview_chair(unit("repairs", "housing"), DAY)
    assert chair is not None
    assert (chair.post, chair.in_charge) == (post("vice").id, "housing")


@pytest.mark.parametrize("why", ["complained about", "out of office", "no longer in charge", "away"])
def test_who_cannot_is_passed_over_for_the_next(why: str) -> None:
    nearest = held_by(post("vice"), last=date(2026, 3, 1) if why == "out of office" else None)
    upper = held_by(post("mayor"))
    in_charge(unit("housing"), post("vice"), date(2026, 3, 1) if why == "no longer in charge" else None)
    in_charge(above_housing(), post("mayor"))
    if why == "away":
        Delegate.objects.create(post=post("vice"), user=upper, days=DateRange(DAY, DAY, "[]"), named_by="user:1")
    without = frozenset({nearest.person_id or 0}) if why == "complained about" else frozenset()
    chair = interview_chair(unit("housing"), DAY, without)
    assert chair is not None
    assert chair.person == upper.person_id
    assert chair.passed_over == (() if why == "no longer in charge" else ("vice",))


def test_where_nobody_is_left_nobody_is_named() -> None:
    assert interview_chair(unit("housing"), DAY) is None
