"""The account for everybody: what the register says, without what could tell of somebody."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from huying.cases.models import Case
from huying.reports.figures import Chosen, figures
from huying.reports.published import OF_POST, PERIOD, RATES, Number, Share, number, published, share, withheld
from huying.reports.rates import FEW, Name, Rate
from huying.rules.access import Actor
from huying.rules.commands import Assign, RecordVerdict, Withdraw
from huying.rules.vocabulary import Kind
from tests.builders import at, case_of, clerk, do, holder, post, received, spoken, unit, verified_case

pytestmark = pytest.mark.django_db

NOW = at(4, 2, 10)


def a_history() -> None:
    """Six satisfied, five unsatisfied and reopened, seven assigned and not talked to, six only checked a number."""
    housing = unit()
    for verdict in ("satisfied",) * 6 + ("unsatisfied",) * 5:
        do(verified_case(housing), RecordVerdict(verdict, "还在漏"), at(3, 18, 9), clerk())
    for _ in range(7):
        do(received(at(3, 18, 9)), Assign(housing.id), at(3, 18, 10), clerk())
    for _ in range(6):
        received(at(3, 19, 9), kind=Kind.VERIFICATION)


def rates() -> dict[Name, Share]:
    return {one.name: one for one in published(NOW).rates}


def test_it_says_what_the_register_says() -> None:
    a_history()
    joined = received(at(3, 20))
    for _ in range(5):
        received(at(3, 21), joins=joined.number)
    of, register = published(NOW), figures(Actor.system(), NOW, Chosen(since=NOW - PERIOD))
    told = (of.cases, of.parts["open"], of.parts["closed"], of.parts["not_counted"], of.overdue)
    account = register.account
    said = (account.cases, account.open, account.closed, account.not_counted, account.overdue)
    assert tuple(one.shown for one in told) == said
    assert (of.contacts.shown, of.ways["joined"].shown, of.ways["alone"].shown) == (register.contacts_raw, 5, 6)
    beside = {one.snapshot.name: one.snapshot for one in register.rates}
    assert list(of.rates) == [share(beside[name]) for name in RATES]


def test_a_term_that_passed_without_an_answer_is_in_the_base() -> None:
    a_history()
    assert (rates()[Name.CONTACT_KEPT].numerator, rates()[Name.CONTACT_KEPT].of) == (11, 18)
    assert (rates()[Name.ANSWER_KEPT].numerator, rates()[Name.ANSWER_KEPT].of) == (6, 18)


def test_a_term_that_still_runs_or_stands_still_is_in_no_base() -> None:
    housing = unit()
    for _ in range(6):
        case = received()
        do(case, Assign(housing.id), at(3, 10, 15), clerk())
        do(case, spoken(), at(3, 12, 10), holder(housing))
    assert rates_at(at(3, 13, 10)) == 0
    assert rates_at(NOW) == 6
    for row in Case.objects.all():
        Case.objects.filter(id=row.id).update(stage="suspended")
    assert rates_at(NOW) == 0


def rates_at(moment: object) -> int | None:
    return next(one.of for one in published(moment).rates if one.name is Name.ANSWER_KEPT)  # type: ignore[arg-type]


def test_confidential_cases_and_their_contacts_are_never_counted() -> None:
    a_history()
    before = published(NOW)
    for _ in range(6):
        received(at(3, 19), confidential=True)
        received(at(3, 19), confidential=True, kind=Kind.STANDBY)
    assert published(NOW) == before


def test_what_is_late_for_long_is_not_forgotten() -> None:
    for _ in range(6):
        do(received(), Assign(unit().id), at(3, 10, 15), clerk())
    of = published(at(3, 10) + PERIOD + timedelta(days=1))
    assert (of.cases.shown, of.earlier.shown, of.earlier_overdue.shown) == (0, 6, 6)


def test_it_takes_three_statements_however_many_cases() -> None:
    with CaptureQueriesContext(connection) as few:
        published(NOW)
    a_history()
    with CaptureQueriesContext(connection) as many:
        published(NOW)
    assert len(few) == len(many) == 3


# -- one post ------------------------------------------------------------------------------------------------------


def test_a_post_has_the_account_of_what_came_to_it_in_a_year() -> None:
    mayor = post()
    called = [received(post=mayor.id) for _ in range(7)]
    for _ in range(5):
        received(at(3, 11), joins=called[0].number)
        received(at(3, 11), post=mayor.id, kind=Kind.STANDBY)
    a_history()  # of no post
    of, register = published(NOW, mayor.id), figures(Actor.system(), NOW, Chosen(since=NOW - OF_POST, post=mayor))
    assert (of.contacts.shown, of.cases.shown) == (register.contacts_raw, register.account.cases) == (17, 7)
    assert {name: one.shown for name, one in of.ways.items()} == {"alone": 5, "joined": 5, "no_case": 0, "cases": 7}
    assert (of.parts["open"].shown, of.overdue.shown) == (7, register.account.overdue)


def test_of_a_post_small_numbers_and_confidential_cases_are_hidden_too() -> None:
    mayor = post()
    for _ in range(4):
        received(post=mayor.id)
    for _ in range(6):
        received(post=mayor.id, confidential=True)
    assert published(NOW, mayor.id).cases == Number(None, few=True)


def test_of_how_many_were_handled_again_does_not_tell_what_is_closed_where_that_is_withheld() -> None:
    mayor = post()
    cases = [received(post=mayor.id) for _ in range(10)]
    for case in cases[:6]:
        do(case, Withdraw("已经修好"), at(3, 11), Actor.citizen(case.case_id))
    of = published(NOW, mayor.id)
    assert (of.parts["closed"].shown, of.parts["open"]) == (None, Number(None, few=True))
    [again] = [one for one in of.rates if one.name is Name.REOPENED]
    assert (again.of, again.withheld) == (None, True)


def test_what_a_post_has_open_for_more_than_a_year_is_told() -> None:
    for _ in range(6):
        received(post=post().id)
    of = published(at(3, 10) + OF_POST + timedelta(days=1), post().id)
    assert (of.cases.shown, of.earlier.shown) == (0, 6)


# -- small numbers -------------------------------------------------------------------------------------------------


def test_a_number_under_five_is_few_and_none_is_none() -> None:
    assert [number(count) for count in (0, 1, 4, 5)] == [
        Number(0),
        Number(None, few=True),
        Number(None, few=True),
        Number(5),
    ]


def test_a_part_that_is_spared_is_withheld_last() -> None:
    told = withheld({"alone": 195, "joined": 1, "no_case": 0, "cases": 157}, spared="cases")
    assert (told["cases"].shown, told["joined"].few, told["alone"].shown) == (157, True, None)


def test_of_sixty_thirty_seven_and_three_only_the_sixty_is_told() -> None:
    told = withheld({"closed": 60, "open": 37, "not_counted": 3})
    assert told == {"closed": Number(60), "open": Number(None), "not_counted": Number(None, few=True)}


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(0, 12), min_size=2))
def test_no_small_part_can_be_worked_out_from_the_others_and_the_sum(parts: Mapping[str, int]) -> None:
    told = withheld(parts)
    hidden = [count for name, count in parts.items() if told[name].shown is None]
    assert all(one.shown == 0 or one.shown is None or one.shown >= FEW for one in told.values())
    if hidden and sum(parts.values()) >= FEW:
        assert len(hidden) >= 2
        assert sum(hidden) >= FEW


@pytest.mark.parametrize(
    ("numerator", "denominator", "said"),
    [
        (30, 40, (40, 30, "75.0 %", False, None)),
        (0, 40, (40, 0, "0.0 %", False, None)),
        (40, 40, (40, 40, "100.0 %", False, None)),
        (3, 40, (40, None, None, True, None)),
        (38, 40, (40, None, None, False, 35)),
        (3, 4, (None, None, None, False, None)),
        (0, 0, (0, 0, None, False, None)),
    ],
)
def test_neither_part_of_a_rate_is_told_where_one_is_few(
    numerator: int, denominator: int, said: tuple[object, ...]
) -> None:
    one = share(Rate(Name.RESPONSE, numerator, denominator, NOW))
    assert (one.of, one.numerator, one.percent, one.few, one.more_than) == said


def test_of_an_account_with_few_cases_nothing_is_told() -> None:
    received(at(3, 19))
    case_of(received(at(3, 19)))
    of = published(NOW)
    assert of.cases == Number(None, few=True)
    assert {one.shown for one in of.parts.values()} == {None}
