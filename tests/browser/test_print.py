"""Printed, a heading stands with what it heads, and the way of a request on one page."""

from collections.abc import Callable
from io import BytesIO
from unicodedata import normalize

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from tests.browser.conftest import Look

pytestmark = [pytest.mark.browser, pytest.mark.long]
PUSH = """mm => {
  const main = document.querySelector("main");
  const above = document.querySelector("#above") || document.createElement("div");
  above.id = "above";
  above.style.height = `${mm}mm`;
  main.prepend(above);
}"""


def plain(text: str) -> str:
    """Return a text without spaces; a PDF may give ⼀ for 一, and ﬃ for three letters."""
    return "".join(normalize("NFKC", text).split())


def printed(page: Page) -> list[list[str]]:
    """Return the lines of each page."""
    pages = PdfReader(BytesIO(page.pdf(format="A4", prefer_css_page_size=True))).pages
    return [[plain(line) for line in one.extract_text().splitlines() if line.strip()] for one in pages]


def told(page: Page, of: str) -> list[str]:
    return [plain(text) for text in page.locator(of).all_inner_texts()]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_chart_of_the_rules_is_on_a_last_page_of_its_own_under_its_heading(
    look: Callable[[Look], Page], language: str
) -> None:
    page = look(Look(language, signed_in=False))  # type: ignore[arg-type]
    page.goto("/rules/")
    [title] = told(page, "#way")
    *before, last = printed(page)
    assert not [lines for lines in before if title in lines]
    assert last[0] == title
    assert len(last) > 30


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_wherever_a_page_ends_no_heading_is_its_last_line_and_the_steps_stay_together(
    look: Callable[[Look], Page], language: str
) -> None:
    page = look(Look(language, signed_in=False))  # type: ignore[arg-type]
    page.goto("/directory/")
    headings = told(page, "main h2")
    steps = [step[:6] for step in told(page, ".pledges h3")]  # further on is 见, for which a PDF gives a radical
    assert len(steps) >= 4
    for mm in range(0, 240, 24):
        page.evaluate(PUSH, mm)
        pages = printed(page)
        assert not [lines[-1] for lines in pages if lines and lines[-1] in headings], mm
        assert [all(step in "".join(lines) for step in steps) for lines in pages].count(True) == 1, mm
