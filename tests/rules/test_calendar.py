"""The calendar of the State Council's notices, checked against two libraries that are used nowhere else."""

from datetime import MAXYEAR, MINYEAR, date, time, timedelta

import chinese_calendar
import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huying.data import calendar_text
from huying.rules.calendar import Calendar, Holiday

TEXT = calendar_text("cn-state-council")
CALENDAR = Calendar.parse(TEXT)
ONE_DAY = timedelta(days=1)
FIRST_NOTICE, LAST_NOTICE = date(2024, 1, 1), date(2026, 12, 31)


def days_of(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def full_year(year: int, *, off: set[date]) -> dict[date, tuple[bool, bool]]:
    days = days_of(date(year, 1, 1), date(year, 12, 31))
    return {day: (day.weekday() < 5 and day not in off, False) for day in days}


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_every_day_of_a_year_with_notice_agrees_with_chinesecalendar(year: int) -> None:
    days = days_of(date(year, 1, 1), date(year, 12, 31))
    assert [day for day in days if CALENDAR.is_working(day) != chinese_calendar.is_workday(day)] == []


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_every_day_of_a_year_with_notice_agrees_with_holidays(year: int) -> None:
    china = holidays.country_holidays("CN", years=year)
    days = days_of(date(year, 1, 1), date(year, 12, 31))
    assert [day for day in days if CALENDAR.is_working(day) != china.is_working_day(day)] == []


@pytest.mark.parametrize("year", range(2027, 2036))
def test_a_later_year_is_weekdays_less_the_statutory_days_of_holidays(year: int) -> None:
    statutory = set(holidays.country_holidays("CN", years=year, observed=False))
    days = days_of(date(year, 1, 1), date(year, 12, 31))
    assert [day for day in days if CALENDAR.is_working(day) != (day.weekday() < 5 and day not in statutory)] == []
    assert {day for day in days if CALENDAR.holiday(day)} == {day for day in statutory if day.year == year}


@pytest.mark.parametrize("year", range(2010, 2024))
def test_the_lunar_dates_of_earlier_years_agree_with_holidays(year: int) -> None:
    china = holidays.country_holidays("CN", years=year, observed=False, language="en_US")
    for name, ours in (
        ("Chinese New Year (Spring Festival)", "Spring Festival"),
        ("Tomb-Sweeping Day", "Qingming Festival"),
        ("Dragon Boat Festival", "Dragon Boat Festival"),
        ("Mid-Autumn Festival", "Mid-Autumn Festival"),
    ):
        day = min(day for day, named in china.items() if name in named.split("; "))
        holiday = CALENDAR.holiday(day)
        assert holiday is not None
        assert ours in holiday.en


def test_2026_has_248_working_days_by_month() -> None:
    months = [date(2026, month, 1) for month in range(1, 13)]
    ends = [*months[1:], date(2027, 1, 1)]
    counts = [
        CALENDAR.working_days_between(first - ONE_DAY, end - ONE_DAY) for first, end in zip(months, ends, strict=True)
    ]
    assert counts == [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23]


def test_the_make_up_days_of_2026_are_the_six_of_the_notice() -> None:
    days = days_of(date(2026, 1, 1), date(2026, 12, 31))
    assert [f"{day:%m-%d %a}" for day in days if day.weekday() > 4 and CALENDAR.is_working(day)] == [
        "01-04 Sun", "02-14 Sat", "02-28 Sat", "05-09 Sat", "09-20 Sun", "10-10 Sat",
    ]  # fmt: skip


def test_a_notice_says_where_it_comes_from() -> None:
    notice = CALENDAR.notice(2026)
    assert notice is not None
    assert (notice.number, notice.issued) == ("国办发明电〔2025〕7号", date(2025, 11, 4))
    assert CALENDAR.notice(2027) is None


@pytest.mark.parametrize(
    ("day", "zh", "en"),
    [
        (date(2026, 9, 25), "中秋节", "Mid-Autumn Festival"),  # Fri
        (date(2026, 9, 27), "中秋节", "Mid-Autumn Festival"),  # Sun inside the notice's range
        (date(2025, 10, 6), "国庆节、中秋节", "National Day and Mid-Autumn Festival"),  # Mon, one holiday of eight
        (date(2028, 10, 3), "国庆节、中秋节", "National Day and Mid-Autumn Festival"),  # Tue, by law
        (date(2027, 2, 5), "春节", "Spring Festival"),  # Fri, the eve
        (date(2050, 5, 2), "劳动节", "Labour Day"),  # Mon, outside the lunar table
    ],
)
def test_a_day_off_says_its_holiday(day: date, zh: str, en: str) -> None:
    assert CALENDAR.holiday(day) == Holiday(zh, en)


@pytest.mark.parametrize("day", [date(2026, 9, 24), date(2026, 9, 20), date(2026, 9, 19)])  # Thu, Sun worked, Sat
def test_a_working_day_and_a_plain_weekend_have_no_holiday(day: date) -> None:
    assert CALENDAR.holiday(day) is None


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        (date(2026, 9, 24), 1, date(2026, 9, 28)),  # Thu, over Mid-Autumn, Mon
        (date(2026, 9, 18), 1, date(2026, 9, 20)),  # Fri, to the worked Sunday
        (date(2026, 9, 19), 0, date(2026, 9, 19)),  # Sat stays
        (date(2026, 12, 28), 5, date(2027, 1, 5)),  # Mon to Tue: 29, 30, 31, 4, 5
        (date(2026, 4, 1), 10, date(2026, 4, 16)),  # Wed to Thu over Qingming
        (date(2026, 4, 1), 20, date(2026, 4, 30)),  # Thu
    ],
)
def test_working_days_are_added_from_the_day_after(day: date, n: int, expected: date) -> None:
    assert CALENDAR.add_working_days(day, n) == expected


