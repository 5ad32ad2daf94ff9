"""A clerk's way through the pages in a real browser: keyboard, language, no scripts, narrow screens, axe."""

import os
from collections.abc import Callable
from itertools import product
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import PASSWORD, City, Look
from tests.builders import PHONE

pytestmark = pytest.mark.browser

Open = Callable[[Look], Page]
LIST = "/desk/cases/"
TODAY, RECORD = "/desk/", "/desk/contacts/new/"
FIGURES, RULEBOOK = "/desk/figures/", "/desk/rulebook/"
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Press Tab until the focus is on what the selector names, and see that it can be seen there."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", selector
            return
    raise AssertionError(f"Tab never reached {selector}")


def test_a_clerk_signs_in_opens_a_case_and_goes_back_by_keyboard_alone(look: Open, city: City) -> None:
    page = look(Look(signed_in=False))
    page.goto(LIST)
    tab_to(page, "[name=login]")
    page.keyboard.type("clerk")
    tab_to(page, "[name=password]")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{city.url}{LIST}")

    tab_to(page, ".tabs a[href$='show=overdue']")
    page.keyboard.press("Enter")
    page.wait_for_url("**show=overdue")
    tab_to(page, "a.title")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{city.cases['overdue']}")
    assert "超期" in page.locator(".waiting").inner_text()

    tab_to(page, "a.back")
    page.keyboard.press("Enter")
    page.wait_for_url("**show=overdue")  # the list from which one came


def test_the_first_tab_leads_past_the_head(look: Open) -> None:
    page = look(Look())
    page.goto(LIST)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_mistake_takes_the_focus_and_leads_to_its_field(look: Open) -> None:
    page = look(Look(signed_in=False))
    page.goto("/account/login/")
    page.get_by_role("button", name="登录").click()
    summary = page.get_by_role("alert")
    assert "有 2 处要改" in summary.inner_text()
    # A browser gives the focus with the first frame of the page, which may come after the page itself.
    page.wait_for_function("document.activeElement.className === 'errors'")
    summary.get_by_role("link").first.click()
    assert page.evaluate("document.activeElement.name") == "login"


def test_what_is_known_of_a_phone_is_there_as_soon_as_it_is_typed(look: Open, city: City) -> None:
    page = look(Look())
    page.goto(RECORD)
    page.locator("[name=content]").fill("又漏了")
    page.locator("[name=contact_phone]").fill(PHONE)
    page.keyboard.press("Tab")
    page.locator("#known", has_text="同一号码来过").wait_for()
    page.locator("#known a").first.wait_for()
    assert page.locator("[name=content]").input_value() == "又漏了"
    page.locator("[name=joins]").fill(city.cases["open"].strip("/").split("/")[-1])
    page.keyboard.press("Tab")
    page.locator("#known", has_text="是这一件").wait_for()


def test_the_language_changes_where_one_is_and_stays(look: Open, city: City) -> None:
    page = look(Look())
    page.goto(city.cases["open"])
    page.get_by_role("button", name="English").click()
    page.get_by_text("Next step", exact=True).wait_for()
    assert page.url.endswith(city.cases["open"])
    page.goto(LIST)
    assert page.get_by_role("heading", level=1).inner_text() == "Register"


def test_everything_works_without_scripts(look: Open, city: City) -> None:
    page = look(Look(signed_in=False, scripts=False, width=390))
    page.goto(LIST)
    page.locator("[name=login]").fill("clerk")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main button").click()
    page.wait_for_url(f"{city.url}{LIST}")
    page.get_by_role("link", name="下一页").click()
    page.wait_for_url("**from=**")
    page.goto(city.cases["closed"])
    page.locator(".ended summary").click()
    page.locator(".ended .clock").first.wait_for()
    page.locator(".menu summary").click()
    page.locator(".menu").get_by_role("link", name="退出").click()
    page.locator("main").get_by_role("button", name="退出").click()
    page.goto(LIST)
    assert "/account/login/" in page.url


def test_setting_up_a_second_factor_shows_its_picture(look: Open) -> None:
    page = look(Look())
    page.goto("/account/2fa/totp/activate/")
    if page.url.endswith("/activate/"):
        size = page.locator("img.qr").evaluate("image => image.naturalWidth")
    else:
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="确认").click()
        size = page.locator("img.qr").evaluate("image => image.naturalWidth")
    assert size > 0


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_nothing_is_wider_than_the_smallest_phone(look: Open, city: City, language: str) -> None:
    page = look(Look(language=language, width=320))  # type: ignore[arg-type]
    for path in (
        TODAY,
        RECORD,
        FIGURES,
        RULEBOOK,
        LIST,
        f"{LIST}?show=all",
        f"{LIST}?show=closed",
        *city.cases.values(),
        "/account/2fa/",
        "/nothing/",
    ):
        page.goto(path)
        assert_fits(page, path)
    stranger = look(Look(language=language, width=320, signed_in=False))  # type: ignore[arg-type]
    stranger.goto("/account/login/")
    assert_fits(stranger, "/account/login/")


def assert_fits(page: Page, path: str) -> None:
    """Check that the page doesn't scroll sideways and that nothing sticks out of its sheet."""
    outside = page.evaluate(
        """() => [...document.querySelectorAll('.sheet *, .page-head *')]
            .filter(e => !e.closest('svg, .vh, thead'))
            .filter(e => e.getBoundingClientRect().right > e.closest('main').clientWidth)
            .map(e => e.outerHTML.slice(0, 80))"""
    )
    assert page.evaluate("document.documentElement.scrollWidth") == 320, path
    assert outside == [], path


def test_large_print_fits_too(look: Open, city: City) -> None:
    page = look(Look(width=320))
    for path in (TODAY, RECORD, FIGURES, RULEBOOK, LIST, *city.cases.values()):
        page.goto(path)
        page.evaluate("document.documentElement.setAttribute('data-care', '')")
        assert_fits(page, path)


# Every page in one look, and every look on some page; all 112 with HUYING_EVERY_LOOK=yes (a minute more).
LOOKS = list(product(("zh-hans", "en"), ("light", "dark"), (1280, 320)))
PAGES = ["login", "404", "?show=open", "?show=overdue", "?show=closed", "?show=all",
         "open", "overdue", "closed", "reopened", "imported", "today", "record", "figures", "rulebook"]  # fmt: skip
EVERY_LOOK = os.environ.get("HUYING_EVERY_LOOK") == "yes"
SEEN = list(product(PAGES, LOOKS)) if EVERY_LOOK else [(name, LOOKS[3 * n % 8]) for n, name in enumerate(PAGES)]


@pytest.mark.parametrize(("name", "how"), SEEN, ids=[f"{name}-{'-'.join(map(str, how))}" for name, how in SEEN])
def test_axe_finds_nothing(look: Open, city: City, name: str, how: tuple[str, str, int]) -> None:
    language, theme, width = how
    page = look(Look(language, theme, width, signed_in=name != "login"))  # type: ignore[arg-type]
    fixed = {"login": "/account/login/", "404": "/nothing/", "today": TODAY, "record": RECORD}
    fixed |= {"figures": FIGURES, "rulebook": RULEBOOK}
    page.goto(city.cases.get(name) or fixed.get(name) or LIST + name)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    page.evaluate(AXE)
    violations = page.evaluate("axe.run().then(found => found.violations)")
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in violations] == []
