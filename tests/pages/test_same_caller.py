"""同一号码来过, 职务交接: what came from a phone before is suggested; a post is handed over after a preview."""

from datetime import timedelta

import pytest

from huying.cases.models import Case, Contact
from huying.cases.rulebooks import put_in_force
from huying.people.models import User
from huying.rules.access import Actor, Role
from huying.rules.commands import MarkNuisance
from tests.builders import NOW, PHONE, at, case_of, clerk, do, held_by, post, received, unit, user, version
from tests.pages.reading import browser, page, set_clock, words

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=2)
NEW = "/desk/contacts/new/"
TRANSFER = "/desk/posts/transfer/"


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, LATER)
    put_in_force(version(), at(1, 5).date(), NOW, Actor.system())


def looked(of: User, **said: str) -> str:
    answer = browser(of).post(NEW, {"look": "yes", **said})
    assert answer.status_code == 200
    return words(answer.content.decode())


def same_caller(of: User, case: Case) -> str:
    return words(page(browser(of), f"/desk/cases/{case.number}/same-caller/"))


def test_the_page_names_the_other_cases_of_the_phone() -> None:
    here, other = case_of(received()), case_of(received(post=post("mayor").id))
    stranger = case_of(received(phone="13900000002"))
    said = same_caller(user(), here)
    assert other.number in said
    assert stranger.number not in said
    assert PHONE not in said


def test_whoever_may_not_see_the_case_gets_404() -> None:
    here = case_of(received())
    nobody = browser(user("other", Role.UNIT, unit("works"))).get(f"/desk/cases/{here.number}/same-caller/")
    assert nobody.status_code == 404
    assert browser(user()).get("/desk/cases/YC-2026-999999/same-caller/").status_code == 404


def test_a_phone_that_came_once_is_said_to_have_come_once() -> None:
    assert "没有来过别的事" in same_caller(user(), case_of(received()))


def test_how_to_end_the_call_of_a_nuisance_politely_is_said_beside_the_callers_other_matters() -> None:
    here, marked = case_of(received()), received()
    do(marked, MarkNuisance("一天四十次", LATER + timedelta(days=30), "陈立新"), NOW, clerk())
    said = same_caller(user(), here)
    assert "来电照样登记，期限不变" in said
    assert "请把电话让给别的群众" in said


def test_whoever_takes_a_call_can_look_whether_the_phone_came_before() -> None:
    here = case_of(received())
    clerk_ = user()
    assert here.number in looked(clerk_, contact_phone=PHONE, content="又漏了")
    assert "没有来过" in looked(clerk_, contact_phone="13900000009", content="又漏了")


def test_a_case_that_is_named_by_its_number_is_shown_before_anything_is_joined() -> None:
    here, secret = case_of(received()), case_of(received(confidential=True))
    said = looked(user(), joins=f" {here.number.lower()} ", follows="YC-2026-999999", content="又漏了")
    assert f"{here.number} 是这一件： 小区供暖管道漏水" in said
    assert "没有来过" not in said  # nobody typed a phone
    for hidden in (secret.number, "YC-2026-999999", "\0"):
        assert "是这一件" not in looked(User.objects.get(username="clerk"), joins=hidden, content="又漏了")


def test_looking_registers_nothing_and_keeps_what_was_typed() -> None:
    assert "又漏了，第二次" in looked(user(), contact_phone=PHONE, content="又漏了，第二次")
    assert not Contact.objects.exists()


# -- handing a post over ---------------------------------------------------------------------------------------------


def test_a_post_is_handed_over_after_a_preview() -> None:
    leader, mayor, vice = held_by(post("mayor")), post("mayor"), post("vice")
    case = case_of(received(post=mayor.id))
    client = browser(user("admin", Role.ADMIN))
    said = {"old": str(mayor.id), "new": str(vice.id)}
    preview = words(client.post(TRANSFER, said).content.decode())
    assert f"跟着过去的在办件 1 任期今天结束 测试{mayor.code}" in preview
    assert Case.objects.get(id=case.id).post == mayor
    assert client.post(TRANSFER, {**said, "confirm": "yes"}).status_code == 302
    assert Case.objects.get(id=case.id).post == vice
    assert case.number not in page(browser(leader))


def test_a_post_is_not_handed_over_to_itself_or_to_nobody() -> None:
    mayor = str(post("mayor").id)
    client = browser(user())
    assert "不能交给它自己" in client.post(TRANSFER, {"old": mayor, "new": mayor}).content.decode()
    assert "请从清单里选一个职务" in client.post(TRANSFER, {"old": mayor, "confirm": "yes"}).content.decode()


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.UNIT, Role.SUPERVISOR])
def test_only_office_and_administrators_hand_posts_over(role: Role) -> None:
    somebody = user("somebody", role, unit("works") if role is Role.UNIT else None)
    assert browser(somebody).get(TRANSFER).status_code == 404
