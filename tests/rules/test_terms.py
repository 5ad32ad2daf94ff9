"""Terms: the worked examples of DOMAIN 4.9, pauses and extensions, and equality to a plain day-by-day loop."""

import json
import random
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huying.data import calendar_text
from huying.rules.calendar import Calendar
from huying.rules.duration import Duration, Unit
from huying.rules.terms import Counting, Due, Left, Pause, end_of_term, on_time, time_left
from huying.rules.words import in_words

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = Calendar.parse(calendar_text("cn-state-council")).cut_to(2026)
COUNTING = Counting(CALENDAR, SHANGHAI)
NO_ROLL = Counting(CALENDAR, SHANGHAI, roll=False)
OFFICE_HOURS = Counting(CALENDAR, SHANGHAI, day_end="17:30", late_intake="next_working_day")
ONE_DAY = timedelta(days=1)


def at(written: str) -> datetime:
    """Return a local time; 24:00 may be written as it is spoken."""
    day, _, clock = written.partition(" ")
    if clock == "24:00":
        return datetime.fromisoformat(day).replace(tzinfo=SHANGHAI) + ONE_DAY
    return datetime.fromisoformat(written).replace(tzinfo=SHANGHAI)


def due(
    start: str,
    term: str,
    counting: Counting = COUNTING,
    *,
    extensions: Sequence[str] = (),
    pauses: Sequence[tuple[str, str | None]] = (),
    from_day_ended: bool = False,
) -> Due:
    return end_of_term(
        at(start),
        Duration.parse(term),
        counting,
        [Duration.parse(extension) for extension in extensions],
        [Pause(at(since), at(until) if until else None) for since, until in pauses],
        from_day_ended=from_day_ended,
    )


