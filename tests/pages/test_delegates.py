"""外出代理: the office names who stands in for a leader, sees who does, and ends it; what a delegate does says so."""

import pytest
from django.test import Client

from huying.cases.rulebooks import put_in_force
from huying.people.actors import actor_of
from huying.people.models import Delegate, Post, User
from huying.rules.access import STAFF, Actor, Role
from huying.rules.commands import Assign, Instruct, Note
from tests.builders import at, case_of, clerk, do, held_by, post, received, unit, user, version
from tests.pages.reading import browser, page, set_clock, words

pytestmark = pytest.mark.django_db

DELEGATES = "/desk/posts/delegates/"


@pytest.fixture(autouse=True)
def morning(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Tuesday, 10 March 2026, 10:00."""
    put_in_force(version(), at(1, 5).date(), at(1, 5), Actor.system())
    set_clock(monkeypatch, at(3, 10, 10))


@pytest.fixture
def mayor() -> Post:
    return post("mayor")


@pytest.fixture
def deputy() -> User:
    return held_by(post("deputy"))


def sent(client: Client, **said: object) -> str:
    answer = client.post(DELEGATES, said, follow=True)
    assert answer.status_code == 200
    return words(answer.content.decode())


def named(mayor: Post, deputy: User, **said: object) -> str:
    days = {"first": "2026-03-10", "last": "2026-03-12"}
    return sent(browser(user()), **{"post": mayor.id, "user": deputy.id} | days | said)


def test_the_office_names_a_delegate_and_ends_it_early(mayor: Post, deputy: User) -> None:
    seen = named(mayor, deputy)
    assert "代理记下了" in seen
    assert "测试leader-deputy 代理 mayor 2026年3月10日 至 2026年3月12日 代理中" in seen

    ended = sent(browser(user("second")), end=Delegate.objects.get().id)

    assert "代理结束了" in ended
    assert "没有人在代理" in ended


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"post": ""}, "请从清单里选一个职务"),
        ({"user": "x"}, "请选另一位领导"),
        ({"first": "明天"}, "请填日期"),
        ({"last": "2026-03-09"}, "最后一天不能早于第一天"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    mayor: Post, deputy: User, said: dict[str, str], why: str
) -> None:
    days = {"first": "2026-03-10", "last": "2026-03-12"}
    answer = browser(user()).post(DELEGATES, {"post": mayor.id, "user": deputy.id} | days | said)
    html = answer.content.decode()
    assert words(html).count(why) == 2  # at the head and at its field
    assert f'<option value="{deputy.id}" selected>' in html or "user" in said
    assert not Delegate.objects.exists()


def test_two_do_not_stand_in_on_one_day(mayor: Post, deputy: User) -> None:
    named(mayor, deputy)
    other = held_by(post("other"))
    seen = sent(browser(user("second")), post=mayor.id, user=other.id, first="2026-03-12", last="2026-03-20")
    assert "这几天里已经有人代理" in seen


def test_what_a_delegate_did_says_so_and_what_he_did_later_does_not(mayor: Post, deputy: User) -> None:
    named(mayor, deputy)
    case, housing = received(post=mayor.id), unit()
    do(case, Assign(housing.id), at(3, 10, 9, 30), clerk())
    acting = actor_of(deputy, at(3, 10, 10))
    do(case, Instruct("请优先办理", housing.id, at(3, 20, 9)), at(3, 10, 10), acting)
    number = case_of(case).number

    assert "测试leader-deputy（代理）" in words(page(browser(user("reader")), f"/desk/cases/{number}/"))
    assert "测试leader-deputy (delegate)" in words(
        page(browser(User.objects.get(username="reader")), f"/desk/cases/{number}/", **{"accept-language": "en"})
    )
    do(case, Note("已看"), at(3, 13, 10), Actor(acting.id, Role.OFFICE))
    assert words(page(browser(User.objects.get(username="reader")), f"/desk/cases/{number}/")).count("（代理）") == 1


@pytest.mark.parametrize("role", [role for role in STAFF if role not in (Role.OFFICE, Role.ADMIN)])
def test_nobody_else_finds_the_page(role: Role) -> None:
    assert browser(user("other", role, unit())).get(DELEGATES).status_code == 404
    assert browser(user("other2", role, unit())).post(DELEGATES, {"end": "1"}).status_code == 404


def test_who_does_not_stand_in_cannot_be_ended() -> None:
    assert browser(user()).post(DELEGATES, {"end": "9" * 30}).status_code == 404
