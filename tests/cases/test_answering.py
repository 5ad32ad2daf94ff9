"""Whoever has something to answer sees the case until it has, though the case was taken from it meanwhile."""

import pytest

from huying.cases.models import CaseParty
from huying.cases.queries import visible_to
from huying.people.models import Unit
from huying.rules.access import Actor, Role, unit_party
from huying.rules.commands import (
    AnswerInstruction,
    ApproveReturn,
    Assign,
    CancelFault,
    Command,
    Group,
    HoldInterview,
    Instruct,
    JoinUnit,
    ProposeFault,
    Recall,
    Rectified,
    RequestReturn,
    ScheduleInterview,
    StateFault,
)
from tests.builders import at, clerk, do, holder, post, received, unit

pytestmark = pytest.mark.django_db
SUPERVISOR = Actor("user:7", Role.SUPERVISOR)
FAULT = ProposeFault("buck_passing", evidence="两次退回")


def sees(one: Unit) -> bool:
    return visible_to(holder(one)).exists()


def leader() -> Actor:
    return Actor("user:3", Role.LEADER, posts=frozenset({post("mayor").id}))


@pytest.mark.parametrize("how", ["recall", "return", "group"])
def test_a_unit_speaks_to_its_fault_after_the_case_was_taken_from_it_and_then_sees_nothing_more(how: str) -> None:
    housing, water = unit("housing"), unit("water")
    case = received()
    do(case, Assign(housing.id), at(3, 10, 10), clerk())
    do(case, FAULT, at(3, 10, 11), SUPERVISOR)
    taken: dict[str, list[tuple[Command, Actor]]] = {
        "recall": [(Recall(), clerk())],
        "return": [(RequestReturn("不归我们"), holder(housing)), (ApproveReturn(), clerk())],
        "group": [(Group("停水", water.id), clerk())],
    }
    for command, actor in taken[how]:
        do(case, command, at(3, 10, 12), actor)
    assert sees(housing)

    do(case, StateFault("已在路上"), at(3, 10, 13), holder(housing))
    assert not sees(housing)


def test_each_unit_goes_as_it_has_answered_and_no_other_with_it() -> None:
    mayor, units = post("mayor"), [unit(f"u{n}") for n in range(12)]  # among them ids that begin alike
    case = received(post=mayor.id)
    do(case, Assign(units[0].id), at(3, 10, 10), clerk())
    for one in units:
        do(case, Instruct("速办", post=mayor.id, unit=one.id), at(3, 10, 11), leader())
    do(case, JoinUnit(unit("joined").id), at(3, 10, 12), clerk())
    do(case, Recall(), at(3, 10, 13), clerk())
    assert not sees(unit("joined"))

    for n, one in enumerate(units, start=1):
        do(case, AnswerInstruction("已办"), at(3, 10, 14), holder(one))
        assert [sees(other) for other in units] == [False] * n + [True] * (len(units) - n)


def test_who_holds_or_joins_it_again_keeps_it_beyond_its_answer() -> None:
    housing, water = unit("housing"), unit("water")
    case = received()
    do(case, Assign(housing.id), at(3, 10, 10), clerk())
    do(case, FAULT, at(3, 10, 11), SUPERVISOR)
    do(case, ProposeFault("inaction", water.id, "三天没有到场"), at(3, 10, 11), SUPERVISOR)
    do(case, Recall(), at(3, 10, 12), clerk())
    do(case, Assign(housing.id), at(3, 10, 13), clerk())
    do(case, JoinUnit(water.id), at(3, 10, 14), clerk())
    for one in (housing, water):
        do(case, StateFault("已在路上"), at(3, 10, 15), holder(one))
        assert sees(one)


def test_who_is_not_blamed_after_all_has_nothing_left_to_say() -> None:
    housing = unit("housing")
    case = received()
    do(case, Assign(housing.id), at(3, 10, 10), clerk())
    do(case, FAULT, at(3, 10, 11), SUPERVISOR)
    do(case, Recall(), at(3, 10, 12), clerk())
    do(case, CancelFault("情有可原"), at(3, 10, 13), SUPERVISOR)
    assert not CaseParty.objects.filter(party=unit_party(housing.id)).exists()


def test_who_was_called_to_an_interview_sees_the_case_until_it_is_put_right() -> None:
    housing = unit("housing")
    case = received()
    do(case, Assign(housing.id), at(3, 10, 10), clerk())
    do(case, ScheduleInterview(None, "副市长甲", at(3, 12, 9)), at(3, 10, 11), SUPERVISOR)
    do(case, Recall(), at(3, 10, 12), clerk())
    do(case, HoldInterview("副市长甲", "限期修好", at(3, 20, 18)), at(3, 12, 9), SUPERVISOR)
    assert sees(housing)
    do(case, Rectified(), at(3, 13, 9), SUPERVISOR)
    assert not sees(housing)