@pytest.mark.parametrize(
    ("example", "start", "term", "expected"),
    [
        # DOMAIN 0.1 to 0.4
        ("0.1 over Mid-Autumn, a Friday", "2026-09-24 10:00", "1 working_day", "2026-09-28 24:00"),  # Thu Mon
        ("0.1 to the worked Sunday", "2026-09-18 10:00", "1 working_day", "2026-09-20 24:00"),  # Fri Sun
        ("0.1 to the worked Saturday", "2026-10-09 10:00", "1 working_day", "2026-10-10 24:00"),  # Fri Sat
        ("0.2 over the end of the known", "2026-12-28 10:00", "5 working_days", "2027-01-05 24:00"),  # Mon Tue
        ("0.3 calendar days", "2026-09-03 10:00", "3 calendar_days", "2026-09-07 24:00"),  # Thu Mon
        ("0.3 working days", "2026-09-03 10:00", "3 working_days", "2026-09-08 24:00"),  # Thu Tue
        ("0.4 three days become ten", "2026-09-28 10:00", "3 calendar_days", "2026-10-08 24:00"),  # Mon Thu
        # DOMAIN 4.9
        ("S01 assign", "2026-03-10 09:15", "1 calendar_day", "2026-03-11 24:00"),  # Tue Wed
        ("S01 contact", "2026-03-10 15:00", "3 calendar_days", "2026-03-13 24:00"),  # Tue Fri
        ("S01 resolve", "2026-03-10 15:00", "5 working_days", "2026-03-17 24:00"),  # Tue Tue
        ("S01 callback", "2026-03-16 16:00", "3 working_days", "2026-03-19 24:00"),  # Mon Thu
        ("S02 assign", "2026-09-24 17:40", "1 calendar_day", "2026-09-28 24:00"),  # Thu Mon
        ("S02 contact", "2026-09-28 09:00", "3 calendar_days", "2026-10-08 24:00"),  # Mon Thu
        ("S03 assign", "2026-09-25 10:00", "1 calendar_day", "2026-09-28 24:00"),  # Fri, a holiday, Mon
        ("S04 assign", "2026-09-18 17:40", "1 calendar_day", "2026-09-20 24:00"),  # Fri: Sat off, worked Sun
        ("S04 contact", "2026-09-20 11:00", "3 calendar_days", "2026-09-23 24:00"),  # Sun Wed
        ("S06 assign", "2026-10-09 10:00", "1 calendar_day", "2026-10-10 24:00"),  # Fri Sat
        ("S06 contact", "2026-10-09 10:00", "3 calendar_days", "2026-10-12 24:00"),  # Fri Mon
        ("S06 resolve", "2026-10-09 10:00", "5 working_days", "2026-10-15 24:00"),  # Fri Thu
        ("S07 calendar days", "2026-09-03 09:30", "3 calendar_days", "2026-09-07 24:00"),  # Thu Mon
        ("S07 working days", "2026-09-03 09:30", "3 working_days", "2026-09-08 24:00"),  # Thu Tue
        ("S11 assign", "2026-04-03 17:00", "1 calendar_day", "2026-04-07 24:00"),  # Fri Tue
        ("S11 contact", "2026-04-03 17:30", "3 calendar_days", "2026-04-07 24:00"),  # Fri, Mon off, Tue
        ("S16 dispatch", "2026-10-03 02:30", "1 hour", "2026-10-03 03:30"),  # Sat, a holiday
        ("S16 feedback", "2026-10-03 02:30", "2 hours", "2026-10-03 04:30"),  # Sat
        ("S18 assign", "2026-06-18 21:59:30", "1 working_day", "2026-06-22 24:00"),  # Thu Mon
        ("S20 notice of acceptance", "2026-06-17 10:00", "15 calendar_days", "2026-07-02 24:00"),  # Wed Thu
        ("S26 confirmation", "2026-03-10 10:00", "1 working_day", "2026-03-11 24:00"),  # Tue Wed
        ("S28 publication", "2026-04-01 10:00", "10 working_days", "2026-04-16 24:00"),  # Wed Thu
        ("S28 legal limit", "2026-04-01 10:00", "20 working_days", "2026-04-30 24:00"),  # Wed Thu
        ("S30 contact", "2026-03-18 10:00", "3 calendar_days", "2026-03-23 24:00"),  # Wed, Sat off, Mon
        ("S30 resolve", "2026-03-18 10:00", "5 working_days", "2026-03-25 24:00"),  # Wed Wed
        ("S30 callback", "2026-03-24 10:00", "3 working_days", "2026-03-27 24:00"),  # Tue Fri
        ("S35 resolve", "2026-12-28 10:00", "5 working_days", "2027-01-05 24:00"),  # Mon Tue
        # edges
        ("the start counts not even at 00:01", "2026-03-10 00:01", "1 working_day", "2026-03-11 24:00"),  # Tue Wed
        ("nor at 23:59:59", "2026-03-10 23:59:59", "1 working_day", "2026-03-11 24:00"),  # Tue Wed
        ("no days at all end with the day", "2026-03-10 10:00", "0 working_days", "2026-03-10 24:00"),  # Tue
        ("no days at all, from a Sunday", "2026-03-15 10:00", "0 calendar_days", "2026-03-16 24:00"),  # Sun Mon
        ("minutes run through a holiday", "2026-10-03 23:50", "15 minutes", "2026-10-04 00:05"),  # Sat Sun
    ],
)  # fmt: skip
def test_a_term_ends_as_worked_out_by_hand(example: str, start: str, term: str, expected: str) -> None:
    assert due(start, term).at == at(expected), example


def test_the_due_is_utc_and_says_the_day_before_rolling() -> None:
    end = due("2026-09-28 10:00", "3 calendar_days")
    assert end.at == datetime(2026, 10, 8, 16, tzinfo=UTC)
    assert end.at.tzinfo is UTC
    assert end.unrolled == date(2026, 10, 1)
    assert due("2026-10-03 02:30", "1 hour").unrolled is None


def test_without_roll_a_term_may_end_on_a_sunday() -> None:  # S07
    assert due("2026-09-03 09:30", "3 calendar_days", NO_ROLL).at == at("2026-09-06 24:00")  # Thu Sun


@pytest.mark.parametrize(
    ("start", "term", "provisional"),
    [
        ("2026-12-28 10:00", "3 calendar_days", False),  # Thu 12-31 24:00, though that is 2027-01-01 00:00
        ("2026-12-29 10:00", "3 calendar_days", True),  # Fri 01-01 off, Mon 01-04
        ("2026-12-24 10:00", "5 working_days", False),  # Thu 12-31
        ("2026-12-28 10:00", "5 working_days", True),  # Tue 01-05
        ("2026-12-31 23:30", "24 hours", False),  # hours ask no calendar
    ],
)
def test_a_term_is_provisional_if_a_day_that_decided_it_is(start: str, term: str, provisional: bool) -> None:
    assert due(start, term).provisional is provisional


def test_without_roll_no_notice_can_move_calendar_days() -> None:
    assert not due("2026-12-29 10:00", "10 calendar_days", NO_ROLL).provisional


