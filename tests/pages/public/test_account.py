"""The city's account on the front page and as JSON: the same numbers, and none that tells of somebody."""

import re

import pytest
from django.test import Client

from huying.rules.commands import Assign, GiveAnswer, RecordVerdict
from huying.rules.vocabulary import Kind
from tests.builders import at, clerk, do, received, unit, verified_case
from tests.pages.public.city import found
from tests.pages.reading import browser, page, set_clock, statements, words

pytestmark = pytest.mark.django_db

NOW = at(4, 2, 10)


@pytest.fixture(autouse=True)
def thursday(monkeypatch: pytest.MonkeyPatch, ten_march: None) -> None:
    """It is Thursday, 2 April 2026, 10:00."""
    set_clock(monkeypatch, NOW)
    found()


def a_history() -> None:
    housing = unit()
    for verdict in ("satisfied",) * 6 + ("unsatisfied",) * 5:
        do(verified_case(housing), RecordVerdict(verdict, "还在漏"), at(3, 18, 9), clerk())
    for _ in range(5):
        received(at(3, 19, 9), kind=Kind.VERIFICATION)


def account(**headers: str) -> str:
    """Return the account as it is read."""
    html = page(browser(), "/", **headers)
    return words(html[html.index('aria-labelledby="account"') :].split("</section>")[0].split(">", 1)[1])


def figures() -> dict[str, object]:
    data: dict[str, object] = Client().get("/figures.json").json()
    return data


def test_it_begins_with_contacts_and_adds_up() -> None:
    a_history()
    text = account()
    assert "来电、短信、来信 16 次 → 核实、备着 5 → 并入已有的件 0 → 不归这里办、重复的 0 → 立件 11" in text
    assert "立件 11 = 已结 6 + 在办 5 （其中 超期 5 ） + 不计入 0" in text
    assert "3 月 3 日（周二） 起收到的，截至 4 月 2 日（周四）10:00" in text


def test_each_rate_has_its_numbers_and_its_base_in_words() -> None:
    a_history()
    text = account()
    assert "按期联系 100.0 % 11 / 11 到期以前联系上了诉求人；基数：联系期限已经到了的件，没联系的也在内" in text
    assert "按期办结 54.5 % 6 / 11 到期以前办完、答复了；基数：办理期限已经到了的件，没办完的也在内" in text


def test_small_numbers_are_words_and_no_bar_tells_them() -> None:
    a_history()
    assert 'class="bar"' in page(browser(), "/")
    for _ in range(2):
        do(received(at(3, 19)), Assign(unit().id), at(3, 19, 10), clerk())
        do(received(at(3, 19), kind=Kind.CONSULTATION), GiveAnswer("请带身份证。"), at(3, 19, 10), clerk())
    assert "多于 8 / 13" in account()  # all but two were contacted on time
    received(at(3, 20), joins=received(at(3, 19), kind=Kind.SUGGESTION).number)
    assert "核实、备着 不列 → 并入已有的件 少于 5 → 不归这里办、重复的 0 → 立件 16" in account()


def test_an_account_with_few_open_cases_has_no_bar() -> None:
    for _ in range(6):
        do(verified_case(unit()), RecordVerdict("satisfied"), at(3, 18, 9), clerk())
    received(at(3, 30))
    assert "立件 7 = 已结 不列 + 在办 少于 5 （其中 超期 少于 5 ） + 不计入 0" in account()
    assert 'class="bar"' not in page(browser(), "/")


def test_a_city_without_cases_has_no_rate_yet() -> None:
    text = account()
    assert text.count("还没有 0 / 0") == 4
    assert "立件 0" in text


def test_confidential_cases_are_in_neither() -> None:
    a_history()
    before = account(), figures()
    for _ in range(6):
        received(at(3, 19), confidential=True)
    assert (account(), figures()) == before


def test_the_data_say_the_same_numbers_as_the_page() -> None:
    a_history()
    received(at(3, 19), kind=Kind.STANDBY)
    data, text = figures(), account()
    assert data["cases"] == {"total": 11, "closed": 6, "open": 5, "not_counted": 0, "overdue": 5}
    assert data["contacts"] == {"total": 17, "alone": 6, "joined": 0, "no_case": 0, "cases": 11}
    for rate in data["rates"]:  # type: ignore[attr-defined]
        assert f"{rate['zh']['name']} {rate['percent']} {rate['numerator']} / {rate['denominator']}" in text
        assert rate["zh"]["base"] in text
        assert not re.search(r"[一-鿿]", "".join(rate["en"].values()))
    assert data["rulebook"] == {"id": "bozhou", "version": 1, "title": "亳州市 领导干部公开电话 “清单+闭环”"}
    assert str(data["as_of"]) == NOW.isoformat()


def test_the_data_hide_small_numbers_too() -> None:
    received(at(3, 19))
    data = figures()
    assert data["cases"] == {"total": "<5", "closed": None, "open": None, "not_counted": None, "overdue": "<5"}
    assert data["contacts"] == {"total": "<5", "alone": 0, "joined": 0, "no_case": 0, "cases": "<5"}


def test_every_site_may_read_the_data() -> None:
    answer = Client().get("/figures.json")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in Client().get("/")


def test_the_account_is_in_english_too() -> None:
    a_history()
    text = account(**{"Accept-Language": "en"})
    assert "Received since Tue 3 Mar , as of Thu 2 Apr 10:00" in text
    assert not re.search(r"[一-鿿]", text)


def test_the_front_page_takes_few_statements_however_many_cases() -> None:
    page(browser(), "/")
    few = statements(browser(), "/")
    a_history()
    assert statements(browser(), "/") == few <= 7
