"""Lists, totals and who sees what: every row of a list exactly once, in an order that owes the requester nothing."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huying.cases import queries, rulebooks
from huying.cases.dossier import dossier
from huying.cases.intake import Arrival, Received, register_all
from huying.cases.models import Case, CaseParty, CaseText, Contact
from huying.cases.queries import Cursor, Filter, Page, contacts_per_post, page, totals, visible_to
from huying.people.actors import actor_of
from huying.people.models import Unit, User
from huying.rules.access import Actor, Role, unit_party
from huying.rules.commands import Assign, RecordVerdict, Verify
from huying.rules.vocabulary import Kind
from tests.builders import (
    NOW,
    PHONE,
    at,
    case_of,
    clerk,
    do,
    held_by,
    holder,
    intake,
    into,
    post,
    received,
    reported,
    spoken,
    unit,
    user,
    verified_case,
)
from tests.cases.test_store import statements

pytestmark = pytest.mark.django_db

ROWS = 130
ENDS = ("satisfied", "no_review", "not_counted", "incomplete")


def somebody(role: Role, of: Unit | None = None) -> Actor:
    return actor_of(User(username="somebody", role=role, unit=of), NOW)


def everything() -> Actor:
    return somebody(Role.OFFICE)


def a_random_register(seed: int) -> None:
    """Fill the register with cases of which many share a moment, some have no term, and some are ended."""
    chance = random.Random(seed)
    place = into()
    moments = [NOW - timedelta(hours=chance.randrange(12)) for _ in range(ROWS)]
    register_all([Arrival(intake(f"第 {n} 件"), moment) for n, moment in enumerate(moments)], place)
    for case in Case.objects.all():
        case.due_at = chance.choice([None, *(NOW + timedelta(hours=hours) for hours in range(-3, 4))])
        case.due_step = "assign" if case.due_at else None
        if chance.random() < 0.4:
            case.closed_at, case.closed_as = NOW + timedelta(hours=chance.randrange(3)), chance.choice(ENDS)
        case.save()


def forward(which: Filter, now: datetime, start: Cursor | None = None) -> Iterator[Page[Case]]:
    cursor = start
    for _ in range(ROWS):
        found = page(visible_to(everything()), which, now, cursor)
        yield found
        cursor = found.older
        if cursor is None:
            return


def back(which: Filter, now: datetime, start: Cursor | None) -> Iterator[Page[Case]]:
    cursor = start
    for _ in range(ROWS):
        if cursor is None:
            return
        found = page(visible_to(everything()), which, now, cursor)
        yield found
        cursor = found.newer


def expected(which: Filter, now: datetime) -> list[int]:
    """Return the ids of a list as a person would sort it, from nothing but the rows."""
    cases = list(Case.objects.all())
    never = datetime.max.replace(tzinfo=now.tzinfo)
    match which:
        case Filter.ALL:
            chosen = sorted(cases, key=lambda case: (case.received_at, case.id), reverse=True)
        case Filter.CLOSED:
            ended = [(case.closed_at, case.id, case) for case in cases if case.closed_at]
            chosen = [case for *_, case in sorted(ended, key=lambda row: row[:2], reverse=True)]
        case Filter.OPEN | Filter.OVERDUE:
            is_open = [case for case in cases if case.closed_at is None]
            chosen = sorted(is_open, key=lambda case: (case.due_at or never, case.id))
            if which is Filter.OVERDUE:
                chosen = [case for case in chosen if case.due_at and case.due_at <= now]
    return [case.id for case in chosen]


def ids(pages: Iterator[Page[Case]] | list[Page[Case]]) -> list[int]:
    return [row.id for one in pages for row in one.rows]


# -- the list ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [4, 25, 200])
@pytest.mark.parametrize("which", list(Filter))
def test_a_list_read_on_and_back_has_every_row_once(
    which: Filter, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE", size)
    a_random_register(size)
    wanted = expected(which, NOW)

    pages = list(forward(which, NOW))
    returning = list(back(which, NOW, pages[-1].newer))

    assert ids(pages) == wanted
    assert ids(returning[::-1] + pages[-1:]) == wanted
    assert pages[0].newer is None
    assert all(len(one.rows) == size for one in pages[:-1])


@pytest.mark.parametrize("which", list(Filter))
def test_from_each_page_one_can_go_on_after_going_back(which: Filter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 10)
    a_random_register(3)
    pages = list(forward(which, NOW))
    first = next(back(which, NOW, pages[1].newer))

    assert ids([first]) == ids(pages[:1])
    assert first.newer is None
    assert ids(forward(which, NOW, first.older)) == ids(pages[1:])


def test_an_empty_list_has_no_neighbours() -> None:
    assert page(visible_to(everything()), Filter.OPEN, NOW) == Page([], None, None)


def test_a_page_that_is_just_full_has_no_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    register_all([Arrival(intake(f"第 {n} 件"), NOW) for n in range(2)], into())

    assert page(visible_to(everything()), Filter.OPEN, NOW).older is None


def test_a_term_is_overdue_at_its_very_end() -> None:
    received()

    before, at_the_end = at(3, 12) - timedelta(microseconds=1), at(3, 12)

    assert page(visible_to(everything()), Filter.OVERDUE, before).rows == []
    assert len(page(visible_to(everything()), Filter.OVERDUE, at_the_end).rows) == 1


def test_repeated_contacts_change_no_order() -> None:
    a_random_register(11)
    before = {which: ids(forward(which, NOW)) for which in Filter}

    for case in Case.objects.all():
        Case.objects.filter(id=case.id).update(contacts=random.Random(case.id).randrange(1, 200))

    assert {which: ids(forward(which, NOW)) for which in Filter} == before


def test_a_row_brings_title_and_unit_without_further_statements() -> None:
    housing = unit()
    do(received(), Assign(housing.id), at(3, 10, 15), clerk())

    with CaptureQueriesContext(connection) as asked:
        [row] = page(visible_to(everything()), Filter.OPEN, NOW).rows
        assert row.unit is not None
        assert (row.unit.name, row.title) == ("housing", "小区供暖管道漏水")  # type: ignore[attr-defined]
    assert len(asked) == 1


# -- totals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_totals_add_up(seed: int) -> None:
    a_random_register(seed)
    place = into()
    register_all([Arrival(intake(kind=Kind.VERIFICATION), NOW) for _ in range(5)], place)

    sums = totals(everything(), NOW)

    assert sums.cases == sums.open + sums.closed + sums.not_counted == ROWS
    assert sums.contacts_raw == Contact.objects.count() == ROWS + 5
    assert sums.open == len(expected(Filter.OPEN, NOW))
    assert sums.overdue == len(expected(Filter.OVERDUE, NOW))
    assert sums.closed + sums.not_counted == len(expected(Filter.CLOSED, NOW))
    assert sums.not_counted == sum(case.closed_as in ("not_counted", "incomplete") for case in Case.objects.all())


def test_a_contact_that_joined_a_case_is_raw_only() -> None:
    case = received()
    received(at(3, 10, 11), joins=case.number)

    sums = totals(everything(), NOW)

    assert (sums.contacts_raw, sums.contacts, sums.cases) == (2, 1, 1)


@pytest.mark.parametrize("stage", ["declined", "merged"])
def test_declined_and_merged_matters_are_no_cases_but_are_listed(stage: str) -> None:
    received()
    case = case_of(received())
    Case.objects.filter(id=case.id).update(stage=stage, closed_at=at(3, 10, 12), closed_as="not_counted")

    sums = totals(everything(), NOW)

    assert (sums.contacts, sums.cases, sums.open, sums.closed, sums.not_counted) == (2, 1, 1, 0, 0)
    assert sums.contacts_raw == {"declined": 2, "merged": 1}[stage]  # merging adds a contact to the older case
    for which, count in ((Filter.ALL, sums.listed), (Filter.CLOSED, sums.ended)):
        assert len(page(visible_to(everything()), which, NOW).rows) == count == {"all": 2, "closed": 1}[which]


def test_totals_of_nothing_are_nought() -> None:
    sums = totals(everything(), NOW)

    assert (sums.contacts, sums.cases, sums.open, sums.closed, sums.not_counted) == (0, 0, 0, 0, 0)


def test_totals_count_no_contact_of_a_case_that_is_hidden() -> None:
    received()
    Case.objects.update(confidential=True)
    received()

    assert totals(everything(), NOW).contacts == 1


# -- who sees what -------------------------------------------------------------------------------------------------


def test_s24_a_question_and_a_friend_request_burden_the_chief_by_two_and_open_no_case() -> None:
    chief, other, monday = post("chief"), post("other"), at(8, 24)
    for kind in (Kind.VERIFICATION, Kind.STANDBY):
        received(at(8, 24, 21, 5), "fengxian", kind=kind, post=chief.id, channel="wechat_personal")
    received(at(8, 24, 9), "fengxian", post=other.id)
    received(at(8, 25), "fengxian", post=chief.id)  # the next day

    def counted(viewer: Actor) -> dict[int, int]:
        return contacts_per_post(viewer, monday, at(8, 25))

    assert counted(everything()) == counted(somebody(Role.OFFICE)) == {chief.id: 2, other.id: 1}
    assert counted(actor_of(held_by(chief), at(8, 24))) == {chief.id: 2}
    assert counted(somebody(Role.UNIT, unit())) == counted(somebody(Role.ADMIN)) == {}


@pytest.mark.parametrize("role", [Role.OFFICE, Role.OPERATOR, Role.SUPERVISOR])
def test_they_see_every_ordinary_case(role: Role) -> None:
    received()
    do(received(), Assign(unit().id), at(3, 10, 15), clerk())

    assert visible_to(somebody(role)).count() == 2


def test_a_unit_sees_what_it_holds_and_another_unit_does_not() -> None:
    housing, water = unit(), unit("water")
    received()
    held = received()
    do(held, Assign(housing.id), at(3, 10, 15), clerk())

    assert [case.id for case in visible_to(somebody(Role.UNIT, housing))] == [held.case_id]
    assert not visible_to(somebody(Role.UNIT, water)).exists()
    assert not visible_to(somebody(Role.UNIT, None)).exists()


def test_who_handed_a_case_on_keeps_seeing_it_though_the_holder_is_not_below() -> None:
    housing, water = unit(), unit("water")
    case = received()
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    do(case, Assign(water.id), at(3, 10, 16), holder(housing))

    assert visible_to(somebody(Role.UNIT, housing)).count() == visible_to(somebody(Role.UNIT, water)).count() == 1


def test_a_case_of_many_parties_is_listed_and_counted_once() -> None:
    housing = unit()
    case = received()
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    for party in (unit_party(housing.id), "unit:9001", "unit:9002", "person:4"):
        CaseParty.objects.create(case=case_of(case), party=party, allow=True)

    mine = somebody(Role.UNIT, housing)

    sums = totals(mine, NOW)
    assert len(page(visible_to(mine), Filter.OPEN, NOW).rows) == sums.cases == sums.contacts_raw == 1


# -- one case ------------------------------------------------------------------------------------------------------


def test_a_dossier_opens_everything_that_was_said() -> None:
    housing = unit()
    case = verified_case(housing)
    do(case, RecordVerdict("unsatisfied", "又漏了"), at(3, 18, 10), clerk())

    found = dossier(visible_to(everything()), case.number or "")

    assert found is not None
    said = {(one.table, one.word): dict(one.texts) for one in found.said.values()}
    assert said[("verdict", "unsatisfied")] == {"reason": "又漏了"}
    assert said[("report", "done")] == {"text": "已修好，请诉求人看过。", "basis": "办理规程第三条"}
    assert said[("contact_record", "phone")]["text"] == "已说明处理步骤和时间"
    assert set(said[("acknowledgement", None)]) == {"handler", "handler_phone"}
    assert [line.seq for line in found.lines] == list(range(1, len(found.lines) + 1))
    assert {clock.cycle for clock in found.clocks} == {1, 2}
    assert len(found.contacts) == 1
    assert found.text == CaseText.objects.get()


def test_a_number_that_is_none_has_no_dossier() -> None:
    assert dossier(visible_to(everything()), "YC-2026-000001") is None


def test_a_dossier_takes_as_many_statements_after_three_cycles_as_after_one() -> None:
    housing = unit()
    case = verified_case(housing)
    counts = []
    for day in (18, 25):
        with CaptureQueriesContext(connection) as asked:
            dossier(visible_to(everything()), case.number or "")
        counts.append(len(asked))
        do(case, RecordVerdict("unsatisfied"), at(3, day, 10), clerk())
        do(case, spoken(), at(3, day + 1, 10), holder(housing))
        do(case, reported(), at(3, day + 1, 11), holder(housing))
        do(case, Verify(), at(3, day + 1, 12), clerk())

    assert counts == [7, 7]


# -- over HTTP -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.OFFICE, Role.UNIT])
def test_the_list_takes_at_most_six_statements_with_session_and_user(role: Role, client: Client) -> None:
    housing = unit()
    place = into()
    client.force_login(user(role=role, of=housing))
    rulebooks.version(place.version.id)  # which each process reads once
    counts = []
    for n in (3, 40):
        for answer in register_all([Arrival(intake(f"第 {i} 件"), NOW) for i in range(n)], place):
            assert isinstance(answer, Received)
        Case.objects.update(unit=housing)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("register")).status_code == 200
        counts.append(len(statements(asked)))

    assert counts[0] == counts[1] <= 6


def test_the_page_of_a_case_takes_at_most_twelve_statements_with_session_and_user(client: Client) -> None:
    housing = unit()
    case = verified_case(housing)
    do(case, RecordVerdict("unsatisfied"), at(3, 18, 10), clerk())
    client.force_login(user(of=housing))
    rulebooks.version(case_of(case).rulebook_id)  # which each process reads once

    with CaptureQueriesContext(connection) as asked:
        response = client.get(reverse("case", args=[case.number]))

    assert response.status_code == 200
    assert PHONE not in response.content.decode()
    assert len(statements(asked)) <= 12


def test_a_stranger_is_told_that_there_is_no_such_case(client: Client) -> None:
    case = verified_case(unit())
    client.force_login(user(role=Role.UNIT, of=unit("water")))

    assert client.get(reverse("case", args=[case.number])).status_code == 404
