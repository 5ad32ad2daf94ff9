"""Derivations, days and due tags in words: the exact sentences, as a clerk would say them."""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from huying.data import calendar_text
from huying.rules.calendar import Calendar
from huying.rules.duration import Duration
from huying.rules.terms import Counting, Pause, Why, agreed_end, end_of_term, time_left
from huying.rules.words import day_in_words, end_in_words, in_words, left_in_words, length_in_words

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = Calendar.parse(calendar_text("cn-state-council")).cut_to(2026)
COUNTING = Counting(CALENDAR, SHANGHAI)
OFFICE_HOURS = Counting(CALENDAR, SHANGHAI, day_end="17:30", late_intake="next_working_day")


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=SHANGHAI)


def why(
    start: str,
    term: str,
    event: str = "",
    counting: Counting = COUNTING,
    *,
    extensions: Sequence[str] = (),
    pauses: Sequence[tuple[str, str | None]] = (),
    from_day_ended: bool = False,
) -> Why:
    return end_of_term(
        at(start),
        Duration.parse(term),
        counting,
        [Duration.parse(extension) for extension in extensions],
        [Pause(at(since), at(until) if until else None) for since, until in pauses],
        from_day_ended=from_day_ended,
        event=event,
    ).why


@pytest.mark.parametrize(
    ("derivation", "zh", "en"),
    [
        (
            why("2026-09-28 09:00", "3 calendar_days", "assigned"),
            "3 个自然日：9 月 28 日（周一）交办后第 3 天是 10 月 1 日（周四，国庆节），"
            "顺延到 10 月 8 日（周四）24:00",
            "3 calendar days from Mon 28 Sep = Thu 1 Oct, National Day, rolled to Thu 8 Oct 24:00",
        ),
        (
            why("2026-09-18 17:40", "3 working_days", "received"),
            "3 个工作日：9 月 18 日（周五）收到后第 3 个工作日是 9 月 22 日（周二）24:00；"
            "9 月 20 日（周日，上班）也算",
            "3 working days from Fri 18 Sep = Tue 22 Sep 24:00; Sun 20 Sep, a working day, is counted",
        ),
        (
            why("2026-09-18 17:40", "1 working_day"),
            "1 个工作日：9 月 18 日（周五）后第 1 个工作日是 9 月 20 日（周日，上班）24:00",
            "1 working day from Fri 18 Sep = Sun 20 Sep 24:00, a working day",
        ),
        (
            why("2026-09-24 09:00", "5 working_days", "assigned"),
            "5 个工作日：9 月 24 日（周四）交办后第 5 个工作日是 10 月 9 日（周五）24:00；"
            "9 月 25 日至 27 日中秋节放假，不算；10 月 1 日至 7 日国庆节放假，不算",
            "5 working days from Thu 24 Sep = Fri 9 Oct 24:00; "
            "25 Sep to 27 Sep, Mid-Autumn Festival, are not counted; "
            "1 Oct to 7 Oct, National Day, are not counted",
        ),
        (
            why("2024-04-30 09:00", "1 working_day"),
            "1 个工作日：4 月 30 日（周二）后第 1 个工作日是 5 月 6 日（周一）24:00；"
            "5 月 1 日至 5 日劳动节放假，不算",
            "1 working day from Tue 30 Apr = Mon 6 May 24:00; 1 May to 5 May, Labour Day, are not counted",
        ),
        (
            why("2025-01-27 09:00", "1 working_day", "accepted"),
            "1 个工作日：1 月 27 日（周一）受理后第 1 个工作日是 2 月 5 日（周三）24:00；"
            "1 月 28 日至 2 月 4 日春节放假，不算",
            "1 working day from Mon 27 Jan = Wed 5 Feb 24:00; 28 Jan to 4 Feb, Spring Festival, are not counted",
        ),
        (
            why("2026-12-28 10:00", "5 working_days", "assigned"),
            "5 个工作日：12 月 28 日（周一）交办后第 5 个工作日是 2027 年 1 月 5 日（周二）24:00；"
            "2027 年 1 月 1 日（周五，元旦）不算；2027 年放假安排未公布，暂定",
            "5 working days from Mon 28 Dec = Tue 5 Jan 2027 24:00; "
            "Fri 1 Jan 2027, New Year's Day, is not counted; provisional: no holiday notice for 2027 yet",
        ),
        (
            why("2026-02-25 10:00", "60 calendar_days", "accepted", extensions=["30 calendar_days"]),
            "60 个自然日：2 月 25 日（周三）受理后第 60 天是 4 月 26 日（周日），"
            "延期 30 个自然日到 5 月 26 日（周二）24:00",
            "60 calendar days from Wed 25 Feb = Sun 26 Apr, extended by 30 calendar days = Tue 26 May 24:00",
        ),
        (
            why("2026-04-01 10:00", "1 working_day", pauses=[("2026-04-02 09:00", "2026-04-03 09:00")]),
            "1 个工作日：4 月 1 日（周三）后第 1 个工作日是 4 月 2 日（周四），"
            "4 月 2 日（周四）至 4 月 3 日（周五）暂停，加 1 个工作日到 4 月 3 日（周五）24:00",
            "1 working day from Wed 1 Apr = Thu 2 Apr, "
            "paused from Thu 2 Apr to Fri 3 Apr, plus 1 working day = Fri 3 Apr 24:00",
        ),
        (
            why("2026-04-01 10:00", "2 working_days", pauses=[("2026-04-02 09:00", "2026-04-03 09:00")]),
            "2 个工作日：4 月 1 日（周三）后第 2 个工作日是 4 月 3 日（周五），"
            "4 月 2 日（周四）至 4 月 3 日（周五）暂停，加 1 个工作日到 4 月 7 日（周二）24:00；"
            "4 月 4 日至 6 日清明节放假，不算",
            "2 working days from Wed 1 Apr = Fri 3 Apr, "
            "paused from Thu 2 Apr to Fri 3 Apr, plus 1 working day = Tue 7 Apr 24:00; "
            "4 Apr to 6 Apr, Qingming Festival, are not counted",
        ),
        (
            why("2026-03-10 10:00", "5 working_days", "assigned", pauses=[("2026-03-12 10:00", None)]),
            "5 个工作日：3 月 10 日（周二）交办后第 5 个工作日是 3 月 17 日（周二）24:00；"
            "3 月 12 日（周四）10:00 起暂停，恢复后重新推算",
            "5 working days from Tue 10 Mar = Tue 17 Mar 24:00; "
            "paused since Thu 12 Mar 10:00, to be worked out again when it resumes",
        ),
        (
            why("2026-10-03 02:30", "1 hour", "marked_urgent"),
            "1 小时：10 月 3 日（周六，国庆节）02:30 标为紧急后满 1 小时是 10 月 3 日（周六）03:30",
            "1 hour from Sat 3 Oct 02:30, National Day = Sat 3 Oct 03:30",
        ),
        (
            why("2026-03-10 02:30:15", "90 minutes", pauses=[("2026-03-10 03:00", "2026-03-10 06:20")]),
            "90 分钟：3 月 10 日（周二）02:30:15 起满 90 分钟是 3 月 10 日（周二）04:00:15，"
            "3 月 10 日（周二）03:00 至 3 月 10 日（周二）06:20 暂停，加 3 小时 20 分钟到 3 月 10 日（周二）07:20:15",
            "90 minutes from Tue 10 Mar 02:30:15 = Tue 10 Mar 04:00:15, "
            "paused from Tue 10 Mar 03:00 to Tue 10 Mar 06:20, plus 3 hours 20 minutes = Tue 10 Mar 07:20:15",
        ),
        (
            why("2026-03-14 00:00", "1 working_day", from_day_ended=True),
            "1 个工作日：3 月 13 日（周五）24:00 到期后第 1 个工作日是 3 月 16 日（周一）24:00",
            "1 working day from Fri 13 Mar 24:00 = Mon 16 Mar 24:00",
        ),
        (
            why("2026-03-13 17:30", "1 working_day", counting=OFFICE_HOURS, from_day_ended=True),
            "1 个工作日：3 月 13 日（周五）17:30 到期后第 1 个工作日是 3 月 16 日（周一）17:30",
            "1 working day from Fri 13 Mar 17:30 = Mon 16 Mar 17:30",
        ),
        (
            why("2026-09-24 18:00", "1 working_day", counting=OFFICE_HOURS),
            "1 个工作日：9 月 24 日（周四）18:00 收到，不在办公时间，算 9 月 28 日（周一）的，"
            "此后第 1 个工作日是 9 月 29 日（周二）17:30",
            "1 working day from Mon 28 Sep (came Thu 24 Sep 18:00, outside office hours) = Tue 29 Sep 17:30",
        ),
    ],
)
def test_a_derivation_reads_like_a_sentence(derivation: Why, zh: str, en: str) -> None:
    assert in_words(derivation, "zh") == zh
    assert in_words(derivation, "en") == en


