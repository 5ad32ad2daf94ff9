"""Door 2 on a real database: what is written, what is refused, and what stays when it is refused."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.cases import rulebooks
from huying.cases.doors import Deed, act, act_all
from huying.cases.models import Assignment, Case, CaseParty, Clock, ContactRecord, Message, Origin, Refusal, Report
from huying.cases.verification import broken_entries
from huying.config.postgres import Urls
from huying.ledger.models import LedgerLine
from huying.people.models import Unit
from huying.rules.access import Actor, Role
from huying.rules.commands import (
    Acknowledge,
    Assign,
    Command,
    Merge,
    RecordContact,
    RecordVerdict,
    RejectReport,
    SubmitReport,
    Verify,
)
from huying.rules.lifecycle import Refused
from huying.rules.state import CaseState
from huying.rules.vocabulary import RefusalCode, Step
from tests.builders import (
    HANDLER_PHONE,
    NOW,
    PHONE,
    at,
    case_of,
    clerk,
    do,
    holder,
    received,
    reported,
    spoken,
    unit,
    verified_case,
)
from tests.cases.test_idempotency import apart, at_once, wait_for_a_waiter

in_one_transaction = pytest.mark.django_db


@in_one_transaction
def test_a_call_to_the_mayor_is_closed_in_time() -> None:
    housing = unit()
    case = verified_case(housing)

    state = do(case, RecordVerdict("satisfied"), at(3, 18, 10), clerk())

    counted = [clock for clock in state.clocks if clock.step is not Step.RETURN]
    assert {clock.step: clock.due_at for clock in counted} == {
        "register": at(3, 12),
        "assign": at(3, 12),
        "contact": at(3, 14),
        "resolve": at(3, 18),
        "callback": at(3, 20),
    }
    assert all(clock.done_at is not None and clock.done_at < clock.due_at for clock in counted)
    row = case_of(case)
    assert (row.stage, row.closed_as, row.verdict, row.due_at) == ("closed", "satisfied", "satisfied", None)


@in_one_transaction
def test_a_refused_command_changes_nothing_and_leaves_a_refusal() -> None:
    housing = unit()
    case = received()
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    before = Case.objects.filter(number=case.number).values().get()
    lines = LedgerLine.objects.count()

    refused = act(case.case_id or 0, RecordContact(method="email"), at(3, 12, 9), at(3, 12, 9), holder(housing))

    assert refused == Refused(RefusalCode.METHOD_NOT_ALLOWED, "method", "step.contact.methods")
    assert Case.objects.filter(number=case.number).values().get() == before
    assert LedgerLine.objects.count() == lines
    assert not ContactRecord.objects.exists()
    refusal = Refusal.objects.get()
    assert (refusal.verb, refusal.code, refusal.field) == ("record_contact", "method_not_allowed", "method")


@in_one_transaction
def test_a_third_unsatisfied_verdict_leaves_the_case_verified_with_its_cycles_on_record() -> None:
    housing = unit()
    case = verified_case(housing)
    do(case, RecordVerdict("unsatisfied"), at(3, 18, 10), clerk())
    assert {c.step: c.due_at for c in Clock.objects.filter(case=case.case_id, cycle=2).exclude(step="return")} == {
        "contact": at(3, 24),
        "resolve": at(3, 26),
    }
    do(case, spoken(), at(3, 20, 10), holder(housing))


# -- who, what and when --------------------------------------------------------------------------------------------


@in_one_transaction
def test_a_case_that_is_none_is_not_found_and_the_refusal_names_no_case() -> None:
    assert act(4711, Verify(), NOW, NOW, clerk()) == Refused(RefusalCode.NOT_FOUND)

    refusal = Refusal.objects.get()
    assert (refusal.verb, refusal.code, refusal.case_id, refusal.actor) == ("verify", "not_found", None, "user:1001")


@in_one_transaction
@pytest.mark.parametrize(
    ("moment", "possible"),
    [
        (NOW - timedelta(microseconds=1), False),
        (NOW, True),
        (at(3, 12), True),
        (at(3, 12, 0, 0, 1), False),
    ],
)
def test_a_deed_lies_between_receipt_and_recording(moment: datetime, possible: bool) -> None:
    housing, case = unit(), received()

    result = act(case.case_id or 0, Assign(housing.id), moment, at(3, 12), clerk())

    assert (result != Refused(RefusalCode.FIELD_INVALID, "at")) is possible
    assert Refusal.objects.filter(case=case.case_id).exists() is not possible


@in_one_transaction
@pytest.mark.parametrize("text", ["\0", "修好\ud83d"])
def test_a_text_that_cannot_be_kept_is_refused_by_its_field(text: str) -> None:
    housing, case = unit(), received()
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    said = RecordContact("phone", "何砚", HANDLER_PHONE, text)

    result = act(case.case_id or 0, said, at(3, 11), at(3, 11), holder(housing))

    assert result == Refused(RefusalCode.FIELD_INVALID, "text")
    assert not ContactRecord.objects.exists()


@in_one_transaction
@pytest.mark.parametrize("to", [999999, 0, -1, 10**30, True, "housing", "1", "", [1], 1.0])
def test_an_assignment_to_what_is_no_unit_is_refused_and_changes_nothing(to: Any) -> None:
    case = received()

    result = act(case.case_id or 0, Assign(to), at(3, 11), at(3, 11), clerk())

    assert result == Refused(RefusalCode.FIELD_INVALID, "unit")
    assert Refusal.objects.values_list("verb", "code", "field", "case").get() == (
        "assign", "field_invalid", "unit", case.case_id
    )  # fmt: skip
    assert not Assignment.objects.exists()
    assert (case_of(case).stage, case_of(case).ledger_seq) == ("received", 1)


@in_one_transaction
def test_an_assignment_without_a_unit_asks_for_one() -> None:
    result = act(received().case_id or 0, Assign(), at(3, 11), at(3, 11), clerk())

    assert result == Refused(RefusalCode.FIELD_REQUIRED, "unit")
    assert not Assignment.objects.exists()


@in_one_transaction
@pytest.mark.parametrize(
    ("moment", "possible"),
    [(at(3, 10, 23, 59, 59), True), (at(3, 11), False), (at(3, 12), False)],
)
def test_a_unit_takes_cases_until_the_day_on_which_it_is_abolished(moment: datetime, possible: bool) -> None:
    """The day is that of the city's clocks, and of the deed: one recorded late may still name the unit."""
    housing, case = unit(), received()
    Unit.objects.filter(id=housing.id).update(abolished_on=date(2026, 3, 11))

    result = act(case.case_id or 0, Assign(housing.id), moment, at(3, 20), clerk())

    assert isinstance(result, CaseState) is possible
    assert possible or result == Refused(RefusalCode.FIELD_INVALID, "unit")