def test_a_term_may_lean_on_an_unknown_year_that_it_only_crosses() -> None:
    crossing = Counting(Calendar.parse(calendar_text("cn-state-council")).cut_to(2024), SHANGHAI)
    assert due("2024-12-31 10:00", "1 working_day", crossing).provisional
    assert not due("2024-12-30 10:00", "1 working_day", crossing).provisional


def test_importing_the_notice_moves_the_term_of_s35() -> None:
    days = [date(2027, 1, 1) + timedelta(days=n) for n in range(365)]
    notice = {day: (CALENDAR.is_working(day), False) for day in days} | {date(2027, 1, 3): (True, False)}
    end = due("2026-12-28 10:00", "5 working_days", Counting(CALENDAR.with_days(notice), SHANGHAI))
    assert end.at == at("2027-01-04 24:00")  # Mon, since Sun 3 January is worked
    assert not end.provisional


def test_sixty_and_thirty_days_stay_ninety() -> None:  # S23: the 60th day is Sun 04-26
    end = due("2026-02-25 10:00", "60 calendar_days", extensions=["30 calendar_days"])
    assert end.at == at("2026-05-26 24:00")  # Tue
    assert due("2026-02-25 10:00", "60 calendar_days").at == at("2026-04-27 24:00")  # Mon
    assert (end.unrolled, end.unrolled and end.unrolled - date(2026, 2, 25)) == (
        date(2026, 5, 26),
        timedelta(days=90),
    )


@pytest.mark.parametrize(
    ("term", "extension", "expected"),
    [
        ("5 working_days", "15 working_days", "2026-04-08 24:00"),  # S32: Wed, over Qingming
        ("4 calendar_days", "1 working_day", "2026-03-16 24:00"),  # Sat 03-14 unrolled, then Mon
        ("5 working_days", "3 calendar_days", "2026-03-20 24:00"),  # Tue 03-17, then Fri
        ("5 working_days", "2 hours", "2026-03-18 02:00"),  # Tue 24:00 and two hours
        ("24 hours", "1 calendar_day", "2026-03-12 24:00"),  # Wed 11th 10:00, then Thu
        ("24 hours", "90 minutes", "2026-03-11 11:30"),  # Wed
    ],
)
def test_an_extension_counts_from_the_unrolled_end(term: str, extension: str, expected: str) -> None:
    assert due("2026-03-10 10:00", term, extensions=[extension]).at == at(expected)  # Tue


@pytest.mark.parametrize(
    ("term", "since", "until", "expected"),
    [
        # from Tue 2026-03-10 10:00; unpaused: 5 wd Tue 03-17, 3 cd Fri 03-13, 24 h Wed 03-11 10:00
        ("5 working_days", "2026-03-12 10:00", "2026-03-16 09:00", "2026-03-19 24:00"),  # Fri, Mon lost: Thu
        ("5 working_days", "2026-03-13 18:00", "2026-03-15 09:00", "2026-03-17 24:00"),  # a weekend loses nothing
        ("5 working_days", "2026-03-12 09:00", "2026-03-12 18:00", "2026-03-17 24:00"),  # nor does a same day
        ("5 working_days", "2026-03-17 23:59", "2026-03-19 09:00", "2026-03-19 24:00"),  # on the last day
        ("5 working_days", "2026-03-18 00:00", "2026-03-25 09:00", "2026-03-17 24:00"),  # after the end
        ("5 working_days", "2026-03-01 10:00", "2026-03-12 09:00", "2026-03-19 24:00"),  # from before the start
        ("5 working_days", "2026-03-01 10:00", "2026-03-09 09:00", "2026-03-17 24:00"),  # all before the start
        ("5 working_days", "2026-03-13 10:00", "2026-03-13 10:00", "2026-03-17 24:00"),  # of zero length
        ("3 calendar_days", "2026-03-11 10:00", "2026-03-13 09:00", "2026-03-16 24:00"),  # Sun 15, rolled: Mon
        ("3 calendar_days", "2026-03-11 10:00", "2026-03-16 09:00", "2026-03-18 24:00"),  # five days: Wed
        ("24 hours", "2026-03-10 12:00", "2026-03-10 15:20", "2026-03-11 13:20"),  # by the elapsed time
    ],
)
def test_a_pause_moves_the_end_in_the_unit_of_the_term(term: str, since: str, until: str, expected: str) -> None:
    assert due("2026-03-10 10:00", term, pauses=[(since, until)]).at == at(expected)


