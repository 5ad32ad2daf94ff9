"""提醒: what citizens tell of impostors reaches the office, which warns everybody on all public pages, dated."""

from xml.etree import ElementTree as ET

import pytest

from huying.cases.rulebooks import put_in_force
from huying.directory.models import PublicNotice
from huying.rules.access import STAFF, Actor, Role
from tests.builders import at, unit, user, version
from tests.pages.reading import browser, page, set_clock, words

pytestmark = pytest.mark.django_db
IMPOSTORS, CHECK, FEED = "/desk/impostors/", "/check/", "/notices.atom"
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def tuesday(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Tuesday, 17 March 2026, 9:00."""
    put_in_force(version(), at(1, 5).date(), at(1, 5), Actor.system())
    set_clock(monkeypatch, at(3, 17, 9))


def told(text: str = "冒充市长，号码 13911112222，我是张三，身份证 11010519491231002X") -> None:
    browser().post(CHECK, {"text": text, "do": "tell", "token": "t" * 32})


def test_the_office_reads_what_was_told_masked_but_for_the_impostors_number() -> None:
    told()
    seen = words(page(browser(user()), IMPOSTORS))
    assert "冒充市长" in seen
    assert "13911112222" in seen
    assert "11010519491231002X" not in seen


def test_a_click_fills_a_notice_and_another_puts_it_on_every_public_page_until_it_is_ended() -> None:
    told()
    client = browser(user())
    form = page(client, f"{IMPOSTORS}?about=13911112222")
    assert "有人用 13911112222 冒充市里的领导" in words(form)

    client.post(IMPOSTORS, {"text": "有人用 13911112222 冒充市长", "text_en": "A false mayor: 13911112222"})

    for path in ("/", "/report/", "/track/", CHECK, "/directory/"):
        assert "提醒 03-17 周二 09:00 有人用 13911112222 冒充市长" in words(page(browser(), path))
    assert "A false mayor: 13911112222" in words(page(browser(), "/", **{"accept-language": "en"}))

    client.post(IMPOSTORS, {"end": PublicNotice.objects.get().id})
    assert "冒充市长" not in words(page(browser(), "/"))


@pytest.mark.parametrize(
    ("text", "why"), [("", "请写要提醒大家什么"), ("啊" * 301, "最多 300 个字"), ("\0", "请写要提醒")]
)
def test_a_notice_that_says_nothing_or_too_much_is_refused(text: str, why: str) -> None:
    answer = browser(user()).post(IMPOSTORS, {"text": text})
    assert why in words(answer.content.decode())
    assert not PublicNotice.objects.exists()


def test_a_notice_that_has_ended_or_never_was_cannot_be_ended() -> None:
    assert browser(user()).post(IMPOSTORS, {"end": "7"}).status_code == 404


@pytest.mark.parametrize("role", [role for role in STAFF if role is not Role.OFFICE])
def test_nobody_but_the_office_finds_the_page(role: Role) -> None:
    assert browser(user("other", role, unit())).get(IMPOSTORS).status_code == 404


def test_notices_are_a_feed_that_readers_understand_and_keep() -> None:
    PublicNotice.objects.create(at=at(3, 16), text="<b>假</b>号码 & 短信", actor="user:1", ended_at=at(3, 17))
    answer = browser().get(FEED)
    assert answer["Content-Type"].startswith("application/atom+xml")
    [entry] = ET.fromstring(answer.content).findall(f"{ATOM}entry")  # noqa: S314  # our own
    assert entry.findtext(f"{ATOM}title") == "<b>假</b>号码 & 短信"
    assert (entry.findtext(f"{ATOM}published") or "").startswith("2026-03-1")
