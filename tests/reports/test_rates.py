"""The rates as data: parts of their bases, half up to one decimal, and never few confidential cases."""

from dataclasses import replace

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from huying.data import rulebook_ids, rulebook_text
from huying.reports import words
from huying.reports.rates import (
    BASES,
    DEFINITIONS,
    FEW,
    Base,
    Name,
    Rate,
    Standing,
    Tally,
    account_of,
    discreet,
    rates_of,
)
from huying.rules.rulebook import parse
from huying.rules.vocabulary import NOT_COUNTED, VALID_VERDICTS, ClosedAs, VerdictCode
from tests.builders import NOW

maybe = st.none() | st.booleans()
ends = st.just((False, None)) | st.tuples(st.just(True), st.none() | st.sampled_from(ClosedAs))
standings = st.builds(
    lambda end, **facts: Standing(ended=end[0], closed_as=end[1], **facts),
    ends,
    is_case=st.booleans(),
    confidential=st.booleans(),
    settled=st.booleans(),
    overdue=st.booleans(),
    verdict=st.none() | st.sampled_from(VALID_VERDICTS),
    done=st.booleans(),
    assigned=st.booleans(),
    contacted=maybe,
    resolved=maybe,
    returned=st.booleans(),
    reopened=st.booleans(),
)
tallies = st.dictionaries(standings, st.integers(1, 12), max_size=8)


def rate(numerator: int, denominator: int) -> Rate:
    return Rate(Name.CLOSED, numerator, denominator, NOW)


def shares(tally: Tally) -> dict[Name, tuple[int, int]]:
    return {one.snapshot.name: (one.snapshot.numerator, one.snapshot.denominator) for one in rates_of(tally, NOW)}


# -- how a rate is written -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numerator", "denominator", "written"),
    [
        (728, 1577, "46.2 %"),  # 46.163…
        (729, 1577, "46.2 %"),  # 46.227…
        (425, 728, "58.4 %"),  # 58.379…
        (101, 728, "13.9 %"),  # 13.873…
        (202, 728, "27.7 %"),  # 27.747…
        (1, 16, "6.3 %"),  # 6.25: half goes up, not to the even one
        (1, 2000, "0.1 %"),  # 0.05
        (1, 2001, "0.0 %"),
        (1999, 2000, "100.0 %"),  # 99.95
        (0, 7, "0.0 %"),
        (7, 7, "100.0 %"),
    ],
)
def test_a_rate_is_rounded_half_up_to_one_decimal(numerator: int, denominator: int, written: str) -> None:
    assert rate(numerator, denominator).percent == written


def test_nothing_of_nothing_is_no_rate() -> None:
    assert rate(0, 0).value is None
    assert rate(0, 0).percent is None


@pytest.mark.parametrize(("numerator", "denominator"), [(1, 0), (-1, 3), (4, 3)])
def test_what_is_no_part_of_its_base_is_no_rate(numerator: int, denominator: int) -> None:
    with pytest.raises(ValueError, match="can't be a part"):
        rate(numerator, denominator)


# -- what each rate is ---------------------------------------------------------------------------------------------


@given(tallies)
def test_a_rate_lies_between_nothing_and_everything(tally: Tally) -> None:
    for one in rates_of(tally, NOW):
        for each in (one.snapshot, one.cohort):
            assert each.value is None or 0 <= each.value <= 1
        assert one.cohort.numerator <= one.snapshot.numerator
        assert one.cohort.denominator <= one.snapshot.denominator


@given(tallies)
def test_every_closed_case_is_in_one_of_the_four_rates_of_closed_cases(tally: Tally) -> None:
    found, closed = shares(tally), account_of(tally).closed
    four = [found[name] for name in (Name.SATISFIED, Name.UNDERSTANDING, Name.UNSATISFIED, Name.OTHER)]
    assert [base for _, base in four] == [closed] * 4
    assert sum(numerator for numerator, _ in four) == closed == found[Name.CLOSED][0]


@given(tallies)
def test_the_account_adds_up_and_the_closed_rate_is_of_what_it_counts(tally: Tally) -> None:
    account = account_of(tally)
    assert account.cases == account.open + account.closed + account.not_counted
    assert account.overdue <= account.open
    assert shares(tally)[Name.CLOSED] == (account.closed, account.open + account.closed)


@given(standings.filter(lambda case: not case.counted))
def test_what_is_no_case_or_is_not_counted_is_in_no_rate(case: Standing) -> None:
    assert set(shares({case: 1}).values()) == {(0, 0)}


@pytest.mark.parametrize("end", NOT_COUNTED)
def test_what_is_not_counted_is_a_case_all_the_same(end: ClosedAs) -> None:
    account = account_of({Standing(ended=True, closed_as=end): 3})
    assert (account.cases, account.not_counted, account.closed) == (3, 3, 0)