def test_to_the_letter_a_pause_from_the_last_day_over_a_weekend_moves_nothing() -> None:
    # D8 counts the working days d with suspend date < d <= resume date: from Fri 03-20 to Sun 03-22 there is none.
    pauses = [("2026-03-20 10:00", "2026-03-22 10:00")]
    assert due("2026-03-13 10:00", "5 working_days", pauses=pauses).at == at("2026-03-20 24:00")


def test_pauses_add_up_and_what_they_share_counts_once() -> None:
    apart = [("2026-03-11 10:00", "2026-03-12 10:00"), ("2026-03-13 10:00", "2026-03-16 10:00")]
    sharing = [("2026-03-13 10:00", "2026-03-17 10:00"), ("2026-03-12 10:00", "2026-03-16 10:00")]
    assert due("2026-03-10 10:00", "5 working_days", pauses=apart).at == at("2026-03-19 24:00")  # Thu 12, Mon 16
    assert due("2026-03-10 10:00", "5 working_days", pauses=sharing).at == at("2026-03-20 24:00")  # 13, 16, 17


def test_a_later_pause_counts_if_an_earlier_one_or_an_extension_kept_the_term_open() -> None:
    first, second = ("2026-03-12 10:00", "2026-03-16 10:00"), ("2026-03-18 10:00", "2026-03-19 10:00")
    assert due("2026-03-10 10:00", "5 working_days", pauses=[second]).at == at("2026-03-17 24:00")
    assert due("2026-03-10 10:00", "5 working_days", pauses=[second, first]).at == at("2026-03-20 24:00")
    extended = due("2026-03-10 10:00", "5 working_days", extensions=["5 working_days"], pauses=[second])
    assert extended.at == at("2026-03-25 24:00")  # Tue 03-24 and one day


def test_an_open_pause_leaves_the_due_as_it_was_and_says_so() -> None:
    end = due("2026-03-10 10:00", "5 working_days", pauses=[("2026-03-12 10:00", None)])
    assert end.at == at("2026-03-17 24:00")
    assert {"step": "paused", "since_at": "2026-03-12T10:00:00+08:00"} in end.why


@pytest.mark.parametrize(
    ("start", "term", "counting", "expected"),
    [
        ("2026-03-14 00:00", "1 working_day", COUNTING, "2026-03-16 24:00"),  # Fri 24:00, then Mon
        ("2026-03-20 17:30", "1 working_day", OFFICE_HOURS, "2026-03-23 17:30"),  # Fri at closing, then Mon
        ("2026-10-11 00:00", "3 calendar_days", COUNTING, "2026-10-13 24:00"),  # worked Sat 24:00, then Tue
        ("2026-03-10 03:30", "0 hours", COUNTING, "2026-03-10 03:30"),  # an hour term's end is no end of a day
    ],
)
def test_a_term_after_a_deadline_counts_from_the_day_that_ended(
    start: str, term: str, counting: Counting, expected: str
) -> None:
    assert due(start, term, counting, from_day_ended=True).at == at(expected)


def test_the_ladder_of_h01a_counts_alike_from_either_side_of_midnight() -> None:
    # Thu 2026-12-31 24:00 is Fri 2027-01-01 00:00, a holiday: one working day later is Mon 01-04 for both.
    ended = due("2027-01-01 00:00", "1 working_day", from_day_ended=True)
    assert ended.at == due("2027-01-01 00:00", "1 working_day").at == at("2027-01-04 24:00")


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-03-10 17:29", "2026-03-11 17:30"),  # Tue, counts from Tue
        ("2026-03-10 17:30", "2026-03-12 17:30"),  # Tue at closing, counts from Wed
        ("2026-03-14 10:00", "2026-03-17 17:30"),  # Sat, counts from Mon
        ("2026-12-31 18:00", "2027-01-05 17:30"),  # Thu, counts from Mon 01-04, provisional
    ],
)
def test_late_intake_counts_from_the_next_working_day(start: str, expected: str) -> None:
    end = due(start, "1 working_day", OFFICE_HOURS)
    assert end.at == at(expected)
    assert end.provisional is (end.at > at("2027-01-01 00:00"))


