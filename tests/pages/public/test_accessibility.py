"""What a page says of itself to whoever can't see it, or has only a phone: docs/accessibility.md has the list."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest

from huying.cases.rulebooks import ruleset
from huying.pages.public.progress import in_force
from huying.pages.public.styleguide_examples import dues
from huying.people.models import Office
from tests.builders import at
from tests.pages.public.city import ANSWERS, found, official, send
from tests.pages.public.test_large_print import PAGES
from tests.pages.reading import browser, page, set_clock, words

pytestmark = pytest.mark.django_db
FORMS = ("/report/", "/track/", "/check/")
LINE = "0500-555 0100"


@pytest.fixture(autouse=True)
def city(monkeypatch: pytest.MonkeyPatch) -> None:
    found()
    official("mayor", "沈砚青", name="市长", value="0500-555 0101", hours="工作日 8:30–18:00")
    set_clock(monkeypatch, at(3, 17, 9))


class Elements(HTMLParser):
    """The elements of a page in their order, with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def of(self, *tags: str) -> list[dict[str, str]]:
        return [attrs for tag, attrs in self.found if tag in tags]


def elements(path: str) -> Elements:
    return Elements(page(browser(), path))


def wrong(path: str) -> str:
    """Return the answer to a form that was sent empty."""
    return browser().post(path, {"go": "you"} if path == "/report/" else {}).content.decode()


def test_every_page_says_its_language_and_has_a_title_of_its_own_one_heading_and_a_way_past_the_head() -> None:
    titles = set()
    for path in PAGES:
        html = page(browser(), path)
        read = Elements(html)
        assert read.of("html")[0]["lang"] == "zh-CN", path
        assert (len(read.of("h1")), len(read.of("main"))) == (1, 1), path
        assert read.of("a")[0]["href"] == f"#{read.of('main')[0]['id']}", path
        titles.add(html[html.index("<title>") : html.index("</title>")])
    assert len(titles) == len(PAGES)


def test_nothing_has_to_be_dragged_drawn_or_done_in_time_and_nothing_pops_up() -> None:
    """The one script adds a button or a word to a number; what is left is asked for by name."""
    for path in PAGES:
        read = elements(path)
        assert all(attrs["src"] == "/static/numbers.js" for attrs in read.of("script")), path
        assert not read.of("canvas", "iframe", "map", "object", "dialog", "video", "audio"), path
        for tag, attrs in read.found:
            assert not {"draggable", "popover"} & attrs.keys(), (path, tag)
            assert attrs.get("target", "_self") == "_self", (path, tag)
            assert attrs.get("http-equiv") != "refresh", (path, tag)


def test_help_stands_at_the_same_place_of_every_page() -> None:
    heads, feet = set(), set()
    for path in PAGES:
        html = page(browser(), path)
        head = html[html.index("<header") : html.index("</header>")]
        heads.add(words(re.sub(r' aria-current="page"', "", head)))
        feet.add(words(html[html.index("<footer") : html.index("</footer>")]))
    assert len(heads) == len(feet) == 1
    assert re.search(rf"{LINE} 大字版 English", heads.pop())


def test_every_page_names_the_phone_that_gives_the_same_with_who_answers_and_when() -> None:
    for path in PAGES:
        html = page(browser(), path)
        foot = html[html.index("<footer") :]
        assert f"也可以打电话、发短信： 公开电话专线 {LINE} 话务员接听 每天 7:00–22:00" in words(foot), path
        assert 'href="tel:05005550100"' in foot, path


def test_no_page_prints_a_number_that_cannot_be_pressed() -> None:
    for path in PAGES:
        html = re.sub(r"<textarea.*?</textarea>", "", page(browser(), path), flags=re.DOTALL)
        plain = re.sub(r'<a [^>]*href="(?:tel|sms):.*?</a>', "", html, flags=re.DOTALL)
        assert re.findall(r"0500-555 ?\d{4}", words(plain)) == [], path


def test_a_report_asks_nothing_twice() -> None:
    asked: list[str] = []
    for go in ("what", "whom", "you"):
        read = Elements(send(browser(), go))
        controls = [attrs for attrs in read.of("input", "textarea", "select") if attrs.get("type") != "hidden"]
        asked += [attrs["name"] for attrs in controls]
    assert len(asked) == len(set(asked)) == 4
    answers = words(send(browser(), "check"))
    assert all(ANSWERS[name] in answers for name in ("text", "phone"))


@pytest.mark.parametrize("path", FORMS)
def test_what_is_wrong_is_said_first_in_the_title_and_with_the_same_words_at_the_field(path: str) -> None:
    html = wrong(path)
    assert "<title>错误：" in html
    main = html[html.index("<main") :]
    summary = main[main.index('<div class="errors" role="alert" tabindex="-1" autofocus>') : main.index("</ul>")]
    assert re.search(r"错误：有 \d 处要改", words(summary))
    links = re.findall(r'<a href="#([^"]+)">([^<]+)</a>', summary)
    assert links
    for target, said in links:
        assert f'id="{target}"' in main, target
        assert f"错误：{said}" in words(main[main.index("</ul>") :]), said


@pytest.mark.parametrize("html", ["what", "you", "/track/", "/check/"])
def test_every_field_has_a_label_above_its_hint_and_no_placeholder(html: str) -> None:
    html = page(browser(), html) if html.startswith("/") else send(browser(), html)
    read = Elements(html)
    assert not [attrs for _tag, attrs in read.found if "placeholder" in attrs]
    for attrs in read.of("input", "textarea", "select"):
        if attrs.get("type") != "hidden":
            assert html.index(f'<label for="{attrs["id"]}"') < html.index(f' id="{attrs["id"]}"')
    for hint in re.findall(r'id="(\w+)_helptext"', html):
        places = [html.index(sign) for sign in (f'for="{hint}"', f'id="{hint}_helptext"', f' id="{hint}"')]
        assert places == sorted(places), hint


def test_a_phone_is_typed_on_keys_of_a_phone_and_filled_in_by_the_browser() -> None:
    typed = {attrs["name"]: attrs for attrs in Elements(send(browser(), "you")).of("input") if "name" in attrs}
    assert (typed["phone"]["type"], typed["phone"]["autocomplete"]) == ("tel", "tel")
    assert typed["name"]["autocomplete"] == "name"


def test_signing_in_has_no_puzzle_and_lets_a_password_manager_in() -> None:
    read = elements("/account/login/")
    kept = {attrs["name"]: attrs.get("autocomplete") for attrs in read.of("input") if attrs.get("type") != "hidden"}
    assert kept == {"login": "username", "password": "current-password"}
    assert not read.of("img", "script", "canvas")


def test_no_state_is_a_colour_alone() -> None:
    Office.objects.update(is_demo=True)
    html = page(browser(), "/styleguide/")
    for inside in re.findall(r'<span class="(?:due|tag)[^"]*">(.*?)</span>', html):
        assert words(inside)
    version = in_force(at(3, 17, 9))
    assert version is not None
    assert len({due.text for due in dues(at(3, 17, 9), ruleset(version))}) == 8
    steps = re.findall(r'<li class="(done|now|late|next)">\s*(.*?)</li>', html, flags=re.DOTALL)
    assert {state for state, _said in steps} == {"done", "now", "late", "next"}
    for state, said in steps:
        word = {"done": "按期", "now": "还剩", "late": "超期", "next": "后起算"}[state]
        assert word in unescape(words(said)), state
