"""The component page: in a demo alone, made of the very parts of the pages, with every token."""

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huying.pages.public.styleguide import TOKENS
from huying.people.models import Office
from tests.builders import at
from tests.pages.public.city import found
from tests.pages.reading import BOOKKEEPING, browser, page, set_clock, words
from tests.pages.test_style import LIGHT, PAGES, RULES

pytestmark = pytest.mark.django_db
STYLEGUIDE = "/styleguide/"
# The frame of the desk, and what only arranges others on one page
ELSEWHERE = {
    *("head", "foot", "account", "approval", "can_do", "calendar_preview", "not_saved", "told_besides"),
    *("own", "hidden", "report_back", "report_later"),
}


@pytest.fixture(autouse=True)
def demo(monkeypatch: pytest.MonkeyPatch) -> None:
    found()
    Office.objects.update(is_demo=True)
    set_clock(monkeypatch, at(3, 17, 9))


def test_outside_a_demo_there_is_no_such_page() -> None:
    Office.objects.update(is_demo=False)
    assert browser().get(STYLEGUIDE).status_code == 404


def test_it_is_made_of_the_parts_of_the_pages_and_a_new_part_has_to_be_shown() -> None:
    answer = browser().get(STYLEGUIDE)
    used = {Path(one.name or "").stem for one in answer.templates if (one.name or "").startswith("parts/")}
    parts = {path.stem for path in (PAGES / "templates" / "parts").glob("*.html")}
    assert parts - used == ELSEWHERE


def test_every_token_is_a_swatch_in_the_colour_that_the_pages_have() -> None:
    assert TOKENS.keys() == LIGHT.keys()
    html = page(browser(), STYLEGUIDE)
    for name in LIGHT:
        assert f'fill="var(--{name})"' in html, name


def test_it_shows_the_states_in_both_languages() -> None:
    seen = words(page(browser(), STYLEGUIDE))
    for said in (
        "还剩 2 个工作日",
        "超期 2 个工作日",
        "今天 17:30 前",
        "暂停计时",
        "暂停到 10 月 12 日（周一）24:00",
        "2027 年 1 月 5 日（周二），暂定",
        "错误：查询码是 8 位或 12 位数字，您写了 7 位",
    ):
        assert said in seen, said
    assert "2 working days overdue" in words(page(browser(), STYLEGUIDE, **{"accept-language": "en"}))


@pytest.mark.parametrize(
    ("held", "state"), [(".is-focus", ":focus-visible"), (".button.primary.is-hover", ".button.primary:hover")]
)
def test_a_state_that_is_held_for_the_eye_has_the_rule_of_the_state(held: str, state: str) -> None:
    assert f"{state}, {held} {{" in RULES
    assert f"button primary {held.rpartition('.')[2]}" in page(browser(), STYLEGUIDE)


def test_it_takes_at_most_eight_statements() -> None:
    page(browser(), STYLEGUIDE)
    with CaptureQueriesContext(connection) as captured:
        page(browser(), STYLEGUIDE)
    assert len([query for query in captured if not BOOKKEEPING.match(query["sql"])]) <= 8
