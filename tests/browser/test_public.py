"""A citizen's way through the public pages in a real browser: without scripts, back and forth, narrow, axe."""

import re
from collections.abc import Callable
from itertools import product

import pytest
from playwright.sync_api import FilePayload, Page

from tests.browser.conftest import Look
from tests.browser.test_journeys import AXE, EVERY_LOOK
from tests.cleaning.samples import photo

pytestmark = pytest.mark.browser

Open = Callable[[Look], Page]


def go_on(page: Page) -> None:
    """Send the form and wait for the answer: a page in between has no document that could be looked at."""
    with page.expect_navigation():
        page.locator("main .button.primary").click()


def fill_in(page: Page, text: str = "电梯停了五天") -> None:
    """Answer all questions, up to the check page."""
    page.goto("/report/")
    page.locator("[name=text]").fill(text)
    go_on(page)
    go_on(page)  # without files
    if page.locator("[name=post]").is_visible():
        go_on(page)
    page.locator("[name=phone]").fill("139 0000 0001")
    go_on(page)
    go_on(page)  # without anything to be known


def report(page: Page) -> tuple[str, str]:
    """Send a report; return number and code of the receipt."""
    fill_in(page)
    page.locator("[name=agree]").check()
    go_on(page)
    return receipt(page)


def receipt(page: Page) -> tuple[str, str]:
    text = page.locator(".receipt").inner_text()
    number, code = re.search(r"YC-\d{4}-\d{6}|HY-\d{4}-\d{6}", text), re.search(r"\d{4} \d{4}", text)
    assert number is not None
    assert code is not None
    return number[0], code[0]


def test_a_citizen_reports_keeps_the_receipt_and_tracks_without_scripts_on_the_smallest_phone(look: Open) -> None:
    page = look(Look(signed_in=False, scripts=False, width=320))
    page.goto("/")
    page.get_by_role("link", name="开始填写").click()
    number, code = report(page)
    page.get_by_role("link", name="去查进度").click()
    page.locator("[name=number]").fill(number)
    page.locator("[name=code]").fill(code)
    page.locator("[name=digits]").fill("0001")
    go_on(page)
    assert "正在等" in page.locator(".waiting").inner_text()
    assert number not in page.url


def test_the_browsers_back_button_keeps_what_was_typed(look: Open) -> None:
    page = look(Look(signed_in=False, scripts=False))
    fill_in(page, "电梯停了五天")
    page.go_back()
    assert page.locator("[name=phone]").input_value() == "139 0000 0001"
    page.go_back()
    while not page.locator("[name=text]").is_visible():
        page.go_back()
    assert page.locator("textarea").input_value() == "电梯停了五天"
    go_on(page)
    page.get_by_role("button", name="上一步").click()
    assert page.locator("textarea").input_value() == "电梯停了五天"


def test_back_after_sending_and_sending_again_shows_the_same_receipt(look: Open) -> None:
    page = look(Look(signed_in=False, scripts=False))
    first = report(page)
    page.go_back()
    page.locator("[name=agree]").check()
    go_on(page)
    assert receipt(page) == first
    page.reload()
    assert receipt(page) == first


def test_back_finds_the_pages_of_a_report_after_the_print_was_changed_and_another_report_begun(look: Open) -> None:
    page = look(Look(signed_in=False, scripts=False))
    page.goto("/report/")
    page.locator("[name=text]").fill("电梯停了五天")
    go_on(page)
    page.get_by_role("button", name="大字版").first.click()
    go_on(page)
    other = page.context.new_page()
    other.goto("/report/")
    other.locator("[name=text]").fill("路灯不亮")
    go_on(other)
    other.get_by_role("button", name="标准版").first.click()
    for _ in range(6):
        page.go_back()
        if page.locator("[name=text]").is_visible():
            break
    assert page.locator("[name=text]").input_value() == "电梯停了五天"


def test_back_finds_the_receipt_again_whose_code_is_shown_once(look: Open) -> None:
    page = look(Look(signed_in=False, scripts=False))
    first = report(page)
    page.get_by_role("link", name="去查进度").click()
    page.go_back()
    assert receipt(page) == first


def test_enter_goes_on_and_neither_back_nor_to_another_language(look: Open) -> None:
    page = look(Look(signed_in=False))
    fill_in(page)
    page.get_by_role("button", name="更改 您的电话").click()
    page.locator("[name=phone]").fill("13900000002")
    page.keyboard.press("Enter")
    assert "13900000002" in page.locator(".answers").inner_text()


