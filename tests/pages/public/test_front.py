"""The front page: four doors, two with a field of their own, and the way of a request in the rulebook's terms."""

import re

import pytest
from django.test import Client

from tests.builders import received
from tests.pages.public.city import found
from tests.pages.reading import browser, page, words

pytestmark = pytest.mark.django_db
TRACK = "/track/"


def begun(written: str, client: Client | None = None) -> str:
    """Return the page on which the front page's one field ends."""
    answer = (client or browser()).post(TRACK, {"receipt": written})
    assert answer.status_code in (200, 403), answer.status_code
    return answer.content.decode()


def filled(html: str) -> dict[str, str]:
    """Return what stands in the fields of the receipt."""
    fields = [re.search(rf'<input[^>]* name="{name}"[^>]*>', html) for name in ("number", "code", "digits")]
    typed = [(field[0], re.search(r'value="([^"]*)"', field[0])) for field in fields if field]
    return {name[1]: value[1] for html, value in typed if value and (name := re.search(r'name="(\w+)"', html))}


# -- the doors ------------------------------------------------------------------------------------------------------


def test_there_are_four_doors_and_one_primary_button() -> None:
    found()
    html = page(browser(), "/")
    assert set(re.findall(r'<a class="button[^"]*" href="([^"]+)"', html)) == {"/report/", "/directory/"}
    assert re.search(r'method="post" action="/track/">.*?name="receipt"', html)
    assert re.search(r'method="post" action="/check/">.*?name="text"', html)
    assert html.count('class="button primary"') == 1
    assert "0500-555 0100" in html
    assert 'href="tel:05005550100"' in html


@pytest.mark.parametrize("written", ["YC-2026-000123", "yc-2026-000123 ", "ＹＣ-2026-000123"])
def test_a_number_goes_into_its_field_and_the_rest_is_asked_for(written: str) -> None:
    html = begun(written)
    assert filled(html) == {"number": "YC-2026-000123"}
    assert "还要写：查询码、手机后四位" in words(html)
    assert re.search(r'<input[^>]*name="code"[^>]* autofocus', html)


@pytest.mark.parametrize("written", ["48297136", "4829 7136", "4829-7136", "４８２９７１３６"])
def test_a_code_goes_into_its_field_and_the_rest_is_asked_for(written: str) -> None:
    html = begun(written)
    assert filled(html) == {"code": "4829 7136"}
    assert "还要写：编号、手机后四位" in words(html)


def test_a_code_for_which_no_phone_was_left_asks_for_the_number_alone() -> None:
    html = begun("482971360055")
    assert filled(html) == {"code": "4829 7136 0055"}
    assert "还要写：编号" in words(html)
    assert "还要写：编号、" not in words(html)


@pytest.mark.parametrize("written", ["", "000123", "2026000123", "电梯", "<script>", "\0", "9" * 4000])
def test_whatever_is_written_nobody_is_scolded_and_nothing_breaks(written: str) -> None:
    html = begun(written)
    assert 'class="errors"' not in html
    assert "错误：" not in html
    assert "<script>" not in html


def test_the_one_field_opens_no_case() -> None:
    found()
    case = received()
    for written in map(str, (case.number, case.code)):
        assert "正在等" not in begun(written)


def test_what_was_begun_survives_a_form_without_its_token() -> None:
    html = begun("YC-2026-000123", Client(enforce_csrf_checks=True))
    assert filled(html) == {"number": "YC-2026-000123"}
    assert "请再按一次" in html


def test_a_code_is_never_taken_from_an_address() -> None:
    assert filled(page(browser(), "/track/?receipt=48297136&code=48297136")) == {}
    assert filled(page(browser(), "/track/?number=48297136")) == {"number": "48297136"}


# -- the way of a request -------------------------------------------------------------------------------------------


def test_the_terms_are_those_of_the_rulebook_in_force() -> None:
    found("laixi")
    assert "交办后 2 个工作日内" in words(page(browser(), "/"))


def test_the_way_begins_with_registering_and_its_term() -> None:
    found()
    way = page(browser(), "/").split('class="pledges">')[1].split("</ol>")[0]
    assert words(way).startswith("1 登记 收到后 1 个工作日内 给您编号和查询码，凭它们查进度。 2 交给一个单位")
    assert way.count('class="step" aria-hidden="true"') == 5


def test_a_rulebook_without_a_term_for_registering_promises_none() -> None:
    found("laixi")
    way = page(browser(), "/").split('class="pledges">')[1].split("</ol>")[0]
    assert words(way).startswith("1 登记 给您编号和查询码")
