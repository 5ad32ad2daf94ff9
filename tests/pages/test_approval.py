"""What nobody may do alone, on the page of the case: one asks, a colleague approves or says why not."""

import re

import pytest
from django.test import Client

from huying.cases.models import Approval
from huying.rules.access import Role
from huying.rules.commands import Assign
from tests.builders import at, case_of, clerk, do, received, unit, user
from tests.pages.reading import browser, page, set_clock, words
from tests.pages.test_acting import path, send

pytestmark = pytest.mark.django_db
UNTIL = "2026-04-10T12:00"


@pytest.fixture(autouse=True)
def thursday(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Thursday, 12 March 2026, 11:00."""
    set_clock(monkeypatch, at(3, 12, 11))


def asked() -> tuple[Client, Client, str]:
    """Return the browser of who asks to count a caller as a nuisance, a colleague's, and the page of the case."""
    case, mine, colleague = received(), browser(user("qin")), browser(user("ning"))
    html = send(mine, case, "mark_nuisance", reason="一天五十次", until=UNTIL)
    assert "已经送给同事批准，批准以后才生效。" in words(html)
    return mine, colleague, path(case)


def sent(client: Client, html: str, verb: str, **said: str) -> str:
    """Send the form of what waits."""
    action = re.search(r'action="(/desk/cases/[^"]+/approvals/\d+/)"', html)
    seen = re.search(r'name="verb" value="approve"><input type="hidden" name="seen" value="(\d+)"', html)
    assert action
    answer = client.post(action[1], {"verb": verb, "seen": seen[1] if seen else "", **said}, follow=True)
    return str(answer.content.decode())


def test_a_colleague_reads_what_is_asked_and_approves_it() -> None:
    mine, colleague, where = asked()
    own = words(page(mine, where))
    assert "等同事批准：列为骚扰待核" in own
    assert "批准，马上生效" not in own
    html = page(colleague, where)
    assert "请您批准：列为骚扰待核" in words(html)
    assert "一天五十次" in words(html)
    assert "等您批准" in words(page(colleague, "/desk/"))
    done = words(sent(colleague, html, "approve"))
    assert "已经列为骚扰待核。" in done
    assert "批准人：测试ning" in done
    assert Approval.objects.get().ended_as == "approved"
    assert "已经有人定了" in words(sent(colleague, html, "approve"))


def test_who_asked_reads_why_not_until_something_else_happens() -> None:
    mine, colleague, where = asked()
    html = page(colleague, where)
    assert "请写明理由" in words(sent(colleague, html, "refuse", reason=""))
    assert "没有批准，照旧。" in words(sent(colleague, html, "refuse", reason="先回访一次"))
    assert "没有批准“列为骚扰待核”： 先回访一次" in words(page(mine, where))
    assert "先回访一次" not in words(page(colleague, where))


def test_who_asked_can_take_it_back_and_not_approve_it() -> None:
    mine, _colleague, where = asked()
    html = page(mine, where)
    assert "没有批准。" in words(sent(mine, html, "approve"))
    assert "收回了，照旧。" in words(sent(mine, html, "refuse"))
    assert Approval.objects.get().ended_as == "taken_back"


def test_a_case_that_has_changed_since_is_looked_at_again() -> None:
    case, mine, colleague = received(), browser(user("qin")), browser(user("ning"))
    send(mine, case, "mark_nuisance", reason="一天五十次", until=UNTIL)
    html = page(colleague, path(case))
    do(case, Assign(unit().id), at(3, 11, 10), clerk())
    assert "这一件有了变化" in words(sent(colleague, html, "approve"))
    assert case_of(case).memory.get("nuisance_until") is None


def test_operators_and_units_see_nothing_of_it_and_strangers_404() -> None:
    _mine, _colleague, where = asked()
    operator = browser(user("op", Role.OPERATOR))
    assert "列为骚扰待核" not in words(page(operator, where))
    waits = Approval.objects.get()
    stranger = browser(user("far", Role.UNIT, unit("water")))
    assert stranger.post(f"{where}approvals/{waits.id}/", {"verb": "approve"}, follow=True).status_code == 404
