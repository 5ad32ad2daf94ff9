"""What citizens come for, walked in a real browser as wide as a phone: report and be heard, judge, check, find."""

import re
from collections.abc import Callable
from json import loads

import pytest
from playwright.sync_api import FilePayload, Page

from huying.cases.intake import Received
from huying.rules.commands import Acknowledge, Assign
from tests.browser.conftest import City, Look
from tests.browser.test_public import go_on, receipt
from tests.builders import (
    HANDLER_PHONE,
    PHONE,
    at,
    case_of,
    clerk,
    do,
    held_by,
    holder,
    post,
    received,
    spoken,
    unit,
    verified_case,
)
from tests.cleaning.samples import photo

pytestmark = [pytest.mark.browser, pytest.mark.long]

Open = Callable[[Look], Page]


@pytest.fixture
def phone(look: Open) -> Page:
    return look(Look(signed_in=False, width=390))


def track(page: Page, case: Received, digits: str = PHONE[-4:]) -> None:
    page.goto("/track/")
    page.locator("[name=number]").fill(case.number or "")
    page.locator("[name=code]").fill(case.code or "")
    page.locator("[name=digits]").fill(digits)
    go_on(page)


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()


def text_of(page: Page) -> str:
    return page.locator("#main").inner_text()


def test_who_is_satisfied_says_so_and_the_case_is_closed(phone: Page, city: City) -> None:
    case = verified_case(unit("housing"))
    track(phone, case)
    phone.get_by_role("radio", name="满意：办好了", exact=True).check()
    press(phone, "交上我的评价")
    assert "办结" in text_of(phone)
    assert (case_of(case).closed_as, case_of(case).verdict) == ("satisfied", "satisfied")


def test_who_is_not_satisfied_says_why_and_reads_that_it_is_done_again(phone: Page, city: City) -> None:
    case = verified_case(unit("housing"))
    track(phone, case)
    phone.get_by_role("radio", name="不满意：请重新办").check()
    press(phone, "交上我的评价")
    assert "请选一条不满意的原因" in phone.locator(".errors").inner_text()
    assert phone.get_by_role("radio", name="不满意：请重新办").is_checked()
    phone.locator("[name=because]").select_option(label="只办了一半")
    press(phone, "交上我的评价")
    assert "正在等" in phone.locator(".waiting").inner_text()
    assert "重新办" in text_of(phone)
    assert case_of(case).cycle == 2


def test_whom_nobody_answers_tells_the_office_and_adds_a_photo(phone: Page, city: City) -> None:
    case, housing = received(at(3, 18, 9)), unit("housing")
    do(case, Assign(housing.id), at(3, 18, 10), clerk())
    do(case, spoken(), at(3, 18, 15), holder(housing))
    track(phone, case)
    assert phone.locator(".waiting a[href^='tel:']").bounding_box()["height"] >= 44  # type: ignore[index]
    press(phone, "没人接？告诉办公室")
    assert "催" in phone.get_by_role("status").inner_text()
    phone.locator("summary").filter(has_text="补充情况").click()
    form = phone.locator(".form:has(button[value=add])")
    form.locator("[name=text]").fill("又漏到三楼了")
    form.locator("[type=file]").set_input_files([FilePayload(name="三楼.jpg", mimeType="image/jpeg", buffer=photo())])
    with phone.expect_navigation():
        form.get_by_role("button").last.click()
    phone.get_by_role("status").wait_for()
    assert case_of(case).contacts == 2
    with phone.expect_download() as downloading:
        phone.get_by_role("button", name="打开 三楼.jpg").click()
    assert downloading.value.suggested_filename == "三楼.jpg"


def test_who_keeps_the_receipt_sees_who_looked_and_takes_everything_home(phone: Page, look: Open, city: City) -> None:
    case = received(at(3, 18, 9), name="郑晓禾")
    desk = look(Look())
    desk.goto(f"/desk/cases/{case.number}/")
    with desk.expect_navigation():
        desk.get_by_role("button", name=re.compile("会留记录")).first.click()
    track(phone, case)
    press(phone, "谁看过我的姓名和电话")
    assert "公开电话办公室" in text_of(phone)
    track(phone, case)
    with phone.expect_download() as downloading:
        phone.get_by_role("button", name="下载我的记录").click()
    told = loads(downloading.value.path().read_bytes())
    assert told["编号"] == case.number
    assert "公开电话办公室 电话" in str(told["谁看过我的姓名和电话"])


def test_a_wrong_code_opens_nothing_and_says_how_to_go_on(phone: Page, city: City) -> None:
    case = received(at(3, 18, 9))
    track(phone, Received(0, None, case.number, "00000000"))
    nothing = phone.locator(".errors").inner_text()
    track(phone, Received(0, None, "YC-2026-999999", "00000000"))
    assert phone.locator(".errors").inner_text() == nothing
    assert phone.locator("[name=number]").input_value() == "YC-2026-999999"
    assert phone.locator("footer a[href^='tel:']").count() >= 1


def test_from_the_front_page_a_code_alone_leads_to_the_case(phone: Page, city: City) -> None:
    case = received(at(3, 18, 9))
    phone.goto("/")
    phone.get_by_label("编号或查询码").fill(case.code or "")
    press(phone, "去查询")
    assert "还要写：编号、手机后四位" in text_of(phone)
    assert phone.evaluate("document.activeElement.name") == "number"
    phone.keyboard.type((case.number or "").lower())
    phone.locator("[name=digits]").fill(PHONE[-4:])
    go_on(phone)
    assert "正在等：交给一个单位" in phone.locator(".waiting").inner_text()
    assert (case.code or "") not in phone.url


