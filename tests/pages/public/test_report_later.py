"""A report that is left and taken up again: on the same device by itself, elsewhere by its code, until it ends."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from huying.cases import unfinished
from huying.cases.limits import Limit
from huying.cases.models import Case, Unfinished
from huying.channels.tasks import forget_unfinished
from tests.builders import NOW, PHONE
from tests.pages.public.city import ANSWERS, TOKEN, found, hidden, official, send
from tests.pages.reading import BOOKKEEPING, browser, page, set_clock, words

pytestmark = pytest.mark.django_db
REPORT = "/report/"
RETURN = "/report/return/"


def left(client: Client, step: str = "you") -> str:
    """Answer up to a step, save it, and return the code."""
    html = client.post(REPORT, {**ANSWERS, "step": step, "go": "later"}).content.decode()
    code = re.search(r'class="code[^"]*">([\d ]+)<', html)
    assert code is not None
    return code[1]


def returned(code: str, client: Client | None = None) -> str:
    """Return what the code leads to: the question that was left, or why it leads nowhere."""
    client = client or browser()
    html = client.post(RETURN, {"code": code}, follow=True).content.decode()
    if "token" not in hidden(html):
        return html
    return client.post(REPORT, {**hidden(html), "go": "resume"}).content.decode()


def test_who_goes_back_to_the_first_question_finds_it_filled() -> None:
    found()
    client = browser()
    send(client, "besides")
    html = page(client, REPORT)
    assert f"{ANSWERS['text']}</textarea>" in html
    assert hidden(html)["phone"] == PHONE
    assert hidden(html)["token"] == TOKEN
    assert "这是刚才填到一半的" in words(html)


def test_what_was_sent_or_deleted_elsewhere_is_said_so_where_it_is_taken_up() -> None:
    found()
    gone = browser().post(REPORT, {"token": TOKEN, "go": "resume"}).content.decode()
    assert "可能已经在别处交了，也可能到期或者删掉了" in words(gone)
    assert "<textarea" not in gone


def test_the_same_device_finds_what_was_left_and_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    found()
    client = browser()
    send(client, "besides")
    set_clock(monkeypatch, NOW + timedelta(minutes=10))
    html = page(client, REPORT)
    assert "上次有一份没有填完" in words(html)
    assert "3 月 10 日（周二）21:15 以前可以接着填" in words(html)
    assert ANSWERS["text"] not in html
    again = client.post(REPORT, {**hidden(html), "go": "resume"}).content.decode()
    assert "联系的时候要注意什么" in words(again)
    assert hidden(again)["text"] == ANSWERS["text"]
    assert hidden(again)["token"] == TOKEN
    assert "是什么事" in words(page(browser(), REPORT))


def test_another_device_goes_on_by_the_code_with_the_post_that_was_chosen() -> None:
    found()
    post = official("mayor", "沈砚青")
    first = browser().post(REPORT, {**ANSWERS, "post": post.id, "step": "you", "go": "later"}).content.decode()
    assert "3 月 17 日（周二）09:15" in words(first)
    code = re.search(r"\d{4} \d{4} \d{4}", words(first))
    assert code is not None
    client = browser()
    assert 'name="code"' in page(client, RETURN)
    html = returned(code[0].replace(" ", "-"), client)
    assert "怎么联系您" in words(html)
    assert f'value="{PHONE}"' in html
    assert hidden(html)["post"] == str(post.id)
    client.post(REPORT, {**ANSWERS, **hidden(html), "go": "send", "agree": "on"})
    assert Case.objects.get().post == post
    assert "那一份已经交了" in words(returned(code[0]))


def test_a_code_stays_the_same_and_what_was_typed_since_comes_along() -> None:
    found()
    client = browser()
    code = left(client)
    send(client, "check", text="电梯又停了")
    assert left(client) == code
    client.post(REPORT, {**ANSWERS, "text": "第三次停了", "go": "check"})
    assert "第三次停了" in returned(code)


def test_what_was_given_up_is_gone_and_the_device_forgets_it() -> None:
    found()
    client = browser()
    code = left(client)
    html = client.post(REPORT, {"token": TOKEN, "go": "forget"}).content.decode()
    assert "都删掉了" in words(html)
    assert not Unfinished.objects.exists()
    assert "是什么事" in words(page(client, REPORT))
    assert "没有这个续填码" in words(returned(code))


def test_an_ended_one_says_so_and_holds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    found()
    client = browser()
    code = left(client)
    set_clock(monkeypatch, NOW + timedelta(days=7))
    monkeypatch.setattr("huying.channels.tasks.now", lambda: NOW + timedelta(days=7))
    for _ in range(2):
        text = words(returned(code))
        assert "这一份存到 3 月 17 日（周二）09:15 为止，已经删掉了。请重新填一份" in text
        assert ANSWERS["text"] not in text
        forget_unfinished(0)
        assert Unfinished.objects.get().sealed is None
    assert "是什么事" in words(page(client, REPORT))
    unfinished.forget_ended(NOW + timedelta(days=38))
    assert not Unfinished.objects.exists()


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("", "请写续填码"),
        ("1234", "续填码是 12 位数字，您写了 4 位"),
        ("1" * 12, "没有这个续填码"),
        ("\0<b>", "您写了 0 位"),
    ],
)
def test_a_code_that_is_none_says_what_to_do(code: str, says: str) -> None:
    found()
    html = returned(code)
    assert says in words(html)
    assert "<title>错误：" in html


def test_guessing_at_codes_is_held_back_by_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.pages.public.report_later.TRIES", Limit("return codes", 3))
    found()
    code = left(browser())
    for n in range(3):
        returned(f"{n:012d}")
    answer = browser().post(RETURN, {"code": code})
    assert answer.status_code == 429
    assert "试的次数太多了" in answer.content.decode()
    assert ANSWERS["text"] in returned(code, Client(REMOTE_ADDR="198.51.100.7"))
    cache.clear()


def test_what_is_kept_is_sealed_and_the_cookie_goes_to_the_report_alone() -> None:
    found()
    client = browser()
    send(client, "check")
    row = Unfinished.objects.get()
    assert PHONE not in (row.sealed or "")
    assert ANSWERS["text"] not in (row.sealed or "")
    cookie = client.cookies["report"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (
        "/report/",
        True,
        "Lax",
        "",
    )


def test_a_sent_report_is_not_found_on_its_device_any_more() -> None:
    found()
    client = browser()
    send(client, "check")
    send(client, "send", agree="on")
    assert not Unfinished.objects.exists()
    assert "是什么事" in words(page(client, REPORT))


def test_an_empty_form_keeps_nothing() -> None:
    found()
    client = browser()
    client.post(REPORT, {"token": TOKEN, "go": "files", "text": ""})
    assert not Unfinished.objects.exists()


@pytest.mark.parametrize("go", ["files", "you", "check"])
def test_keeping_what_was_typed_costs_a_page_two_statements(go: str) -> None:
    found()
    official("mayor", "沈砚青")
    client = browser()
    send(client, "what")
    with CaptureQueriesContext(connection) as captured:
        send(client, go)
    assert len([query for query in captured if not BOOKKEEPING.match(query["sql"])]) <= 8
