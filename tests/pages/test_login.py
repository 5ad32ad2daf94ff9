"""Signing in and out: password, lock-out, second factor, language, and what every answer carries."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.test.utils import override_settings
from django.urls import NoReverseMatch, reverse

from huying.people.models import User
from huying.rules.access import Role
from tests.builders import unit, user
from tests.pages.reading import page, words

pytestmark = pytest.mark.django_db

LOGIN = "/account/login/"
LIST = "/desk/cases/"
PASSWORD = "a password of words"


@pytest.fixture(autouse=True)
def no_earlier_attempts() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def clerk() -> User:
    return user("clerk", Role.OFFICE, unit())


def sign_in(client: Client, name: str = "clerk", password: str = PASSWORD, **more: str) -> HttpResponse:
    return client.post(LOGIN, {"login": name, "password": password, **more})  # type: ignore[return-value]


def text(answer: HttpResponse) -> str:
    return words(answer.content.decode())


def is_in(client: Client) -> bool:
    return client.get(LIST).status_code == 200


# -- the password ----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("clerk")
def test_the_right_password_leads_to_the_register() -> None:
    client = Client()
    assert sign_in(client)["Location"] == "/desk/"
    assert is_in(client)


@pytest.mark.usefixtures("clerk")
@pytest.mark.parametrize(("name", "password"), [("clerk", "wrong"), ("nobody", PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_get_the_same_words(name: str, password: str) -> None:
    client = Client()
    answer = sign_in(client, name, password)
    html = answer.content.decode()
    assert "<title>错误：登录 · 呼应</title>" in html
    assert text(answer).count("用户名或密码不对，请再输一次") == 1
    assert 'href="#id_login"' in html
    assert f'value="{name}"' in html  # what was typed stays, but not the password
    assert password not in html
    assert not is_in(client)


def test_an_empty_form_says_what_is_missing_at_each_field() -> None:
    answer = Client().post(LOGIN, {})
    assert "错误：有 2 处要改" in text(answer)  # type: ignore[arg-type]
    assert text(answer).count("错误：这一项还没有填") == 2  # type: ignore[arg-type]


@pytest.mark.usefixtures("clerk")
def test_a_name_with_a_nul_is_a_mistake_and_no_fault() -> None:
    assert sign_in(Client(), "cle\0rk").status_code == 200


@pytest.mark.usefixtures("clerk")
def test_after_five_failures_even_the_right_password_waits() -> None:
    for _ in range(5):
        assert "用户名或密码不对" in text(sign_in(Client(), password="wrong"))
    client = Client()
    assert "试的次数太多了，请过 5 分钟再试" in text(sign_in(client))
    assert not is_in(client)


@pytest.mark.usefixtures("clerk")
def test_somebody_elses_failures_lock_nobody_out() -> None:
    user("other", Role.OFFICE, unit())
    for _ in range(5):
        sign_in(Client(), "other", "wrong")
    assert sign_in(Client()).status_code == 302


@pytest.mark.usefixtures("clerk")
def test_too_many_attempts_from_one_address_get_a_page_of_ours() -> None:
    answers = [sign_in(Client(), f"name{n}", "wrong") for n in range(31)]
    assert [answer.status_code for answer in answers[:30]] == [200] * 30
    assert answers[30].status_code == 429
    assert "请等一会儿再试" in text(answers[30])
    assert '<link rel="stylesheet"' in answers[30].content.decode()


def test_somebody_switched_off_is_told_so_and_stays_outside(clerk: User) -> None:
    client = Client()
    sign_in(client)
    User.objects.filter(id=clerk.id).update(is_active=False)
    assert not is_in(client)  # the session that was open ends too
    answer = client.post(LOGIN, {"login": "clerk", "password": PASSWORD}, follow=True)
    assert "这个账号停用了" in text(answer)  # type: ignore[arg-type]
    assert not is_in(client)


# -- sessions, the way on, the way out -----------------------------------------------------------------------------


@pytest.mark.usefixtures("clerk")
def test_a_session_ends_with_the_browser_and_its_cookie_is_for_the_server_alone() -> None:
    client = Client()
    sign_in(client)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["max-age"], cookie["expires"]) == ("", "")
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@pytest.mark.usefixtures("clerk")
def test_one_comes_to_the_page_that_was_asked_for() -> None:
    assert sign_in(Client(), next=f"{LIST}?show=all")["Location"] == f"{LIST}?show=all"


@pytest.mark.usefixtures("clerk")
@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "http:evil.example", "\0"],
)
def test_next_leads_to_no_other_host(elsewhere: str) -> None:
    assert sign_in(Client(), next=elsewhere)["Location"] == "/desk/"
    answer = Client().post("/language/", {"language": "en", "next": elsewhere})
    assert answer["Location"].startswith("/")
    assert "evil" not in answer["Location"]


@pytest.mark.usefixtures("clerk")
def test_one_signs_out_by_a_button_and_never_by_a_link() -> None:
    client = Client()
    sign_in(client)
    assert "现在退出吗？" in page(client, "/account/logout/")
    assert is_in(client)
    assert client.post("/account/logout/").status_code == 302
    assert not is_in(client)


@pytest.mark.parametrize(
    "path",
    [
        "/account/signup/",
        "/account/password/reset/",
        "/account/password/change/",
        "/account/email/",
        "/account/confirm-email/",
        "/account/social/signup/",
        "/account/3rdparty/",
        "/admin/",
    ],
)
def test_nobody_registers_or_resets_anything_by_themselves(path: str) -> None:
    assert Client().get(path).status_code == 404
    assert Client().post(path).status_code == 404
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")


# -- the second factor ---------------------------------------------------------------------------------------------


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))


def set_up_a_second_factor(client: Client) -> str:
    """Sign in, confirm the password if asked, scan, enter the code; return the secret that was shown."""
    sign_in(client)
    html = page_after(client.get("/account/2fa/totp/activate/", follow=True))
    if "请再确认一次是您本人" in html:
        answer = client.post("/account/reauthenticate/?next=/account/2fa/totp/activate/", {"password": PASSWORD})
        html = page_after(client.get(answer["Location"]))
    found = re.search(r'<span class="hash">([A-Z2-7]{16,})</span>', html)
    assert found is not None
    assert 'src="data:image/svg+xml' in html
    assert client.post("/account/2fa/totp/activate/", {"code": code_of(found[1])}).status_code == 302
    cache.clear()  # a code counts once; the next sign-in may fall into the same half minute
    return found[1]


def page_after(answer: object) -> str:
    return unescape(answer.content.decode())  # type: ignore[attr-defined]


@pytest.mark.usefixtures("clerk")
def test_a_second_factor_is_asked_for_at_the_next_sign_in() -> None:
    secret = set_up_a_second_factor(Client())
    client = Client()
    assert sign_in(client)["Location"] == "/account/2fa/authenticate/"
    assert not is_in(client)
    wrong = client.post("/account/2fa/authenticate/", {"code": "000000"})
    assert "数字不对" in text(wrong)  # type: ignore[arg-type]
    assert not is_in(client)
    client.post("/account/2fa/authenticate/", {"code": code_of(secret)})
    assert is_in(client)


@pytest.mark.usefixtures("clerk")
def test_the_secret_of_a_second_factor_lies_sealed_in_the_database() -> None:
    secret = set_up_a_second_factor(Client())
    stored = [str(one.data) for one in Authenticator.objects.all()]
    assert stored
    assert all(secret not in data for data in stored)


@pytest.mark.usefixtures("clerk")
def test_a_second_factor_is_set_up_only_by_who_knows_the_password() -> None:
    client = Client()
    client.force_login(User.objects.get())
    assert "请再确认一次是您本人" in page_after(client.get("/account/2fa/totp/activate/", follow=True))


# -- the language --------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("clerk")
def test_a_language_once_chosen_stays_also_after_signing_in() -> None:
    client = Client()
    assert client.post("/language/", {"language": "en", "next": LOGIN})["Location"] == LOGIN
    html = page(client, LOGIN)
    assert '<html lang="en">' in html
    assert "Sign in" in html
    sign_in(client)
    assert "Register" in page(client, LIST)
    client.post("/language/", {"language": "zh-hans", "next": LIST})
    assert "登记清单" in page(client, LIST)


@pytest.mark.parametrize("accepted", ["zh-CN", "zh", "zh-TW", "fr", ""])
def test_whoever_prefers_no_english_gets_chinese(accepted: str) -> None:
    headers = {"Accept-Language": accepted} if accepted else {}
    assert '<html lang="zh-CN">' in page(Client(), LOGIN, **headers)


def test_a_language_that_we_do_not_speak_changes_nothing() -> None:
    client = Client()
    client.post("/language/", {"language": "fr"})
    assert '<html lang="zh-CN">' in page(client, LOGIN)


# -- what every answer carries ---------------------------------------------------------------------------------------


def test_a_form_without_its_token_is_refused_in_our_frame() -> None:
    answer = Client(enforce_csrf_checks=True).post(LOGIN, {"login": "clerk", "password": PASSWORD})
    assert answer.status_code == 403
    assert "没有保存" in answer.content.decode()
    assert '<link rel="stylesheet"' in answer.content.decode()


HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


@pytest.mark.usefixtures("clerk")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        (LOGIN, 200),
        (LIST, 200),
        ("/", 200),
        ("/desk/", 200),
        ("/nothing/", 404),
        ("/desk/cases", 301),
        ("/static/huying.css", 200),
        ("/static/favicon.svg", 200),
        ("/static/nothing.css", 404),
    ],
)
def test_every_answer_carries_the_security_headers(path: str, status: int) -> None:
    client = Client()
    client.force_login(User.objects.get())
    if path == LOGIN:
        client.logout()
    answer = client.get(path)
    answer.close()
    assert answer.status_code == status
    assert {name: answer[name] for name in HEADERS} == HEADERS


def test_a_fault_is_answered_in_our_frame_with_the_headers_too(
    clerk: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("huying.pages.desk.register.totals", lambda *_: 1 / 0)
    client = Client(raise_request_exception=False)
    client.force_login(clerk)
    answer = client.get(LIST)
    assert answer.status_code == 500
    assert "这里出了错，不是您的问题" in answer.content.decode()
    assert "ZeroDivisionError" not in answer.content.decode()
    assert {name: answer[name] for name in HEADERS} == HEADERS


@pytest.mark.usefixtures("clerk")
def test_pages_with_cases_are_kept_by_no_cache() -> None:
    client = Client()
    sign_in(client)
    for path in (LIST, f"{LIST}YC-2026-000001/", "/account/2fa/"):
        assert "no-store" in client.get(path)["Cache-Control"], path


@override_settings(ALLOWED_HOSTS=["huying.example"])
def test_a_host_that_we_are_not_is_refused() -> None:
    assert Client().get(LOGIN, headers={"Host": "evil.example"}).status_code == 400