def test_working_days_are_not_counted_backwards() -> None:
    with pytest.raises(ValueError, match="forward"):
        CALENDAR.add_working_days(date(2026, 9, 24), -1)
    assert CALENDAR.working_days_between(date(2026, 9, 28), date(2026, 9, 24)) == 0


def test_marked_days_are_those_that_nobody_would_guess() -> None:
    marked = CALENDAR.marked_days(date(2026, 9, 17), date(2026, 9, 26))
    assert marked == [date(2026, 9, 20), date(2026, 9, 25), date(2026, 9, 26)]


@settings(deadline=None)  # a busy machine is no fault
@given(st.dates(), st.integers(0, 400))
def test_no_day_of_any_year_raises(day: date, n: int) -> None:
    later = CALENDAR.add_working_days(day, n)
    assert CALENDAR.next_working_day(day) >= day
    assert later >= day
    assert isinstance(CALENDAR.is_provisional(day), bool)
    assert later == date.max or CALENDAR.working_days_between(day, later) == n


def test_the_first_and_the_last_day_of_the_calendar_are_answered() -> None:
    assert not CALENDAR.is_working(date(MINYEAR, 1, 1))
    assert CALENDAR.is_working(date(MAXYEAR, 12, 31))  # a Friday
    assert CALENDAR.add_working_days(date(MAXYEAR, 12, 31), 3) == date.max


@pytest.mark.parametrize(
    ("day", "provisional"),
    [
        (date(2026, 12, 31), False),
        (date(2027, 1, 1), True),
        (date(2027, 12, 31), True),
        (date(2023, 12, 31), True),
        (date(2024, 1, 1), False),
    ],
)
def test_a_year_without_notice_is_provisional(day: date, provisional: bool) -> None:
    assert CALENDAR.is_provisional(day) is provisional


def test_provisional_years_are_those_of_the_range() -> None:
    assert CALENDAR.provisional_years(date(2026, 12, 31), date(2028, 1, 1)) == [2027, 2028]
    assert CALENDAR.provisional_years(date(2024, 1, 1), date(2026, 12, 31)) == []


def test_a_notice_is_lacking_only_if_a_later_one_was_issued() -> None:
    assert [year for year in range(2022, 2029) if CALENDAR.lacks_notice(year)] == [2022, 2023]
    assert not CALENDAR.cut_to(2000).lacks_notice(1999)
    assert CALENDAR.cut_to(2025).notice_years == [2024, 2025]


def test_a_calendar_cut_to_a_year_knows_no_later_notice() -> None:
    cut = CALENDAR.with_days({date(2025, 6, 3): (False, False), date(2026, 6, 3): (False, False)}).cut_to(2025)
    assert cut.id == "cn-2025"
    assert cut.notice(2026) is None
    assert cut.is_provisional(date(2026, 9, 20))
    assert not cut.is_working(date(2026, 9, 20))  # Sun: the make-up day isn't known
    assert not cut.is_working(date(2025, 6, 3))
    assert cut.is_working(date(2026, 6, 3))


def test_the_version_is_the_content() -> None:
    overlay = {date(2027, 1, 3): (True, False)}
    assert Calendar.parse(TEXT) == CALENDAR
    assert hash(CALENDAR) == hash(Calendar.parse(TEXT))
    assert Calendar.parse(TEXT + "\n# a comment") == CALENDAR
    assert CALENDAR.with_days(overlay) != CALENDAR
    assert CALENDAR.with_days(overlay) == CALENDAR.with_days(overlay).with_days(overlay)
    assert len({CALENDAR, CALENDAR.cut_to(2026), CALENDAR.cut_to(2025)}) == 3
    assert CALENDAR != "cn-state-council"
    assert repr(CALENDAR) == f"<Calendar cn-state-council {CALENDAR.version}>"


def test_days_laid_over_win_and_leave_the_calendar_as_it_was() -> None:
    sunday = date(2027, 1, 3)
    laid = CALENDAR.with_days({sunday: (True, False), date(2026, 6, 3): (False, True)})
    assert (laid.is_working(sunday), laid.is_provisional(sunday)) == (True, False)
    assert laid.is_provisional(date(2027, 1, 4))
    assert (laid.is_working(date(2026, 6, 3)), laid.is_provisional(date(2026, 6, 3))) == (False, True)
    assert not CALENDAR.is_working(sunday)


