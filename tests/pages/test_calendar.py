"""放假安排: one person of the office pastes or names, another looks and decides; nobody else finds the pages."""

import re
from datetime import date

import pytest
from django.test import Client

from huying.cases.calendars import in_use, load
from huying.cases.days import Day
from huying.cases.models import CalendarProposal, CalendarVersion
from huying.cases.rulebooks import put_in_force
from huying.people.models import User
from huying.rules.access import STAFF, Actor, Role
from huying.rules.commands import Assign
from tests.builders import at, case_of, clerk, do, received, unit, user, version
from tests.pages.reading import browser, page, set_clock, words
from tests.rules.test_holiday_notice import INVENTED, TEXTS

pytestmark = pytest.mark.django_db

CALENDAR = "/desk/calendar/"
NOW = at(12, 30, 15)
NOTICE = {"what": "notice", "text": INVENTED}
LOCAL = {"what": "local", "day": "2027-04-09", "state": "off", "until": "", "source": "自治区通知（演练）"}


@pytest.fixture(autouse=True)
def wednesday(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Wednesday, 30 December 2026, 15:00."""
    set_clock(monkeypatch, NOW)
    put_in_force(version(), at(1, 5).date(), at(1, 5), Actor.system())


@pytest.fixture
def first() -> Client:
    return browser(user("first"))


@pytest.fixture
def second() -> Client:
    return browser(user("second"))


def sent(client: Client, path: str = CALENDAR, **said: str) -> str:
    answer = client.post(path, said, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def proposed(client: Client, **said: str) -> str:
    """Submit a form and return the address of what waits for the second person."""
    answer = client.post(CALENDAR, said | {"submit": "yes"})
    assert answer.status_code == 302, words(answer.content.decode())
    return str(answer["Location"])


def seen_in(html: str) -> str:
    found = re.search(r'name="seen" value="(\d+)"', html)
    assert found is not None
    return found[1]


def case(*, confidential: bool = False) -> str:
    """A case assigned Wed 30 December, of which Sun 3 January, once it is worked, moves two terms."""
    made = received(at(12, 30, 9), confidential=confidential)
    do(made, Assign(unit().id), at(12, 30, 10), clerk())
    return case_of(made).number


def test_the_years_say_whether_they_are_final(first: Client) -> None:
    said = words(page(first, CALENDAR))
    assert "2027 暂定 按周末和法定节日推算" in said
    assert "2026 已定 国务院办公厅关于2026年部分节假日安排的通知（国办发明电〔2025〕7号）" in said
    assert "还没有 2027 年的放假安排" in said


def test_a_pasted_notice_is_previewed_and_nothing_is_kept(first: Client) -> None:
    number = case()
    case(confidential=True)

    said = words(sent(first, **NOTICE))

    assert "预览：2027 年放假安排" in said
    assert "2027-01-03 周日 改为上班" in said
    assert "2027-02-12 周五 改为放假" in said
    assert "4 个在办期限会变 涉及 2 件： 4 个提前 ，0 个推后。" in said
    assert said.count(number) == 2
    assert "另有 2 个没有列出（保密件只计数）。" in said
    assert CalendarProposal.objects.count() == 0


def test_a_second_person_applies_what_the_first_submitted(first: Client, second: Client) -> None:
    case()
    where = proposed(first, **NOTICE)
    assert "这是您提出的" in words(page(first, where))
    assert "等第二个人确认 1 2027 年放假安排" in words(page(second, CALENDAR))

    looked = page(second, where)
    assert "2 个在办期限会变" in words(looked)
    done = words(sent(second, where, verb="apply", seen=seen_in(looked)))

    assert "已经启用。在办的期限正在重算。" in done
    assert "在办的期限正在重算，还剩 1 件。" in done
    assert "结果 已经启用，测试second" in done
    assert in_use(NOW).is_working(date(2027, 1, 3))
    assert "2027 已定 国务院办公厅关于2027年部分节假日安排的通知" in words(page(first, CALENDAR))
    assert "这一份已经有人处理过了" in words(sent(second, where, verb="apply", seen="0"))


def test_nobody_applies_their_own(first: Client) -> None:
    where = proposed(first, **NOTICE)
    assert 'name="seen"' not in page(first, where)
    assert "要请另一位同事确认" in words(sent(first, where, verb="apply", seen="0"))
    assert CalendarVersion.objects.count() == 0


def test_a_rejection_says_why_and_its_author_reads_it(first: Client, second: Client) -> None:
    where = proposed(first, **NOTICE)
    assert "请写明为什么不同意" in words(sent(second, where, verb="reject", reason=" "))
    assert "没有同意，日历照旧。" in words(sent(second, where, verb="reject", reason="端午和原文不一样"))
    assert "为什么 端午和原文不一样" in words(page(first, where))
    assert CalendarVersion.objects.count() == 0


def test_a_calendar_that_was_loaded_meanwhile_is_looked_at_first(first: Client, second: Client) -> None:
    where = proposed(first, **NOTICE)
    seen = seen_in(page(second, where))
    load({date(2027, 1, 2): Day(works=True)}, NOW, Actor.system())

    said = words(sent(second, where, verb="apply", seen=seen))

    assert "您打开以后日历有了变化，没有启用。" in said
    assert "2027-01-02 周六 改为放假" in said
    assert CalendarVersion.objects.count() == 1


def test_submitting_twice_proposes_once(first: Client, second: Client) -> None:
    assert proposed(first, **NOTICE) == proposed(first, **NOTICE) == proposed(second, **NOTICE)
    assert CalendarProposal.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "第 1 行：这不是放假安排的通知。请从"),
        ("关于端午节期间值班的通知\n各单位：", "第 1 行“关于端午节期间值班的通知各单位:”：这不是放假安排的通知"),
        (TEXTS["2026"], "第 1 行“国务院办公厅关于2026年部分节假日安排的通知”：这一年的放假安排已经定了"),
        (INVENTED.replace("2027年", "2019年"), "：呼应没有这么早的日历"),
        (INVENTED.replace("（周五）至2日", "（周四）至2日"), "第 6 行“1月1日(周四)”：2027-01-01 是周五"),
        (INVENTED + "长" * 50_000, "最多 50,000 个，请短一些"),
    ],
    ids=["empty", "another notice", "a final year", "before the table", "a slip", "too long"],
)
def test_what_is_no_notice_is_refused_with_its_line(first: Client, text: str, told: str) -> None:
    for submit in ({}, {"submit": "yes"}):
        html = sent(first, what="notice", text=text, **submit)
        assert told in words(html)
        assert text.strip()[:30] in html
    assert CalendarProposal.objects.count() == 0


def test_a_refusal_speaks_the_language_of_the_page(first: Client) -> None:
    first.cookies["django_language"] = "en"
    assert "line 1: this is no holiday notice" in words(sent(first, what="notice", text=" "))


def test_a_local_day_goes_through_two_persons(first: Client, second: Client) -> None:
    assert "2027-04-09 周五 改为放假" in words(sent(first, **LOCAL))
    where = proposed(first, **LOCAL)
    looked = page(second, where)
    assert "依据 自治区通知（演练）" in words(looked)
    sent(second, where, verb="apply", seen=seen_in(looked))
    assert not in_use(NOW).is_working(date(2027, 4, 9))
    assert "本地安排不受通知影响：2027-04-09 周五" in words(sent(first, **NOTICE))


def test_a_half_day_is_shown_with_its_hour(first: Client) -> None:
    half = LOCAL | {"day": "2026-12-31", "state": "half", "until": "12:00"}
    assert "12-31 周四 上班到 12:00" in words(sent(first, **half))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"day": "四月九日"}, "请填日期，如 2027-04-09"),
        ({"day": "2019-04-09"}, "年份不能早于日历里最早的一年"),
        ({"state": "perhaps"}, "请选这一天放假还是上班"),
        ({"state": "half"}, "请填上班到几点，如 12:00"),
        ({"state": "half", "until": "00:00"}, "请填上班到几点，如 12:00"),
        ({"source": " "}, "请写明依据"),
        ({"state": "on"}, "请选这一天放假还是上班"),
        ({"state": "worked"}, "这一天现在就是这样算的"),
    ],
)
def test_a_local_day_that_says_nothing_new_or_too_little_is_refused(
    first: Client, changes: dict[str, str], told: str
) -> None:
    assert told in words(sent(first, **LOCAL | changes))
    assert CalendarProposal.objects.count() == 0


@pytest.mark.parametrize("role", [role for role in STAFF if role is not Role.OFFICE])
def test_nobody_but_the_office_finds_the_pages(first: Client, role: Role) -> None:
    where = proposed(first, **NOTICE)
    other = browser(user("other", role, unit()))
    for path in (CALENDAR, where):
        assert other.get(path).status_code == 404
        assert other.post(path, {"verb": "apply", "seen": "0"} | NOTICE).status_code == 404
        assert browser().get(path).status_code == 302
    assert CalendarVersion.objects.count() == 0


def test_a_proposal_that_is_not_there_is_not_found(first: Client) -> None:
    for number in ("1", str(2**70)):
        assert first.get(f"{CALENDAR}{number}/").status_code == 404


def test_a_text_that_was_pasted_in_an_ended_session_is_there_again(first: Client) -> None:
    [by] = set(re.findall(r'name="by" value="([^"]+)"', page(first, CALENDAR)))
    first.logout()
    first.post(CALENDAR, NOTICE | {"by": by})
    first.force_login(User.objects.get(username="first"))
    assert "国务院办公厅关于2027年部分节假日安排的通知" in page(first, CALENDAR)


@pytest.mark.parametrize(("month", "day", "warned"), [(10, 31, False), (11, 1, True)])
def test_from_november_the_desk_of_the_office_misses_the_next_notice(
    monkeypatch: pytest.MonkeyPatch, first: Client, month: int, day: int, warned: bool
) -> None:
    set_clock(monkeypatch, at(month, day, 9))
    holder = browser(user("holder", Role.UNIT, unit()))
    assert ("还没有 2027 年的放假安排" in words(page(first, "/desk/"))) is warned
    assert ('<a href="/desk/calendar/">去粘贴通知' in page(first, "/desk/")) is warned
    assert "放假安排" not in words(page(holder, "/desk/"))
