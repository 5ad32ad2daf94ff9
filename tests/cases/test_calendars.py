"""A calendar that is loaded counts every open term anew: derived, in the ledger, told to the unit, and once only."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huying.cases import calendars, rulebooks
from huying.cases.calendars import Move, count_open_terms, foresee, load
from huying.cases.days import Day
from huying.cases.doors import act
from huying.cases.intake import Received
from huying.cases.models import CalendarVersion, Case, Clock, Message, Recount, SupervisionAction
from huying.cases.sweep import sweep
from huying.cases.verification import broken_entries
from huying.config.postgres import Urls
from huying.ledger.models import LedgerLine
from huying.rules.access import Actor
from huying.rules.commands import Assign, RecordVerdict, RejectReport
from huying.rules.lifecycle import Refused
from huying.rules.vocabulary import Step
from huying.vault.seals import keys_of, unseal
from tests.builders import (
    at,
    case_of,
    clerk,
    do,
    holder,
    received,
    reported,
    spoken,
    unit,
    utc,
    verified_case,
)

in_one_transaction = pytest.mark.django_db
SUNDAY = date(2027, 1, 3)
BEFORE, LOADED = at(12, 28, 10), at(12, 29, 16)


def year_of(first: date, **worked: bool) -> dict[date, Day]:
    """Return all days of 2027: 1 January and weekends off, but those said otherwise (`d0103=True`)."""
    days = (first + timedelta(days=n) for n in range(365))
    return {
        day: Day(worked.get(f"d{day:%m%d}", day.weekday() < 5 and day != first), source="演练用的假想安排")
        for day in days
    }


MAKE_UP = year_of(date(2027, 1, 1), d0103=True)
SYSTEM = Actor.system()


def new_year_case(when: datetime = BEFORE) -> Received:
    """A case assigned Mon 28 December: contact due Thu 31 24:00, resolve Tue 5 January 24:00, provisional."""
    case = received(when - timedelta(hours=1))
    do(case, Assign(unit().id), when, clerk())
    return case


def resolve_of(case: Received) -> Clock:
    return Clock.objects.filter(case=case.case_id, step="resolve").latest("cycle", "id")


def loaded(days: dict[date, Day] | None = None, when: datetime = LOADED) -> list[Move]:
    load(MAKE_UP if days is None else days, when, SYSTEM)
    return count_open_terms(when)


def told(case: Received) -> list[str]:
    key = keys_of([case.case_id or 0])[case.case_id or 0]
    messages = Message.objects.filter(case=case.case_id, event="recounted").order_by("id")
    return [unseal(message, key, "text") or "" for message in messages]


@in_one_transaction
def test_s35_an_open_term_moves_and_the_ledger_and_the_unit_are_told() -> None:
    case = new_year_case()
    assert (resolve_of(case).due_at, resolve_of(case).provisional) == (utc(at(1, 6, year=2027)), True)

    moves = loaded()

    clock = resolve_of(case)
    assert moves == [Move(case_of(case).number, Step.RESOLVE, at(1, 6, year=2027), at(1, 5, year=2027))]
    assert (clock.due_at, clock.provisional) == (utc(at(1, 5, year=2027)), False)
    assert case_of(case).due_at == utc(at(1, 1, year=2027))  # the contact, which is due first, stays
    line = LedgerLine.objects.filter(chain_id=case.case_id or 0).latest("seq")
    assert (line.event, line.record_table, line.recorded_at) == ("recounted", "recount", utc(LOADED))
    assert told(case) == [
        f"{case_of(case).number} 因放假安排更新，办理答复期限由 2027 年 1 月 5 日（周二）24:00"
        " 改为 2027 年 1 月 4 日（周一）24:00。"
    ]
    assert not list(broken_entries())


@in_one_transaction
def test_what_would_move_is_what_moves() -> None:
    for hour in (9, 10, 11):
        new_year_case(at(12, 28, hour))

    foreseen = foresee(MAKE_UP)

    assert (len(foreseen), CalendarVersion.objects.count(), Recount.objects.count()) == (3, 0, 0)
    assert loaded() == foreseen


@in_one_transaction
def test_a_calendar_that_moves_nothing_is_still_recorded_and_told_to_nobody() -> None:
    case = new_year_case()

    assert loaded(year_of(date(2027, 1, 1))) == []

    assert (resolve_of(case).due_at, resolve_of(case).provisional) == (utc(at(1, 6, year=2027)), False)
    assert [row.moved for row in Recount.objects.all()] == [[]]
    assert told(case) == []
    assert not list(broken_entries())


@in_one_transaction
def test_loading_again_changes_nothing() -> None:
    new_year_case()
    loaded()
    lines = LedgerLine.objects.count()

    assert load(MAKE_UP, at(12, 30), SYSTEM) is None
    assert count_open_terms(at(12, 30)) == []
    assert LedgerLine.objects.count() == lines


@in_one_transaction
def test_the_next_calendar_lies_over_the_one_before_and_both_histories_hold() -> None:
    first = new_year_case()
    loaded()
    second = new_year_case(at(12, 30, 10))

    # the make-up day is taken back
    moves = loaded({SUNDAY: Day(works=False)}, at(12, 31, 10))

    assert [move.step for move in moves] == [Step.RESOLVE, Step.CONTACT, Step.RESOLVE]
    assert resolve_of(first).due_at == utc(at(1, 6, year=2027))
    assert [row.number for row in CalendarVersion.objects.order_by("id")] == [1, 2]
    assert case_of(first).calendar_id == case_of(second).calendar_id == CalendarVersion.objects.latest("id").id
    assert not list(broken_entries())


@in_one_transaction
def test_a_rung_that_fired_does_not_fire_again_when_the_term_moves() -> None:
    case = new_year_case()
    do(case, spoken(), at(12, 29), holder(unit()))
    sweep(at(1, 6, year=2027))
    assert [row.action for row in SupervisionAction.objects.all()] == ["remind"]

    # Wed 6 off: it was not late after all, and is due Thu 7; supervision follows three working days after that
    moves = loaded(year_of(date(2027, 1, 1), d0105=False, d0106=False), at(1, 6, 9, year=2027))
    sweep(at(1, 30, year=2027))

    assert [move.after for move in moves] == [at(1, 8, year=2027)]
    rows = SupervisionAction.objects.filter(step="resolve").order_by("id")
    assert [(row.number, row.action, row.at) for row in rows] == [
        (1, "remind", utc(at(1, 6, year=2027))),
        (2, "supervise", utc(at(1, 13, year=2027))),
    ]
    assert not list(broken_entries())


@in_one_transaction
def test_a_term_that_is_moved_into_the_past_is_late_at_once() -> None:
    case = new_year_case()
    do(case, spoken(), at(12, 29), holder(unit()))

    loaded(when=at(1, 5, 9, year=2027))  # due Tue 5 24:00 becomes Mon 4 24:00

    [row] = SupervisionAction.objects.all()
    assert (row.action, row.at) == ("remind", utc(at(1, 5, 9, year=2027)))
    assert resolve_of(case).rungs_fired == 1
    assert not list(broken_entries())


@in_one_transaction
def test_an_ended_case_keeps_its_terms_and_a_new_one_counts_by_the_new_calendar() -> None:
    ended = verified_case(unit())
    do(ended, RecordVerdict("satisfied"), at(3, 18, 10), clerk())

    assert loaded() == []
    fresh = new_year_case(at(12, 30, 10))

    # Thu 31 December, Sun 3 (worked), Mon, Tue, Wed 6 January 24:00
    assert case_of(ended).calendar_id is None
    assert (resolve_of(fresh).due_at, resolve_of(fresh).provisional) == (utc(at(1, 7, year=2027)), False)
    assert not Recount.objects.exists()
    assert not list(broken_entries())


@in_one_transaction
def test_a_case_that_was_missed_is_counted_anew_when_something_happens_to_it() -> None:
    acted_on, swept = new_year_case(), new_year_case()
    load(MAKE_UP, LOADED, SYSTEM)  # and nobody counts the open terms

    do(acted_on, spoken(), at(12, 30, 9), holder(unit()))
    sweep(at(1, 1, year=2027))  # the contact of the other one is due

    for case in (acted_on, swept):
        assert (resolve_of(case).due_at, resolve_of(case).provisional) == (utc(at(1, 5, year=2027)), False)
    assert not list(broken_entries())


def count_first(_case: Received, when: datetime) -> None:
    count_open_terms(when)


def sweep_first(case: Received, when: datetime) -> None:
    Case.objects.filter(id=case.case_id or 0).update(watch_at=when)
    sweep(when)


def act_first(case: Received, when: datetime) -> None:
    do(case, spoken(), when, holder(unit()))


def act_late_first(case: Received, when: datetime) -> None:
    """Something that was done before the calendar was loaded is recorded only now."""
    state = act(case.case_id or 0, spoken(), at(1, 4, 12, year=2027), when, holder(unit()))
    assert not isinstance(state, Refused), state


def join_first(case: Received, when: datetime) -> None:
    received(when, joins=case.number)


@pytest.mark.parametrize("first", [count_first, sweep_first, act_first, act_late_first, join_first])
@pytest.mark.parametrize(
    ("days", "loaded_at", "due_at", "fires"),
    [
        pytest.param(
            year_of(date(2027, 1, 1), d0105=False, d0106=False),
            at(1, 6, 9, year=2027),
            at(1, 8, year=2027),
            [("remind", at(1, 6, year=2027)), ("supervise", at(1, 13, year=2027))],
            id="an end that had passed moves away",
        ),
        pytest.param(
            year_of(date(2027, 1, 1), d0102=True, d0103=True),
            at(1, 5, 9, year=2027),
            at(1, 4, year=2027),
            [("remind", at(1, 5, 9, year=2027)), ("supervise", at(1, 7, year=2027))],
            id="an end moves into the past",
        ),
    ],
)
@in_one_transaction
def test_a_missed_calendar_counts_from_its_loading_whoever_comes_first(
    first: Callable[[Received, datetime], None],
    days: dict[date, Day],
    loaded_at: datetime,
    due_at: datetime,
    fires: list[tuple[str, datetime]],
) -> None:
    case = new_year_case()  # resolve is due Tue 5 January 24:00, and supervised three working days after that
    do(case, spoken(), at(12, 29), holder(unit()))
    load(days, loaded_at, SYSTEM)  # and nobody counts the open terms, nor has the sweep come round

    first(case, at(1, 6, 10, year=2027))
    sweep(at(1, 30, year=2027))

    rows = SupervisionAction.objects.filter(step="resolve").order_by("id")
    assert [(row.action, row.at) for row in rows] == [(action, utc(moment)) for action, moment in fires]
    assert (resolve_of(case).due_at, resolve_of(case).rungs_fired) == (utc(due_at), 2)
    assert [row.at for row in Recount.objects.all()] == [utc(loaded_at)]
    assert not list(broken_entries())


@in_one_transaction
def test_a_report_that_is_sent_back_as_of_before_the_loading_is_late_by_it_only_since() -> None:
    case = new_year_case()
    do(case, spoken(), at(12, 29), holder(unit()))
    do(case, reported(), at(1, 3, 9, year=2027), holder(unit()))
    loaded(year_of(date(2027, 1, 1), d0102=True, d0103=True), at(1, 5, 9, year=2027))  # due on Sun 3 24:00

    sent_back_at, recorded_at = at(1, 4, 12, year=2027), at(1, 5, 10, year=2027)
    act(case.case_id or 0, RejectReport("没有说清楚"), sent_back_at, recorded_at, clerk())
    sweep(recorded_at)

    assert [(row.action, row.at) for row in SupervisionAction.objects.all()] == [
        ("remind", utc(at(1, 5, 9, year=2027)))
    ]
    assert not list(broken_entries())


@in_one_transaction
def test_a_report_that_is_sent_back_has_its_old_end_as_the_new_calendar_has_it() -> None:
    case = new_year_case()
    do(case, spoken(), at(12, 29), holder(unit()))
    do(case, reported(), at(12, 29, 9), holder(unit()))
    loaded()
    assert resolve_of(case).due_at == utc(at(1, 6, year=2027))  # it was met by then: history

    do(case, RejectReport("没有说清楚"), at(12, 30), clerk())

    assert resolve_of(case).due_at == utc(at(1, 5, year=2027))
    assert not list(broken_entries())


@in_one_transaction
def test_the_number_of_statements_does_not_grow_with_the_cases() -> None:
    def statements(cases: int, days: dict[date, Day], when: datetime) -> int:
        for _ in range(cases):
            new_year_case()
        load(days, when, SYSTEM)
        rulebooks.rules_of(case_of(new_year_case()))  # reads the days, once per process
        with CaptureQueriesContext(connection) as asked:
            count_open_terms(when)
        return len(asked)

    first = statements(2, MAKE_UP, LOADED)
    assert statements(7, {SUNDAY: Day(works=False)}, at(12, 30)) == first


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE clock SET due_at = due_at + interval '1 day' WHERE step = 'resolve'",
        "UPDATE recount SET moved = '[]'",
        'UPDATE "case" SET calendar_id = NULL',
        "DELETE FROM recount",
    ],
)
@in_one_transaction
def test_nobody_moves_a_term_under_cover_of_a_calendar(statement: str) -> None:
    new_year_case()
    loaded()

    with connection.cursor() as cursor:
        cursor.execute(statement)

    assert list(broken_entries())


def test_a_changed_day_of_a_calendar_is_found(own_database: Urls) -> None:
    new_year_case()
    loaded()
    assert not list(broken_entries())

    with psycopg.connect(own_database.owner) as owner:
        owner.execute("ALTER TABLE calendar_version DISABLE TRIGGER append_only")
        owner.execute("UPDATE calendar_version SET days = jsonb_set(days, '{2027-01-03,works}', 'false')")
    rulebooks.forget()

    loading = CalendarVersion.objects.get()
    assert loading.id in {broken.chain_id for broken in broken_entries()}


def test_killed_in_between_it_goes_on_where_it_was(own_database: Urls, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [new_year_case() for _ in range(5)]
    monkeypatch.setattr(calendars, "BATCH", 2)
    load(MAKE_UP, LOADED, SYSTEM)

    class Killed(Exception):
        pass

    def kill(_cases: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        count_open_terms(LOADED, kill)
    assert Recount.objects.count() == 2

    # a day later, as if nothing had been in between
    assert len(count_open_terms(LOADED + timedelta(days=1))) == 3
    assert set(Recount.objects.values_list("at", flat=True)) == {utc(LOADED)}
    assert {resolve_of(case).due_at for case in cases} == {utc(at(1, 5, year=2027))}
    assert Recount.objects.count() == 5
    assert not list(broken_entries())


@in_one_transaction
def test_a_half_day_is_adopted_once_and_vouched_for() -> None:
    eve = date(2026, 12, 31)
    half = {eve: Day(works=True, until=time(12))}

    assert load(half, LOADED, SYSTEM) is not None
    assert load(half, LOADED, SYSTEM) is None
    assert calendars.in_use(LOADED).worked_until(eve) == time(12)
    assert load({eve: Day(works=True)}, LOADED, SYSTEM) is not None
    assert calendars.in_use(LOADED).worked_until(eve) is None
    assert [row.days[eve.isoformat()].get("until") for row in CalendarVersion.objects.order_by("id")] == [
        "12:00",
        None,
    ]
    assert not list(broken_entries())


@in_one_transaction
@pytest.mark.parametrize(
    ("when", "missing"),
    [
        (at(10, 31, 23, 59), None),  # 2026 has its notice
        (at(11, 1), 2027),  # in UTC it is still October
        (at(1, 2, year=2027), 2027),
        (at(11, 1, year=2027), 2028),
    ],
)
def test_from_november_on_the_notice_of_the_next_year_is_missed(when: datetime, missing: int | None) -> None:
    assert calendars.missing_notice(when, calendars.in_use(when)) == missing


@in_one_transaction
def test_a_year_that_was_loaded_is_not_missed() -> None:
    load(MAKE_UP, LOADED, SYSTEM)
    assert calendars.missing_notice(LOADED, calendars.in_use(LOADED)) is None