CLOSED = Standing(
    ended=True,
    closed_as=ClosedAs.SATISFIED,
    verdict=VerdictCode.SATISFIED,
    done=True,
    assigned=True,
    contacted=True,
    resolved=True,
)


@pytest.mark.parametrize(
    ("name", "case", "share"),
    [
        (Name.CLOSED, Standing(), (0, 1)),
        (Name.ON_TIME, CLOSED, (1, 1)),
        (Name.ON_TIME, replace(CLOSED, resolved=False), (0, 1)),
        (Name.ON_TIME, replace(CLOSED, resolved=None), (0, 0)),
        (Name.ON_TIME, replace(CLOSED, ended=False, closed_as=None), (0, 0)),  # reported in time, and open still
        (Name.RESPONSE, replace(CLOSED, contacted=False), (0, 1)),
        (Name.RESPONSE, replace(CLOSED, contacted=None), (0, 0)),
        (Name.RETURNED, replace(CLOSED, returned=True), (1, 1)),
        (Name.RETURNED, Standing(returned=True), (0, 0)),  # never assigned
        (Name.REOPENED, replace(CLOSED, reopened=True), (1, 1)),
        (Name.REOPENED, Standing(reopened=True, verdict=VerdictCode.UNSATISFIED), (1, 1)),
        (Name.REOPENED, Standing(), (0, 0)),
        (Name.OTHER, replace(CLOSED, closed_as=ClosedAs.BASICALLY_SATISFIED), (1, 1)),
        (Name.OTHER, replace(CLOSED, closed_as=ClosedAs.ANSWERED), (1, 1)),
        (Name.OTHER, replace(CLOSED, closed_as=None), (1, 1)),  # withdrawn
        (Name.RESOLUTION, replace(CLOSED, done=False), (0, 1)),
        (Name.RESOLUTION, replace(CLOSED, verdict=None), (0, 0)),  # nobody was reached
        (Name.UNSATISFIED, Standing(verdict=VerdictCode.UNSATISFIED), (0, 0)),
        (Name.UNSATISFIED_OF_VALID, Standing(verdict=VerdictCode.UNSATISFIED), (1, 1)),
    ],
)
def test_what_a_rate_counts(name: Name, case: Standing, share: tuple[int, int]) -> None:
    assert shares({case: 1})[name] == share


def test_the_formulas_of_shipped_rulebooks_are_those_that_are_counted() -> None:
    named = 0
    for rulebook in rulebook_ids():
        reports = parse(rulebook_text(rulebook), f"{rulebook}.toml").reports
        for name, formula in (reports.rates.model_dump() if reports else {}).items():
            if formula is not None:
                assert formula == f"{name} / {DEFINITIONS[Name(name)].base}"
                named += 1
    assert named >= 3


# -- the cohort ----------------------------------------------------------------------------------------------------


def test_beside_each_rate_stands_that_of_the_cases_that_had_time_enough() -> None:
    tally = {replace(CLOSED, settled=True): 6, Standing(settled=True): 2, Standing(): 12}
    closed = rates_of(tally, NOW)[0]
    assert (closed.snapshot.percent, closed.cohort.percent) == ("30.0 %", "75.0 %")


# -- few confidential cases ----------------------------------------------------------------------------------------


@given(tallies)
def test_no_figure_holds_few_confidential_cases(tally: Tally) -> None:
    shown = discreet(tally)
    secret = {case: count for case, count in shown.items() if case.confidential}
    account = account_of(secret)
    cells = [account.open, account.closed, account.not_counted, account.overdue]
    for one in rates_of(secret, NOW):
        for each in (one.snapshot, one.cohort):
            cells += [each.numerator, each.denominator - each.numerator]
    assert [cell for cell in cells if 0 < cell < FEW] == []
    assert {case: n for case, n in shown.items() if not case.confidential} == {
        case: n for case, n in tally.items() if not case.confidential
    }


def test_five_confidential_cases_that_stand_alike_may_be_counted_and_four_not() -> None:
    secret = replace(CLOSED, confidential=True)
    assert account_of(discreet({CLOSED: 1, secret: 5})).cases == 6
    assert account_of(discreet({CLOSED: 1, secret: 4})).cases == 1


# -- in words ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_rate_has_a_name_and_says_what_it_counts_of_what(language: str) -> None:
    with override(language):
        said = [[str(table[name]) for name in Name] for table in (words.NAMES, words.COUNTS)]
        bases = [str(words.BASES[base]) for base in Base]
    assert all(said[1])
    assert (len(set(said[0])), len(set(bases))) == (len(Name), len(Base))


def test_every_base_and_every_rate_is_defined() -> None:
    assert set(BASES) == set(Base)
    assert set(DEFINITIONS) == set(Name)