def test_the_language_changes_in_the_middle_and_nothing_is_lost(look: Open) -> None:
    page = look(Look(signed_in=False, scripts=False))
    page.goto("/report/")
    page.locator("[name=text]").fill("写到一半")
    page.get_by_role("button", name="English").click()
    assert page.get_by_role("heading", level=1).inner_text() == "What is it about?"
    assert page.locator("textarea").input_value() == "写到一半"


PAGES = (
    *("/", "/directory/", "/directory/?q=12399", "/rules/", "/rules/terms/", "/rules/counting/"),
    *(
        "/privacy/",
        "/accessibility/",
        "/styleguide/",
        "/check/",
        "/report/return/",
        "/report/",
        "/track/",
    ),  # the last has a form, to be sent empty
)
LOOKS = list(product(("zh-hans", "en"), ("light", "dark"), (1280, 320)))
SEEN = LOOKS if EVERY_LOOK else [LOOKS[0], LOOKS[7]]


@pytest.mark.parametrize(("language", "theme", "width"), SEEN)
def test_axe_finds_nothing_and_nothing_is_too_wide(look: Open, language: str, theme: str, width: int) -> None:
    page = look(Look(language, theme, width, signed_in=False))  # type: ignore[arg-type]
    for path in PAGES:
        page.goto(path)
        check(page, path, width)
    go_on(page)
    check(page, "a mistake", width)
    add_files(page)
    check(page, "files", width)
    fill_in(page)
    check(page, "check", width)
    press(page, "later")
    check(page, "later", width)
    page.go_back()
    page.locator("[name=agree]").check()
    go_on(page)
    check(page, "receipt", width)
    number, code = receipt(page)
    page.goto("/track/")
    page.locator("[name=number]").fill(number)
    page.locator("[name=code]").fill(code)
    page.locator("[name=digits]").fill("0001")
    go_on(page)
    check(page, "progress", width)


def add_files(page: Page) -> None:
    """Add a photo, and something that isn't one."""
    page.goto("/report/")
    page.locator("[name=text]").fill("电梯停了五天")
    go_on(page)
    files = [("楼道.jpg", photo()), ("发票.jpg", b"MZ an exe")]
    page.locator("[type=file]").set_input_files(
        [FilePayload(name=name, mimeType="image/jpeg", buffer=content) for name, content in files]
    )
    press(page, "files")
    assert page.locator(".answers").get_by_text("楼道.jpg").first.is_visible()
    assert page.locator(".errors").get_by_text("发票.jpg").is_visible()


def press(page: Page, button: str) -> None:
    with page.expect_navigation():
        page.locator(f".button[value={button}]").click()


def check(page: Page, name: str, width: int) -> None:
    page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") == width, name
    page.evaluate(AXE)
    violations = page.evaluate("axe.run().then(found => found.violations)")
    assert [(name, one["id"], [node["html"][:120] for node in one["nodes"]]) for one in violations] == []


def test_a_number_is_copied_with_a_mouse_and_dialled_without_scripts(look: Open) -> None:
    page = look(Look(signed_in=False))
    page.goto("/directory/")
    button = page.get_by_role("button", name="复制").first
    number = page.locator("main .point > a[href^='tel:']").first.inner_text()
    assert button.get_attribute("aria-label") == f"复制 {number}"
    button.click()
    page.get_by_role("status").filter(has_text=f"已复制 {number}").wait_for(state="attached")
    page = look(Look(signed_in=False, scripts=False))
    page.goto("/directory/")
    assert page.get_by_role("button", name="复制").count() == 0
    assert page.locator("main .point > a[href^='tel:']").first.inner_text() == number


def test_a_number_that_cannot_be_put_on_the_clipboard_is_selected(look: Open) -> None:
    page = look(Look(signed_in=False))
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.goto("/directory/")
    page.get_by_role("button", name="复制").first.click()
    page.get_by_role("status").filter(has_text=re.compile("已复制|选好了")).wait_for(state="attached")
    number = page.locator("main .point > a[href^='tel:']").first.inner_text()
    assert page.evaluate("getSelection().toString()") == number


def test_the_front_pages_one_field_asks_for_the_rest_without_scripts(look: Open) -> None:
    page = look(Look(signed_in=False, scripts=False, width=320))
    number, code = report(page)
    page.goto("/")
    page.get_by_label("编号或查询码").fill(code)
    page.get_by_role("button", name="去查询").click()
    assert page.locator("[name=code]").input_value() == code
    page.locator("[name=number]").fill(number)
    page.locator("[name=digits]").fill("0001")
    go_on(page)
    assert number in page.locator("main").inner_text()
