"""核对号码: what the city publishes, did once, or does not know; a handler by receipt; telling the office."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from huying.cases.limits import Limit
from huying.cases.models import Case, Contact
from huying.directory.checking import check
from huying.directory.models import ContactPoint
from huying.rules.commands import Acknowledge, Assign, RecordContact
from tests.builders import HANDLER_PHONE, at, clerk, do, holder, received, unit
from tests.pages.public.city import found, official
from tests.pages.reading import BOOKKEEPING, browser, page, set_clock, words

pytestmark = pytest.mark.django_db
CHECK = "/check/"
FORGED = "来电和短信显示的号码可以伪造"


@pytest.fixture(autouse=True)
def city(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Tuesday, 17 March 2026; 市长 has a mobile, and had another one until 1 March."""
    found()
    set_clock(monkeypatch, at(3, 17, 9))
    mayor = official("mayor", "沈砚青", name="市长", value="138 0000 0001", hours="工作日 8:30–18:00")
    ContactPoint.objects.create(post=mayor, kind="phone_mobile", value="13800000002", withdrawn_at=at(3, 1))
    ContactPoint.objects.create(post=mayor, kind="wechat", value="sz_yunchuan")


def html(text: str, **said: Any) -> str:
    answer = browser().post(CHECK, {"text": text, **said})
    assert answer.status_code == 200
    return answer.content.decode()


def seen(text: str, **said: Any) -> str:
    return words(html(text, **said))


def test_the_warning_stands_before_every_answer_also_before_a_hit() -> None:
    text = seen("13800000001")
    assert "这是市里公布的号码" in text
    assert "公布在：市长 沈砚青" in text
    assert "工作日 8:30–18:00" in text
    assert text.index(FORGED) < text.index("这是市里公布的号码")
    assert FORGED in words(page(browser(), CHECK))


def test_a_number_that_is_in_use_no_more_says_since_when_and_what_is_right() -> None:
    text = seen("13800000002")
    assert "已经停用，不再是市里的号码" in text
    assert "3 月 1 日（周日） 停用" in text
    assert re.search(r"真正公布的是.*138 0000 0001", text)


def test_a_pending_number_is_not_the_citys_before_its_day(monkeypatch: pytest.MonkeyPatch) -> None:
    vice = official("vice", name="副市长", value="13900000008", withdrawn_at=at(3, 20))
    ContactPoint.objects.create(post=vice, kind="phone_mobile", value="13900000009", valid_from=at(3, 20))
    text = seen("13900000009")
    assert "13900000009 还不是市里的号码，没到启用的日子 公示的新号，属于：副市长 3 月 20 日（周五） 起才能打" in text
    assert re.search(r"真正公布的是.*13900000008", text)
    assert "这是市里公布的号码" in seen("13900000008")
    set_clock(monkeypatch, at(3, 20))
    assert "这是市里公布的号码" in seen("13900000009")
    assert "已经停用" in seen("13900000008")


def test_a_suspended_number_is_the_citys_and_says_who_answers_meanwhile() -> None:
    official("vice", "叶秋白", name="副市长", value="13900000008", suspended="市政府总值班室代接")
    text = html("13900000008")
    assert "13900000008 这是市里公布的号码，暂停使用 公布在：副市长 叶秋白" in words(text)
    assert "<s>13900000008</s>" in text
    assert "市政府总值班室代接" in words(text)
    assert 'href="tel:13900000008"' not in text


def test_a_whole_sms_is_judged_piece_by_piece_and_the_post_it_names_is_answered_with_its_number() -> None:
    text = seen("我是市长，换了新号13911112222，加微信号sz_yunchuan，点 http://t.cn/abc")
    assert "13911112222 市里没有公布过，小心" in text
    assert "sz_yunchuan 这是市里公布的号码" in text
    assert "http://t.cn/abc 市里没有公布这个网址，不要点" in text
    assert re.search(r"真正公布的是.*138 0000 0001", text)


