"""What one person must not read never comes into a case that he reads: neither by joining it nor by a merge."""

import pytest

from huying.cases.doors import act
from huying.cases.intake import Intake, Received, register
from huying.cases.queries import totals
from huying.people.models import Unit
from huying.rules.access import Actor, Role
from huying.rules.commands import (
    Archive,
    Assign,
    Decline,
    GiveAnswer,
    Merge,
    Recall,
    RecordVerdict,
    Refer,
)
from huying.rules.lifecycle import Refused
from huying.rules.state import CaseState
from huying.rules.vocabulary import Kind, RefusalCode
from tests.builders import at, clerk, do, held_by, intake, into, post, received, unit, verified_case

pytestmark = pytest.mark.django_db
R = RefusalCode
WEDNESDAY = at(3, 18, 10)
APART = Refused(R.FIELD_INVALID, "joins")


def joined(case: Received, **about: object) -> Received | Refused:
    more: Intake = intake("他们推诿", joins=case.number, **about)
    return register(more, WEDNESDAY, into(WEDNESDAY))


def held(housing: Unit) -> Received:
    case = received()
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    return case


def test_a_complaint_about_the_holder_does_not_join_the_case_that_it_holds() -> None:
    housing = unit("housing")
    case = held(housing)
    assert joined(case, respondent=housing.id) == APART
    assert isinstance(joined(case), Received)


def test_a_complaint_about_a_leader_does_not_join_a_case_that_he_sees() -> None:
    held_by(post("mayor"))
    case = received(post=post("mayor").id)
    assert joined(case, respondent_post=post("mayor").id) == APART


def test_a_confidential_report_joins_no_ordinary_case() -> None:
    assert joined(held(unit("housing")), confidential=True) == APART


def test_more_about_the_same_unit_joins_the_complaint_about_it() -> None:
    housing, water = unit("housing"), unit("water")
    case = received(respondent=housing.id)
    assert isinstance(joined(case, respondent=housing.id), Received)
    assert joined(case, respondent=water.id) == APART


def test_a_complaint_and_the_case_of_the_unit_it_is_about_are_never_one() -> None:
    housing = unit("housing")
    older, complaint = held(housing), received(at(3, 11, 9), respondent=housing.id)
    younger = received(at(3, 12, 9))
    for one, other in ((complaint, older), (younger, complaint)):
        merge = Merge(other.case_id or 0)
        assert act(one.case_id or 0, merge, WEDNESDAY, WEDNESDAY, clerk()) == Refused(R.FIELD_INVALID, "into")


def test_the_older_case_goes_into_no_younger_one() -> None:
    older, younger = received(), received(at(3, 11, 9))
    merge = act(older.case_id or 0, Merge(younger.case_id or 0), WEDNESDAY, WEDNESDAY, clerk())
    assert merge == Refused(R.FIELD_INVALID, "into")
    assert isinstance(act(younger.case_id or 0, Merge(older.case_id or 0), WEDNESDAY, WEDNESDAY, clerk()), CaseState)


@pytest.mark.parametrize("way", [Decline("办不了", "去法院"), Refer("法院"), GiveAnswer("就这样")])
def test_what_was_judged_unsatisfied_leaves_the_rates_by_no_other_door(way: Decline | Refer | GiveAnswer) -> None:
    case = verified_case(unit("housing"))
    do(case, RecordVerdict("unsatisfied"), at(3, 17, 10), clerk())
    do(case, Recall("再派"), at(3, 17, 11), clerk())
    before = totals(Actor("user:1", Role.OFFICE), WEDNESDAY)
    assert act(case.case_id or 0, way, WEDNESDAY, WEDNESDAY, clerk()) == Refused(R.WRONG_STATE)
    older = received(at(3, 9, 9))
    assert act(case.case_id or 0, Merge(older.case_id or 0), WEDNESDAY, WEDNESDAY, clerk()) == Refused(R.WRONG_STATE)
    assert totals(Actor("user:1", Role.OFFICE), WEDNESDAY).cases == before.cases + 1


def test_what_was_declined_does_not_become_a_case_by_being_archived() -> None:
    case = received(kind=Kind.PROBLEM)
    do(case, Decline("不归政府管", "去法院"), at(3, 10, 15), clerk())
    before = totals(Actor("user:1", Role.OFFICE), WEDNESDAY)
    assert act(case.case_id or 0, Archive(), WEDNESDAY, WEDNESDAY, clerk()) == Refused(R.WRONG_STATE)
    assert totals(Actor("user:1", Role.OFFICE), WEDNESDAY) == before