def test_a_derivation_reads_the_same_out_of_the_database() -> None:
    derivation = why("2026-12-28 10:00", "5 working_days", "assigned")
    assert in_words(json.loads(json.dumps(derivation)), "zh") == in_words(derivation, "zh")


def test_a_local_day_off_is_named_without_a_holiday() -> None:
    local = CALENDAR.with_days({date(2026, 4, 20): (False, False)})  # Mon, 壮族三月三 in Guangxi
    derivation = why("2026-04-17 10:00", "1 working_day", counting=Counting(local, SHANGHAI))
    assert in_words(derivation, "zh").endswith("4 月 21 日（周二）24:00；4 月 20 日（周一，放假）不算")
    assert in_words(derivation, "en").endswith("Tue 21 Apr 24:00; Mon 20 Apr, a day off, is not counted")


def test_a_past_year_whose_notice_is_missing_here_is_not_called_unpublished() -> None:
    derivation = why("2019-03-11 10:00", "1 working_day")
    assert derivation[-1] == {"step": "provisional", "years": [2019], "before_table": [2019]}
    assert in_words(derivation, "zh").endswith("；呼应没有 2019 年的放假安排，按周末和法定节日推算")
    assert in_words(derivation, "en").endswith(
        "; Huying has no holiday notice of 2019, counted by weekends and statutory holidays"
    )


