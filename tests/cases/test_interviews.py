"""Who may hold an interview: the leader in charge of the unit; another with a reason, and nobody else at all."""

from datetime import date, datetime

import pytest
from psycopg.types.range import DateRange

from huying.cases.doors import act
from huying.cases.models import Message
from huying.people.models import Delegate, Portfolio, Post, Unit
from huying.rules.access import Actor, Role
from huying.rules.commands import Assign, HoldInterview, ScheduleInterview
from huying.rules.lifecycle import Refused
from huying.rules.state import CaseState
from huying.rules.vocabulary import RefusalCode
from tests.builders import at, clerk, do, held_by, post, received, unit, user

pytestmark = pytest.mark.django_db
R = RefusalCode
SUPERVISOR = Actor("user:9", Role.SUPERVISOR)
NEXT_WEEK = at(3, 20, 9)


@pytest.fixture
def housing() -> Unit:
    """A unit in the portfolio of a deputy mayor, 测试deputy; above it answers the mayor, 测试mayor."""
    mine = unit("housing")
    for code, of in (("deputy", mine), ("mayor", Unit.objects.get(id=mine.above[-1]))):
        held_by(post(code))
        Portfolio.objects.create(post=post(code), unit=of, days=DateRange(date(2026, 1, 1), None))
    return mine


def held_at(housing: Unit, about: Post | None = None) -> int:
    case = received(respondent_post=about.id if about else None)
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    return case.case_id or 0


def scheduled(case: int, person: str, reason: str | None = None) -> CaseState | Refused:
    command = ScheduleInterview(person=person, time=NEXT_WEEK, reason=reason)
    return act(case, command, at(3, 12), at(3, 12), SUPERVISOR)


def held(case: int, person: str, when: datetime = NEXT_WEEK) -> CaseState | Refused:
    return act(case, HoldInterview(person, "限期修好", at(3, 28)), when, when, SUPERVISOR)


def test_the_leader_in_charge_needs_no_reason_and_another_does(housing: Unit) -> None:
    case = held_at(housing)
    assert scheduled(case, "测试mayor") == Refused(R.REASON_REQUIRED, "reason")
    assert isinstance(scheduled(case, "测试deputy"), CaseState)
    assert isinstance(scheduled(case, "测试mayor", "分管领导在外学习"), CaseState)


@pytest.mark.parametrize("person", ["路人甲", "测试deputy2", "测试"])
def test_who_serves_in_no_post_holds_no_interview_for_whatever_reason(housing: Unit, person: str) -> None:
    case = held_at(housing)
    assert scheduled(case, person, "他有空") == Refused(R.FIELD_INVALID, "person")
    assert held(case, person) == Refused(R.FIELD_INVALID, "person")


def test_while_the_leader_in_charge_is_away_the_next_one_says_so(housing: Unit) -> None:
    case = held_at(housing)
    days = DateRange(date(2026, 3, 1), date(2026, 4, 1))
    Delegate.objects.create(post=post("deputy"), user=user("other", Role.LEADER), days=days, named_by="user:1")
    assert scheduled(case, "测试mayor") == Refused(R.REASON_REQUIRED, "reason")
    assert isinstance(scheduled(case, "测试mayor", "分管副市长外出"), CaseState)


def test_who_is_complained_about_holds_none(housing: Unit) -> None:
    case = held_at(housing, post("deputy"))
    assert scheduled(case, "测试deputy", "他熟悉") == Refused(R.FIELD_INVALID, "person")


def test_what_was_arranged_is_held_without_saying_why_again(housing: Unit) -> None:
    case = held_at(housing)
    assert held(case, "测试mayor") == Refused(R.REASON_REQUIRED, "reason")
    assert isinstance(scheduled(case, "测试mayor", "分管领导在外学习"), CaseState)
    assert isinstance(held(case, "测试mayor"), CaseState)


def test_where_nobody_has_the_unit_in_a_portfolio_the_supervisor_decides() -> None:
    assert isinstance(scheduled(held_at(unit("water")), "副市长甲"), CaseState)


def test_who_is_interviewed_about_several_cases_is_told_another_time_on_all_of_them_once(housing: Unit) -> None:
    cases = tuple(held_at(housing) for _ in range(2))

    def told(time: datetime) -> list[int]:
        plan = ScheduleInterview(person="测试deputy", time=time, cases=cases)
        done = [act(case, plan, at(3, 12), at(3, 12), SUPERVISOR) for case in cases]
        assert all(isinstance(one, CaseState) for one in done)
        notices = Message.objects.filter(event="interview_scheduled", audience="unit")
        return [notices.filter(case=case).count() for case in cases]

    assert told(NEXT_WEEK) == [1, 2]  # the second command says nothing new to the first case
    assert told(at(3, 21, 9)) == [2, 4]
