"""Answering hours in English, as far as every word of them is known."""

import pytest

from huying.data import demo_rows
from huying.rules.hours_words import hours_in_english


@pytest.mark.parametrize(
    ("written", "english"),
    [
        ("工作日 12:00–14:00、18:00–21:00", "Working days 12:00–14:00, 18:00–21:00"),
        ("每天 7:00–22:00", "Daily 7:00–22:00"),
        ("每天7：00-22：00", "Daily 7:00–22:00"),
        ("周一至周五 8:30 - 17:30，节假日除外", "Mon to Fri 8:30–17:30, holidays excepted"),
        ("工作日（周五除外）9:00～12:00；周末 全天。", "Working days (Fri excepted) 9:00–12:00; weekends all day"),
        ("每天 24 小时", "Daily 24 hours"),
        ("星期日上午", "Sun morning"),
        ("工作日", "Working days"),
        ("", ""),
    ],
)
def test_hours_are_said_in_english(written: str, english: str) -> None:
    assert hours_in_english(written) == english


@pytest.mark.parametrize("written", ["每天 7:00–22:00 本人接听", "逢集", "工作日 9点到12点", "9:000", "12345", "<b>"])
def test_hours_with_an_unknown_word_are_not_guessed_at(written: str) -> None:
    assert hours_in_english(written) is None


def test_the_invented_city_has_hours_that_can_be_said() -> None:
    assert all(hours_in_english(row["hours"]) for row in demo_rows("posts"))
