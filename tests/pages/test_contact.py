"""Recording a contact by form: what it asks, what is told afterwards, and that it is registered once."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from huying.cases.models import Case, Contact, Refusal
from huying.cases.rulebooks import put_in_force
from huying.rules.access import Actor, Role
from tests.builders import PHONE, at, held_by, post, represented_by, unit, user, version
from tests.pages.reading import browser, page, set_clock, words

pytestmark = pytest.mark.django_db

FORM = "/desk/contacts/new/"
MATTER = {"channel": "phone_mobile", "contact_phone": PHONE, "content": "小区供暖管道漏水", "kind": "problem"}
NOW = at(3, 11, 10)


@pytest.fixture(autouse=True)
def wednesday(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Wednesday, 11 March 2026, 10:00."""
    set_clock(monkeypatch, NOW)


@pytest.fixture(autouse=True)
def in_force() -> None:
    unit("housing")
    put_in_force(version(), at(1, 5).date(), NOW, Actor.system())


def hidden(html: str) -> dict[str, str]:
    return {name: re.findall(rf'name="{name}" value="([^"]*)"', html)[0] for name in ("key", "by")}


def send(client: Client, *, seen_in: str | None = None, **typed: str) -> str:
    answer = client.post(FORM, {**hidden(seen_in or page(client, FORM)), **MATTER, **typed}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


# -- what is registered ----------------------------------------------------------------------------------------------


def test_after_saving_number_code_and_dates_are_there_to_be_read_out() -> None:
    html = send(browser(user()))
    case = Case.objects.get()
    assert case.number in html
    assert re.search(r"<strong>\d{4} \d{4}</strong>", html)
    assert words(html).count("交办给承办单位，最迟") == 1
    assert "交办给承办单位，最迟 03-12 周四 24:00" in words(html)
    assert f'href="/desk/cases/{case.number}/"' in html


def test_all_that_is_typed_is_registered() -> None:
    mayor = post("mayor")
    send(
        browser(user()), post=str(mayor.id), complexity="complex", name="郑晓禾", address="春晓路", confidential="on"
    )
    case = Case.objects.get()
    assert (case.post_id, case.complexity, case.confidential, case.channel) == (
        mayor.id,
        "complex",
        True,
        "phone_mobile",
    )
    assert case.received_at == NOW


def test_a_case_can_be_assigned_at_once() -> None:
    housing = unit("housing")
    html = send(browser(user()), unit=str(housing.id))
    assert Case.objects.get().unit_id == housing.id
    assert "已经交给 housing" in words(html)
    assert "联系诉求人，最迟 03-16 周一 24:00" in words(html)


def test_an_operator_records_but_does_not_assign() -> None:
    client = browser(user("operator", Role.OPERATOR))
    assert "交给哪个单位" not in page(client, FORM)
    send(client, unit=str(unit("housing").id))
    assert Case.objects.get().stage == "received"


@pytest.mark.parametrize("helps", [False, True])
def test_a_leader_and_a_liaison_record_what_came_to_their_own_posts(helps: bool) -> None:
    mayor, other = post("mayor"), post("other")
    client = browser(represented_by(mayor) if helps else held_by(mayor))
    called = re.search(r'<select name="post".*?</select>', page(client, FORM), re.DOTALL)
    assert called is not None
    assert f'<option value="{other.id}"' not in called[0]

    send(client, post=str(mayor.id))
    refused = send(client, post=str(other.id), content="另一件事")

    assert [case.post_id for case in Case.objects.all()] == [mayor.id]
    assert "这一步不由您办" in words(refused)


def test_a_form_that_was_cut_off_before_the_assignment_assigns_when_it_is_sent_again(monkeypatch: Any) -> None:
    housing, client = unit("housing"), browser(user())
    typed = hidden(page(client, FORM)) | MATTER | {"unit": str(housing.id)}
    client.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr("huying.pages.desk.contact.act", lambda *_: 1 / 0)
        assert client.post(FORM, typed).status_code == 500
    assert Case.objects.get().unit is None

    html = client.post(FORM, typed, follow=True).content.decode()
    again = client.post(FORM, typed, follow=True).content.decode()

    assert Case.objects.get().unit_id == housing.id
    assert "已经交给 housing" in words(html)
    assert "还没有交办" not in words(again)


def test_discipline_takes_a_tip_assigns_it_and_may_call() -> None:
    housing = unit("housing")
    client = browser(user("discipline", Role.DISCIPLINE))
    assert re.search(r'name="confidential"[^>]* checked', page(client, FORM))

    html = send(client, confidential="on", unit=str(housing.id))

    case = Case.objects.get()
    assert (case.confidential, case.unit_id, case.stage) == (True, housing.id, "assigned")
    assert "已经交给 housing" in words(html)
    assert browser(user("clerk")).get(f"/desk/cases/{case.number}/").status_code == 404
    assert "打给诉求人" in page(client, f"/desk/cases/{case.number}/")


def test_nobody_sorts_a_contact_by_forgetting_to() -> None:
    html = send(browser(user()), kind="")
    assert "“是什么事”还没有填" in words(html)
    assert not Contact.objects.exists()


def test_a_second_call_about_one_matter_joins_its_case_and_is_told_no_code() -> None:
    client = browser(user())
    send(client)
    number = Case.objects.get().number

    html = send(client, joins=f" {number.lower()} ", contact_phone="0500-555 0199")

    assert (Case.objects.get().contacts, Contact.objects.count()) == (2, 2)
    assert "已经并入这一件" in words(html)
    assert number in html
    assert "查询码照样能查" in words(html)
    assert re.search(r"\d{4} \d{4}</strong>", html) is None


def test_a_number_that_is_no_open_case_is_not_joined_and_nothing_typed_is_lost() -> None:
    html = send(browser(user()), joins="YC-2026-000777")
    assert "没有这个编号的在办件" in words(html)
    assert 'value="YC-2026-000777"' in html
    assert not Contact.objects.exists()


def test_what_is_unsorted_opens_no_case_and_that_is_said() -> None:
    html = send(browser(user()), kind="unsorted")
    assert "记下了，没有立件" in words(html)
    assert (Contact.objects.count(), Case.objects.count()) == (1, 0)


def test_a_missing_field_of_the_rulebook_makes_a_case_that_waits_for_it() -> None:
    client = browser(user())
    assert "立为待补正" in words(page(client, FORM))
    html = send(client, contact_phone="", unit=str(unit("housing").id))
    assert Case.objects.get().stage == "pending_info"
    assert "缺：对方电话。请对方补上。" in words(html)
    assert "还没有交办：" in words(html)
    assert re.search(r"<strong>\d{4} \d{4} \d{4}</strong>", html)  # without a phone the code is longer


def test_what_happened_earlier_may_be_entered_later() -> None:
    send(browser(user()), at="2026-03-09T15:30")
    assert Case.objects.get().received_at == at(3, 9, 15, 30)


# -- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["1970-01-01T00:00", "2027-01-01T00:00", "9998-12-31T23:59"])
def test_an_absurd_time_is_refused_in_a_sentence(when: str) -> None:
    html = send(browser(user()), at=when)
    assert "错误：时间要在 2000 年以后、现在以前，请核对年份和日期" in words(html)
    assert f'value="{when}"' in html
    assert "小区供暖管道漏水" in html
    assert Contact.objects.count() == 0
    assert [refusal.field for refusal in Refusal.objects.all()] == ["at"]


@pytest.mark.parametrize("when", ["gestern", "2026-02-30T10:00", "²", "0001-01-01T00:00", "9999-12-31T23:59"])
def test_what_is_no_time_is_refused_too(when: str) -> None:
    assert "时间要在 2000 年以后" in words(send(browser(user()), at=when))
    assert Contact.objects.count() == 0


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"content": " "}, "“说了什么”还没有填，请补上"),
        ({"contact_phone": "没有号码"}, "电话要拨得通"),
        ({"kind": "nonsense"}, "“是什么事”填得不对"),
        ({"post": "999999"}, "“打给谁”填得不对"),
        ({"complexity": "x"}, "“简单还是复杂”填得不对"),
        ({"content": "漏\0水"}, "“说了什么”填得不对"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_typed_is_lost(typed: dict[str, str], sentence: str) -> None:
    html = send(browser(user()), name="郑晓禾", **typed)
    assert sentence in words(html)
    assert "<title>错误：记录来电" in html
    assert 'value="郑晓禾"' in html
    assert Contact.objects.count() == 0


# -- once ------------------------------------------------------------------------------------------------------------


def test_a_double_click_registers_once(monkeypatch: pytest.MonkeyPatch) -> None:
    client = browser(user())
    seen = page(client, FORM)
    first = send(client, seen_in=seen, unit=str(unit("housing").id))
    set_clock(monkeypatch, NOW + timedelta(seconds=2))
    second = send(client, seen_in=seen, unit=str(unit("housing").id))
    assert Contact.objects.count() == 1
    assert Refusal.objects.count() == 0
    number = Case.objects.get().number
    assert number in first
    assert number in second


def test_going_back_and_changing_the_words_asks_whether_it_is_another_call() -> None:
    client = browser(user())
    seen = page(client, FORM)
    send(client, seen_in=seen)
    html = send(client, seen_in=seen, content="电梯停了五天")
    assert "看上一次登记的" in words(html)
    assert "电梯停了五天" in html
    assert Contact.objects.count() == 1
    send(client, seen_in=html, content="电梯停了五天")  # yes, it is
    assert Contact.objects.count() == 2


# -- who -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.UNIT, Role.SUPERVISOR, Role.ADMIN])
def test_nobody_else_records(role: Role) -> None:
    client = browser(user("other", role, unit("housing")))
    assert client.get(FORM).status_code == 404
    assert client.post(FORM, MATTER).status_code == 404
    assert Contact.objects.count() == 0


def test_the_query_code_is_shown_to_who_wrote_it_down_and_for_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    client = browser(user())
    send(client)
    receipt = f"/desk/contacts/{Contact.objects.get().id}/receipt/"
    assert client.get(receipt).status_code == 200
    assert browser(user("colleague")).get(receipt).status_code == 404
    assert browser().get(receipt).status_code == 302
    set_clock(monkeypatch, NOW + timedelta(hours=1, seconds=1))
    assert client.get(receipt).status_code == 404


@pytest.mark.parametrize("contact_id", [0, 999999, 2**63, 10**30])
def test_a_receipt_that_is_none_is_not_found(contact_id: int) -> None:
    assert browser(user()).get(f"/desk/contacts/{contact_id}/receipt/").status_code == 404


def test_without_a_rulebook_in_force_the_page_says_who_can_help(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, at(1, 1, year=2025))
    assert "本市还没有现行规则" in page(browser(user()), FORM)


def test_back_and_register_again_asks_first_whether_it_is_another_call() -> None:
    client = browser(user())
    send(client)

    refilled = send(client, contact_phone="")  # Back fetches the form anew; the browser fills in words, not the phone
    assert "如果这是另一次来电，请再按一次“登记”" in words(refilled)
    assert Contact.objects.count() == 1

    send(client, seen_in=refilled, again="yes")
    assert Contact.objects.count() == 2