def test_by_default_an_intake_after_hours_belongs_to_its_own_date() -> None:
    own_day = Counting(CALENDAR, SHANGHAI, day_end="17:30")
    assert due("2026-03-10 22:00", "1 working_day", own_day).at == at("2026-03-11 17:30")  # Tue Wed


def test_a_pause_before_the_day_that_late_intake_counts_from_loses_nothing() -> None:
    # Came Fri 03-13 18:00, counts from Mon 03-16: of the pause until Tue 03-17 only Tuesday is lost.
    pauses = [("2026-03-13 18:30", "2026-03-17 09:00")]
    assert due("2026-03-13 18:00", "3 working_days", OFFICE_HOURS, pauses=pauses).at == at("2026-03-20 17:30")
    days = due("2026-03-13 18:00", "3 calendar_days", OFFICE_HOURS, pauses=[("2026-03-13 18:30", "2026-03-14 09:00")])
    assert days.at == at("2026-03-19 17:30")  # Mon and three days


HALF_DAY = CALENDAR.with_days({date(2026, 3, 13): (True, False)}, {date(2026, 3, 13): time_of_day(12)})  # a Friday


@pytest.mark.parametrize(
    ("start", "day_end", "expected"),
    [
        ("2026-03-12 09:00", "17:30", "2026-03-13 12:00"),  # Thu Fri
        ("2026-03-12 09:00", "11:00", "2026-03-13 11:00"),  # an office that closes before
        ("2026-03-12 09:00", "24:00", "2026-03-14 00:00"),  # where a day ends at 24:00 it does so on half days too
        ("2026-03-13 09:00", "17:30", "2026-03-16 17:30"),  # from Fri: it counts as a working day, and Mon is whole
        ("2026-03-13 13:00", "17:30", "2026-03-17 17:30"),  # Fri after noon is late, counts from Mon
    ],
)
def test_a_due_at_the_close_of_business_is_earlier_on_a_half_day(start: str, day_end: str, expected: str) -> None:
    counting = Counting(HALF_DAY, SHANGHAI, day_end=day_end, late_intake="next_working_day")
    end = due(start, "1 working_day", counting)
    assert end.at == at(expected)
    assert end.why[-1]["clock"] == ("24:00" if day_end == "24:00" else expected[-5:])


def test_a_half_day_is_told_in_words_and_in_days() -> None:
    counting = Counting(HALF_DAY, SHANGHAI, day_end="17:30")
    end = due("2026-03-12 09:00", "1 working_day", counting)
    assert in_words(end.why, "zh").endswith("3 月 13 日（周五）12:00")
    assert time_left(end.at, at("2026-03-13 09:00"), counting).kind == "today"
    assert time_left(end.at, at("2026-03-13 12:00"), counting).kind == "overdue_working_days"


@pytest.mark.parametrize("day_end", ["24:30", "noon", "9:00", "17:30:00", "00:00"])
def test_a_day_ends_at_midnight_or_at_an_hour(day_end: str) -> None:
    with pytest.raises(ValueError, match="24:00 or HH:MM"):
        Counting(CALENDAR, SHANGHAI, day_end=day_end)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no zone"):
        end_of_term(datetime(2026, 3, 10, 10), Duration(1, Unit.HOURS), COUNTING)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("done", "now", "expected"),
    [
        (None, "2026-03-13 23:59:59", None),
        (None, "2026-03-14 00:00:00", False),
        ("2026-03-13 23:59:59", "2026-03-13 23:59:59", True),  # S09
        ("2026-03-14 00:00:00", "2026-03-14 00:00:00", False),  # S09
        ("2026-03-13 10:00", "2026-05-01 10:00", True),
    ],
)
def test_on_time_is_unknown_until_done_or_due(done: str | None, now: str, expected: bool | None) -> None:
    assert on_time(at("2026-03-13 24:00"), at(done) if done else None, at(now)) is expected


