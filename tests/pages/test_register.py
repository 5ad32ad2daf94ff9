"""The register as everybody meets it: who sees which cases, what a row says, how far a list goes, what it costs."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest

from huying.cases.models import Case
from huying.cases.queries import PAGE
from huying.rules.access import Role
from huying.rules.commands import Assign, RecordVerdict
from huying.rules.vocabulary import Kind
from tests.builders import (
    NOW,
    PHONE,
    at,
    clerk,
    do,
    held_by,
    post,
    received,
    represented_by,
    unit,
    user,
    verified_case,
)
from tests.pages.reading import browser, page, set_clock, statements, words

pytestmark = pytest.mark.django_db

LIST = "/desk/cases/"


@pytest.fixture(autouse=True)
def wednesday(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Wednesday, 11 March 2026, 10:00."""
    set_clock(monkeypatch, at(3, 11, 10))


def rows(html: str) -> list[str]:
    return [words(row) for row in re.findall(r'<tr class="case-row".*?</tr>', html, re.DOTALL)]


def numbers(html: str) -> list[str]:
    return re.findall(r'class="title" href="/desk/cases/([^/"]+)/"', html)


# -- who ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.OFFICE, Role.OPERATOR, Role.SUPERVISOR])
def test_whoever_keeps_the_register_sees_every_case(role: Role) -> None:
    case = received()
    assert numbers(page(browser(user("reader", role)))) == [case.number]


def test_a_unit_sees_its_own_cases_and_no_others() -> None:
    mine, other = unit("housing"), unit("water")
    given, kept = received(), received(text="自来水发黄")
    do(given, Assign(mine.id), at(3, 10, 15), clerk())

    own = page(browser(user("holder", Role.UNIT, mine)))
    assert numbers(own) == [given.number]
    assert f"{kept.number}" not in own
    assert numbers(page(browser(user("other", Role.UNIT, other)))) == []


def test_a_unit_is_not_told_how_many_contacts_the_whole_city_had() -> None:
    received()
    assert "来电来信等" not in page(browser(user("holder", Role.UNIT, unit())))
    assert "来电来信等" in page(browser(user()))


def test_a_leader_and_the_liaison_see_the_calls_to_their_post_and_only_those_are_counted() -> None:
    mayor = post("mayor")
    mine, other = received(post=mayor.id), received(text="自来水发黄")
    for reader in (held_by(mayor), represented_by(mayor)):
        html = page(browser(reader))
        assert numbers(html) == [mine.number]
        assert f"{other.number}" not in html
        assert "立件 1 件" in words(html)
        assert "来电来信等" not in html


def test_discipline_sees_the_confidential_cases_alone() -> None:
    received()
    secret = received(confidential=True)
    assert numbers(page(browser(user("discipline", Role.DISCIPLINE)))) == [secret.number]


def test_an_admin_who_sees_no_case_finds_no_list_and_is_told_so_at_the_start() -> None:
    received()
    client = browser(user("somebody", Role.ADMIN))
    assert client.get(LIST).status_code == 404
    start = page(client, "/desk/")
    assert "这里还没有您的页面" in start
    assert LIST not in start


def test_a_stranger_is_asked_to_sign_in_and_comes_back_to_the_same_list() -> None:
    answer = browser().get(f"{LIST}?show=overdue")
    assert answer.status_code == 302
    assert answer["Location"] == "/account/login/?next=/desk/cases/%3Fshow%3Doverdue"


def test_a_stranger_at_the_door_of_the_desk_is_asked_to_sign_in() -> None:
    assert browser().get("/desk/")["Location"] == "/account/login/?next=/desk/"


def test_a_confidential_case_is_in_no_list_and_no_total() -> None:
    Case.objects.filter(number=received().number).update(confidential=True)
    html = page(browser(user()), f"{LIST}?show=all")
    assert numbers(html) == []
    assert "立件 0 件" in words(html)


# -- what a row says -----------------------------------------------------------------------------------------------


def test_a_row_names_the_matter_the_unit_the_stage_and_the_term() -> None:
    case = received(text="小区供暖管道漏水，三天无人维修")
    do(case, Assign(unit("housing").id), at(3, 10, 15), clerk())
    [row] = rows(page(browser(user())))
    assert row == f"小区供暖管道漏水 {case.number} 来电 03-10 周二 09:15 housing 已交办 还剩 2 个工作日"


def test_a_case_that_nobody_has_says_so() -> None:
    received()
    [row] = rows(page(browser(user())))
    assert "未交办 已登记" in row


@pytest.mark.parametrize(
    ("moment", "tag"),
    [
        (at(3, 10, 12), "还剩 1 个工作日"),  # Tuesday; the case has to be assigned by Wednesday 24:00
        (at(3, 11, 10), "今天 24:00 前"),
        (at(3, 11, 23, 59), "今天 24:00 前"),
        (at(3, 12), "超期 1 个工作日"),  # 24:00 of Wednesday is the end, and it is over
        (at(3, 16, 9), "超期 3 个工作日"),  # Monday after a weekend that doesn't count
    ],
)
def test_a_term_is_told_in_words(monkeypatch: pytest.MonkeyPatch, moment: datetime, tag: str) -> None:
    set_clock(monkeypatch, moment)
    received()
    [row] = rows(page(browser(user())))
    assert row.endswith(tag)


def test_the_same_row_in_english() -> None:
    received()
    client = browser(user())
    client.post("/language/", {"language": "en", "next": LIST})
    [row] = rows(page(client))
    assert row.endswith("Call Tue 10 Mar 09:15 Not assigned Received today by 24:00")


