"""What else waits on a day: notices to read, requesters to phone, what is stuck; who sees which, what it costs."""

import re

import pytest

from huying.cases.models import Clock, Message
from huying.cases.outbox import deliver
from huying.cases.rulebooks import put_in_force
from huying.rules.access import Actor, Role
from huying.rules.commands import Assign, Decline
from huying.vault.models import Reveal
from tests.builders import NOW, PHONE, at, clerk, do, held_by, post, received, unit, user, version
from tests.pages.reading import browser, page, set_clock, statements, words

pytestmark = pytest.mark.django_db
TODAY, NOTICES, CALLS, STUCK = "/desk/", "/desk/notices/", "/desk/calls/", "/desk/stuck/"


@pytest.fixture(autouse=True)
def afternoon(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Tuesday, 10 March 2026, 16:00, under the rules of Bozhou."""
    put_in_force(version(), at(1, 5).date(), at(1, 5), Actor.system())
    set_clock(monkeypatch, at(3, 10, 16))


def declined() -> Message:
    case = received(name="张三")
    do(case, Decline("不归政府管", "向法院起诉"), at(3, 10, 10), clerk())
    deliver(list(Message.objects.values_list("id", flat=True)), at(3, 10, 10))
    return Message.objects.get(case=case.case_id, event="declined", audience="citizen")


def figures(html: str) -> str:
    found = re.search(r'<ul class="figures errands">.*?</ul>', html, re.DOTALL)
    return words(found[0]) if found else ""


# -- notices ---------------------------------------------------------------------------------------------------------


def test_a_unit_reads_its_notices_in_its_language_and_marks_them_read() -> None:
    housing, case = unit(), received()
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    reader = browser(user("holder", Role.UNIT, housing))
    assert figures(page(reader, TODAY)) == "通知 1 还没有看"
    assert f"{case.number} 交给您单位办理" in words(page(reader, NOTICES))
    assert f"{case.number} is given to your unit." in words(page(reader, NOTICES, **{"accept-language": "en"}))

    answer = reader.post(NOTICES, {"message": Message.objects.get(audience="unit").id}, follow=True)

    said = words(answer.content.decode())
    assert "1 条通知看过了" in said
    assert "没有新的通知" in said
    assert figures(page(reader, TODAY)) == ""


def test_all_of_a_page_are_marked_at_once_and_somebody_elses_are_not() -> None:
    housing, mayor = unit(), post("mayor")
    for _ in range(3):
        do(received(post=mayor.id), Assign(housing.id), at(3, 10, 15), clerk())
    ids = list(Message.objects.exclude(audience="citizen").values_list("id", flat=True))

    browser(held_by(mayor)).post(NOTICES, {"message": ids})

    assert set(Message.objects.filter(delivery="read").values_list("audience", flat=True)) == {"leader"}
    assert Message.objects.filter(delivery="on_desk", audience="unit").count() == 3


@pytest.mark.parametrize("junk", ["", "x", "9" * 30, "1"])
def test_what_is_no_notice_is_nothing_to_read(junk: str) -> None:
    answer = browser(user()).post(NOTICES, {"message": junk}, follow=True)
    assert "已经有人看过" in words(answer.content.decode())


# -- calls -----------------------------------------------------------------------------------------------------------


def test_the_call_list_says_whom_to_call_and_what_to_say_and_shows_a_number_only_for_a_log_line() -> None:
    message = declined()
    clerks = browser(user())
    assert "电话告知 1 等着打" in figures(page(clerks, TODAY))
    html = page(clerks, CALLS)
    assert PHONE not in html
    assert "张三" not in html
    assert "不予受理：不归政府管。您可以：向法院起诉。" in words(html)

    shown = clerks.post(CALLS, {"message": message.id, "do": "call"}).content.decode()

    assert f'href="tel:{PHONE}"' in shown
    assert Reveal.objects.filter(reason=f"tell {message.case.number if message.case else ''}").count() == 2


def test_what_became_of_a_call_is_noted() -> None:
    message = declined()
    operator = browser(user("operator", Role.OPERATOR))

    first, again, told = (
        words(operator.post(CALLS, {"message": message.id, "do": result}, follow=True).content.decode())
        for result in ("not_reached", "not_reached", "told")
    )

    assert "记下了：没有联系上" in first
    assert "打过 1 次，最多 3 次" in first
    assert "离上一次不到 4 小时" in again
    assert "已经告知" in told
    assert "没有要打的电话" in told


def test_a_button_that_isnt_there_does_nothing() -> None:
    assert browser(user()).post(CALLS, {"message": declined().id, "do": "delete"}).status_code == 404


@pytest.mark.parametrize("role", [Role.UNIT, Role.LEADER, Role.SUPERVISOR, Role.ADMIN])
def test_who_phones_nobody_finds_no_call_list_and_who_oversees_nothing_nothing_stuck(role: Role) -> None:
    reader = browser(user("reader", role, unit() if role is Role.UNIT else None))
    assert [reader.get(path).status_code for path in (CALLS, STUCK)] == [404, 404]


@pytest.mark.parametrize("path", [NOTICES, CALLS, STUCK])
def test_a_stranger_signs_in_first(path: str) -> None:
    assert browser().get(path)["Location"] == f"/account/login/?next={path}"


# -- what is stuck --------------------------------------------------------------------------------------------------


def test_the_office_sees_what_is_stuck_with_a_link_and_what_to_do_until_it_is_put_right() -> None:
    case = received()
    Message.objects.update(delivery="shown", ended_at=NOW)
    office = browser(user())
    assert "没有要查的" in words(page(office, STUCK))

    Clock.objects.update(void_at=NOW)

    assert figures(page(office, TODAY)) == "要查的 1 不应当这样"
    html = page(office, STUCK)
    assert f'href="/desk/cases/{case.number}/"' in html
    assert "在办，却没有期限 1 请告诉系统管理员" in words(html)


# -- what it costs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "most"), [(NOTICES, 6), (CALLS, 6), (STUCK, 8)])
def test_the_statements_of_a_page_do_not_grow(path: str, most: int) -> None:
    office = browser(user())
    declined()
    page(office, path)
    few = statements(office, path)
    for _ in range(4):
        declined()
    assert statements(office, path) == few <= most