@pytest.mark.parametrize(
    ("end", "now", "kind", "n"),
    [
        ("2026-03-13 24:00", "2026-03-10 09:00", "working_days", 3),  # Fri, seen on Tue
        ("2026-10-08 24:00", "2026-09-30 23:00", "working_days", 1),  # Thu, seen on Wed before the holiday
        ("2026-03-13 24:00", "2026-03-13 00:00", "today", 0),
        ("2026-03-13 24:00", "2026-03-13 23:59:59", "today", 0),
        ("2026-03-13 24:00", "2026-03-14 00:00", "overdue_working_days", 1),  # Sat
        ("2026-03-13 24:00", "2026-03-15 20:00", "overdue_working_days", 1),  # Sun
        ("2026-03-13 24:00", "2026-03-16 08:00", "overdue_working_days", 1),  # Mon
        ("2026-03-13 24:00", "2026-03-17 08:00", "overdue_working_days", 2),  # Tue
        ("2026-09-06 24:00", "2026-09-05 10:00", "working_days", 0),  # a Sunday without roll, seen on Sat
        ("2026-10-03 03:30", "2026-10-03 02:45:30", "by", 44),
        ("2026-10-03 03:30", "2026-10-03 03:30", "overdue_minutes", 0),
        ("2026-10-03 03:30", "2026-10-03 05:00", "overdue_minutes", 90),
    ],
)
def test_what_is_left_is_told_in_working_days(end: str, now: str, kind: str, n: int) -> None:
    left = time_left(at(end), at(now), COUNTING)
    assert (left.kind, left.n) == (kind, n)


def test_a_close_of_business_is_the_end_of_a_day_too() -> None:
    end = at("2026-03-13 17:30")
    day = date(2026, 3, 13)
    assert time_left(end, at("2026-03-13 09:00"), OFFICE_HOURS) == Left("today", 0, day, end)
    assert time_left(end, at("2026-03-13 17:30"), OFFICE_HOURS) == Left("overdue_working_days", 1, day, end)


def test_the_derivation_is_json() -> None:
    end = due("2026-09-24 10:00", "5 working_days", pauses=[("2026-09-28 10:00", "2026-09-29 10:00")])
    assert json.loads(json.dumps(end.why)) == end.why


@pytest.fixture
def process_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with monkeypatch.context() as patched:
        patched.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()


@pytest.mark.parametrize("process_zone", ["UTC", "America/New_York", "Pacific/Kiritimati"], indirect=True)
def test_the_zone_of_the_process_changes_nothing(process_zone: str) -> None:
    end = due("2026-09-28 23:30", "3 calendar_days", pauses=[("2026-09-29 23:30", "2026-09-30 00:30")])
    assert end.at == datetime(2026, 10, 8, 16, tzinfo=UTC)
    assert time_left(end.at, at("2026-10-08 23:00"), COUNTING).kind == "today"


def test_where_clocks_change_a_day_still_ends_at_midnight_and_hours_still_pass() -> None:
    # Berlin lost an hour on Sun 2026-03-29 at 02:00.
    berlin = Counting(CALENDAR, ZoneInfo("Europe/Berlin"), roll=False)
    start = datetime(2026, 3, 28, 12, tzinfo=berlin.zone)
    assert end_of_term(start, Duration(1, Unit.CALENDAR_DAYS), berlin).at == datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert end_of_term(start, Duration(24, Unit.HOURS), berlin).at - start.astimezone(UTC) == ONE_DAY


# A plain loop, day by day, over the working days of a library that the product doesn't use.


WORKED = {
    day.toordinal()
    for day in (date(2024, 1, 1) + timedelta(days=n) for n in range(1096))
    if chinese_calendar.is_workday(day)
}


def forward(day: int, n: int, unit: Unit) -> int:
    while n > 0:
        day += 1
        if unit is Unit.CALENDAR_DAYS or day in WORKED:
            n -= 1
    return day


def lost(pause: Pause, start: datetime, unit: Unit) -> int:
    assert pause.end is not None
    since, until = max(pause.start, start).toordinal(), pause.end.toordinal()
    return sum(unit is Unit.CALENDAR_DAYS or day in WORKED for day in range(since + 1, until + 1))


def last_day(start: datetime, term: Duration, extension: Duration | None, pause: Pause | None, *, roll: bool) -> int:
    """Return the ordinal of the last day; all times are local."""
    day = forward(start.toordinal(), term.n, term.unit)
    if pause is not None and pause.start.toordinal() <= last_day(start, term, extension, None, roll=roll):
        day = forward(day, lost(pause, start, term.unit), term.unit)
    if extension is not None:
        day = forward(day, extension.n, extension.unit)
    while roll and day not in WORKED:
        day += 1
    return day