def test_a_full_year_laid_over_is_final() -> None:
    laid = CALENDAR.with_days(full_year(2027, off={date(2027, 1, 1)}))
    assert laid.provisional_years(date(2027, 1, 1), date(2027, 12, 31)) == []
    assert laid.is_working(date(2027, 10, 1))  # Fri: what is imported holds, not the law


def test_an_imported_day_off_takes_the_name_of_its_holiday() -> None:
    # Sat 6 Feb 2027 is New Year; an import gives Fri 5 to Thu 11 off, without names.
    laid = CALENDAR.with_days(dict.fromkeys(days_of(date(2027, 2, 5), date(2027, 2, 11)), (False, False)))
    assert laid.holiday(date(2027, 2, 11)) == Holiday("春节", "Spring Festival")
    # Thu 31 Dec 2026 joined to New Year's Day 2027, over the end of the year.
    eve = CALENDAR.with_days({date(2026, 12, 31): (False, False)})
    assert eve.holiday(date(2026, 12, 31)) == Holiday("元旦", "New Year's Day")


EVE = date(2026, 12, 31)  # Thu


def test_a_half_day_is_a_working_day_that_ends_earlier() -> None:
    laid = CALENDAR.with_days({EVE: (True, False)}, {EVE: time(12)})
    assert (laid.is_working(EVE), laid.worked_until(EVE)) == (True, time(12))
    assert (CALENDAR.worked_until(EVE), laid.worked_until(date(2026, 12, 30))) == (None, None)
    assert laid.cut_to(2026).worked_until(EVE) == time(12)
    assert laid.cut_to(2025).worked_until(EVE) is None


def test_a_day_laid_over_a_half_day_is_a_whole_one_again() -> None:
    laid = CALENDAR.with_days({EVE: (True, False)}, {EVE: time(12)})
    assert laid.with_days({date(2026, 12, 30): (True, False)}).worked_until(EVE) == time(12)
    assert laid.with_days({EVE: (True, False)}) == CALENDAR.with_days({EVE: (True, False)})
    assert laid.with_days({EVE: (False, False)}, {EVE: time(12)}).worked_until(EVE) is None


def test_half_days_make_another_version_and_nothing_else_does() -> None:
    whole, half = CALENDAR.with_days({EVE: (True, False)}), CALENDAR.with_days({EVE: (True, False)}, {EVE: time(12)})
    assert len({whole, half, CALENDAR.with_days({EVE: (True, False)}, {EVE: time(11, 30)})}) == 3
    # Clocks of earlier releases say these.
    assert (CALENDAR.version, whole.version) == ("f54ca4b3d7eb", "f2e60485302d")
    assert CALENDAR.with_days({}, {EVE: time(12)}) == CALENDAR


def test_a_local_day_off_has_no_holiday() -> None:
    laid = CALENDAR.with_days({date(2026, 4, 20): (False, False)})  # Mon, 壮族三月三 in Guangxi
    assert laid.holiday(date(2026, 4, 20)) is None
    assert laid.marked_days(date(2026, 4, 17), date(2026, 4, 21)) == [date(2026, 4, 20)]


@pytest.mark.parametrize(
    ("written", "instead", "message"),
    [
        ('id = "cn-state-council"', "", r"^id: "),
        ("last = 2026-10-07", "last = 2026-13-07", r"line 54"),  # no TOML: only the line is known
        ("last = 2026-10-07", 'last = "soon"', r"^year\.2026\.holiday\.6\.last: "),
        ("last = 2026-10-07", "last = 2026-09-07", r"^year\.2026\.holiday\.6\.last: before first"),
        ("last = 2026-10-07", "until = 2026-10-07", r"^year\.2026\.holiday\.6\.(last|until): "),
        ('of = ["dragon_boat"], first = 2026', 'of = ["dragon"], first = 2026', r"^year\.2026\.holiday\.4\.of: "),
        ("make_up = [2026-01-04]", "make_up = [2026-01-05]", r"^year\.2026\.holiday\.0\.make_up: .*no weekend"),
        ('new_year = ["01-01"]', 'new_year = ["02-29"]', r"^statutory\.fixed\.new_year: '02-29'"),
        ('new_year = ["01-01"]', 'new_year = ["1-1"]', r"^statutory\.fixed\.new_year\.0: "),
        ('new_year = ["01-01"]', 'old_year = ["01-01"]', r"^statutory\.fixed\.old_year: not in \[name\]"),
        ("qingming = [0]", "qing_ming = [0]", r"^statutory\.lunar\.qing_ming: not in \[name\]"),
        ("qingming = 2030-04-05", "qing_ming = 2030-04-05", r"^statutory\.date\.2030\.qing_ming: not in"),
        ("qingming = 2030-04-05", "qingming = 2031-04-05", r"^statutory\.date\.2030\.qingming: .*another year"),
    ],
)
def test_a_calendar_that_is_not_right_names_the_key(written: str, instead: str, message: str) -> None:
    assert written in TEXT
    with pytest.raises(ValueError, match=message):
        Calendar.parse(TEXT.replace(written, instead, 1))
