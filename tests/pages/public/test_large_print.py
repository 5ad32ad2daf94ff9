"""大字版: a switch on every public page that keeps where one is and what one typed; the track page gets shorter."""

import re

import pytest
from django.test import Client

from huying.pages.urls import urlpatterns
from tests.builders import at, received, user
from tests.pages.public.city import found, official, send
from tests.pages.reading import browser, page, set_clock, words

pytestmark = pytest.mark.django_db
SWITCH, LARGE = "/large-print/", '<html lang="zh-CN" data-care>'
PAGES = (
    *("/", "/report/", "/report/return/", "/track/", "/check/", "/directory/"),
    *("/rules/", "/rules/terms/", "/rules/counting/"),
    *("/privacy/", "/accessibility/", "/directory/mayor/"),
)


@pytest.fixture(autouse=True)
def city(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Tuesday, 29 September 2026, before National Day."""
    found()
    official("mayor", "沈砚青", name="市长", value="0500-555 0101", hours="工作日 8:30–18:00")
    set_clock(monkeypatch, at(9, 29, 9))


def turned_on() -> Client:
    client = browser()
    client.post(SWITCH, {"large_print": "on"})
    return client


@pytest.mark.parametrize("path", PAGES)
def test_every_public_page_has_the_switch_and_obeys_it(path: str) -> None:
    assert ">大字版</button>" in page(browser(), path)
    large = page(turned_on(), path)
    assert LARGE in large
    assert ">标准版</button>" in large


def test_no_public_page_is_left_out() -> None:
    public = {f"/{one.pattern}" for one in urlpatterns if getattr(one.callback, "access", None) == "public"}
    others = {SWITCH, "/styleguide/", "/figures.json", "/notices.atom", "/directory.json"}
    others |= {"/directory/<path:code>/", "/account/first/<str:uid>/<str:token>/"}
    assert public - others - set(PAGES) == set()


def test_one_comes_back_to_where_one_was_with_all_that_was_asked_for() -> None:
    client = browser()
    answer = client.post(SWITCH, {"large_print": "on", "next": "/directory/?q=市长&from=3"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/directory/?q=")
    assert answer["Location"].endswith("&from=3")
    client.post(SWITCH, {"large_print": "off", "next": "/"})
    assert "data-care" not in page(client, "/")


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "javascript:alert(1)", ""])
def test_nobody_is_led_to_another_site(elsewhere: str) -> None:
    answer = browser().post(SWITCH, {"large_print": "on", "next": elsewhere})
    assert answer["Location"] == "/"


def test_a_visit_changes_nothing_and_neither_does_an_unknown_size() -> None:
    client = browser()
    assert client.get(SWITCH)["Location"] == "/"
    client.post(SWITCH, {"large_print": "huge"})
    assert client.cookies == {}


def test_in_the_middle_of_a_report_nothing_is_lost() -> None:
    html = send(browser(), "", step="what", text="写到一半", large_print="on")
    assert LARGE in html
    assert "写到一半</textarea>" in html


def test_a_check_that_nobody_has_begun_is_not_judged() -> None:
    html = browser().post("/check/", {"text": "", "large_print": "on"}).content.decode()
    assert LARGE in html
    assert "错误" not in words(html)


def followed(client: Client) -> str:
    case = received(at(9, 28, 9))
    typed = {"number": case.number, "code": case.code, "digits": "0001"}
    return client.post("/track/", typed).content.decode()


def test_the_track_page_draws_the_days_under_the_reason_of_a_date() -> None:
    html = followed(browser())
    [strip, *_] = re.findall(r'<ol class="days" aria-hidden="true">(.*?)</ol>', html)
    assert words(strip) == "9 月 周一 28 起算 周二 29 最迟"
    assert "国庆节" in html


def test_in_large_print_it_keeps_the_waiting_box_folds_the_steps_and_leaves_out_the_days() -> None:
    html = followed(turned_on())
    assert LARGE in html
    assert "正在等： 交给一个单位" in words(html)
    assert 'class="days"' not in html
    assert re.search(r'<details class="act"><summary>看全部 \d 步</summary><ol class="loop">', html.replace("\n", ""))


def test_a_case_that_is_open_on_the_page_stays_open_in_the_other_size() -> None:
    case = received(at(9, 28, 9))
    typed = {"number": case.number, "code": case.code, "digits": "0001", "large_print": "on"}
    client = browser()
    assert "正在等" in words(client.post("/track/", typed).content.decode())
    assert LARGE in page(client, "/")


def test_the_desk_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    client = browser(user())
    client.post(SWITCH, {"large_print": "on"})
    desk = page(client, "/desk/")
    assert "data-care" not in desk
    assert "大字版" not in desk
