"""The day strip: the days of a term as cells, from its derivation alone."""

import json
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huying.rules.day_strip import MOST, Cell, day_strip
from huying.rules.terms import agreed_end
from tests.rules.test_terms import COUNTING, NO_ROLL, SHANGHAI, at, due


def drawn(start: str, term: str, **more: object) -> str:
    """Return the strip in short: `S 28 | 29 1 | 30 2 | off 1-7 国庆节 | due 8`."""
    why = json.loads(json.dumps(due(start, term, **more).why))  # type: ignore[arg-type]  # as it is read back
    return " | ".join(map(short, day_strip(why)))


def short(cell: Cell) -> str:
    days = str(cell.first.day) if cell.first == cell.last else f"{cell.first.day}-{cell.last.day}"
    if cell.kind == "counted":
        return f"{days} #{cell.n}"
    return f"{cell.kind} {days}{' ' + cell.name[0] if cell.name else ''}"


def test_three_days_before_national_day_are_rolled_over_all_of_it_in_one_cell() -> None:
    assert drawn("2026-09-28 09:00", "3 calendar_days") == "start 28 | 29 #1 | 30 #2 | off 1-7 国庆节 | due 8"


def test_working_days_leave_out_a_holiday_and_count_the_saturday_that_is_worked() -> None:
    assert drawn("2026-09-29 09:00", "4 working_days") == "start 29 | 30 #1 | off 1-7 国庆节 | 8 #2 | 9 #3 | due 10"


def test_a_weekend_is_one_cell_without_a_name() -> None:
    assert drawn("2026-03-12 15:00", "2 working_days") == "start 12 | 13 #1 | off 14-15 | due 16"
    assert drawn("2026-03-12 15:00", "3 calendar_days") == "start 12 | 13 #1 | 14 #2 | off 15 | due 16"


def test_without_rolling_the_last_day_is_due_even_if_nobody_works() -> None:
    assert drawn("2026-03-12 15:00", "3 calendar_days", counting=NO_ROLL) == "start 12 | 13 #1 | 14 #2 | due 15"


def test_a_pause_is_left_out_and_what_comes_after_it_counts_on() -> None:
    paused = [("2026-03-10 12:00", "2026-03-12 09:00")]
    assert drawn("2026-03-09 09:00", "3 working_days", pauses=paused) == (
        "start 9 | 10 #1 | paused 11-12 | 13 #2 | off 14-15 | due 16"
    )


def test_a_term_that_stands_still_has_no_due() -> None:
    assert drawn("2026-03-09 09:00", "3 working_days", pauses=[("2026-03-10 12:00", None)]) == (
        "start 9 | 10 #1 | paused 11"
    )


def test_an_extension_counts_on() -> None:
    assert drawn("2026-03-09 09:00", "2 working_days", extensions=["2 working_days"]) == (
        "start 9 | 10 #1 | 11 #2 | 12 #3 | due 13"
    )


def test_a_longer_term_shows_its_weeks_and_a_very_long_one_nothing() -> None:
    assert drawn("2026-03-09 09:00", "15 working_days") == (
        "start 9 | 10-13 #1 | off 14-15 | 16-20 #5 | off 21-22 | 23-27 #10 | off 28-29 | due 30"
    )
    assert drawn("2026-03-09 09:00", "60 working_days") == ""


@pytest.mark.parametrize("term", ["24 hours", "30 minutes"])
def test_hours_have_no_days(term: str) -> None:
    assert drawn("2026-03-09 09:00", term) == ""


def test_an_end_that_was_agreed_was_not_counted() -> None:
    assert day_strip(agreed_end(at("2026-03-09 09:00"), at("2026-03-12 09:00"), SHANGHAI)) == []


@given(
    start=st.dates(date(2026, 1, 1), date(2026, 12, 1)),
    n=st.integers(1, 20),
    unit=st.sampled_from(["calendar_days", "working_days"]),
    pause=st.none() | st.tuples(st.integers(0, 10), st.integers(0, 10)),
    rolls=st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_the_cells_are_the_days_in_a_row_from_the_start_to_the_due(
    start: date, n: int, unit: str, pause: tuple[int, int] | None, rolls: bool
) -> None:
    day = start.toordinal()
    pauses = [] if pause is None else [_paused(day + pause[0], pause[1])]
    found = due(f"{start} 09:00", f"{n} {unit}", COUNTING if rolls else NO_ROLL, pauses=pauses)
    cells = day_strip(found.why)
    if not cells:
        return
    assert [cell.kind for cell in (cells[0], cells[-1])] == ["start", "due"]
    assert len(cells) <= MOST
    for before, after in pairwise(cells):
        assert (after.first - before.last).days == 1
    assert COUNTING.end_of(cells[-1].first) == found.at
    if cells[-2].kind == "counted" and pause is None:
        last = cells[-2]
        assert last.n + (last.last - last.first).days == n - 1


def _paused(since: int, length: int) -> tuple[str, str]:
    return f"{date.fromordinal(since)} 10:00", f"{date.fromordinal(since + length)} 11:00"
