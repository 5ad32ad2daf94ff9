"""The one place that writes: all rows of a case or none, in few statements; and what the database refuses."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.cases import rulebooks
from huying.cases.doors import Deed, act, act_all
from huying.cases.intake import Arrival, Received, register, register_all
from huying.cases.models import Case, Clock, Contact, IdempotencyKey, Message, Origin, RulebookVersion
from huying.cases.verification import broken_entries
from huying.config.postgres import Urls
from huying.ledger.models import LedgerLine
from huying.rules.access import Actor
from huying.rules.commands import Acknowledge, Assign, Command, RecordVerdict, SubmitReport, Verify
from huying.rules.lifecycle import Refused
from huying.rules.vocabulary import RefusalCode
from huying.vault.seals import take_ids
from tests.builders import (
    HANDLER_PHONE,
    NOW,
    at,
    case_of,
    clerk,
    do,
    holder,
    intake,
    into,
    received,
    reported,
    spoken,
    unit,
    verified_case,
)

# Who opens, ends and marks a transaction, or says in whose name it runs, asks the database nothing.
NOT_COUNTED = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK", "SELECT SET_CONFIG")

in_one_transaction = pytest.mark.django_db


def statements(queries: CaptureQueriesContext) -> list[str]:
    told = [query["sql"] for query in queries.captured_queries]
    return [sql for sql in told if not sql.upper().startswith(NOT_COUNTED)]


@contextmanager
def at_most(budget: int) -> Iterator[None]:
    with CaptureQueriesContext(connection) as queries:
        yield
    counted = statements(queries)
    assert len(counted) <= budget, "\n".join(sql[:120] for sql in counted)


def rows_of_all() -> dict[str, int]:
    """Count the rows of every table that a door writes; refusals are no part of a case."""
    written: list[type[models.Model]] = [LedgerLine, ProcrastinateJob]
    for app in ("cases", "vault"):
        written += apps.get_app_config(app).get_models()
    return {model._meta.db_table: model._default_manager.count() for model in written}


def take_the_place_of_lines(*places: tuple[int, int]) -> None:
    """Write ledger lines where the next door wants to write its own: the database refuses those, late in `store`."""
    for chain, seq in places:
        LedgerLine.objects.create(
            chain_id=chain,
            seq=seq,
            event="x",
            actor="x",
            at=NOW,
            recorded_at=NOW,
            content=b"",
            previous=b"",
            hash=b"",
        )


# -- all or nothing ------------------------------------------------------------------------------------------------


@in_one_transaction
def test_a_new_case_is_all_of_its_rows_its_line_and_one_job() -> None:
    place = into()

    register(intake(name="何一"), NOW, place, key="k")

    written = {table: n for table, n in rows_of_all().items() if n and table != "vault_key_fingerprint"}
    assert written == {
        "rulebook_version": 1, "vault_key": 3,
        "requester": 1, "case": 1, "case_text": 1, "clock": 2, "contact": 1, "message": 1, "ledger_line": 2,
        "procrastinate_jobs": 1, "idempotency_key": 1,
    }  # fmt: skip
    job = ProcrastinateJob.objects.get()
    assert (job.task_name, job.queue_name, job.args) == (
        "deliver", "send", {"message_ids": [Message.objects.get().id]}
    )  # fmt: skip


@in_one_transaction
def test_an_intake_that_fails_in_the_middle_leaves_nothing() -> None:
    place = into()
    [last] = take_ids(1)
    # Door 1 begins once more after a constraint, with the ids that follow.
    take_the_place_of_lines(*((chain, 1) for chain in range(last + 1, last + 30)))
    before = rows_of_all()

    with pytest.raises(IntegrityError, match="ledger_line_of_chain"):
        register(intake(name="何一"), NOW, place, key="k")

    assert rows_of_all() == before
    assert not IdempotencyKey.objects.exists()


@in_one_transaction
def test_an_intake_that_met_a_constraint_once_begins_again_and_doubles_nothing() -> None:
    place = into()
    [last] = take_ids(1)
    take_the_place_of_lines((last + 2, 1))

    answer = register(intake(), NOW, place, key="k")

    assert isinstance(answer, Received)
    assert Case.objects.get().number == answer.number
    assert Contact.objects.count() == Message.objects.count() == ProcrastinateJob.objects.count() == 1


def test_an_intake_for_a_post_that_is_none_leaves_nothing(own_database: Urls) -> None:
    place = into()
    before = rows_of_all()

    assert register(intake(post=4711), NOW, place) == Refused(RefusalCode.FIELD_INVALID, "post")

    assert rows_of_all() == before | {"refusal": 1}


@in_one_transaction
def test_a_deed_that_fails_in_the_middle_leaves_the_case_as_it_was() -> None:
    housing, case = unit(), received()
    row = case_of(case)
    take_the_place_of_lines((row.id, 2))
    before = rows_of_all(), Case.objects.values().get(), list(Clock.objects.order_by("id").values())

    with pytest.raises(IntegrityError, match="ledger_line_of_chain"):
        act(row.id, Assign(housing.id), at(3, 10, 15), at(3, 10, 15), clerk())

    assert before == (rows_of_all(), Case.objects.values().get(), list(Clock.objects.order_by("id").values()))


@in_one_transaction
def test_what_the_callers_transaction_takes_back_takes_its_job_along() -> None:
    place = into()
    before = rows_of_all()

    with transaction.atomic():
        register(intake(), NOW, place)
        assert rows_of_all() != before
        transaction.set_rollback(True)

    assert rows_of_all() == before


# -- what stands where ---------------------------------------------------------------------------------------------


@in_one_transaction
def test_the_case_row_tells_what_is_due_next() -> None:
    housing, case = unit(), received()
    seen = [case_of(case).due_step]
    for command, moment, actor in (
        (Assign(housing.id), at(3, 10, 15), clerk()),
        (spoken(), at(3, 12, 10), holder(housing)),
        (reported(), at(3, 16, 16), holder(housing)),
        (Verify(), at(3, 16, 17), clerk()),
        (RecordVerdict("satisfied"), at(3, 18, 10), clerk()),
    ):
        do(case, command, moment, actor)
        row = case_of(case)
        pressing = Clock.objects.filter(case=row, done_at=None, void_at=None).exclude(step="return")
        running = pressing.order_by("due_at").first()
        assert (row.due_at, row.due_step) == ((running.due_at, running.step) if running else (None, None))
        seen.append(row.due_step)

    assert seen == ["register", "contact", "resolve", "callback", "callback", None]


@in_one_transaction
def test_one_job_sends_all_messages_of_a_call() -> None:
    place = into()

    register_all([Arrival(intake(f"第 {n} 件"), NOW) for n in range(3)], place)

    assert sorted(ProcrastinateJob.objects.get().args["message_ids"]) == sorted(
        Message.objects.values_list("id", flat=True)
    )


@in_one_transaction
def test_a_decision_that_nobody_is_told_of_defers_no_job() -> None:
    housing, case = unit(), received()
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    jobs = ProcrastinateJob.objects.count()

    do(case, Acknowledge("何砚", HANDLER_PHONE), at(3, 11, 9), holder(housing))

    assert ProcrastinateJob.objects.count() == jobs


@in_one_transaction
def test_everything_that_was_stored_is_vouched_for() -> None:
    housing = unit()
    case = verified_case(housing)
    do(case, RecordVerdict("unsatisfied"), at(3, 18, 10), clerk())
    rulebooks.version.cache_clear()

    assert list(broken_entries()) == []


# -- statements ----------------------------------------------------------------------------------------------------


@in_one_transaction
def test_an_intake_takes_at_most_twelve_statements() -> None:
    place = into()
    received()

    with at_most(12):
        register(intake(name="何一"), NOW, place)


@in_one_transaction
def test_an_act_takes_at_most_ten_statements() -> None:
    housing, lower = unit(), unit("housing-east", "housing")
    case = received()
    ways: list[tuple[Command, datetime, Actor]] = [
        (Assign(housing.id), at(3, 10, 15), clerk()),
        (Assign(lower.id), at(3, 10, 16), holder(housing)),
        (Acknowledge("何砚", HANDLER_PHONE), at(3, 11, 9), holder(lower)),
        (spoken(), at(3, 12, 10), holder(lower)),
        (reported(), at(3, 16, 16), holder(lower)),
        (Verify(), at(3, 16, 17), clerk()),
        (RecordVerdict("unsatisfied"), at(3, 18, 10), clerk()),
        (Verify(), at(3, 18, 11), clerk()),  # refused
    ]
    for command, moment, actor in ways:
        with at_most(10):
            act(case.case_id or 0, command, moment, moment, actor)


def history(n: int) -> list[Deed]:
    """Register `n` messages and return what has to be done to all of them."""
    place, city = into(rulebook_id="message-board"), unit("office-2")
    answers = register_all(
        [Arrival(intake(f"第 {i} 件", account=f"u{i}", external_id=f"{n}-{i}"), NOW) for i in range(n)], place
    )
    return [
        Deed(answer.case_id or 0, command, NOW + timedelta(hours=1))
        for answer in answers
        if isinstance(answer, Received)
        for command in (Assign(city.id), SubmitReport(text="已修好"), Verify())
    ]


@in_one_transaction
@pytest.mark.parametrize("call", ["register_all", "act_all"])
def test_statements_do_not_grow_with_the_number_of_cases(call: str) -> None:
    history(1)
    counts: list[int] = []
    for n in (2, 40):
        with CaptureQueriesContext(connection) as registering:
            deeds = history(n)
        with CaptureQueriesContext(connection) as acting:
            results = act_all(deeds, NOW + timedelta(hours=1), Actor.system())
        assert not any(isinstance(result, Refused) for result in results)
        counts.append(len(statements(registering if call == "register_all" else acting)))

    assert counts[0] == counts[1]


# -- what the database refuses by itself ---------------------------------------------------------------------------


def change(model: type[models.Model], **values: object) -> Callable[[], object]:
    return lambda: model._default_manager.update(**values)


def copy_of(model: type[models.Model], **values: object) -> Callable[[], object]:
    """Return what inserts a copy of the table's first row with other values."""

    def insert() -> None:
        row = model._default_manager.order_by("pk")[0]
        row.pk = values.pop("id", None) or take_ids(1)[0]
        for name, value in values.items():
            setattr(row, name, value)
        row.save(force_insert=True)

    return insert


