"""The text of a yearly notice: read as it is written, checked against itself, and refused with the line."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.data import calendar_text
from huying.rules.calendar import Calendar, Notice
from huying.rules.holiday_notice import NotANotice, Problem, days_of, read_notice
from huying.rules.notice_words import SENTENCES, Flaw

SHIPPED = Calendar.parse(calendar_text("cn-state-council"))
TEXTS = {path.stem: path.read_text("utf-8") for path in (Path(__file__).parent / "notices").glob("*.txt")}
INVENTED = TEXTS["2027_invented"]
# The parts of which notices, and misprints of them, are made.
PIECES = st.sampled_from(
    [
        *("国务院办公厅", "关于", "2027年", "部分节假日安排的通知", "二〇二七年", "99年", "\n", "　"),
        *("一、", "7.", "元旦", "国庆节", "、", "：", "，", "。", "（周五）", "(", "）", "至", "-"),
        *("1月", "十二月", "1日", "31日", "三十一日", "十十日", "放假", "上班", "共3天", "鼓励", "与周末连休"),
        *("节假日期间", "国办发明电〔2026〕9号", "2026年11月27日"),
    ]
)  # fmt: skip


def before(year: int) -> Calendar:
    """Return the calendar as it was before the notice of `year` came."""
    return SHIPPED.cut_to(year - 1)


def read(text: str = INVENTED, *changes: tuple[str, str]) -> Notice:
    """Return what a notice of 2027 says, after some of its words were changed."""
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return read_notice(text, SHIPPED)[1]


def problems(*changes: tuple[str, str]) -> list[tuple[Flaw, int, str]]:
    with pytest.raises(NotANotice) as refused:
        read(INVENTED, *changes)
    return [(one.flaw, one.line, one.quote) for one in refused.value.problems]


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_a_notice_says_what_is_shipped(year: int) -> None:
    assert read_notice(TEXTS[str(year)], before(year)) == (year, SHIPPED.notice(year))


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_its_days_make_the_calendar_that_is_shipped(year: int) -> None:
    days = days_of(*read_notice(TEXTS[str(year)], before(year)))

    laid = before(year).with_days({day: (works, False) for day, works in days.items()})

    assert [day for day in days if laid.is_working(day) != SHIPPED.is_working(day)] == []
    assert laid.provisional_years(date(year, 1, 1), date(year, 12, 31)) == []


def test_every_sign_of_a_sentence_is_read() -> None:
    spring = read().holiday[1]
    assert (spring.of, spring.first, spring.last) == (("spring_festival",), date(2027, 2, 5), date(2027, 2, 12))
    assert spring.make_up == (date(2027, 1, 31), date(2027, 2, 20))  # Sun, Sat
    assert (read().number, read().issued) == ("国办发明电〔2026〕99号", date(2026, 11, 27))


@pytest.mark.parametrize(
    "changes",
    [
        [("1月1日（周五）至2日（周六）", "１月１日（星期五）－２日（礼拜六）")],  # full width
        [("1月1日（周五）至2日（周六）", "1月1日(周五) 到 2日(周六)")],
        [("1月1日（周五）至2日（周六）", "一月一日至二日")],
        [("10月1日（周五）至7日（周四）", "十月一日至十月七日"), ("10月9日（周六）", "十月九日（星期六）")],
        [("2月20日（周六）", "二月二十日"), ("1月31日（周日）", "一月三十一日（星期天）")],
        [("1月1日（周五）至2日（周六）", "2027年1月1日至2027年1月2日")],
        [("1月1日（周五）至2日（周六）放假", "1月1日、2日放假")],
        [("1月1日（周五）至2日（周六）放假调休，共2天", "1月1日、1月2日放假")],
        [("1月3日（周日）上班", "1月3日（周日、公休日）正常上班")],
        [("共2天。1月3日", "共2天，1月3日")],
        [("一、元旦：", "元旦："), ("二、春节：", "2.春节：")],
        [("四、劳动节：", "四、“五一”国际劳动节："), ("“五一”", "五一")],
        [("\n　　", "\r\n\u3000\u3000\ufeff"), ("2027年部分", "2027年\n部分")],
        [("2026年11月27日", "二○二六年十一月二十七日")],
    ],
)
def test_a_notice_may_be_written_in_other_signs(changes: list[tuple[str, str]]) -> None:
    days = days_of(2027, read(INVENTED, *changes))
    assert [day for day, works in days_of(2027, read()).items() if works != days[day]] == []


def test_two_holidays_may_be_joined() -> None:
    text = INVENTED.replace("　　六、中秋节：9月15日（周三）放假1天，不调休。\n", "").replace(
        "七、国庆节", "六、国庆节、中秋节"
    )
    assert read(text).holiday[-1].of == ("national_day", "mid_autumn")


@pytest.mark.parametrize(
    "written",
    ["12月31日至1月2日放假，共3天。", "2026年12月31日（周四）至2027年1月2日放假。", "2026年12月31日至1月2日放假。"],
)
def test_a_new_year_may_begin_in_the_old_one(written: str) -> None:
    new_year = read(INVENTED, ("1月1日（周五）至2日（周六）放假调休，共2天。", written)).holiday[0]
    assert (new_year.first, new_year.last) == (date(2026, 12, 31), date(2027, 1, 2))
    assert (
        days_of(2027, read(INVENTED, ("1月1日（周五）至2日（周六）放假调休，共2天。", written)))[date(2026, 12, 31)]
        is False
    )


def test_december_may_make_up_for_new_year() -> None:
    new_year = read(INVENTED, ("1月3日（周日）上班", "12月27日（周日）上班")).holiday[0]
    assert new_year.make_up == (date(2026, 12, 27),)


def test_a_holiday_with_a_gap_becomes_two() -> None:
    parts = [
        one
        for one in read(INVENTED, ("6月9日（周三）放假1天", "6月9日、11日放假，共2天")).holiday
        if one.of == ("dragon_boat",)
    ]
    assert [(one.first.day, one.last.day) for one in parts] == [(9, 9), (11, 11)]


def test_what_is_only_encouraged_is_not_off() -> None:
    notice = read(INVENTED, ("1月31日（周日）、", "鼓励各单位安排职工在小年（1月29日）休息。1月31日（周日）、"))
    assert days_of(2027, notice)[date(2027, 1, 29)] is True


def test_without_a_number_it_is_still_a_notice() -> None:
    assert read(INVENTED, ("国办发明电〔2026〕99号", "")).number == ""


TITLE = "国务院办公厅关于{}年部分节假日安排的通知"
WRONG: list[tuple[tuple[str, str], Flaw, int, str]] = [
    (("2027年部分节假日安排", "端午节期间值班"), Flaw.NO_NOTICE, 1, "国务院办公厅关于端午节期间值班的通知国办"),
    (("2027年部分", "2026年部分"), Flaw.FINAL_YEAR, 1, TITLE.format(2026)),
    (("2027年部分", "2023年部分"), Flaw.BEFORE_TABLE, 1, TITLE.format(2023)),
    (("2027年部分", "0000年部分"), Flaw.BEFORE_TABLE, 1, TITLE.format("0000")),
    (("二、春节：", "二、春芐："), Flaw.UNKNOWN_HOLIDAY, 7, "春芐"),
    (("6月9日（周三）放假1天，不调休", "按原来的安排"), Flaw.NOTHING_OFF, 10, "五、端午节:"),
    (("6月9日（周三）放假1天", "6月9日（周三）放假1天，6月5日调休"), Flaw.NOT_READ, 10, "6月5日"),
    (("6月9日（周三）", "9日"), Flaw.NOT_READ, 10, "9日"),
    (("6月9日（周三）", "6月31日"), Flaw.NO_SUCH_DAY, 10, "6月31日"),
    (("6月9日（周三）", "十十月一二日"), Flaw.NO_SUCH_DAY, 10, "十十月一二日"),
    (("6月9日（周三）", "2028年6月9日"), Flaw.OUTSIDE, 10, "2028年6月9日"),
    (("4月3日（周六）至5日（周一）", "4月7日至5日"), Flaw.BACKWARDS, 8, "4月7日至5日"),
    (("1月3日（周日）", "1月3日（周六）"), Flaw.WEEKDAY, 6, "1月3日(周六)"),
    (("放假，共3天", "放假，共四天"), Flaw.LENGTH, 8, "4月3日(周六)至5日(周一)"),
    (("6月9日（周三）放假1天，不调休", "6月9日放假，与周末连休"), Flaw.NO_WEEKEND, 10, "6月9日"),
    (("5月8日（周六）", "5月7日（周五）"), Flaw.NOT_A_WEEKEND, 9, "5月7日(周五)"),
    (("9月15日（周三）", "10月4日"), Flaw.TWICE, 12, "10月1日(周五)至7日(周四)"),
    (("五、端午节：6月9日（周三）放假1天，不调休。", ""), Flaw.MISSING, 1, "端午"),
    (
        ("2026年11月27日", ""),
        Flaw.NOT_SIGNED,
        15,
        "报告并妥善处置，确保人民群众祥和平安度过节日假期。国务院办公厅"[-20:],
    ),
    (("2026年11月27日", "2019年11月27日"), Flaw.NOT_SIGNED, 16, "节日假期。国务院办公厅2019年11月27日"[-20:]),
    (("2026年11月27日", "2026年13月27日"), Flaw.NOT_SIGNED, 16, "节日假期。国务院办公厅2026年13月27日"[-20:]),
]


@pytest.mark.parametrize(("change", "flaw", "line", "quote"), WRONG, ids=[f"{one[1]}-{one[2]}" for one in WRONG])
def test_what_is_wrong_is_told_with_its_line(change: tuple[str, str], flaw: Flaw, line: int, quote: str) -> None:
    assert problems(change) == [(flaw, line, quote)]


def test_all_that_is_wrong_is_told_at_once_in_the_order_of_the_lines() -> None:
    found = problems(("1月1日（周五）", "1月1日（周四）"), ("共8天", "共9天"), ("四、劳动节", "四、劳励节"))
    assert [(flaw, line) for flaw, line, _ in found] == [
        (Flaw.WEEKDAY, 6),
        (Flaw.LENGTH, 7),
        (Flaw.UNKNOWN_HOLIDAY, 9),
    ]


def test_a_problem_says_in_both_languages_what_to_do() -> None:
    with pytest.raises(NotANotice) as refused:
        read(INVENTED, ("1月3日（周日）", "1月3日（周六）"))
    [one] = refused.value.problems
    assert one.in_words("zh") == "第 6 行“1月3日(周六)”：2027-01-03 是周日，和写的不一样。请和原文核对"
    assert str(refused.value) == (
        "line 6, “1月3日(周六)”: 2027-01-03 is a Sunday, which isn't what it says; compare with the notice"
    )


def test_every_fault_has_its_sentences() -> None:
    assert set(SENTENCES) == set(Flaw)


def refused(text: str) -> Sequence[Problem]:
    """Return what is wrong with a text, nothing where it is a notice; whatever else it raises fails the test."""
    try:
        read_notice(text, SHIPPED)
    except NotANotice as wrong:
        return wrong.problems
    return ()


@given(st.text() | st.lists(PIECES, max_size=60).map("".join))
def test_no_text_raises_anything_else(text: str) -> None:
    assert all(one.line >= 1 and one.in_words("zh") and one.in_words("en") for one in refused(text))


@given(st.lists(PIECES, max_size=80).map("".join))
def test_nothing_under_a_good_title_raises_anything_else(text: str) -> None:
    assert refused(f"{TITLE.format(2027)}\n一、元旦：{text}")


@given(st.integers(0, len(INVENTED) - 1), st.text(max_size=3))
def test_a_notice_with_a_slip_is_read_or_refused(at: int, slip: str) -> None:
    refused(INVENTED[:at] + slip + INVENTED[at + 1 :])
