"""Durations as a rulebook writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.rules.duration import Duration, Unit


@pytest.mark.parametrize(
    ("written", "n", "unit"),
    [
        ("3 calendar_days", 3, Unit.CALENDAR_DAYS),
        ("1 working_day", 1, Unit.WORKING_DAYS),
        ("24 hours", 24, Unit.HOURS),
        ("15 minutes", 15, Unit.MINUTES),
        ("0 hours", 0, Unit.HOURS),
        ("9999 minutes", 9999, Unit.MINUTES),
    ],
)
def test_a_duration_is_a_number_and_a_unit(written: str, n: int, unit: Unit) -> None:
    assert Duration.parse(written) == Duration(n, unit)


def test_singular_and_plural_are_the_same_duration() -> None:
    assert Duration.parse("1 working_days") == Duration.parse("1 working_day")
    assert Duration.parse("3 working_day") == Duration.parse("3 working_days")


@pytest.mark.parametrize(
    "written",
    ["", "3", "working_days", "3 days", "3  hours", " 3 hours", "3 hours\n", "-1 hours", "1.5 hours", "3_hours",
     "10000 hours", "3 weeks", "3 Hours", "3 hourss", "三 hours", "３ hours", "٣ hours"],
)  # fmt: skip
def test_what_is_no_duration_is_told_the_form(written: str) -> None:
    with pytest.raises(ValueError, match="is not a duration; write N calendar_days, working_days, hours or minutes"):
        Duration.parse(written)


@given(n=st.integers(0, 9999), unit=st.sampled_from(Unit))
def test_what_a_duration_is_written_as_reads_as_the_same(n: int, unit: Unit) -> None:
    assert Duration.parse(str(Duration(n, unit))) == Duration(n, unit)


@pytest.mark.parametrize(
    ("duration", "written"),
    [
        (Duration(1, Unit.WORKING_DAYS), "1 working_day"),
        (Duration(2, Unit.WORKING_DAYS), "2 working_days"),
        (Duration(0, Unit.HOURS), "0 hours"),
    ],
)
def test_one_is_written_in_the_singular(duration: Duration, written: str) -> None:
    assert str(duration) == written


def test_days_are_counted_whole_and_hours_elapse() -> None:
    assert {unit for unit in Unit if unit.is_day} == {Unit.CALENDAR_DAYS, Unit.WORKING_DAYS}