@pytest.mark.parametrize(
    ("text", "reached"),
    [
        ("我是沈砚青，加我 13911112222", {"138 0000 0001"}),
        ("我是副市长，加我 13911112222", set()),
        ("我是住建局局长", {"0500-555 0301"}),
        ("我是局长", set()),
        ("我是城西派出所所长秘书", set()),
        ("找陆知远", {"0500-555 0301"}),
        ("市长的号码是 138-0000-0001", set()),
    ],
)
def test_a_post_is_meant_by_its_name_or_its_holder_and_of_many_heads_the_one_of_the_unit(
    text: str, reached: set[str]
) -> None:
    official("h", "陆知远", unit("住建局"), name="局长", value="0500-555 0301")
    official("w", "叶秋白", unit("水务局"), name="局长", value="0500-555 0302")
    assert {way.value for way in check(text, at(3, 17)).reached_by} - {"sz_yunchuan"} == reached


def test_what_everybody_dials_in_need_is_nothing_to_beware_of() -> None:
    text = seen("有事打110或12345")
    assert text.count("全国通用的号码") == 2
    assert "小心" not in text


def test_what_is_unknown_dials_the_police_and_the_line_against_fraud() -> None:
    found_in = html("13911112222")
    assert 'href="tel:110"' in found_in
    assert 'href="tel:96110"' in found_in
    assert 'href="tel:13911112222"' not in found_in


@pytest.mark.parametrize(
    ("text", "warned"),
    [
        ("13911112222", True),
        ("13800000002", True),
        ("13800000001 13911112222", True),
        ("请拨打13911112222人工客服领取", True),
        ("登录 www.市长信箱.com 领补贴", True),
        ("yc-gov。top", True),
        ("13900000009", True),
        ("13900000008", False),
        ("13800000001", False),
        ("13800000001、110", False),
        ("你好", False),
    ],
)
def test_the_tricks_are_told_only_beside_what_is_to_beware_of(text: str, *, warned: bool) -> None:
    official("suspended", value="13900000008", suspended="市政府总值班室代接")
    official("pending", value="13900000009", valid_from=at(3, 20))
    said = seen(text)
    assert said.index(FORGED) < said.index("查到的")
    assert ("常见的三种骗法" in said) == warned
    assert "告诉我们这个号码" in said  # a real number may be forged on the display


def test_two_numbers_with_one_area_code_and_hours_behind_them_are_both_published() -> None:
    assert seen("编号 YC-2026-000353，1、0500-555 0100/5550100 8-12点").count("这是市里公布的号码") == 2


def test_a_landline_is_known_without_its_area_code_and_a_shorter_end_of_it_is_not() -> None:
    assert "这是市里公布的号码" in seen("555 0100")
    assert "这是市里公布的号码" not in seen("0571 5550100")


def test_the_handler_of_ones_own_case_is_known_by_the_receipt_alone() -> None:
    case, housing = received(), unit("housing")
    do(case, Assign(housing.id), at(3, 16, 9), clerk())
    do(case, Acknowledge("何砚", HANDLER_PHONE), at(3, 16, 10), holder(housing))
    receipt = {"number": case.number, "code": case.code, "digits": "0001"}
    assert "承办人 何砚" not in seen("0500 5552207")
    honest = seen("0500 5552207", **receipt)
    assert "是您这件事的承办人 何砚" in honest
    assert "骗法" not in honest
    do(case, RecordContact("phone", "苏晚", "13900000077", "谈过了"), at(3, 16, 11), holder(housing))
    assert "是您这件事的承办人 何砚" in seen("0500 5552207", **receipt)
    assert "是您这件事的承办人 苏晚" in seen("我是苏晚，13900000077", **receipt)
    wrong = seen("0500 5552207", **{**receipt, "code": "00000000"})
    assert "对不上" in wrong
    assert "何砚" not in wrong


