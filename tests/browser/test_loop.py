"""The main line by hand in two browsers, office and unit: to 满意, and through 不满意 to a second cycle."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import PASSWORD, City, Look

pytestmark = [pytest.mark.browser, pytest.mark.long]

Open = Callable[[Look], Page]


def sign_in(page: Page, name: str) -> Page:
    page.goto("/account/login/")
    page.locator("[name=login]").fill(name)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main button").first.click()
    page.wait_for_url("**/desk/")
    return page


def press(page: Page, button: str, says: str) -> None:
    """Press the button of the step that is open, and read that it was done."""
    page.locator("#main").get_by_role("button", name=button, exact=True).click()
    page.get_by_role("status").get_by_text(says).wait_for()


def record_a_call(office: Page, text: str) -> str:
    """Record a call and assign it at once; return the address of its case."""
    office.goto("/desk/")
    office.locator("main").get_by_role("link", name="记录来电").click()
    office.get_by_label("对方电话").fill("13900000001")
    office.get_by_label("说了什么").fill(text)
    office.get_by_label("是什么事").select_option("problem")
    office.locator("main").get_by_role("button", name="登记").click()
    office.get_by_role("heading", name="登记好了，请念给对方听").wait_for()
    assert "最迟" in office.locator(".terms").inner_text()
    office.get_by_role("link", name="打开这一件").click()
    office.get_by_label("交给哪个单位").select_option(label="housing")
    press(office, "交办", "已经交办。")
    return office.url


def handle(holder: Page, case: str, text: str) -> None:
    """Take a case from the unit's day, talk with the requester, report."""
    holder.goto("/desk/")
    number = case.rstrip("/").rsplit("/", 1)[1]
    holder.locator("[aria-labelledby=pile-acknowledge] tr").filter(has_text=number).get_by_role("link").click()
    holder.get_by_label("责任人电话").first.fill("0500-555 2207")
    press(holder, "签收", "已经签收。")
    holder.get_by_role("radio", name="电话", exact=True).check()
    holder.get_by_label("谈了什么").fill("明天上门")
    press(holder, "记一次联系", "这次联系记下了。")
    holder.get_by_label("办了什么，结果怎样").fill(text)
    holder.get_by_role("radio", name="已办成", exact=True).check()
    holder.get_by_label("依据").fill("办理规程第三条")
    press(holder, "反馈办理结果", "办理结果已经反馈")


def judge(office: Page, case: str, verdict: str) -> None:
    office.goto(case)
    press(office, "审核通过", "审核通过了。")
    office.get_by_role("radio", name=verdict, exact=True).check()
    press(office, "记下评价", "诉求人的评价记下了。")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_call_ends_satisfied(look: Open, city: City, scripts: bool) -> None:
    office = look(Look(scripts=scripts))
    holder = sign_in(look(Look(signed_in=False, scripts=scripts, width=390)), "holder")
    case = record_a_call(office, "单元门坏了" if scripts else "门禁失灵")
    handle(holder, case, "已换门锁")
    judge(office, case, "满意")
    assert "办结：满意" in office.locator(".waiting").inner_text()


def test_a_requester_who_is_not_satisfied_gets_a_second_cycle(look: Open, city: City) -> None:
    office, holder = look(Look()), sign_in(look(Look(signed_in=False, width=390)), "holder")
    case = record_a_call(office, "楼道灯不亮")
    handle(holder, case, "已换灯泡")
    judge(office, case, "不满意")
    assert "第 2 次办理" in office.locator(".page-head").inner_text()
    handle(holder, case, "已换线路")
    judge(office, case, "满意")
    assert "办结：满意" in office.locator(".waiting").inner_text()


def test_what_is_missing_takes_the_focus_and_nothing_typed_is_lost(look: Open, city: City) -> None:
    office = look(Look())
    case = record_a_call(office, "井盖松动")
    holder = sign_in(look(Look(signed_in=False, width=390)), "holder")
    holder.goto(case)
    holder.get_by_label("办理责任人").first.fill("何砚")
    holder.locator("#main").get_by_role("button", name="签收", exact=True).click()
    # A browser gives the focus with the first frame of the page, which may come after the page itself.
    holder.wait_for_function("document.activeElement.className === 'errors'")
    holder.get_by_role("alert").get_by_role("link").click()
    assert holder.evaluate("document.activeElement.name") == "handler_phone"
    assert holder.get_by_label("办理责任人").first.input_value() == "何砚"


def test_the_bar_of_a_phone_leads_to_the_next_step(look: Open, city: City) -> None:
    case = record_a_call(look(Look()), "水管漏水")
    holder = sign_in(look(Look(signed_in=False, width=390)), "holder")
    holder.goto(case)
    bar = holder.locator(".bar-next a")
    assert bar.bounding_box()["y"] > 700  # type: ignore[index]
    bar.click()
    holder.locator("#act").wait_for()
    assert holder.evaluate("scrollY") > 0