def test_the_handler_who_calls_for_the_first_time_is_no_fraud(phone: Page, city: City) -> None:
    case, housing = received(at(3, 18, 9)), unit("housing")
    do(case, Assign(housing.id), at(3, 18, 10), clerk())
    do(case, Acknowledge("何砚", HANDLER_PHONE), at(3, 18, 11), holder(housing))
    phone.goto("/check/")
    phone.locator("[name=text]").fill(f"我是何砚，{HANDLER_PHONE}")
    go_on(phone)
    assert "市里没有公布过，小心" in text_of(phone)
    phone.locator("summary").filter(has_text="有编号和查询码").click()
    for name, said in (("number", case.number), ("code", case.code), ("digits", PHONE[-4:])):
        phone.locator(f"[name={name}]").fill(said or "")
    press(phone, "核对")
    assert "是您这件事的承办人 何砚" in text_of(phone)


def test_who_is_lost_finds_a_door_and_the_phone(phone: Page, city: City) -> None:
    phone.goto("/raport/")
    assert "没有这一页" in phone.locator("h1").inner_text()
    assert phone.locator("main a[href^='tel:']").count() >= 1
    phone.locator("main").get_by_role("link", name="查进度").click()
    phone.wait_for_url("**/track/")


def test_a_forged_message_is_told_apart_reported_and_everybody_warned(phone: Page, look: Open, city: City) -> None:
    phone.goto("/")
    phone.locator("[name=text]").fill("我是市长，换了新号 13912345678，原来的 0500-555 0101 不用了")
    press(phone, "去核对")
    found = text_of(phone)
    assert found.index("来电和短信显示的号码可以伪造") < found.index("13912345678")
    assert "没有公布过" in found
    press(phone, "告诉我们这个号码")
    phone.locator(".note[role=status]").wait_for()
    desk = look(Look())
    desk.goto("/desk/impostors/")
    desk.get_by_role("button", name=re.compile("据此提醒大家")).first.click()
    desk.locator("[name=text]").fill("有人冒充市长，说换了新号，是骗子")
    with desk.expect_navigation():
        desk.get_by_role("button", name="放到公开页面").click()
    phone.goto("/directory/")
    assert "有人冒充市长" in phone.locator("body").inner_text()
    desk.goto("/desk/impostors/")
    with desk.expect_navigation():
        desk.get_by_role("button", name="撤下").first.click()
    phone.goto("/")
    assert "有人冒充市长" not in phone.locator("body").inner_text()


def test_who_answers_is_known_before_anybody_dials(phone: Page, city: City) -> None:
    held_by(post("vice"))
    phone.goto("/")
    with phone.expect_navigation():
        phone.get_by_role("link", name="看公开目录").click()
    phone.locator("[name=q]").fill("0101")
    with phone.expect_navigation():
        phone.locator("[name=q]").press("Enter")
    with phone.expect_navigation():
        phone.locator(".official a").first.click()
    page = text_of(phone)
    assert page.index("本人接听") < page.index("这个职务的账")
    assert phone.locator("a[href^='tel:']").first.is_visible()
    assert "工作日 12:00–14:00" in page


def test_a_report_is_left_on_one_phone_and_sent_from_another(phone: Page, look: Open, city: City) -> None:
    phone.goto("/report/")
    phone.locator("[name=text]").fill("河堤的路灯不亮")
    go_on(phone)
    press(phone, "先存着，以后接着填")
    code = re.findall(r"\d{4} \d{4} \d{4}", text_of(phone))[0]
    other = look(Look(signed_in=False, width=320, scripts=False))
    other.goto("/report/")
    with other.expect_navigation():
        other.get_by_role("link", name="接着填上次没填完的").click()
    other.locator("[name=code]").fill(code)
    go_on(other)
    for _ in range(6):
        if other.locator("[name=agree]").is_visible():
            break
        if other.locator("[name=phone]").is_visible():
            other.locator("[name=phone]").fill("139 0000 0002")
        go_on(other)
    assert "河堤的路灯不亮" in text_of(other)
    other.locator("[name=agree]").check()
    go_on(other)
    number, _ = receipt(other)
    assert other.locator(".receipt svg").count() >= 1
    assert number


def test_a_report_for_somebody_hard_of_hearing_brings_its_photo_to_the_unit(
    phone: Page, look: Open, city: City
) -> None:
    phone.goto("/report/")
    phone.locator("[name=text]").fill("扶手断了，老人上不了楼")
    go_on(phone)
    phone.locator("[type=file]").set_input_files(
        [FilePayload(name="扶手.jpg", mimeType="image/jpeg", buffer=photo())]
    )
    go_on(phone)
    if phone.locator("[name=post]").is_visible():
        go_on(phone)
    phone.locator("[name=phone]").fill("139 0000 0003")
    go_on(phone)
    page = text_of(phone)
    assert "听力不便" in page
    phone.get_by_label("听力不便").check()
    go_on(phone)
    phone.locator("[name=agree]").check()
    go_on(phone)
    number, _ = receipt(phone)
    desk = look(Look())
    desk.goto(f"/desk/cases/{number}/")
    assert "听力不便" in text_of(desk)
    with desk.expect_navigation():
        desk.get_by_role("link", name="附件").first.click()
    assert "扶手.jpg" in text_of(desk)
