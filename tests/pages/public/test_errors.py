"""Where a page isn't or broke: a citizen gets the city's head, phone and doors, the desk its own words."""

from typing import Any, NoReturn

import pytest
from django.db import OperationalError, connection
from django.test import Client

from huying.rules.access import Role
from tests.builders import received, unit, user
from tests.pages.public.city import found
from tests.pages.reading import browser, statements_of, words

pytestmark = pytest.mark.django_db
DOORS = ('href="/report/"', 'href="/track/"', 'href="/check/"', 'href="/directory/"')


def unreachable(*_: Any) -> NoReturn:
    """Answer every statement as a database does that is gone."""
    raise OperationalError


def test_a_citizen_who_is_lost_gets_the_doors_the_phone_and_the_switches() -> None:
    found()
    answer = browser().get("/nothing/")
    html = answer.content.decode()
    assert answer.status_code == 404
    assert "没有这一页" in html
    assert "清单" not in words(html)
    assert all(door in html.split("<main")[1] for door in DOORS)
    assert 'href="tel:05005550100"' in html.split("<main")[1].split("</main")[0]
    assert ">大字版</button>" in html
    assert ">English</button>" in html


def test_it_is_in_large_print_and_english_for_whoever_reads_so() -> None:
    found()
    client = browser()
    client.post("/large-print/", {"large_print": "on"})
    html = client.get("/nothing/", headers={"Accept-Language": "en"}).content.decode()
    assert '<html lang="en" data-care>' in html
    assert "There is no such page" in html


def test_an_unknown_post_is_a_page_that_is_not_there() -> None:
    found()
    assert "从这里进去" in browser().get("/directory/nobody/").content.decode()


def test_it_takes_few_statements_for_a_stranger_and_for_staff() -> None:
    found()
    signed_in = browser(user("office", Role.OFFICE))
    assert statements_of(lambda: browser().get("/nothing/")) <= 3
    assert statements_of(lambda: signed_in.get("/nothing/")) <= 8


def test_the_desk_keeps_its_own_words() -> None:
    case = received()
    html = browser(user("clerk", Role.OFFICE, unit())).get("/desk/nothing/").content.decode()
    assert "请从清单里打开" in html
    assert "从这里进去" not in html
    stranger = user("water", Role.UNIT, unit("water"))
    answers = [browser(stranger).get(f"/desk/cases/{number}/") for number in (case.number, "YC-2026-999999")]
    assert [answer.status_code for answer in answers] == [404, 404]
    said = {words(answer.content.decode()) for answer in answers}
    assert len(said) == 1


@pytest.mark.parametrize(("path", "word"), [("/report/return/", "没有交上去"), ("/account/login/", "没有保存")])
def test_a_form_without_its_token_says_what_to_do(path: str, word: str) -> None:
    found()
    answer = Client(enforce_csrf_checks=True).post(path)
    assert answer.status_code == 403
    assert word in words(answer.content.decode())


@pytest.mark.parametrize(
    ("path", "status", "word"), [("/nothing/", 404, "没有这一页"), ("/", 500, "这里出了错，不是您的问题")]
)
def test_what_fails_needs_no_database(path: str, status: int, word: str) -> None:
    client = Client(raise_request_exception=False)
    client.cookies["huying_large_print"] = "on"
    with connection.execute_wrapper(unreachable):
        answer = client.get(path)
    html = answer.content.decode()
    assert answer.status_code == status
    assert word in words(html)
    assert "data-care" in html
    assert all(door in html.split("<main")[1] for door in DOORS)


def test_what_fails_at_the_desk_speaks_to_staff() -> None:
    client = browser(user("clerk", Role.OFFICE, unit()))
    client.raise_request_exception = False
    with connection.execute_wrapper(unreachable):
        answer = client.get("/desk/")
    assert answer.status_code == 500
    assert "请打给技术支持" in answer.content.decode()


@pytest.mark.parametrize("path", ["/check/", "/track/", "/report/"])
def test_what_is_too_much_is_told_in_words_with_the_doors(path: str) -> None:
    found()
    answer = browser().post(path, {"text": "长" * 1_500_000})
    assert answer.status_code == 400
    assert "一次交的太多了。请退回上一页，写短一些再交" in words(answer.content.decode())
    assert 'href="tel:05005550100"' in answer.content.decode()


def test_another_host_gets_no_page() -> None:
    answer = Client(headers={"host": "evil.example"}).get("/")
    assert (answer.status_code, answer["Content-Type"]) == (400, "text/plain; charset=utf-8")
