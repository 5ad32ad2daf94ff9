"""Figures of the register: what somebody sees, as of a moment, in two statements; and they agree with the totals."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huying.cases.models import Case, CaseParty, Contact
from huying.cases.queries import totals
from huying.ledger.models import LedgerLine
from huying.people.actors import actor_of
from huying.reports.figures import Chosen, Figures, figures
from huying.reports.rates import Name, Rate
from huying.rules.access import Actor, Role
from huying.rules.commands import Assign, CallbackAttempt, GiveAnswer, RecordVerdict, Verify
from huying.rules.vocabulary import Kind
from tests.builders import (
    at,
    case_of,
    clerk,
    do,
    held_by,
    holder,
    post,
    received,
    reported,
    spoken,
    unit,
    verified_case,
)

pytestmark = pytest.mark.django_db

NOW = at(3, 20, 10)


def found(viewer: Actor | None = None, as_of: datetime = NOW, **chosen: object) -> Figures:
    return figures(viewer or clerk(), as_of, Chosen(**chosen))  # type: ignore[arg-type]


def rate(of: Figures, name: Name) -> tuple[int, int]:
    one = next(each.snapshot for each in of.rates if each.snapshot.name is name)
    return one.numerator, one.denominator


def a_register() -> None:
    """One case of each way: satisfied in time, unsatisfied and reopened, unreachable, answered, assigned, new."""
    housing = unit()
    satisfied, reopened, unreachable = (verified_case(housing) for _ in range(3))
    do(satisfied, RecordVerdict("satisfied"), at(3, 18, 9), clerk())
    do(reopened, RecordVerdict("unsatisfied", "还在漏"), at(3, 18, 9), clerk())
    for hour in (9, 14, 19):
        do(unreachable, CallbackAttempt("no_answer"), at(3, 18, hour), clerk())
    do(unreachable, RecordVerdict("unreachable"), at(3, 19, 9), clerk())
    do(received(kind=Kind.CONSULTATION), GiveAnswer("请带身份证到窗口办理。"), at(3, 10, 10), clerk())
    do(received(at(3, 18, 9)), Assign(housing.id), at(3, 18, 10), clerk())
    received(at(3, 19, 9))
    received(at(3, 19, 9), kind=Kind.VERIFICATION)


def test_the_account_and_the_rates_of_a_small_register() -> None:
    a_register()
    of = found()
    assert (of.account.cases, of.account.open, of.account.closed, of.account.not_counted) == (6, 3, 3, 0)
    assert {name: rate(of, name) for name in Name} == {
        Name.CLOSED: (3, 6),
        Name.ON_TIME: (2, 2),  # the answered one never had a term of handling
        Name.RESPONSE: (3, 4),
        Name.ANSWER_KEPT: (2, 2),  # the second round of the reopened one still has time
        Name.CONTACT_KEPT: (3, 3),
        Name.RETURNED: (0, 4),
        Name.REOPENED: (1, 4),
        Name.SATISFIED: (1, 3),
        Name.UNDERSTANDING: (0, 3),
        Name.UNSATISFIED: (0, 3),
        Name.OTHER: (2, 3),
        Name.RESOLUTION: (2, 2),
        Name.SATISFIED_OF_VALID: (1, 2),
        Name.UNDERSTANDING_OF_VALID: (0, 2),
        Name.UNSATISFIED_OF_VALID: (1, 2),
    }


def test_figures_and_totals_agree() -> None:
    a_register()
    latest = Case.objects.order_by("-id")[0]
    received(at(3, 19, 10), joins=latest.number)
    ended("declined")
    ended("closed")
    merged = ended("merged")  # which adds its contact to the older case
    Contact.objects.filter(case=merged).update(case=latest)
    Case.objects.filter(id=latest.id).update(contacts=3)
    for viewer in (clerk(), Actor.system(), holder(unit()), actor_of(held_by(post()), NOW)):
        of, sums = found(viewer), totals(viewer, NOW)
        for name in ("cases", "open", "overdue", "closed", "not_counted"):
            assert getattr(of.account, name) == getattr(sums, name), name
        assert (of.contacts_raw, of.contacts) == (sums.contacts_raw, sums.contacts)
        assert rate(of, Name.CLOSED) == (sums.closed, sums.open + sums.closed)
        for name in (Name.SATISFIED, Name.UNDERSTANDING, Name.UNSATISFIED):
            assert rate(of, name) == (getattr(sums, name), sums.closed)


def ended(stage: str) -> Case:
    """Return a case that ended as not counted."""
    case = case_of(received())
    Case.objects.filter(id=case.id).update(stage=stage, closed_at=at(3, 10, 12), closed_as="not_counted")
    return case


def test_figures_take_two_statements_however_many_cases() -> None:
    with CaptureQueriesContext(connection) as few:
        found()
    a_register()
    with CaptureQueriesContext(connection) as many:
        found()
    assert len(few) == len(many) == 2


# -- which cases ---------------------------------------------------------------------------------------------------


def test_a_period_begins_with_its_first_moment_and_ends_before_its_last() -> None:
    for moment in (at(3, 9), at(3, 10), at(3, 11)):
        received(moment)
    of = found(since=at(3, 9), until=at(3, 11))
    assert (of.account.cases, of.contacts, of.contacts_raw) == (2, 2, 2)


def test_a_contact_that_joined_counts_as_raw_on_its_own_day() -> None:
    case = received(at(3, 9))
    received(at(3, 12), joins=case.number)
    assert (found().contacts_raw, found().contacts) == (2, 1)
    later = found(since=at(3, 11))
    assert (later.contacts_raw, later.contacts, later.account.cases) == (1, 0, 0)


def test_of_a_unit_are_the_cases_that_it_or_one_below_it_holds() -> None:
    housing, water = unit(), unit("water")
    below = unit("repairs", "housing")
    for of in (housing, below, water):
        do(received(), Assign(of.id), at(3, 10, 15), clerk())
    received(kind=Kind.VERIFICATION)
    assert found(unit=housing).account.cases == 2
    assert found(unit=housing).contacts_raw == 2


def test_of_a_post_are_the_cases_and_contacts_that_came_to_it() -> None:
    mayor, other = post(), post("other")
    received(post=mayor.id)
    received(post=mayor.id, kind=Kind.STANDBY)
    received(post=other.id)
    of = found(post=mayor)
    assert (of.account.cases, of.contacts, of.contacts_raw) == (1, 2, 2)


def test_a_leader_has_the_figures_of_the_own_posts_alone() -> None:
    leader = actor_of(held_by(post()), NOW)
    received(post=post().id)
    received(post=post("other").id)
    assert found(leader).account.cases == 1


def test_a_unit_complained_about_can_not_count_what_it_may_not_see() -> None:
    housing = unit()
    case = received()
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    assert found(holder(housing)).account.cases == 1
    CaseParty.objects.create(case=case_of(case), party=f"unit:{housing.id}", allow=False)
    assert found(holder(housing)).account.cases == 0
    assert found(holder(housing)).contacts_raw == 0


# -- confidential cases --------------------------------------------------------------------------------------------


def test_few_confidential_cases_are_left_out_also_of_the_contacts() -> None:
    received(at(3, 19))
    for _ in range(4):
        received(at(3, 19), confidential=True)  # the clerk is named on each
    of = found()
    assert (of.account.cases, of.contacts, of.contacts_raw, of.left_out) == (1, 1, 1, True)
    received(at(3, 19), confidential=True)
    of = found()
    assert (of.account.cases, of.contacts, of.contacts_raw, of.left_out) == (6, 6, 6, False)


def test_confidential_cases_that_somebody_may_not_see_are_in_no_figure_of_theirs() -> None:
    for _ in range(6):
        received(at(3, 19), confidential=True)
    of = found(Actor("user:7", Role.OFFICE))
    assert (of.account.cases, of.contacts_raw, of.left_out) == (0, 0, False)


# -- as of a moment ------------------------------------------------------------------------------------------------


def test_a_past_moment_counts_what_had_happened_by_then() -> None:
    a_register()
    before, then = at(3, 17), at(3, 18, 9)
    assert rate(found(as_of=before), Name.CLOSED) == (1, 4)  # the answered one
    assert rate(found(as_of=then), Name.CLOSED) == (2, 5)
    assert rate(found(as_of=before), Name.REOPENED) == (0, 1)
    assert rate(found(as_of=before), Name.RESPONSE) == (3, 3)
    assert rate(found(as_of=at(3, 11)), Name.RESPONSE) == (0, 3)
    assert found(as_of=before).contacts_raw == 4


def test_late_is_late_to_the_second() -> None:
    housing = unit()
    for moment in (at(3, 13, 23, 59, 59), at(3, 14)):
        case = received()
        do(case, Assign(housing.id), at(3, 10, 15), clerk())  # to be contacted by Fri 13 March 24:00 (S09)
        do(case, spoken(), moment, holder(housing))
    assert rate(found(), Name.RESPONSE) == (1, 2)


def test_the_last_cycle_decides_whether_a_case_was_handled_in_time_and_the_first_about_contact() -> None:
    housing = unit()
    case = verified_case(housing)
    do(case, RecordVerdict("unsatisfied", "还在漏"), at(3, 18, 9), clerk())
    do(case, spoken(), at(3, 30, 10), holder(housing))  # both terms of the second cycle have passed
    do(case, reported(), at(3, 30, 11), holder(housing))
    do(case, Verify(), at(3, 30, 12), clerk())
    do(case, RecordVerdict("satisfied"), at(3, 31, 9), clerk())
    of = found(as_of=at(3, 31, 10))
    assert (rate(of, Name.ON_TIME), rate(of, Name.RESPONSE), rate(of, Name.REOPENED)) == ((0, 1), (1, 1), (1, 1))
    assert rate(of, Name.SATISFIED_OF_VALID) == (1, 1)


def test_a_return_that_was_approved_is_counted_once_for_its_case() -> None:
    housing = unit()
    cases = [received() for _ in range(2)]
    for case in cases:
        do(case, Assign(housing.id), at(3, 10, 15), clerk())
    line = LedgerLine.objects.filter(chain_id=cases[0].case_id or 0).order_by("-seq")[0]
    for more in (1, 2):
        line.pk, line.seq, line.event = None, line.seq + more, "return_approved"
        line.save(force_insert=True)
    assert rate(found(), Name.RETURNED) == (1, 2)


def test_the_cohort_is_of_the_cases_that_came_in_early_enough() -> None:
    done = verified_case(unit())
    do(done, RecordVerdict("satisfied"), at(3, 18, 9), clerk())
    received(at(3, 19))
    of = figures(clerk(), NOW, settled_after=timedelta(days=5))
    closed = of.rates[0]
    shares: list[Rate] = [closed.snapshot, closed.cohort]
    assert [(one.numerator, one.denominator) for one in shares] == [(1, 2), (1, 1)]
    assert of.settled_until == NOW - timedelta(days=5)