@in_one_transaction
def test_who_may_not_assign_learns_nothing_of_the_units() -> None:
    case = received()

    result = act(case.case_id or 0, Assign(999999), at(3, 11), at(3, 11), Actor("user:9", Role.SUPERVISOR))

    assert result == Refused(RefusalCode.FORBIDDEN)


@in_one_transaction
def test_lines_carry_both_times() -> None:
    housing, case = unit(), received()

    act(case.case_id or 0, Assign(housing.id), at(3, 10, 15), at(3, 19), clerk())

    line = LedgerLine.objects.get(chain_id=case.case_id or 0, seq=2)
    assert (line.event, line.at, line.recorded_at, line.unit_id) == ("assigned", at(3, 10, 15), at(3, 19), housing.id)
    assert Clock.objects.get(step="contact").started_at == at(3, 10, 15)


@in_one_transaction
def test_a_report_sent_back_lets_its_term_run_on_and_leaves_the_callback_void() -> None:
    housing, case = unit(), received()
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    do(case, spoken(), at(3, 12, 10), holder(housing))
    do(case, reported(), at(3, 16, 16), holder(housing))
    before = Clock.objects.values("due_at", "recorded_at").get(step="resolve")

    do(case, RejectReport("没有说明何时修好"), at(3, 16, 17), clerk())

    clocks = {clock.step: (clock.done_at, clock.void_at) for clock in Clock.objects.all()}
    assert clocks["resolve"] == (None, None)
    assert clocks["callback"] == (None, at(3, 16, 17))
    assert clocks["contact"] == (at(3, 12, 10), None)
    assert Clock.objects.values("due_at", "recorded_at").get(step="resolve") == before
    assert case_of(case).due_step == "resolve"