def test_a_term_longer_than_the_table_names_the_years_on_both_sides() -> None:
    derivation = why("2023-12-28 10:00", "900 working_days")
    assert in_words(derivation, "zh").endswith(
        "；呼应没有 2023 年的放假安排，按周末和法定节日推算；2027 年放假安排未公布，暂定"
    )
    assert "notice of 2023, counted" in in_words(derivation, "en")
    assert in_words(derivation, "en").endswith("; provisional: no holiday notice for 2027 yet")


def test_two_years_without_notice_are_both_named() -> None:
    known = Counting(CALENDAR.cut_to(2025), SHANGHAI)
    derivation = why("2026-12-28 10:00", "5 working_days", counting=known)
    assert in_words(derivation, "zh").endswith("；2026、2027 年放假安排未公布，暂定")
    assert in_words(derivation, "en").endswith("provisional: no holiday notice for 2026 and 2027 yet")


@pytest.mark.parametrize(
    ("day", "zh", "en"),
    [
        (date(2026, 10, 1), "10 月 1 日（周四，国庆节）", "Thu 1 Oct, National Day"),
        (date(2026, 9, 20), "9 月 20 日（周日，上班）", "Sun 20 Sep, a working day"),
        (date(2026, 9, 21), "9 月 21 日（周一）", "Mon 21 Sep"),
        (date(2026, 9, 19), "9 月 19 日（周六）", "Sat 19 Sep"),
    ],
)
def test_a_day_is_said_with_its_weekday_and_what_is_unusual(day: date, zh: str, en: str) -> None:
    assert day_in_words(day, CALENDAR, "zh") == zh
    assert day_in_words(day, CALENDAR, "en") == en


def test_a_day_says_its_year_if_asked() -> None:
    assert day_in_words(date(2027, 1, 5), CALENDAR, "zh", with_year=True) == "2027 年 1 月 5 日（周二）"
    assert day_in_words(date(2027, 1, 1), CALENDAR, "en", with_year=True) == "Fri 1 Jan 2027, New Year's Day"


@pytest.mark.parametrize(
    ("due", "now", "zh", "en"),
    [
        ("2026-03-14 00:00", "2026-03-11 10:00", "还剩 2 个工作日", "2 working days left"),
        ("2026-03-14 00:00", "2026-03-12 10:00", "还剩 1 个工作日", "1 working day left"),
        ("2026-03-14 00:00", "2026-03-13 10:00", "今天 24:00 前", "today by 24:00"),
        ("2026-03-14 00:00", "2026-03-15 10:00", "超期 1 个工作日", "1 working day overdue"),
        ("2026-09-07 00:00", "2026-09-05 10:00", "9 月 6 日（周日）24:00 前", "by Sun 6 Sep 24:00"),
        ("2026-03-18 09:41", "2026-03-18 09:00", "09:41 前", "by 09:41"),
        ("2026-03-18 09:41", "2026-03-17 09:00", "3 月 18 日（周三）09:41 前", "by Wed 18 Mar 09:41"),
        ("2026-03-18 09:41", "2026-03-18 09:41", "超期 0 分钟", "0 minutes overdue"),
        ("2026-03-18 09:41", "2026-03-18 10:41", "超期 1 小时", "1 hour overdue"),
        ("2026-03-18 09:41", "2026-03-18 12:46", "超期 3 小时 5 分钟", "3 hours 5 minutes overdue"),
    ],
)
def test_a_due_tag_says_what_is_left(due: str, now: str, zh: str, en: str) -> None:
    left = time_left(at(due), at(now), COUNTING)
    assert left_in_words(left, "zh") == zh
    assert left_in_words(left, "en") == en


def test_a_due_tag_says_the_close_of_business() -> None:
    left = time_left(at("2026-03-13 17:30"), at("2026-03-13 17:30") - timedelta(hours=1), OFFICE_HOURS)
    assert left_in_words(left, "zh") == "今天 17:30 前"
    assert left_in_words(left, "en") == "today by 17:30"


def test_a_term_whose_end_somebody_set_says_so() -> None:
    why = agreed_end(at("2026-03-10T15:00"), at("2026-03-20T09:00"), SHANGHAI)
    assert in_words(why, "zh") == "定于 3 月 20 日（周五）09:00"
    assert in_words(why, "en") == "set for Fri 20 Mar 09:00"


def test_the_end_of_a_term_says_its_hour_and_midnight_is_24_00() -> None:
    ends = at("2027-01-05T00:00"), at("2026-03-10T17:30")
    assert [end_in_words(end, COUNTING, "zh") for end in ends] == [
        "2027 年 1 月 4 日（周一）24:00",
        "2026 年 3 月 10 日（周二）17:30",
    ]
    assert end_in_words(ends[0], COUNTING, "en") == "Mon 4 Jan 2027, 24:00"


def test_a_length_is_said_in_both_languages() -> None:
    term = Duration.parse("3 working_days")
    assert (length_in_words(term, "zh"), length_in_words(term, "en")) == ("3 个工作日", "3 working days")
