"""The directory: who can be reached how, before anybody dials."""

import re
from datetime import date
from html import escape

import pytest
from django.test import Client
from django.urls import reverse
from psycopg.types.range import DateRange

from huying.directory.models import ContactPoint
from huying.pages.public.labels import ANSWERED_BY
from huying.people.models import Person, Portfolio, Tenure, Unit
from huying.rules.access import Role
from huying.rules.vocabulary import AnswerMode
from tests.builders import at, unit, user
from tests.pages.public.city import found, official
from tests.pages.reading import browser, page, set_clock, statements, words

pytestmark = pytest.mark.django_db
DIRECTORY = "/directory/"


def test_the_pages_are_there_before_anything_is_set_up() -> None:
    for path in ("/", DIRECTORY, "/report/", "/track/"):
        assert browser().get(path).status_code == 200, path


def test_staff_find_their_way_in_and_back() -> None:
    found()
    assert 'href="/account/login/"' in page(browser(), "/")
    signed_in = page(browser(user("clerk", Role.OFFICE, unit())), "/")
    assert 'href="/desk/"' in signed_in
    assert "测试clerk" not in signed_in  # a page for everybody shows nobody's name


def test_an_official_is_shown_with_post_number_who_answers_and_hours() -> None:
    found()
    official(
        "mayor", "沈砚青", name="市长", value="0500-555 0101", answer_mode="in_person", hours="工作日 12:00–14:00"
    )
    text = words(page(browser(), DIRECTORY))
    assert "市长 沈砚青 来电 0500-555 0101 本人接听 工作日 12:00–14:00" in text


def test_what_is_told_of_a_post_is_text_whatever_stands_in_it() -> None:
    found()
    odd = "<script>\"'&"
    official(
        odd, f"holder{odd}", unit(f"unit{odd}"), f"post{odd}", value=f"1{odd}", hours=f"hours{odd}", kind=f"k{odd}"
    )
    html = page(browser(), DIRECTORY)
    assert "<script>" not in html
    assert f"post{odd} holder{odd} k{odd} 1{odd} 本人接听 hours{odd}" in words(html)
    assert f'href="{escape(reverse("official", args=[odd]))}"' in html


def test_a_vacant_post_says_so_and_keeps_its_number() -> None:
    found()
    post = official("mayor", name="市长", value="0500-555 0101")
    Tenure.objects.create(
        post=post, person=Person.objects.create(name="前任"), days=DateRange(date(2025, 1, 1), date(2026, 3, 10))
    )
    text = words(page(browser(), DIRECTORY))
    assert "现在空缺，号码照常有效" in text
    assert "0500-555 0101" in text
    assert "前任" not in text


def test_a_number_for_messages_alone_is_never_dialled() -> None:
    found()
    official("mayor", "沈砚青", value="0500-555 0101", answer_mode="sms_only")
    html = page(browser(), DIRECTORY)
    assert 'href="sms:05005550101"' in html
    assert 'href="tel:05005550101"' not in html


def test_a_number_for_calls_and_messages_stands_once() -> None:
    found()
    mayor = official("mayor", "沈砚青", value="0500-555 0101", hours="工作日")
    for value in ("0500-555 0101", "0500-555 0102"):
        ContactPoint.objects.create(post=mayor, kind="sms", value=value, hours="工作日")
    html = page(browser(), DIRECTORY)
    assert "来电 0500-555 0101 可发短信 本人接听 工作日 短信 0500-555 0102" in words(html)
    assert 'href="sms:05005550101">可发短信' in html


def test_posts_of_an_abolished_unit_are_not_listed() -> None:
    found()
    official("chief", "沈砚青", unit("old"))
    Unit.objects.filter(code="old").update(abolished_on=date(2026, 3, 10))
    assert "沈砚青" not in page(browser(), DIRECTORY)


@pytest.mark.parametrize("query", ["砚青", "市长", "housing", "0500-555 0101", "5550101", "05005550101"])
def test_a_search_finds_by_name_post_unit_and_number(query: str) -> None:
    found()
    official("mayor", "沈砚青", unit("housing"), name="市长", value="0500-555 0101")
    official("other", "叶秋白", unit("water"), name="局长", value="0500-555 0202")
    html = browser().get(DIRECTORY, {"q": query}).content.decode()
    assert "沈砚青" in html
    assert "叶秋白" not in html


@pytest.mark.parametrize("query", ["\0", "%", "'; DROP TABLE", "没有这个人", "(" * 60, "9" * 4000, "<script>"])
def test_a_strange_search_finds_nothing_and_breaks_nothing(query: str) -> None:
    found()
    answer = browser().get(DIRECTORY, {"q": query})
    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode()


@pytest.mark.parametrize("query", ["0500-555 9999", "110", "fakemayor99", "住建"])
def test_what_is_not_in_the_directory_is_no_fraud_yet_and_can_be_checked_at_once(query: str) -> None:
    found()
    official("mayor", "沈砚青", value="0500-555 0101")
    html = browser().get(DIRECTORY, {"q": query}).content.decode()
    assert f"没有找到“{query}”" in words(html)
    assert "骗子" not in html.split("<main")[1]
    [checked] = re.findall(rf'<form method="post" action="/check/">.*?value="{query}"', html, re.DOTALL)
    assert checked


def test_the_directory_takes_the_same_statements_for_one_post_and_for_many() -> None:
    found()
    official("first", "沈砚青", unit("u0"), value="0500-555 0101")
    page(browser(), DIRECTORY)  # each process looks once whether its keys fit
    one = statements(browser(), DIRECTORY)
    for n in range(12):
        official(f"more{n}", f"官员{n}", unit(f"u{n}"), value=f"0500-556 {n:04d}")
    assert statements(browser(), DIRECTORY) == one <= 6