# -- what goes out -------------------------------------------------------------------------------------------------


@in_one_transaction
@pytest.mark.parametrize(
    ("late", "origin", "messages"),
    [
        (timedelta(hours=24), Origin.LIVE, (2, 1)),  # the unit reads its own on the desk
        (timedelta(hours=24, microseconds=1), Origin.LIVE, (0, 0)),
        (timedelta(0), Origin.IMPORT, (0, 0)),
    ],
)
def test_history_and_what_is_recorded_late_are_told_to_nobody(
    late: timedelta, origin: Origin, messages: tuple[int, int]
) -> None:
    housing, case = unit(), received()
    told, jobs = Message.objects.count(), ProcrastinateJob.objects.count()

    [result] = act_all([Deed(case.case_id or 0, Assign(housing.id), NOW, origin)], NOW + late, clerk())

    assert isinstance(result, CaseState)
    assert (Message.objects.count() - told, ProcrastinateJob.objects.count() - jobs) == messages


@in_one_transaction
def test_a_reopening_tells_the_citizen_and_the_unit() -> None:
    housing = unit()
    case = verified_case(housing)

    do(case, RecordVerdict("unsatisfied"), at(3, 18, 10), clerk())

    told = Message.objects.filter(event="reopened").values_list("audience", "unit")
    assert sorted(told) == [("citizen", None), ("unit", housing.id)]


# -- several deeds -------------------------------------------------------------------------------------------------


@in_one_transaction
def test_deeds_are_done_in_their_order_and_a_refused_one_stops_nothing() -> None:
    housing, one, other = unit(), received(), received()
    ids = one.case_id or 0, other.case_id or 0
    deeds = [
        Deed(ids[1], Assign(housing.id), at(3, 10, 15)),
        Deed(ids[0], Verify(), at(3, 10, 16)),
        Deed(4711, Verify(), at(3, 10, 16)),
        Deed(ids[1], Assign(housing.id), at(3, 10, 17)),
        Deed(ids[0], Assign(housing.id), at(3, 10, 18)),
    ]

    results = act_all(deeds, at(3, 11), clerk())

    assert [result.code if isinstance(result, Refused) else result.stage for result in results] == [
        "assigned",
        "wrong_state",
        "not_found",
        "wrong_state",
        "assigned",
    ]
    assert Refusal.objects.count() == 3
    assert {case_of(one).ledger_seq, case_of(other).ledger_seq} == {2}


@in_one_transaction
def test_who_hands_a_case_down_twice_stands_among_its_parties_once() -> None:
    housing, east, west = unit(), unit("housing-east", "housing"), unit("housing-west", "housing")
    case = received()
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    do(case, Assign(east.id), at(3, 10, 16), holder(housing))
    further = Assign(west.id, exceed_approved_by="市长", reason="另有分工")
    do(case, further, at(3, 10, 17), holder(east))

    assert sorted(CaseParty.objects.values_list("party", "allow")) == [
        (f"unit:{housing.id}", True),
        (f"unit:{east.id}", True),
    ]


# -- at the same moment --------------------------------------------------------------------------------------------


def test_of_two_who_report_at_once_the_second_decides_anew_and_is_refused(own_database: Urls) -> None:
    housing, case = unit(), received()
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    do(case, spoken(), at(3, 12, 10), holder(housing))

    def report() -> CaseState | Refused:
        return act(case.case_id or 0, reported(), at(3, 16, 16), at(3, 16, 16), holder(housing))

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            first = report()
            second = thread.submit(apart, report)
            wait_for_a_waiter(own_database)
        answer = second.result(10)

    assert isinstance(first, CaseState)
    assert answer == Refused(RefusalCode.WRONG_STATE)
    assert Report.objects.count() == 1
    assert Refusal.objects.get().code == "wrong_state"
    assert list(LedgerLine.objects.filter(chain_id=case.case_id or 0).values_list("seq", flat=True)) == [1, 2, 3, 4]


