"""The one-time link on which somebody sets a password: once, within three days, and never for a stranger."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from huying.people import first_password
from huying.people.first_password import forget_password, link_parts
from huying.people.models import User
from huying.rules.access import Role
from tests.builders import unit
from tests.pages.reading import page, words

pytestmark = pytest.mark.django_db

NEW = "four words of mine"
DEAD = "这个链接不能用了"


@pytest.fixture(autouse=True)
def no_earlier_attempts() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def newcomer() -> User:
    return User.objects.create_user("qinsang", None, role=Role.OFFICE, full_name="秦桑𠮷🌊", unit=unit())


def link(of: User) -> str:
    return reverse("first_password", args=link_parts(of))


def choose(path: str, password: str = NEW, again: str | None = None) -> tuple[int, str]:
    data = {"password": password, "again": password if again is None else again}
    answer = Client().post(path, data, follow=True)
    return answer.status_code, words(answer.content.decode())


def signs_in(password: str, name: str = "qinsang") -> bool:
    return Client().post("/account/login/", {"login": name, "password": password}).status_code == 302


def test_the_page_says_whose_account_it_is_and_the_password_then_opens_it(newcomer: User) -> None:
    path = link(newcomer)
    html = page(Client(), path)
    assert "秦桑𠮷🌊，这是您的账号 qinsang 。" in words(html)
    assert 'autocomplete="new-password"' in html
    status, text = choose(path)
    assert (status, "密码设好了，请登录。登录后点上方您的姓名，可以设两步验证。" in text) == (200, True)
    assert signs_in(NEW)


def test_the_page_speaks_english_to_who_reads_english(newcomer: User) -> None:
    text = words(page(Client(), link(newcomer), **{"Accept-Language": "en"}))
    assert "Set your password" in text
    assert "this is your account qinsang . Once the password is set" in text


def test_nobody_signs_in_before_a_password_is_set(newcomer: User) -> None:
    assert not signs_in("")
    assert not signs_in(newcomer.password)


def test_a_used_link_sets_no_second_password(newcomer: User) -> None:
    path = link(newcomer)
    choose(path)
    status, text = choose(path, "another four words")
    assert (status, DEAD in text) == (404, True)
    assert Client().get(path).status_code == 404
    assert signs_in(NEW)


def test_of_two_who_send_the_form_at_once_only_one_sets_a_password(newcomer: User) -> None:
    read_before = User.objects.get(id=newcomer.id)
    assert first_password.set_password(newcomer, NEW)
    assert not first_password.set_password(read_before, "another four words")
    assert signs_in(NEW)


@pytest.mark.parametrize(("after", "status"), [(timedelta(days=3), 200), (timedelta(days=3, seconds=1), 404)])
def test_a_link_lives_for_three_days(
    newcomer: User, monkeypatch: pytest.MonkeyPatch, after: timedelta, status: int
) -> None:
    made = datetime(2026, 3, 10, 9, 15)  # noqa: DTZ001 - Django counts the seconds of its links without a zone
    monkeypatch.setattr(default_token_generator, "_now", lambda: made)
    path = link(newcomer)
    monkeypatch.setattr(default_token_generator, "_now", lambda: made + after)
    assert Client().get(path).status_code == status
    assert choose(path)[0] == status
    assert signs_in(NEW) == (status == 200)


def test_a_stranger_and_somebody_switched_off_get_the_same_page_as_for_a_used_link(newcomer: User) -> None:
    uid, token = link_parts(newcomer)
    User.objects.filter(id=newcomer.id).update(is_active=False)
    tried = [(uid, token), (uid, "x"), ("zzzzzzz", token), ("zzzzzzzzzzzzz", token), ("-", token), ("é" * 20, token)]
    for parts in tried:
        status, text = choose(reverse("first_password", args=parts))
        assert (status, DEAD in text) == (404, True), parts


@pytest.mark.parametrize(
    ("password", "again", "says"),
    [
        ("", "", "错误：有 2 处要改"),
        (NEW, "four words of mime", "错误：两次输的不一样"),
        ("short", "short", "错误：密码太短了，至少要 10 个字符"),
        ("qinsang-12", "qinsang-12", "错误：密码和用户名太像了"),
        ("password1234", "password1234", "错误：这个密码太常见了"),
    ],
    ids=["nothing", "two different ones", "short", "like the user name", "common"],
)
def test_a_password_that_will_not_do_is_refused_at_its_field(
    newcomer: User, password: str, again: str, says: str
) -> None:
    path = link(newcomer)
    status, text = choose(path, password, again)
    assert (status, says in text) == (200, True), text
    assert choose(path)[0] == 200  # the link still lives


def test_a_reset_ends_the_old_password_open_sessions_and_older_links(newcomer: User) -> None:
    older = link(newcomer)
    choose(older)
    at_work = Client()
    at_work.post("/account/login/", {"login": "qinsang", "password": NEW})
    assert at_work.get("/desk/cases/").status_code == 200
    newcomer.refresh_from_db()
    between = link(newcomer)
    forget_password(newcomer)
    assert not signs_in(NEW)
    assert at_work.get("/desk/cases/").status_code == 302
    assert [Client().get(path).status_code for path in (older, between, link(newcomer))] == [404, 404, 200]
