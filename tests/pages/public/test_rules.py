"""规则与出处 and the pages beside it: short, for everybody, from the rulebook and the calendar themselves."""

import re

import pytest
from django.test import Client

from huying.data import rulebook_ids
from huying.pages.templatetags.shown import dialled
from huying.rules.access import Role
from tests.builders import at, user
from tests.pages.public.city import found
from tests.pages.reading import browser, page, set_clock, statements, words

pytestmark = pytest.mark.django_db

PATHS = ("/rules/", "/rules/terms/", "/rules/counting/", "/privacy/", "/accessibility/")


def test_each_clause_stands_with_its_term_and_its_source() -> None:
    found()
    text = words(page(browser(), "/rules/"))
    assert "联系诉求人 期限 3 个自然日 报道 003：在3日内" in text
    assert "登记 期限 1 个工作日 自定：编的人拟的，没有见到依据" in text


def test_the_day_since_which_it_is_applied_here_is_told_from_the_day_that_its_text_names() -> None:
    found()
    html = page(browser(), "/rules/")
    assert (
        "亳州市 领导干部公开电话 “清单+闭环” 第 1 版。这里从 1 月 5 日（周一） 起按它办；"
        "它原文写明 2022 年 2 月 8 日（周二） 起施行。" in words(html)
    )
    assert "市公开电话办公室 · 原文写明 2022-02-08 起施行" in words(html)


@pytest.mark.parametrize("rulebook", rulebook_ids())
def test_the_sources_of_a_shipped_rulebook_read_in_chinese(rulebook: str) -> None:
    found(rulebook)
    sources = re.findall(r'<td role="cell" class="muted">(.*?)</td>', page(browser(), "/rules/"))
    assert [one for one in sources if re.search("[a-z]{2}", words(one))] == []


def test_what_a_source_quotes_says_on_an_english_page_that_it_is_chinese() -> None:
    found()
    html = page(browser(), "/rules/", **{"Accept-Language": "en"})
    assert '<td role="cell" class="muted">Article 003: <span lang="zh-CN">在3日内</span></td>' in html
    assert '<td role="cell" class="muted">Ours: our reconstruction</td>' in html
    law = '<span lang="zh-CN">济南市<a class="nowrap" href="tel:12345">12345</a>市民服务热线条例</span> and '
    assert law in html


def test_a_source_of_a_citys_own_is_shown_as_it_is_written() -> None:
    found("bozhou", '"R: our reconstruction"\n"step.assign.due"', '"市政府令 <第 12 号>"\n"step.assign.due"')
    assert "登记 期限 1 个工作日 市政府令 <第 12 号>" in words(page(browser(), "/rules/"))


def test_the_rules_are_drawn_and_a_clause_without_a_source_says_so() -> None:
    found("bozhou", '"step.register.due" = "R: our reconstruction"\n', "")
    html = page(browser(), "/rules/")
    assert html.count('class="flow"') == 2  # the second for paper, by reference
    assert html.count('class="flow stacked"') == 1
    assert "登记 期限 1 个工作日 没有写出处" in words(html)


def test_terms_are_worked_out_by_the_calendar_of_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    found()
    set_clock(monkeypatch, at(9, 28, 9))
    text = words(page(browser(), "/rules/terms/"))
    assert (
        "3 个自然日：9 月 28 日（周一）交办后第 3 天是 10 月 1 日（周四，国庆节），顺延到 10 月 8 日（周四）24:00"
        in text
    )
    set_clock(monkeypatch, at(12, 30, 9))
    text = words(page(browser(), "/rules/terms/"))
    assert "2027 年 1 月 4 日（周一），暂定" in text


def test_what_a_rulebook_does_not_do_is_not_told() -> None:
    found("bozhou", 'roll = "next_working_day"\non_missing', 'roll = "none"\non_missing')
    assert "顺延到下一个工作日" not in words(page(browser(), "/rules/terms/")).split("假如")[0]


def test_the_bases_are_those_beside_the_rates() -> None:
    found()
    text = words(page(browser(), "/rules/counting/"))
    assert "按期办结 到期以前办完、答复了 基数 办理期限已经到了的件，没办完的也在内" in text


def test_the_privacy_notice_is_the_one_that_is_agreed_to() -> None:
    found()
    text = words(page(browser(), "/privacy/"))
    assert "第 2 版， 2026-11-30 起施行" in text
    assert "保存多久：和这件事的办理记录一样久。" in text


def test_accessibility_claims_no_conformance_and_names_the_phone() -> None:
    found()
    html = page(browser(), "/accessibility/")
    assert "所以不说符合哪个标准" in html
    assert html.split("<main")[1].split("</main")[0].count('href="tel:') == 1


@pytest.mark.parametrize("path", PATHS)
def test_each_is_linked_from_the_foot_and_reads_in_english(path: str) -> None:
    found()
    assert f'href="{path}"' in page(browser(), "/track/").split("<footer")[1]
    html = page(browser(), path, **{"Accept-Language": "en"}).split("<main")[1].split("</main")[0]
    said = re.sub(r'<span lang="zh-CN">.*?</span>', "", html)  # what is quoted as it was written
    said = re.sub(r"<li><strong>\d{4}</strong>.*?</li>", "", said)  # so are the titles of notices
    found_in = re.findall(r"[一-鿿]+", words(said))
    assert [one for one in found_in if not any(one in quoted for quoted in QUOTED)] == []


# The title of the rulebook, which a chart breaks into lines, and what a line of the office is called.
QUOTED = {"亳州市", "领导干部公开电话", "清单", "闭环", "公开电话专线", "市公开电话办公室"}


@pytest.mark.parametrize("path", PATHS)
def test_each_takes_few_statements_for_a_stranger_and_for_staff(path: str) -> None:
    found()
    page(browser(), path)
    assert statements(browser(), path) <= 5
    assert statements(browser(user("office", Role.OFFICE)), path) <= 8


def test_without_rules_there_is_no_page_of_them_and_the_front_page_stands() -> None:
    found(None)
    assert [Client().get(path).status_code for path in PATHS] == [404, 404, 200, 200, 200]
    assert "本市的账" not in page(browser(), "/")
    assert Client().get("/figures.json").json()["rulebook"] is None


def test_the_hotline_can_be_called_where_a_law_is_named_after_it() -> None:
    said = dialled("<b>济南市12345市民服务热线条例，〔2012345〕号")
    link = '<a class="nowrap" href="tel:12345">12345</a>'
    assert said == f"&lt;b&gt;济南市{link}市民服务热线条例，〔2012345〕号"
