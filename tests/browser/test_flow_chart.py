"""The flow chart as Chromium draws it: no text leaves its box or the picture, none lies over another."""

from collections.abc import Callable
from itertools import product

import pytest
from playwright.sync_api import Page

from huying.data import rulebook_ids, rulebook_text
from huying.rules.flow_chart import NARROW, NARROW_LARGE, flow_chart
from huying.rules.rulebook import parse
from huying.rules.words import Language
from tests.browser.conftest import Look

pytestmark = pytest.mark.browser

LANGUAGES: tuple[Language, Language] = ("zh", "en")
OUTSIDE = """() => {
  const box = element => element.getBoundingClientRect();
  const picture = box(document.querySelector('svg')), frames = [...document.querySelectorAll('rect')].map(box);
  const texts = [...document.querySelectorAll('text')].map(text => [text.textContent, box(text)]);
  const over = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3;
  const found = [];
  texts.forEach(([said, at], n) => {
    const begins = one => at.left > one.left && at.left < one.right && at.top > one.top - 2 && at.top < one.bottom;
    const frame = frames.find(begins);
    if (at.right > (frame || picture).right || (frame && at.bottom > frame.bottom)) found.push(said);
    texts.slice(n + 1).forEach(([other, place]) => { if (over(at, place)) found.push(said + ' / ' + other); });
  });
  return found;
}"""


def test_no_text_leaves_its_box_or_lies_over_another(look: Callable[[Look], Page]) -> None:
    page = look(Look(signed_in=False))
    for rulebook_id, language, narrow in product(rulebook_ids(), LANGUAGES, (0, NARROW, NARROW_LARGE)):
        book = parse(rulebook_text(rulebook_id), f"{rulebook_id}.toml")
        page.set_content(flow_chart(book, language, narrow=narrow))
        assert page.evaluate(OUTSIDE) == [], (rulebook_id, language, narrow)