@pytest.mark.parametrize(
    ("given", "asked"), [({"code": "12345678"}, "请写回执上的编号"), ({"number": "YC-1"}, "请写查询码")]
)
def test_half_a_receipt_is_asked_for_whole(given: dict[str, str], asked: str) -> None:
    page_with_error = html("110", **given)
    assert asked in words(page_with_error)
    assert '<details class="act" open>' in page_with_error


def test_the_other_language_keeps_what_was_typed_and_asks_for_nothing() -> None:
    assert "13911112222</textarea>" in html("13911112222", language="en")
    assert "Is this number real?" in seen("", language="en")
    assert "Error" not in seen("", language="en")


def test_a_form_without_its_token_is_shown_filled_and_tells_nobody() -> None:
    answer = Client(enforce_csrf_checks=True).post(CHECK, {"text": "13911112222", "do": "tell", "token": "t" * 32})
    assert answer.status_code == 403
    assert "13911112222</textarea>" in answer.content.decode()
    assert "告诉我们这个号码" in answer.content.decode()  # the button that was pressed, to be pressed again
    assert not Contact.objects.exists()


def test_where_nothing_to_call_is_named_that_is_said() -> None:
    assert "里面没有看到电话" in seen("你好")
    assert words(html("")).count("请写一个号码，或者粘一条短信") == 2


def test_looking_keeps_nothing_and_telling_keeps_it_once() -> None:
    seen("13911112222")
    assert not Contact.objects.exists()
    for _ in range(2):
        assert "记下了" in seen("冒充市长 13911112222", do="tell", token="t" * 32)
    told = Contact.objects.get()
    assert (told.kind, told.case_id, told.requester is not None) == ("fraud_report", None, True)
    assert not Case.objects.exists()


def test_too_many_looks_and_reports_are_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOOKS", "TELLS"):
        monkeypatch.setattr(f"huying.pages.public.check.{name}", Limit(name, 1))
    seen("110")
    assert browser().post(CHECK, {"text": "110"}).status_code == 429
    seen("1", do="tell", token="a" * 32)
    assert browser().post(CHECK, {"text": "2", "do": "tell", "token": "b" * 32}).status_code == 429
    assert Contact.objects.count() == 1


@pytest.mark.parametrize("junk", ["\0", "<script>alert(1)</script>", "1" * 1999, "()" * 900, "%' OR 1=1"])
def test_junk_is_no_number_and_no_script(junk: str) -> None:
    assert "<script>alert" not in html(f"x {junk}")


def test_too_long_a_message_is_said_to_be_too_long() -> None:
    assert "最多 2,000 个" in seen("啊" * 2001)


def test_what_is_beyond_ten_is_said_to_be_left_out() -> None:
    assert "没有查" not in seen(" ".join(f"139111122{n:02}" for n in range(10)))
    assert "后面还有 2 个没有查" in seen(" ".join(f"139111122{n:02}" for n in range(12)))


def test_enter_looks_and_changes_neither_language_nor_size() -> None:
    html = page(browser(), CHECK)
    assert html.index('name="go" value="look"') < html.index('name="large_print"')


def test_looking_takes_at_most_eight_statements_however_much_is_named() -> None:
    for n in range(30):
        ContactPoint.objects.create(line=f"专线{n}", kind="phone_office", value=f"0500-555 1{n:03}")
    with CaptureQueriesContext(connection) as captured:
        seen("市长 " + " ".join(f"05005551{n:03}" for n in range(10)))
    assert len([query for query in captured if not BOOKKEEPING.match(query["sql"])]) <= 8


def test_a_long_link_breaks_where_the_page_ends() -> None:
    link = "https://yunchuan-gov.example-pay.top/verify/index.html?id=8837465&t=1" + "a" * 200
    [written] = re.findall(r"<strong[^>]*>https.*?</strong>", html(f"请点 {link} 领取退款"))
    assert "nowrap" not in written