@in_one_transaction
@pytest.mark.parametrize(
    ("break_it", "constraint"),
    [
        (change(Case, closed_as="satisfied"), "case_ends_as_something"),
        (change(Case, closed_at=NOW), "case_ends_as_something"),
        (change(Case, closed_at=NOW - timedelta(days=1), closed_as="satisfied"), "case_ends_after_receipt"),
        (change(Case, closed_at=NOW, closed_as="done"), "case_closed_as_known"),
        (change(Case, due_at=None), "case_due_has_step"),
        (change(Case, due_step=None), "case_due_has_step"),
        (change(Case, contacted_at=NOW), "case_done_within_a_term"),
        (change(Case, answered_at=NOW), "case_done_within_a_term"),
        (change(Case, judged="unreachable"), "case_judged_validly"),
        (change(Case, cycle=0), "case_counts"),
        (change(Case, level=-1), "case_counts"),
        (change(Case, contacts=0), "case_counts"),
        (change(Case, stage="waiting"), "case_stage_known"),
        (change(Case, kind="gossip"), "case_kind_known"),
        (change(Case, origin="told"), "case_origin_known"),
        (change(Case, urgency="high"), "case_urgency_known"),
        (change(Case, complexity="odd"), "case_complexity_known"),
        (copy_of(Case), "case_number"),
        (copy_of(Clock, step="assign", id=10**6), "clock_one_running_per_step"),
        (change(Clock, due_at=NOW), "clock_due_after_start"),
        (change(Contact, at=NOW + timedelta(seconds=1)), "contact_not_in_future"),
        (change(Contact, origin="told"), "contact_origin_known"),
        (copy_of(Contact), "contact_external_id_once"),
        (change(Message, delivery="lost", ended_at=NOW), "message_delivery_known"),
        (change(Message, delivery="sent"), "message_ends_once"),
        (change(Message, ended_at=NOW), "message_ends_once"),
        (copy_of(RulebookVersion, sha=b"1"), "rulebook_version_once"),
        (copy_of(RulebookVersion, version=2), "rulebook_version_sha"),
    ],
)
def test_the_database_refuses_what_cannot_be(break_it: Callable[[], object], constraint: str) -> None:
    received(external_id="m-1")

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        break_it()


@in_one_transaction
def test_a_void_clock_makes_room_for_another_of_its_step() -> None:
    received()
    Clock.objects.filter(step="assign").update(void_at=NOW)

    copy_of(Clock, step="assign", void_at=None, id=10**6)()

    assert Clock.objects.filter(step="assign").count() == 2


@in_one_transaction
def test_history_is_marked_as_history() -> None:
    register(intake(origin=Origin.IMPORT), NOW, into())

    assert (Case.objects.get().origin, Contact.objects.get().origin) == ("import", "import")
