"""提醒: what citizens tell of impostors reaches the office, which warns everybody on all public pages, dated."""

from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from huying.cases.models import Contact
from huying.cases.rulebooks import put_in_force
from huying.directory.models import PublicNotice
from huying.rules.access import STAFF, Actor, Role
from huying.vault.models import Reveal
from tests.builders import at, unit, user, version
from tests.pages.public.city import official
from tests.pages.reading import browser, page, set_clock, words

pytestmark = pytest.mark.django_db
IMPOSTORS, CHECK, FEED = "/desk/impostors/", "/check/", "/notices.atom"
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def tuesday(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Tuesday, 17 March 2026, 9:00."""
    put_in_force(version(), at(1, 5).date(), at(1, 5), Actor.system())
    set_clock(monkeypatch, at(3, 17, 9))


def told(
    text: str = "冒充市长，号码 13911112222，我是张三，身份证 11010519491231002X", token: str = "t" * 32
) -> None:
    browser().post(CHECK, {"text": text, "do": "tell", "token": token})


def drafted(client: Client) -> str:
    """Return the page after a press on the button of the latest report."""
    return client.post(IMPOSTORS, {"about": Contact.objects.latest("id").id}).content.decode()


def test_the_office_reads_what_was_told_masked_the_numbers_too() -> None:
    told()
    seen = words(page(browser(user()), IMPOSTORS))
    assert "冒充市长" in seen
    assert "139****2222" in seen
    assert "13911112222" not in seen
    assert "11010519491231002X" not in seen


def test_whoever_drafts_a_notice_sees_the_numbers_and_the_look_is_logged() -> None:
    told()
    clerk = user()
    assert not Reveal.objects.exists()
    seen = words(drafted(browser(clerk)))
    assert "13911112222 03-17" in seen
    look = Reveal.objects.get()
    assert (look.actor, look.chain_id) == (f"user:{clerk.pk}", Contact.objects.get().id)


def test_a_report_that_is_none_is_not_found_and_nothing_is_logged() -> None:
    assert browser(user()).post(IMPOSTORS, {"about": "7"}).status_code == 404
    assert not Reveal.objects.exists()


def test_a_click_fills_a_notice_and_another_puts_it_on_every_public_page_until_it_is_ended() -> None:
    told()
    client = browser(user())
    form = drafted(client)
    assert "有人用 13911112222 冒充市里的领导" in words(form)
    assert not PublicNotice.objects.exists()

    client.post(IMPOSTORS, {"text": "有人用 13911112222 冒充市长", "text_en": "A false mayor: 13911112222"})

    for path in ("/", "/report/", "/track/", CHECK, "/directory/"):
        assert "提醒 3 月 17 日（周二） 有人用 13911112222 冒充市长" in words(page(browser(), path))
    assert "A false mayor: 13911112222" in words(page(browser(), "/", **{"accept-language": "en"}))

    client.post(IMPOSTORS, {"end": PublicNotice.objects.get().id})
    assert "冒充市长" not in words(page(browser(), "/"))


def test_nobody_is_warned_of_the_citys_own_number_nor_of_the_police() -> None:
    official("mayor", "沈砚青", value="0500-555 0101")
    client = browser(user())
    told("0500-555 0101 13911112222 110")
    mixed = words(drafted(client))
    assert "有人用 13911112222 冒充" in mixed
    told("冒充市长的电话是 0500-555 0101", "u" * 32)
    forged = drafted(client)
    assert "显示的号码是伪造的" in words(forged)
    assert "0500-555 0101" not in forged[forged.index("<textarea") : forged.rindex("</textarea>")]


def test_a_notice_stands_once_however_often_the_button_is_pressed() -> None:
    client = browser(user())
    for _ in range(2):
        client.post(IMPOSTORS, {"text": "有人冒充市长"})
    client.post(IMPOSTORS, {"end": PublicNotice.objects.get().id})
    client.post(IMPOSTORS, {"text": "有人冒充市长"})
    assert PublicNotice.objects.filter(ended_at=None).count() == 1


def test_the_office_finds_new_reports_on_its_day_until_everybody_is_warned_or_a_week_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told()
    client = browser(user())
    assert "举报冒充 1 近 7 天，还没有提醒大家" in words(page(client, "/desk/"))
    assert "举报冒充" not in words(page(browser(user("op", Role.OPERATOR)), "/desk/"))
    set_clock(monkeypatch, at(3, 24, 10))
    assert "举报冒充" not in words(page(client, "/desk/"))
    set_clock(monkeypatch, at(3, 18, 10))
    client.post(IMPOSTORS, {"text": "有人冒充市长"})
    assert "举报冒充" not in words(page(client, "/desk/"))


@pytest.mark.parametrize(
    ("text", "why"), [("", "请写要提醒大家什么"), ("啊" * 301, "最多 300 个字"), ("\0", "请写要提醒")]
)
def test_a_notice_that_says_nothing_or_too_much_is_refused(text: str, why: str) -> None:
    answer = browser(user()).post(IMPOSTORS, {"text": text})
    assert why in words(answer.content.decode())
    assert not PublicNotice.objects.exists()


def test_a_notice_leaves_the_pages_after_its_last_day_which_is_a_month_ahead_unless_the_office_says_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = browser(user())
    assert 'value="2026-04-16"' in page(client, IMPOSTORS)
    client.post(IMPOSTORS, {"text": "有人冒充市长", "until": "2026-03-18"})
    assert "放到 03-18 为止" in words(page(client, IMPOSTORS))
    set_clock(monkeypatch, at(3, 18, 23))
    assert "有人冒充市长" in words(page(browser(), "/"))
    set_clock(monkeypatch, at(3, 19, 0, 1))
    assert "有人冒充市长" not in words(page(browser(), "/"))
    assert "有人冒充市长" not in words(page(client, IMPOSTORS))
    client.post(IMPOSTORS, {"text": "有人冒充市长", "until": ""})
    assert "有人冒充市长" in words(page(browser(), "/"))


@pytest.mark.parametrize("day", ["2026-03-16", "明天", "2026-02-30"])
def test_a_last_day_that_is_over_or_none_is_refused_and_nothing_is_lost(day: str) -> None:
    html = browser(user()).post(IMPOSTORS, {"text": "有人冒充市长", "until": day}).content.decode()
    assert words(html).count("请写今天或以后的一天") == 2
    assert "有人冒充市长</textarea>" in html
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
    assert ET.fromstring(answer.content).find(f"{ATOM}author") is not None  # noqa: S314  # a feed without one isn't valid
    assert f'href="{FEED}"' in page(browser(), "/")
    assert (entry.findtext(f"{ATOM}published") or "").startswith("2026-03-1")
