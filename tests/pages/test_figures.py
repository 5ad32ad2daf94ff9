"""统计: every rate with its numbers, its base and the moment; of the cases that somebody sees and nothing else."""

import re

import pytest
from django.test import Client

from huying.cases.models import CaseParty
from huying.rules.access import STAFF, Role
from huying.rules.commands import Assign, RecordVerdict
from huying.rules.vocabulary import Kind
from tests.builders import at, clerk, do, held_by, post, received, unit, user, verified_case
from tests.pages.reading import browser, page, set_clock, statements, words

pytestmark = pytest.mark.django_db

FIGURES = "/desk/figures/"


@pytest.fixture(autouse=True)
def friday(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Friday, 20 March 2026, 10:00."""
    set_clock(monkeypatch, at(3, 20, 10))


def rates(html: str) -> dict[str, str]:
    """Return what is written in the row of each rate, by its name."""
    rows = re.findall(r'<th scope="row" role="rowheader"><strong>(.*?)</strong>(.*?)</tr>', html, re.DOTALL)
    return {name: words(rest) for name, rest in rows}


def closed_and_open() -> None:
    done = verified_case(unit())
    do(done, RecordVerdict("satisfied"), at(3, 18, 9), clerk())
    received(at(3, 19))


def test_a_rate_stands_with_its_numbers_its_base_and_its_cohort() -> None:
    closed_and_open()
    received(at(3, 2))  # the only one that is fifteen days old
    html = page(browser(user()), FIGURES)
    assert (
        rates(html)["办结率"]
        == "已经办结；基数：立件，不含不计入的 截至 03-20 周五 10:00 33.3 % 1 / 3 收到满 15 天的件 0.0 % 0 / 1"
    )
    assert (
        rates(html)["满意率"]
        == "以满意办结；基数：办结的件 截至 03-20 周五 10:00 100.0 % 1 / 1 收到满 15 天的件 还没有 0 / 0"
    )


def test_the_account_adds_up_and_raw_contacts_are_visible_as_such() -> None:
    closed_and_open()
    case = received(at(3, 19, 9))
    received(at(3, 19, 10), joins=case.number)
    received(at(3, 19, 10), kind=Kind.VERIFICATION)
    text = words(page(browser(user()), FIGURES))
    assert "来电来信等 5 次 → 立件 3 件 = 已结 1 + 在办 2 （其中 超期 0 ） + 不计入 0" in text
    assert "来电来信里有 1 次是重复件，并入了已有的件" in text


@pytest.mark.parametrize(
    ("query", "cases", "since"),
    [("?period=month", 2, "03-01 周日 00:00"), ("", 3, "02-19 周四 00:00"), ("?period=all", 4, None)],
)
def test_a_period_is_chosen_by_when_cases_came_in(query: str, cases: int, since: str | None) -> None:
    for moment in (at(2, 18, 23, 59, 59), at(2, 19), at(3, 1), at(3, 20, 10)):
        received(moment)
    text = words(page(browser(user()), FIGURES + query))
    assert f"立件 {cases} 件" in text
    assert (f"只算 {since} 起收到的" in text) == (since is not None)


def test_a_period_that_there_is_not_is_no_page() -> None:
    assert browser(user()).get(FIGURES + "?period=year").status_code == 404


def test_a_leader_reads_of_the_own_posts_and_no_contacts_of_the_city() -> None:
    received(at(3, 19), post=post().id)
    received(at(3, 19), post=post("other").id)
    text = words(page(browser(held_by(post())), FIGURES))
    assert "立件 1 件" in text
    assert "来电来信" not in text


def test_few_confidential_cases_are_left_out_and_it_is_said_so() -> None:
    clerk_user = user()
    received(at(3, 19))
    case = received(at(3, 19), confidential=True)
    assert "少量保密件" not in words(page(browser(clerk_user), FIGURES))  # not this one's to see
    CaseParty.objects.create(case_id=case.case_id or 0, party=f"user:{clerk_user.id}", allow=True)
    text = words(page(browser(clerk_user), FIGURES))
    assert "少量保密件没有算在内" in text
    assert "立件 1 件" in text


@pytest.mark.parametrize("role", STAFF)
def test_who_may_not_read_figures_gets_no_page_and_no_link(role: Role) -> None:
    viewer = browser(user("somebody", role, unit("water")))
    may = role in (Role.OFFICE, Role.SUPERVISOR, Role.LEADER)
    assert viewer.get(FIGURES).status_code == (200 if may else 404)
    assert (f'href="{FIGURES}"' in viewer.get("/desk/").content.decode()) == may


def test_a_stranger_is_asked_to_sign_in() -> None:
    assert Client().get(FIGURES).status_code == 302


def test_the_page_is_in_english_too() -> None:
    closed_and_open()
    main = page(browser(user()), FIGURES, **{"Accept-Language": "en"}).split("<main")[1].split("</main")[0]
    text = words(main)
    assert "Closed closed; of: cases, without those that are not counted as of Fri 20 Mar 10:00 50.0 % 1 / 2" in text
    assert "None yet" in text
    assert re.findall(r"[一-鿿]", text) == []


def test_it_takes_few_statements_however_many_cases() -> None:
    viewer = browser(user())
    page(viewer, FIGURES)
    few = statements(viewer, FIGURES)
    for _ in range(3):
        do(received(), Assign(unit().id), at(3, 10, 15), clerk())
    assert statements(viewer, FIGURES) == few <= 5