def test_a_hundred_thousand_terms_agree_with_a_plain_loop() -> None:
    draw = random.Random(20260928)
    units = (Unit.CALENDAR_DAYS, Unit.WORKING_DAYS)
    first = datetime(2024, 1, 1, tzinfo=SHANGHAI)
    for _ in range(100_000):
        start = first + timedelta(minutes=int(draw.random() * 900 * 1440))
        term = Duration(int(draw.random() * 31), draw.choice(units))
        extension = pause = None
        if draw.random() < 0.15:
            extension = Duration(int(draw.random() * 16), draw.choice(units))
        if draw.random() < 0.15:
            since = start + timedelta(minutes=int(draw.random() * 20 * 1440) - 1440)
            pause = Pause(since, max(since, start) + timedelta(minutes=int(draw.random() * 9 * 1440)))
        roll = draw.random() < 0.8
        got = end_of_term(
            start,
            term,
            COUNTING if roll else NO_ROLL,
            [extension] if extension else (),
            [pause] if pause else (),
        )
        day = COUNTING.day_ended(got.at).toordinal()
        assert day == last_day(start, term, extension, pause, roll=roll), (start, term, extension, pause)
        assert got.at == COUNTING.end_of(date.fromordinal(day))


STARTS = st.datetimes(datetime(2023, 6, 1), datetime(2028, 6, 1)).map(  # noqa: DTZ001
    lambda naive: naive.replace(tzinfo=SHANGHAI)
)
TERMS = st.builds(Duration, st.integers(0, 90), st.sampled_from(Unit))
HALF_FRIDAYS = [date(2026, 1, 2) + timedelta(weeks=n) for n in range(52)]
HALF = CALENDAR.with_days(
    {day: (CALENDAR.is_working(day), False) for day in HALF_FRIDAYS}, dict.fromkeys(HALF_FRIDAYS, time_of_day(12))
)
COUNTINGS = st.sampled_from(
    [COUNTING, NO_ROLL, OFFICE_HOURS, Counting(HALF, SHANGHAI, day_end="17:30", late_intake="next_working_day")]
)


@settings(deadline=None)  # a busy machine is no fault
@given(STARTS, TERMS, COUNTINGS, st.integers(0, 130), st.booleans())
def test_one_more_holiday_never_makes_a_deadline_earlier(
    start: datetime, term: Duration, counting: Counting, offset: int, paused: bool
) -> None:
    day = start.date() + timedelta(days=offset)
    more = Counting(
        counting.calendar.with_days({day: (False, False)}),
        counting.zone,
        counting.roll,
        counting.day_end,
        counting.late_intake,
    )
    pauses = [Pause(start + timedelta(days=1), start + timedelta(days=6))] if paused else []
    assert end_of_term(start, term, more, (), pauses).at >= end_of_term(start, term, counting, (), pauses).at


@settings(deadline=None)  # a busy machine is no fault
@given(STARTS, TERMS, COUNTINGS, st.integers(0, 200_000))
def test_a_pause_of_zero_moves_nothing(start: datetime, term: Duration, counting: Counting, minutes: int) -> None:
    moment = start + timedelta(minutes=minutes)
    assert end_of_term(start, term, counting, (), [Pause(moment, moment)]) == end_of_term(start, term, counting)


@settings(deadline=None)  # a busy machine is no fault
@given(STARTS, TERMS, COUNTINGS, st.integers(0, 20_000))
def test_a_later_start_never_ends_earlier(start: datetime, term: Duration, counting: Counting, minutes: int) -> None:
    later = end_of_term(start + timedelta(minutes=minutes), term, counting)
    assert later.at >= end_of_term(start, term, counting).at


@settings(deadline=None)  # a busy machine is no fault
@given(STARTS, TERMS, COUNTINGS)
def test_a_term_never_ends_before_it_starts_nor_on_a_day_off(
    start: datetime, term: Duration, counting: Counting
) -> None:
    end = end_of_term(start, term, counting)
    assert term.n == 0 or end.at > start
    assert not (term.unit.is_day and counting.roll) or CALENDAR.is_working(counting.day_ended(end.at))


@settings(deadline=None)  # a busy machine is no fault
@given(st.datetimes(datetime(2, 1, 1), datetime(9999, 12, 30)), TERMS, COUNTINGS)  # noqa: DTZ001
def test_no_year_raises_and_all_end_by_9999(naive: datetime, term: Duration, counting: Counting) -> None:
    end = end_of_term(naive.replace(tzinfo=SHANGHAI), term, counting, [term], [])
    assert end.at <= datetime(9999, 12, 31, tzinfo=UTC)
    assert time_left(end.at, naive.replace(tzinfo=SHANGHAI), counting).day <= date(9999, 12, 31)
