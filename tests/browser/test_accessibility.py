"""What only a browser can tell of the public pages, see docs/accessibility.md: focus, sizes, spacing, keyboard."""

from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Look
from tests.browser.test_journeys import tab_to
from tests.browser.test_public import PAGES, go_on, receipt, report

pytestmark = [pytest.mark.browser, pytest.mark.long]

Open = Callable[[Look], Page]
# A focus that is drawn, and lies under nothing else.
SEEN = """() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect()
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2)
  const drawn = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
  return e === document.body || (drawn && (!top || top === e || e.contains(top) || top.contains(e)))
}"""
PRESSED = "button, summary, select, input:not([type=hidden]), textarea, a.button, nav a"
SMALL = """pressed => [...document.querySelectorAll(pressed)]
  .map(e => [e, e.getBoundingClientRect(), (e.labels && e.labels[0] || e).getBoundingClientRect()])
  .filter(([e, box, label]) => box.width > 1 && Math.max(box.height, label.height) < 44)
  .map(([e]) => e.outerHTML.slice(0, 80))"""
TIGHT = """() => [...document.querySelectorAll('main p, main li, main dd')]
  .filter(e => e.offsetHeight && e.textContent.trim())
  .filter(e => parseFloat(getComputedStyle(e).lineHeight) < 1.3 * parseFloat(getComputedStyle(e).fontSize))
  .map(e => e.outerHTML.slice(0, 80))"""
# From line to line across two paragraphs at least 1.3 times as far as within one.
JOINED = """() => [...document.querySelectorAll('main p + p:not(.actions)')].filter(e => e.offsetHeight)
  .map(e => [e, e.getBoundingClientRect(), e.previousElementSibling.getBoundingClientRect()])
  .filter(([e, box, before]) => box.top >= before.bottom - 1)
  .filter(([e, box, before]) => box.top - before.bottom < 0.29 * parseFloat(getComputedStyle(e).lineHeight))
  .map(([e]) => e.outerHTML.slice(0, 80))"""
BODY = "() => parseFloat(getComputedStyle(document.querySelector('main')).fontSize)"
WIDER = """* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-bottom: 2em !important } html { font-size: 200% !important }"""
CUT = """() => [...document.querySelectorAll('main *')].filter(e => {
  const style = getComputedStyle(e)
  const cut = e.scrollWidth > e.clientWidth + 2 || e.scrollHeight > e.clientHeight + 2
  return e.textContent.trim() && style.overflowX === 'hidden' && cut && !e.classList.contains('vh')
}).map(e => e.outerHTML.slice(0, 80))"""


def citizen(look: Open, **how: int) -> Page:
    return look(Look(signed_in=False, **how))  # type: ignore[arg-type]


def test_the_focus_is_seen_at_every_stop_and_never_hidden(look: Open) -> None:
    page = citizen(look)
    for path in PAGES:
        page.goto(path)
        for _ in range(60):
            page.keyboard.press("Tab")
            assert page.evaluate(SEEN), (path, page.evaluate("document.activeElement.outerHTML.slice(0, 80)"))


def test_whatever_is_pressed_is_large_enough_for_a_thumb(look: Open) -> None:
    page = citizen(look, width=390)
    for path in PAGES:
        page.goto(path)
        assert page.evaluate(SMALL, PRESSED) == [], path


def test_lines_and_paragraphs_stand_apart_and_no_text_is_small(look: Open) -> None:
    page = citizen(look)
    for path in PAGES:
        page.goto(path)
        assert page.evaluate(BODY) >= 16, path
        assert page.evaluate(TIGHT) == [], path
        assert page.evaluate(JOINED) == [], path


def test_twice_the_size_with_wide_spacing_cuts_nothing_off(look: Open) -> None:
    page = citizen(look)
    for path in PAGES:
        page.goto(path)
        page.evaluate(
            "css => { const s = new CSSStyleSheet(); s.replaceSync(css); document.adoptedStyleSheets = [s] }", WIDER
        )
        assert page.evaluate(CUT) == [], path


@pytest.mark.parametrize(("language", "width"), [("zh-hans", 390), ("en", 320)])
def test_large_print_is_turned_on_without_scripts_and_fits_every_page(
    look: Open, language: Literal["zh-hans", "en"], width: int
) -> None:
    page = look(Look(language, width=width, signed_in=False, scripts=False))
    page.goto("/directory/?q=市长")
    page.locator("[name=large_print]").click()
    page.locator("[name=large_print][value=off]").wait_for()
    assert "?q=" in page.url
    for path in PAGES:
        page.goto(path)
        wide = [page.locator("html").bounding_box(), page.locator("main").bounding_box()]
        assert all(box is not None and box["width"] <= width for box in wide), path
        assert page.locator("header").evaluate("e => e.scrollWidth") <= width, path


def test_a_mistake_takes_the_focus_on_a_public_page_and_leads_to_its_field(look: Open) -> None:
    page = citizen(look)
    page.goto("/track/")
    go_on(page)
    page.wait_for_function("document.activeElement.className === 'errors'")
    page.get_by_role("alert").get_by_role("link").first.click()
    assert page.evaluate("document.activeElement.name") == "number"


def test_a_report_is_written_sent_and_followed_by_keyboard_alone(look: Open) -> None:
    page = citizen(look)
    page.goto("/report/")
    for name, text in (("text", "电梯停了五天"), ("post", ""), ("phone", "13900000001")):
        tab_to(page, f"[name={name}]")
        page.keyboard.type(text)
        press(page)
        if name != "post":
            press(page)  # what follows may be left empty: files, and what to know when calling
    tab_to(page, "[name=agree]")
    page.keyboard.press("Space")
    press(page)
    number, code = receipt(page)
    page.goto("/track/")
    for name, text in (("number", number), ("code", code), ("digits", "0001")):
        tab_to(page, f"[name={name}]")
        page.keyboard.type(text)
    press(page)
    assert "正在等" in page.locator(".waiting").inner_text()


def press(page: Page) -> None:
    tab_to(page, "main .button.primary")
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_the_day_strip_stands_side_by_side_where_there_is_room_and_in_rows_on_a_phone(look: Open) -> None:
    for width, side_by_side in ((1280, True), (320, False)):
        page = citizen(look, width=width)
        number, code = report(page)
        page.goto("/track/")
        for name, text in (("number", number), ("code", code), ("digits", "0001")):
            page.locator(f"[name={name}]").fill(text)
        go_on(page)
        tops = (
            page.locator(".days").first.locator("li").evaluate_all("es => es.map(e => e.getBoundingClientRect().top)")
        )
        assert (len(set(tops)) == 1) is side_by_side