def test_a_long_directory_is_paged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.pages.public.directory.PAGE", 2)
    found()
    for n in range(5):
        official(f"post{n}", f"官员{n}")
    client, seen, url = Client(), list[str](), DIRECTORY
    for _ in range(3):
        html = page(client, url)
        seen += [name for n in range(5) if (name := f"官员{n}") in html]
        url = DIRECTORY + f"?from={len(seen)}"
    assert seen == [f"官员{n}" for n in range(5)]
    assert "官员" not in page(client, DIRECTORY + "?from=99999")
    assert "官员0" in page(client, DIRECTORY + "?from=-1")


def test_the_pages_speak_english() -> None:
    found()
    official("mayor", value="0500-555 0101", answer_mode="secretary")
    client = browser()
    client.post("/language/", {"language": "en", "next": DIRECTORY})
    text = words(page(client, DIRECTORY))
    assert "Vacant at present" in text
    assert "Answered by a secretary" in text
    assert "Within 3 calendar days after assignment" in text


def test_hours_are_english_on_an_english_page_or_say_that_they_are_chinese() -> None:
    found()
    official("mayor", value="0500-555 0101", hours="工作日 12:00–14:00")
    official("deputy", value="0500-555 0102", hours="逢集 <上午>")
    html = page(browser(), DIRECTORY, **{"Accept-Language": "en"})
    assert "<span>Working days 12:00–14:00</span>" in html
    assert '<span><span lang="zh-CN">逢集 &lt;上午</span>&gt;</span>' in html
    assert "<span>Daily 7:00–22:00</span>" in html.split("<footer")[1]
    assert "<span>逢集 &lt;上午&gt;</span>" in page(browser(), DIRECTORY)


def test_the_page_says_its_moment_as_citizens_read_it() -> None:
    found()
    official("mayor", value="0500-555 0101")
    assert "这一页截至 3 月 10 日（周二）09:15 。" in words(page(browser(), DIRECTORY))
    assert "as of Tue 10 Mar 09:15 ." in words(page(browser(), DIRECTORY, **{"Accept-Language": "en"}))


def test_a_pending_number_is_no_link_and_names_the_one_that_is_dialled_until_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found()
    mayor = official("mayor", name="市长", value="0500-555 0101", withdrawn_at=at(3, 16))
    ContactPoint.objects.create(post=mayor, kind="phone_mobile", value="0500-555 0109", valid_from=at(3, 16))
    for path in (DIRECTORY, "/directory/mayor/"):
        html = page(browser(), path)
        assert "来电 0500-555 0109 新号公示中 3 月 16 日（周一） 起可以打 这以前打 0500-555 0101" in words(html)
        assert 'href="tel:05005550101"' in html
        assert "tel:05005550109" not in html
        assert '<time datetime="2026-03-16T00:00:00+08:00">' in html
    set_clock(monkeypatch, at(3, 16))
    html = page(browser(), "/directory/mayor/")
    assert 'href="tel:05005550109"' in html
    assert "新号公示中" not in html
    assert "0500-555 0101 3 月 16 日（周一） 停用" in words(html)
    assert "0500-555 0101" not in page(browser(), DIRECTORY)


def test_a_suspended_number_is_struck_through_and_says_who_answers_meanwhile() -> None:
    found()
    who = "总值班室代接 <0500-555 0100>"
    mayor = official("mayor", value="0500-555 0101", hours="工作日", suspended=who)
    ContactPoint.objects.create(post=mayor, kind="sms", value="0500-555 0101", suspended=who)
    html = page(browser(), DIRECTORY)
    assert html.count("<s>0500-555 0101</s>") == 1
    assert "来电 0500-555 0101 暂停使用 总值班室代接 < 0500-555 0100 >" in words(html)
    assert '&lt;<a class="nowrap" href="tel:05005550100">0500-555 0100</a>&gt;' in html
    assert "tel:05005550101" not in html
    assert "本人接听" not in html
    english = page(browser(), DIRECTORY, **{"Accept-Language": "en"})
    assert '<span lang="zh-CN">总值班室代接</span>' in english


def test_a_post_is_found_by_a_unit_that_it_answers_for() -> None:
    found()
    mayor = official("mayor", "沈砚青", name="副市长", value="0500-555 0101")
    Portfolio.objects.create(post=mayor, unit=unit("市水务局"), days=DateRange(date(2026, 1, 1), None))
    assert "副市长" in words(page(browser(), f"{DIRECTORY}?q=水务").split("<main")[1])
    assert "没有找到" in words(page(browser(), f"{DIRECTORY}?q=交通"))


def test_a_hotline_among_the_posts_stands_at_the_foot_of_every_page() -> None:
    found()
    official(
        "line", name="企业服务专线", kind="hotline", value="0500-555 0200", answer_mode="operator", hours="工作日"
    )
    for path in ("/", "/report/", "/track/"):
        assert "企业服务专线 0500-555 0200 话务员接听 工作日" in words(page(browser(), path)), path


@pytest.mark.parametrize("mode", list(AnswerMode))
def test_who_answers_stands_beside_the_number_with_an_icon_that_the_page_has(mode: AnswerMode) -> None:
    found()
    ContactPoint.objects.update(answer_mode=mode)
    html = page(browser(), DIRECTORY)
    used = set(re.findall(r'<use href="#([\w-]+)"', html))
    assert used
    assert used <= set(re.findall(r'<symbol id="([\w-]+)"', html))
    assert f"</svg>{ANSWERED_BY[mode]}</span>" in html
