"""A form whose session has ended, or whose token is of an earlier one: nothing is done, nothing typed is lost."""

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from huying.cases.models import Case
from huying.cases.rulebooks import put_in_force
from huying.people.models import User
from huying.rules.access import Actor
from tests.builders import PHONE, at, received, unit, user, version
from tests.pages.reading import page, set_clock, words
from tests.pages.test_login import code_of, set_up_a_second_factor

pytestmark = pytest.mark.django_db

PASSWORD = "a password of words"
FORM = "/desk/contacts/new/"
MATTER = {"channel": "phone_mobile", "contact_phone": PHONE, "content": "小区供暖管道漏水", "kind": "problem"}
NOW = at(3, 11, 10)


@pytest.fixture(autouse=True)
def wednesday(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Wednesday, 11 March 2026, 10:00."""
    set_clock(monkeypatch, NOW)


@pytest.fixture
def clerk() -> User:
    unit("housing")
    put_in_force(version(), at(1, 5).date(), NOW, Actor.system())
    return user("clerk")


def strict(of: User) -> Client:
    """Return a browser whose forms need their CSRF token, as real ones do."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(of)
    return client


def hidden(html: str) -> dict[str, str]:
    main = html[html.index("<main") :]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', main))


def sign_in(client: Client, path: str, name: str = "clerk") -> str:
    token = hidden(page(client, path))["csrfmiddlewaretoken"]
    answer = client.post(path, {"login": name, "password": PASSWORD, "csrfmiddlewaretoken": token}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_after_signing_in_again_the_form_is_filled_and_can_be_sent(clerk: User) -> None:
    client = strict(clerk)
    carried = hidden(page(client, FORM))
    Session.objects.all().delete()
    answer = client.post(FORM, {**carried, **MATTER})
    assert answer["Location"] == f"/account/login/?next={FORM}"
    html = page(client, answer["Location"])
    assert "登录过期了。您填的内容还在" in words(html)
    html = sign_in(client, answer["Location"])
    assert "小区供暖管道漏水" in html
    assert f'value="{PHONE}"' in html
    answer = client.post(FORM, {**hidden(html), **MATTER}, follow=True)
    assert "登记好了" in words(answer.content.decode())
    assert Case.objects.count() == 1
    assert "小区供暖管道漏水" not in page(client, FORM)


def test_a_form_of_a_case_is_kept_the_same_way(clerk: User) -> None:
    case, client = received(), strict(clerk)
    path = f"/desk/cases/{case.number}/"
    carried = hidden(page(client, path))
    housing = str(unit("housing").id)
    client.cookies.pop("sessionid")
    answer = client.post(path, {**carried, "verb": "assign", "unit": housing})
    html = sign_in(client, answer["Location"])
    assert f'<option value="{housing}" selected>' in html
    assert Case.objects.get().stage == "received"
    answer = client.post(path, {**hidden(html), "verb": "assign", "unit": housing}, follow=True)
    assert "已经交办。" in words(answer.content.decode())


def test_the_token_of_an_earlier_session_loses_nothing_either(clerk: User) -> None:
    """Somebody signs in again in another window and then sends the form of the first."""
    client = strict(clerk)
    carried = hidden(page(client, FORM))
    client.cookies.pop("sessionid")
    sign_in(client, "/account/login/")
    answer = client.post(FORM, {**carried, **MATTER})
    assert (answer.status_code, answer["Location"]) == (302, FORM)
    html = page(client, FORM)
    assert "还没有保存" in words(html)
    assert "小区供暖管道漏水" in html
    assert Case.objects.count() == 0
    client.post(FORM, {**hidden(html), **MATTER})
    assert Case.objects.count() == 1


def test_somebody_else_who_signs_in_sees_nothing_of_it(clerk: User) -> None:
    user("other")
    client = strict(clerk)
    carried = hidden(page(client, FORM))
    client.cookies.pop("sessionid")
    answer = client.post(FORM, {**carried, **MATTER})
    assert "小区供暖管道漏水" not in sign_in(client, answer["Location"], "other")


def test_after_an_hour_it_is_gone(clerk: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = strict(clerk)
    carried = hidden(page(client, FORM))
    client.cookies.pop("sessionid")
    answer = client.post(FORM, {**carried, **MATTER})
    set_clock(monkeypatch, NOW + timedelta(hours=1))
    assert "小区供暖管道漏水" not in sign_in(client, answer["Location"])


def test_what_is_kept_lies_sealed_in_the_database(clerk: User) -> None:
    client = strict(clerk)
    carried = hidden(page(client, FORM))
    client.cookies.pop("sessionid")
    client.post(FORM, {**carried, **MATTER})
    stored = [session.get_decoded() for session in Session.objects.all()]
    assert any("kept" in session for session in stored)
    assert PHONE not in str(stored)


@pytest.mark.parametrize("by", ["", "1", "1:forged", "\0"])
def test_a_form_that_is_none_of_ours_leaves_nothing(clerk: User, by: str) -> None:
    client = Client(enforce_csrf_checks=True)
    sessions = Session.objects.count()
    assert client.post(FORM, {**MATTER, "by": by}).status_code == 403
    assert Session.objects.count() == sessions


def test_a_petition_of_thirty_pages_is_kept(clerk: User) -> None:
    client = strict(clerk)
    carried = hidden(page(client, FORM))
    client.cookies.pop("sessionid")
    answer = client.post(FORM, {**carried, **MATTER, "content": "漏水" * 12_000})
    assert "漏水" * 12_000 in sign_in(client, answer["Location"])


def test_what_is_longer_than_anybody_types_is_not_kept(clerk: User) -> None:
    client = strict(clerk)
    carried = hidden(page(client, FORM))
    client.cookies.pop("sessionid")
    client.post(FORM, {**carried, **MATTER, "content": "漏" * 100_001})
    assert not any("kept" in session.get_decoded() for session in Session.objects.all())


def test_it_outlives_the_second_factor_too(clerk: User) -> None:
    cache.clear()
    secret = set_up_a_second_factor(Client())
    client = Client()
    client.force_login(clerk)
    carried = hidden(page(client, FORM))
    client.cookies.pop("sessionid")
    client.post(FORM, {**carried, **MATTER})
    assert client.post("/account/login/", {"login": "clerk", "password": PASSWORD, "next": FORM}).status_code == 302
    answer = client.post("/account/2fa/authenticate/", {"code": code_of(secret)}, follow=True)
    assert "小区供暖管道漏水" in answer.content.decode()
