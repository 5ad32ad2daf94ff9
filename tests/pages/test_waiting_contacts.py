"""Contacts that wait to be sorted or called back: on whose desk, in which order, what is done, who may look."""

from dataclasses import replace

import pytest
from django.test import Client

from huying.cases.intake import Received, register
from huying.cases.models import Case, Contact
from huying.cases.opened import facts_of_contact
from huying.cases.queries import visible_contacts
from huying.cases.rulebooks import put_in_force
from huying.ledger.models import LedgerLine
from huying.people.actors import actor_of
from huying.rules.access import STAFF, Actor, Role, may_see
from huying.rules.vocabulary import Kind
from huying.vault.models import Reveal
from tests.builders import (
    NOW,
    PHONE,
    at,
    held_by,
    intake,
    into,
    post,
    represented_by,
    unit,
    user,
    version,
)
from tests.pages.reading import browser, page, set_clock, statements, words
from tests.pages.test_acting import forms, hidden

pytestmark = pytest.mark.django_db

TODAY, LIST = "/desk/", "/desk/contacts/"


@pytest.fixture(autouse=True)
def wednesday(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Wednesday, 11 March 2026, 10:00, and the rules of Bozhou are in force."""
    set_clock(monkeypatch, at(3, 11, 10))
    put_in_force(version(), at(1, 5).date(), at(1, 5), Actor.system())


def came(text: str = "路灯坏了，请回电", kind: Kind = Kind.UNSORTED, **given: object) -> Received:
    when = given.pop("when", NOW)
    answer = register(replace(intake(text), kind=kind, **given), when, into(when))  # type: ignore[arg-type]
    assert isinstance(answer, Received)
    assert answer.case_id is None
    return answer


def path(one: Received) -> str:
    return f"{LIST}{one.contact_id}/"


def send(client: Client, one: Received, verb: str, **typed: str) -> str:
    carried = hidden(page(client, path(one)))
    answer = client.post(path(one), {"verb": verb, **carried, **typed}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


# -- on whose desk ---------------------------------------------------------------------------------------------------


def test_the_office_sees_today_how_many_wait_the_late_ones_first() -> None:
    came("新来的短信")
    late = came("早就来的电话", kind=Kind.MISSED, when=at(3, 2, 9))
    html = page(browser(user()), TODAY)
    assert "待分拣 2 超期 1" in words(html)
    assert html.index(path(late)) < html.index("新来的短信")


def test_what_was_sorted_or_never_waited_isnt_among_them() -> None:
    one = came()
    came("核对号码", kind=Kind.VERIFICATION)
    client = browser(user())
    assert words(page(client, LIST)).count("路灯坏了") == 1
    send(client, one, "not_a_case", kind="standby")
    assert "没有等着分拣或回电的" in words(page(client, LIST))
    assert "待分拣" not in words(page(client, TODAY))


def test_an_office_that_nothing_waits_for_is_told_so() -> None:
    assert "没有等您办的" in words(page(browser(user()), TODAY))


# -- what is done ----------------------------------------------------------------------------------------------------


def test_a_case_is_opened_of_a_contact_and_shown() -> None:
    one = came()
    html = send(browser(user()), one, "open_case", kind="problem", complexity="simple")
    assert "已经立件。" in words(html)
    case = Case.objects.get(id=one.contact_id)
    assert case.number in words(html)
    assert browser(user("other")).get(path(one))["Location"] == f"/desk/cases/{case.number}/"


def test_a_missed_call_is_called_back_first_by_whoever_takes_calls() -> None:
    one = came("", kind=Kind.MISSED)
    client = browser(user("operator", Role.OPERATOR))
    html = page(client, path(one))
    assert list(forms(html)) == ["return_call"]
    assert "打给诉求人" in words(html)
    html = send(client, one, "return_call", result="no_answer", kind="")
    assert "回电没有人接" in words(html)
    html = send(client, one, "return_call", result="reached", kind="problem", text="楼道灯坏了")
    assert "已经立件" not in words(html)
    assert Case.objects.get(id=one.contact_id).stage == "received"


def test_what_is_missing_is_said_at_the_field_and_nothing_is_sorted() -> None:
    one = came()
    html = send(browser(user()), one, "open_case", kind="")
    assert "“是什么事”还没有填，请补上" in words(html)
    assert not Case.objects.filter(id=one.contact_id).exists()


def test_a_double_click_sorts_once_and_says_that_it_was_done() -> None:
    one, client = came(), browser(user())
    carried = hidden(page(client, path(one)))
    for _ in range(2):
        answer = client.post(path(one), {"verb": "not_a_case", "kind": "standby", **carried}, follow=True)
        assert "记下了，不立件。" in words(answer.content.decode())
    assert LedgerLine.objects.filter(chain_id=one.contact_id, event="sorted").count() == 1


def test_a_note_on_a_contact_stays_beside_it() -> None:
    one, client = came(), browser(user())
    assert "备注记下了。" in words(send(client, one, "note", text="下午再打"))
    assert "下午再打" in words(page(client, path(one)))


# -- who -------------------------------------------------------------------------------------------------------------


def test_the_phone_is_masked_and_shown_once_with_a_line_in_the_log() -> None:
    one, client = came(), browser(user())
    html = page(client, path(one))
    assert "139****0001" in words(html)
    assert PHONE not in html
    html = client.post(f"{path(one)}call/").content.decode()
    assert PHONE in html
    assert Reveal.objects.filter(reason=f"call back {one.contact_id}").exists()
    assert PHONE not in page(client, path(one))


@pytest.mark.parametrize("role", [Role.UNIT, Role.LEADER, Role.LIAISON, Role.DISCIPLINE, Role.ADMIN])
def test_to_whom_nothing_ties_it_a_contact_is_unknown(role: Role) -> None:
    one = came(post=post("mayor").id)
    stranger = browser(user("stranger", role, unit("housing")))
    for way in (stranger.get, stranger.post):
        assert way(path(one)).status_code == 404
        assert way(f"{path(one)}call/").status_code in (404, 302)
    assert not Reveal.objects.exists()


def test_a_leader_sees_what_came_to_the_own_post_and_a_supervisor_phones_nobody() -> None:
    mayor = post("mayor")
    one = came(post=mayor.id)
    assert "路灯坏了" in page(browser(held_by(mayor)), path(one))
    supervisor = browser(user("s", Role.SUPERVISOR))
    assert "打给诉求人" not in page(supervisor, path(one))
    assert supervisor.post(f"{path(one)}call/").status_code == 404


def test_a_stranger_signs_in_and_what_isnt_there_is_not_found() -> None:
    one = came()
    assert browser().get(path(one))["Location"].startswith("/account/login/")
    for address in (f"{LIST}0/", f"{LIST}{2**63}/", f"{LIST}{10**30}/"):
        assert browser(user("x" + address[-4:-1])).get(address).status_code == 404


def test_who_sees_a_contact_is_the_same_in_sql_and_by_the_rules() -> None:
    mayor, housing = post("mayor"), unit("housing")
    came(post=mayor.id)
    came("保密的", confidential=True)
    came("未接", kind=Kind.MISSED, post=post("deputy").id)
    named = user("named", Role.DISCIPLINE)
    when = NOW
    register(replace(intake("他登记的"), kind=Kind.UNSORTED), when, into(when, actor=actor_of(named, when)))
    people = [user(f"r-{role}", role, housing) for role in STAFF] + [held_by(mayor), represented_by(mayor), named]
    viewers = [actor_of(one, NOW) for one in people] + [Actor.system(), Actor.citizen()]
    first = {line.chain_id: line for line in LedgerLine.objects.filter(seq=1)}
    contacts = list(Contact.objects.filter(case=None))
    assert len(contacts) == 4
    for viewer in viewers:
        seen = {one.id for one in contacts if may_see(viewer, facts_of_contact(one, first[one.id]))}
        assert set(visible_contacts(viewer).values_list("id", flat=True)) == seen, viewer


# -- what it costs ---------------------------------------------------------------------------------------------------


def test_a_contact_takes_at_most_twelve_statements_and_the_list_six() -> None:
    client = browser(user())
    one = came()
    page(client, path(one))  # each process reads a rulebook once
    assert statements(client, path(one)) <= 12
    few = statements(client, LIST)
    for n in range(6):
        came(f"路灯坏了{n}")
    assert statements(client, LIST) == few <= 6
