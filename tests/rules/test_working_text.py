"""The working text: what may be read in plain until a clerk writes a summary."""

import pytest

from huying.rules.working_text import TITLE_LENGTH, working_text, working_title


def test_what_the_requester_is_called_and_reached_at_is_hidden_wherever_it_stands() -> None:
    assert working_text("测试人甲说水管漏水", "测试人甲", None, "水") == "****说水管漏水"


@pytest.mark.parametrize(
    ("masked", "title"),
    [
        ("水管漏水，三天没人来", "水管漏水"),
        ("  供暖管道漏水。急", "供暖管道漏水"),
        ("，没有开头", "，没有开头"),
        ("一" * 21, "一" * 19 + "…"),
        ("一" * 20, "一" * 20),
    ],
)
def test_the_title_is_the_first_clause(masked: str, title: str) -> None:
    assert working_title(masked) == title
    assert len(title) <= TITLE_LENGTH
