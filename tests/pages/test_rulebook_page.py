"""规则: the rules in force as a chart, who reads it, and who is told what a check finds."""

import re
from datetime import date

import pytest

from huying.cases.models import RulebookVersion
from huying.cases.rulebooks import adopt, put_in_force
from huying.data import rulebook_text
from huying.rules.access import STAFF, Actor, Role
from tests.builders import NOW, at, unit, user, version
from tests.pages.reading import browser, page, set_clock, statements, words

pytestmark = pytest.mark.django_db

PATH = "/desk/rulebook/"


@pytest.fixture(autouse=True)
def wednesday(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Wednesday, 11 March 2026, 10:00."""
    set_clock(monkeypatch, at(3, 11, 10))


def in_force(of: RulebookVersion) -> None:
    put_in_force(of, date(2026, 3, 1), NOW, Actor.system())


@pytest.mark.parametrize("role", STAFF)
def test_everybody_who_is_signed_in_reads_the_chart(role: Role) -> None:
    in_force(version())
    html = page(browser(user("reader", role, unit())), PATH)
    assert "亳州市 领导干部公开电话 “清单+闭环” · 办理工作流程图" in html
    assert "首次交办后 3 个自然日内" in html
    assert html.count("<svg") == 3  # the mark, and the chart for wide screens and for narrow ones


def test_a_stranger_is_asked_to_sign_in() -> None:
    assert browser().get(PATH)["Location"] == f"/account/login/?next={PATH}"


def test_the_chart_is_in_the_language_of_the_page() -> None:
    in_force(version())
    client = browser(user())
    client.post("/language/", {"language": "en", "next": PATH})
    html = page(client, PATH)
    assert "Within 3 calendar days" in html
    assert "办理环节" not in html


def test_it_is_the_rulebook_in_force_and_the_foot_says_which_version() -> None:
    in_force(version("bozhou"))
    put_in_force(version("fengxian"), date(2026, 3, 12), NOW, Actor.system())
    html = page(browser(user()), PATH)
    assert "每日会商" not in html
    assert "规则：亳州市 领导干部公开电话 “清单+闭环” 第 1 版" in words(html)


@pytest.mark.parametrize(("role", "told"), [(Role.OFFICE, True), (Role.ADMIN, True), (Role.UNIT, False)])
def test_what_the_check_finds_is_told_to_those_who_keep_the_rules(role: Role, told: bool) -> None:
    in_force(version())
    html = page(browser(user("reader", role, unit())), PATH)
    assert ("规则检查" in html) is told
    assert ("漏接的来电没有自己的期限，按办公室的 3 个工作日" in html) is told


def test_an_error_comes_first_and_numbers_without_a_source_are_counted() -> None:
    text = rulebook_text("bozhou").replace('due = "3 calendar_days"', 'due = "30 working_days"')
    text = text.replace('"step.register.due" = "R: our reconstruction"\n', "")
    in_force(adopt("ours", text, NOW, Actor.system()))
    html = page(browser(user()), PATH)
    [first, *_] = re.findall(r"<li>(.*?)</li>", html[html.index('class="findings"') :], re.DOTALL)
    assert words(first).startswith(
        "要改 30 个工作日，比 step.resolve.due.consultation（3 个工作日）还长 step.contact"
    )
    assert "1 个数字没有写出处 step.register.due" in words(html)


def test_without_a_rulebook_the_page_says_what_to_do() -> None:
    assert "huying rulebook adopt" in page(browser(user()), PATH)


def test_the_page_is_reached_from_the_head_of_every_other() -> None:
    html = page(browser(user()), "/desk/")
    assert f'href="{PATH}"' in html


def test_it_takes_five_statements() -> None:
    in_force(version())
    client = browser(user())
    page(client, PATH)  # each process reads a rulebook once
    assert statements(client, PATH) <= 5