def test_of_many_who_assign_at_once_one_does_and_nothing_is_doubled(own_database: Urls) -> None:
    units = [unit(f"unit-{n}") for n in range(6)]
    case = received()

    def assign(to: int) -> Callable[[], CaseState | Refused]:
        return lambda: act(case.case_id or 0, Assign(to), at(3, 10, 15), at(3, 10, 15), clerk())

    results = at_once(*(assign(one.id) for one in units))

    [done] = [result for result in results if isinstance(result, CaseState)]
    assert (case_of(case).unit_id, Assignment.objects.get().unit_id) == (done.unit, done.unit)
    assert [result for result in results if isinstance(result, Refused)] == [Refused(RefusalCode.WRONG_STATE)] * 5
    assert Refusal.objects.count() == 5
    assert Message.objects.filter(event="assigned", audience="unit").count() == 1


def test_two_who_act_on_the_same_cases_in_opposite_order_both_come_through(own_database: Urls) -> None:
    housing, ids = unit(), [received().case_id or 0 for _ in range(12)]
    rows = [Deed(case_id, Assign(housing.id), at(3, 10, 15)) for case_id in ids]

    results = at_once(*(lambda deeds=deeds: act_all(deeds, at(3, 10, 16), clerk()) for deeds in (rows, rows[::-1])))

    done = [result for both in results for result in both if isinstance(result, CaseState)]
    assert len(done) == Assignment.objects.count() == len(ids)
    assert Refusal.objects.count() == len(ids)


def test_whatever_a_crowd_does_at_once_the_ledger_holds_and_agrees_with_the_cases(own_database: Urls) -> None:
    housing, ids = unit(), [received().case_id or 0 for _ in range(3)]
    way: list[tuple[Command, datetime]] = [
        (Assign(housing.id), at(3, 10, 15)),
        (Acknowledge("何砚", HANDLER_PHONE), at(3, 11, 9)),
        (spoken(), at(3, 12, 10)),
        (SubmitReport("已修好", "done", "规程"), at(3, 16, 16)),
        (Verify(), at(3, 16, 17)),
        (RecordVerdict("satisfied"), at(3, 18, 10)),
    ]
    office = (Assign, Verify, RecordVerdict)

    def worker(seed: int) -> int:
        chance = random.Random(seed)
        done = 0
        for command, moment in way:
            for case_id in chance.sample(ids, len(ids)):
                actor = clerk() if isinstance(command, office) else holder(housing)
                done += isinstance(act(case_id, command, moment, moment, actor), CaseState)
        return done

    finished = sum(at_once(*(lambda seed=seed: worker(seed) for seed in range(4))))

    assert Case.objects.filter(stage="closed").count() == len(ids)
    assert LedgerLine.objects.filter(chain_id__in=ids).count() == len(ids) + finished + len(ids)  # closed: two events
    rulebooks.version.cache_clear()
    assert list(broken_entries()) == []


@in_one_transaction
@pytest.mark.parametrize(
    ("phones", "merges"),
    [((PHONE, PHONE), True), ((None, None), True), ((PHONE, None), False), ((None, PHONE), False)],
)
def test_a_case_is_merged_into_one_of_the_same_phone_alone_else_its_receipt_would_open_somebody_elses(
    phones: tuple[str | None, str | None], merges: bool
) -> None:
    younger, older = (received(phone=phone, name="郑晓禾") for phone in phones)
    answer = act(younger.case_id or 0, Merge(older.case_id), NOW, NOW, clerk())
    assert isinstance(answer, CaseState) if merges else answer == Refused(RefusalCode.FIELD_INVALID, "into")