def test_the_year_of_an_old_case_is_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    received()
    set_clock(monkeypatch, at(1, 4, 9, year=2027))
    [row] = rows(page(browser(user())))
    assert "2026-03-10 周二 09:15" in row
    assert re.search(r"超期 \d{3} 个工作日", row)


def test_a_closed_case_says_when_it_ended_instead_of_a_term() -> None:
    case = verified_case(unit())
    do(case, RecordVerdict("satisfied"), at(3, 18, 10), clerk())
    html = page(browser(user()), f"{LIST}?show=closed")
    [row] = rows(html)
    assert row.endswith("housing 已销号 03-18 周三 10:00 办结")
    assert "办结时间" in html


def test_a_message_is_text_and_never_markup() -> None:
    received(text="<script>alert(1)</script>路灯坏了")
    html = page(browser(user()))
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_no_name_and_no_number_of_a_requester_is_in_the_list() -> None:
    received(name="郑晓禾")
    html = page(browser(user()))
    assert PHONE not in html
    assert "郑晓禾" not in html


# -- filters, totals, pages ----------------------------------------------------------------------------------------


def a_case_of_every_kind() -> dict[str, str]:
    """Return the numbers of an open, an overdue, a closed and a doubtful case, as they stand on 11 March."""
    closed = verified_case(unit())
    do(closed, RecordVerdict("satisfied"), at(3, 18, 10), clerk())
    late = received(at(3, 2, 9), text="井盖丢了")
    apart = received(at(3, 3, 9), text="只说了一句")
    Case.objects.filter(number=apart.number).update(
        stage="closed", closed_at=at(3, 9), closed_as="incomplete", due_at=None, due_step=None
    )
    numbers = {"open": received(text="路灯坏了"), "overdue": late, "closed": closed, "apart": apart}
    return {name: str(case.number) for name, case in numbers.items()}


@pytest.mark.parametrize(
    ("show", "expected"),
    [
        ("open", ["overdue", "open"]),
        ("overdue", ["overdue"]),
        ("closed", ["closed", "apart"]),
        ("all", ["open", "closed", "apart", "overdue"]),
    ],
)
def test_a_filter_lists_what_it_says_and_counts_it(show: str, expected: list[str]) -> None:
    cases = a_case_of_every_kind()
    html = page(browser(user()), f"{LIST}?show={show}")
    assert numbers(html) == [cases[name] for name in expected]
    [current] = re.findall(r'<a href="[^"]*" aria-current="page"><span>[^<]*</span><span class="count">(\d+)', html)
    assert int(current) == len(expected)


def test_the_totals_add_up() -> None:
    a_case_of_every_kind()
    received(kind=Kind.VERIFICATION)  # a contact that opens no case
    said = words(page(browser(user())).partition('<table class="table register"')[0])
    assert "来电来信等 5 次 → 立件 4 件 = 已结 1 + 在办 2 （其中 超期 1 ） + 不计入 1" in said


def test_a_list_that_fits_one_page_has_no_pager() -> None:
    received()
    assert 'class="pager"' not in page(browser(user()))


def test_the_last_page_ends_and_an_empty_list_says_what_comes_there() -> None:
    assert "这里没有诉求" in page(browser(user()))


def many(count: int) -> list[str]:
    """Register cases a second apart, two of them always at the same moment, and return their numbers."""
    moments = [NOW + timedelta(seconds=i // 2, microseconds=123_457) for i in range(count)]
    return [str(received(moment, text=f"第{i}件").number) for i, moment in enumerate(moments)]


def link(html: str, rel: str) -> str | None:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', html)
    return unescape(found[1]) if found else None


@pytest.mark.parametrize("show", ["open", "all"])
def test_the_pager_walks_through_every_case_once_and_back(show: str) -> None:
    made = many(2 * PAGE + 3)
    client = browser(user())
    pages = [page(client, f"{LIST}?show={show}")]
    while (onward := link(pages[-1], "next")) is not None:
        pages.append(page(client, onward))
    seen = [number for html in pages for number in numbers(html)]
    assert len(pages) == 3
    assert sorted(seen) == sorted(made)

    assert link(pages[0], "prev") is None
    back = page(client, link(pages[2], "prev") or "")
    assert numbers(back) == numbers(pages[1])
    first = page(client, link(back, "prev") or "")
    assert numbers(first) == numbers(pages[0])
    assert link(first, "prev") is None


GARBLED = [
    "show=",
    "show=everything",
    "show=OPEN",
    "from=",
    "from=x",
    "from=f.1",
    "from=f.x.1",
    "from=f.1.x",
    "from=z.1.1",
    "from=f.1.0",
    "from=f.1.-5",
    f"from=f.1.{2**63}",
    f"from=f.{'9' * 40}.1",
    f"from=f.{'9' * 5000}.1",
    "from=f.-.1%00",
    "show=%00",
]


@pytest.mark.parametrize("query", GARBLED, ids=lambda query: query[:20])
def test_a_garbled_address_is_not_found(query: str) -> None:
    answer = browser(user()).get(f"{LIST}?{query}")
    assert answer.status_code == 404
    assert "没有这一页" in answer.content.decode()


def test_the_foot_says_when_the_figures_were_taken() -> None:
    html = page(browser(user()))
    foot = words(html[html.index('<footer class="foot">') :])
    assert foot == "数据截至 03-11 周三 10:00"


# -- what it costs ---------------------------------------------------------------------------------------------------


def test_a_list_takes_six_statements_however_long_it_is() -> None:
    client = browser(user(of=unit()))
    many(2)
    page(client)  # each process reads a rulebook once
    few = statements(client, f"{LIST}?show=all")
    many(30)
    assert statements(client, f"{LIST}?show=all") == few <= 6
