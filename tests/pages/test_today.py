"""今天: what waits for whom, what is late, where the whole list is, and what it costs."""

import re

import pytest

from huying.cases.rulebooks import put_in_force
from huying.data import rulebook_ids
from huying.pages.labels import PILES, WAITING
from huying.rules.access import Actor, Role
from huying.rules.commands import Acknowledge, Assign, RecordVerdict
from huying.rules.lifecycle import OPEN_STAGES
from huying.rules.offers import next_steps, waiting
from huying.rules.vocabulary import Stage
from tests.builders import (
    HANDLER_PHONE,
    at,
    clerk,
    do,
    held_by,
    holder,
    post,
    received,
    reported,
    represented_by,
    rules,
    spoken,
    unit,
    user,
    verified_case,
    version,
)
from tests.pages.reading import browser, page, set_clock, statements, words

pytestmark = pytest.mark.django_db

TODAY = "/desk/"


@pytest.fixture(autouse=True)
def wednesday(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Wednesday, 11 March 2026, 10:00."""
    set_clock(monkeypatch, at(3, 11, 10))


@pytest.fixture(autouse=True)
def in_force() -> None:
    put_in_force(version(), at(1, 5).date(), at(1, 5), Actor.system())


def piles(html: str) -> dict[str, list[str]]:
    """Return the numbers of the cases in each pile, by its name."""
    found = re.findall(
        r'<section class="sheet list pile" aria-labelledby="pile-(\w+)">(.*?)</section>', html, re.DOTALL
    )
    return {name: re.findall(r'class="title" href="/desk/cases/([^/"]+)/"', part) for name, part in found}


def figures(html: str) -> str:
    found = re.search(r'<ul class="figures">.*?</ul>', html, re.DOTALL)
    assert found is not None
    return words(found[0])


# -- what waits for whom -------------------------------------------------------------------------------------------


def test_before_the_office_lies_what_to_assign_to_check_and_to_call_back_about() -> None:
    housing = unit("housing")
    new, checked, done = received(), received(), verified_case(housing)
    do(checked, Assign(housing.id), at(3, 10, 15), clerk())
    do(checked, spoken(), at(3, 10, 16), holder(housing))
    do(checked, reported(), at(3, 10, 17), holder(housing))
    html = page(browser(user()), TODAY)
    assert piles(html) == {"assign": [new.number], "verify": [checked.number], "record_verdict": [done.number]}
    assert figures(html) == "待交办 1 都没有超期 待审核 1 都没有超期 待回访 1 都没有超期"


def test_before_a_unit_lies_what_to_take_to_talk_about_and_to_report_and_nothing_of_others() -> None:
    mine, other = unit("housing"), unit("water")
    taken, talked, new, foreign = received(), received(), received(), received()
    for case, to in ((taken, mine), (talked, mine), (new, mine), (foreign, other)):
        do(case, Assign(to.id), at(3, 10, 15), clerk())
    do(taken, Acknowledge("何砚", HANDLER_PHONE), at(3, 10, 16), holder(mine))
    do(talked, spoken(), at(3, 10, 16), holder(mine))
    html = page(browser(user("holder", Role.UNIT, mine)), TODAY)
    assert piles(html) == {
        "acknowledge": [new.number],
        "record_contact": [taken.number],
        "report": [talked.number],
    }


def test_before_an_operator_lie_the_callbacks() -> None:
    case = verified_case(unit("housing"))
    received()
    assert piles(page(browser(user("operator", Role.OPERATOR)), TODAY)) == {"record_verdict": [case.number]}


def test_a_leader_and_the_liaison_see_the_open_cases_of_their_posts() -> None:
    mayor = post("mayor")
    mine = received(post=mayor.id)
    received()
    for reader in (held_by(mayor), represented_by(mayor)):
        assert piles(page(browser(reader), TODAY)) == {"open": [mine.number]}


def test_a_supervisor_sees_first_what_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    late, new = received(at(3, 2, 9)), received()
    assert piles(page(browser(user("reader", Role.SUPERVISOR)), TODAY)) == {
        "late": [late.number],
        "open": [new.number],
    }


def test_what_is_late_comes_first_and_is_counted() -> None:
    received()
    late = received(at(3, 2, 9))
    html = page(browser(user()), TODAY)
    assert piles(html)["assign"][0] == late.number
    assert figures(html).startswith("待交办 2 超期 1")


def test_what_is_late_in_the_hands_of_a_unit_is_before_the_office_too(monkeypatch: pytest.MonkeyPatch) -> None:
    case = received()
    do(case, Assign(unit("housing").id), at(3, 10, 15), clerk())
    assert piles(page(browser(user()), TODAY)) == {}
    set_clock(monkeypatch, at(3, 20, 10))
    html = page(browser(user("other")), TODAY)
    assert piles(html) == {"late": [case.number]}
    assert "超期，在别人手里 1 都超期了" in figures(html)


def test_what_waits_for_the_requester_is_not_forgotten() -> None:
    case = received(phone=None)
    assert piles(page(browser(user()), TODAY)) == {"complete_info": [case.number]}


def test_what_has_ended_waits_for_nobody() -> None:
    case = verified_case(unit("housing"))
    do(case, RecordVerdict("satisfied"), at(3, 18, 10), clerk())
    html = words(page(browser(user()), TODAY))
    assert "没有等您办的" in html


def test_a_confidential_case_is_in_no_pile_and_no_count() -> None:
    received(confidential=True)
    html = page(browser(user("other")), TODAY)
    assert piles(html) == {}
    assert "待交办 0 没有" in figures(html)


def test_who_sees_no_case_is_told_so_and_a_stranger_signs_in() -> None:
    assert "这里还没有您的页面" in words(page(browser(user("admin", Role.ADMIN)), TODAY))
    assert browser().get(TODAY)["Location"] == "/account/login/?next=/desk/"


def test_an_office_without_any_rulebook_has_an_empty_day(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, at(1, 1, year=2025))
    assert "没有等您办的" in words(page(browser(user()), TODAY))


# -- the whole list -------------------------------------------------------------------------------------------------


def test_a_pile_shows_the_first_few_and_leads_to_the_list_of_all() -> None:
    for n in range(7):
        received(text=f"路灯坏了{n}")
    case = received()
    do(case, Assign(unit("housing").id), at(3, 10, 15), clerk())
    client = browser(user())
    html = page(client, TODAY)
    assert len(piles(html)["assign"]) == 5
    assert "待交办全部 7 件" in words(html)
    listed = page(client, "/desk/cases/?waiting=assign")
    assert len(re.findall('class="title"', listed)) == 7
    assert f"/{case.number}/" not in listed
    assert '<a href="/desk/cases/?waiting=assign" aria-current="page"><span>待交办' in listed


@pytest.mark.parametrize("name", ["report", "nonsense", "", "\0"])
def test_a_pile_of_somebody_else_is_not_found(name: str) -> None:
    assert browser(user()).get("/desk/cases/", {"waiting": name}).status_code == 404


# -- where it comes from --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rulebook", rulebook_ids())
def test_every_stage_of_the_main_line_waits_for_somebody_and_has_a_word(rulebook: str) -> None:
    book = rules(rulebook)
    steps = next_steps(book)
    assert {verb for stage, verb in steps.items() if stage in OPEN_STAGES} <= {*WAITING, *PILES}
    roles = (Actor("o", Role.OFFICE), Actor("h", Role.UNIT, 1), Actor("p", Role.OPERATOR))
    awaited = {stage for role in roles for stages in waiting(role, book).values() for stage in stages}
    assert awaited == set(steps)
    assert OPEN_STAGES - set(steps) <= {Stage.VERIFIED}  # where a rulebook knows no verdicts


# -- what it costs --------------------------------------------------------------------------------------------------


def test_the_day_takes_nine_statements_however_many_cases_there_are() -> None:
    housing = unit("housing")
    office, handler, leader = browser(user()), browser(user("holder", Role.UNIT, housing)), browser(held_by(post()))
    for _ in range(2):
        case = received(post=post().id)
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    page(office, TODAY)  # each process reads a rulebook once
    few = [statements(client, TODAY) for client in (office, handler, leader)]
    for n in range(12):
        more = received(text=f"路灯坏了{n}", post=post().id)
        if n % 2:
            do(more, Assign(housing.id), at(3, 10, 15), clerk())
    assert [statements(client, TODAY) for client in (office, handler, leader)] == few
    assert max(few) <= 9
