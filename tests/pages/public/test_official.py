"""The page of one post: who answers it now, what became of what it was told, and who and what came before."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from psycopg.types.range import DateRange

from huying.cases.transfer import transfer_post
from huying.directory.models import ContactPoint
from huying.people.models import Person, Portfolio, Post, Tenure, Unit
from tests.builders import at, clerk, received, unit
from tests.pages.public.city import found, official
from tests.pages.reading import browser, page, statements, words

pytestmark = pytest.mark.django_db
MAYOR = "/directory/mayor/"


def the_mayor(**point: Any) -> Post:
    found()
    return official("mayor", "沈砚青", name="市长", **{"value": "0500-555 0101", **point})


def held(post: Post, name: str, first: date | None, until: date) -> None:
    """Have somebody hold a post from a day until before another."""
    Tenure.objects.create(post=post, person=Person.objects.create(name=name), days=DateRange(first, until))


def test_it_says_who_holds_the_post_since_when_and_how_it_is_answered() -> None:
    the_mayor(answer_mode="operator", hours="工作日 12:00–14:00")
    text = words(page(browser(), MAYOR))
    assert "市长 沈砚青 2026 年 1 月 1 日" not in text  # the year is this one
    assert "市长 沈砚青 1 月 1 日（周四，元旦） 起任职" in text
    assert "来电 0500-555 0101 话务员接听 工作日 12:00–14:00" in text
    assert "交办后 3 个自然日内" in text


def test_the_directory_leads_to_it_and_it_leads_to_the_report() -> None:
    post = the_mayor()
    assert f'href="{MAYOR}"' in page(browser(), "/directory/")
    assert f'<a class="button primary" href="/report/?post={post.id}"' in page(browser(), MAYOR)


def test_a_code_with_any_letters_has_an_address() -> None:
    found()
    for code in ("市长-01", "a/b", "50%", "a?b#c"):
        official(code, f"官员{code}")
    for url in re.findall(r'<h3><a href="([^"]+)"', page(browser(), "/directory/")):
        assert Client().get(url).status_code == 200, url


@pytest.mark.parametrize("code", ["nobody", "\0", "%", "mayor/..", "9" * 4000])
def test_a_post_that_never_was_is_not_found(code: str) -> None:
    the_mayor()
    assert Client().get(f"/directory/{code}/").status_code == 404


def test_its_units_are_those_that_it_answers_for_today() -> None:
    post = the_mayor()
    for code, days in (
        ("housing", (None, None)),
        ("water", (date(2026, 4, 1), None)),
        ("old", (None, date(2026, 3, 10))),
    ):
        Portfolio.objects.create(post=post, unit=unit(code), days=DateRange(*days))
    html = page(browser(), MAYOR)
    assert 'href="/directory/?q=housing"' in html
    assert "water" not in html
    assert "old" not in words(html)


# -- history --------------------------------------------------------------------------------------------------------


def test_the_history_names_who_held_it_from_when_to_when_the_latest_first() -> None:
    post = the_mayor()
    held(post, "顾望舒", date(2021, 5, 6), date(2026, 1, 1))
    held(post, "叶秋白", None, date(2021, 5, 6))
    text = words(page(browser(), MAYOR))
    assert "顾望舒 2021 年 5 月 6 日（周四） 2025 年 12 月 31 日（周三） 叶秋白 2021 年 5 月 5 日（周三）" in text


def test_a_successor_who_is_still_to_come_is_not_told() -> None:
    found()
    post = official("mayor", name="市长", value="0500-555 0101")
    held(post, "顾望舒", date(2021, 5, 6), date(2026, 3, 1))
    Tenure.objects.create(
        post=post, person=Person.objects.create(name="叶秋白"), days=DateRange(date(2026, 4, 1), None)
    )
    text = words(page(browser(), MAYOR))
    assert "现在空缺" in text
    assert "顾望舒 2021 年 5 月 6 日（周四） 2 月 28 日（周六" in text
    assert "叶秋白" not in text


def test_a_number_that_was_withdrawn_is_told_with_its_day_and_can_not_be_dialled() -> None:
    post = the_mayor()
    ContactPoint.objects.create(post=post, kind="phone_mobile", value="0500-555 0100", withdrawn_at=at(2, 3, 23))
    html = page(browser(), MAYOR)
    assert "来电 0500-555 0100 2 月 3 日（周二） 停用" in words(html)
    assert '<s class="nowrap">0500-555 0100</s>' in html
    main = html[html.index("<main") : html.index("</main>")]
    assert re.findall(r'href="tel:(\d+)"', main) == ["05005550101"]


def test_the_history_outlives_a_post_that_was_handed_over_and_a_unit_that_is_no_more() -> None:
    found()
    old, new = official("old", "沈砚青", unit(), value="0500-555 0101"), official("new")
    transfer_post(old.id, new.id, at(3, 9, 12), clerk())
    Unit.objects.update(abolished_on=date(2026, 3, 10))
    text = words(page(browser(), "/directory/old/"))
    assert "这个单位从 3 月 10 日（周二） 起撤销" in text
    assert "沈砚青 1 月 1 日（周四，元旦） 3 月 8 日（周日）" in text
    assert "0500-555 0101 3 月 9 日（周一） 停用" in text
    assert "在网上反映" not in text


# -- figures --------------------------------------------------------------------------------------------------------


def account(html: str) -> str:
    return words(html[html.index('aria-labelledby="account"') :].split("</section>")[0].split(">", 1)[1])


def test_its_figures_are_its_own_with_numbers_base_and_cut_off() -> None:
    post = the_mayor()
    for _ in range(6):
        received(at(3, 2, 9), post=post.id)
    received(at(3, 2, 9))
    text = account(page(browser(), MAYOR))
    assert "截至 3 月 10 日（周二）09:15" in text
    assert "2025 年 3 月 10 日（周一） 起收到的" in text
    assert "来电、短信、来信 6 次" in text
    assert "立件 6 = 已结 0 + 在办 6 （其中 超期 6 ） + 不计入 0" in text
    assert "按期办结 还没有 0 / 0 到期以前办完、答复了；基数：办理期限已经到了的件，没办完的也在内" in text
    assert "不分当时谁在任" in text


def test_small_figures_are_words() -> None:
    post = the_mayor()
    received(at(3, 2, 9), post=post.id)
    text = account(page(browser(), MAYOR))
    assert "来电、短信、来信 少于 5 次" in text
    assert "立件 少于 5 = 已结 不列 + 在办 不列" in text


def test_before_a_rulebook_is_in_force_the_page_is_there_without_figures() -> None:
    found(None)
    official("mayor", "沈砚青", name="市长")
    html = page(browser(), MAYOR)
    assert "2026-01-01 起任职" in words(html)
    assert 'id="account"' not in html


def test_it_takes_eight_statements_however_much_there_is() -> None:
    post = the_mayor()
    few = statements(browser(), MAYOR)
    for n in range(1, 7):
        held(post, f"前任{n}", date(2000 + n, 1, 1), date(2001 + n, 1, 1))
        ContactPoint.objects.create(post=post, kind="sms", value=f"0500-556 000{n}")
        Portfolio.objects.create(post=post, unit=unit(f"u{n}"), days=DateRange(None, None))
        received(at(3, 2, 9), post=post.id)
    assert statements(browser(), MAYOR) == few <= 8


def test_it_speaks_english() -> None:
    post = the_mayor()
    held(post, "顾望舒", date(2021, 5, 6), date(2026, 1, 1))
    ContactPoint.objects.create(post=post, kind="sms", value="0500-555 0100", withdrawn_at=at(2, 3))
    html = page(browser(), MAYOR, **{"Accept-Language": "en"})
    main = words(html[html.index("<main") : html.index("</main>")])
    assert "In office since Thu 1 Jan" in main
    assert set(re.findall(r"[一-鿿]+", main)) == {"市长", "沈砚青", "顾望舒"}
