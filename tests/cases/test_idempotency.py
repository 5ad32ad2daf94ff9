"""Whoever asks again, at the same moment or a week later, gets the same answer: by key or by external id."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any, TypeVar

import psycopg
import pytest
from django.db import connection, transaction

from huying.cases.intake import KEYS_LIVE, Arrival, Received, Register, register, register_all
from huying.cases.models import Case, Contact, IdempotencyKey, Refusal, Requester
from huying.channels.tasks import forget_keys
from huying.config.postgres import Urls
from huying.directory.models import ContactPoint
from huying.ledger.models import LedgerLine
from huying.rules.access import Actor, Role
from huying.rules.lifecycle import Refused
from huying.rules.vocabulary import Kind, RefusalCode
from tests.builders import NOW, intake, into, utc

KEY = "7c1f6a2e-0b1d"
T = TypeVar("T")


def at_once(*calls: Callable[[], T]) -> list[T]:
    """Run the calls at the same moment, each in a thread with a connection of its own; return their results."""
    start = Barrier(len(calls))

    def run(call: Callable[[], T]) -> T:
        start.wait(10)
        return apart(call)

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def apart(call: Callable[[], T]) -> T:
    """Run a call in a thread that gives its connection back."""
    try:
        return call()
    finally:
        connection.close()


def wait_for_a_waiter(database: Urls) -> None:
    """Return when some session of the database waits for another one's lock."""
    waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with psycopg.connect(database.app, autocommit=True) as watcher:
        for _ in range(500):
            if watcher.execute(waiting).rowcount:
                return
            time.sleep(0.01)
    pytest.fail("nobody waits for a lock")


def ask(place: Register, key: str = KEY, **given: str) -> Received | Refused:
    return register(intake(**given), place.recorded_at, place, key=key)


def taken(place: Register, key: str = KEY, **given: str) -> Received:
    answer = ask(place, key, **given)
    assert isinstance(answer, Received), answer
    return answer


@pytest.mark.django_db
def test_a_second_request_gets_the_same_number_and_code_rebuilt() -> None:
    place = into()

    first, second = taken(place), taken(place)

    assert (first.again, second.again) == (False, True)
    assert (second.contact_id, second.case_id, second.number, second.code) == (
        first.contact_id,
        first.case_id,
        first.number,
        first.code,
    )
    assert Case.objects.count() == Contact.objects.count() == 1


@pytest.mark.django_db
def test_a_contact_without_a_case_is_answered_again_too() -> None:
    place = into()
    first = register(intake(kind=Kind.VERIFICATION), NOW, place, key=KEY)

    second = register(intake(kind=Kind.VERIFICATION), NOW, place, key=KEY)

    assert isinstance(first, Received)
    assert second == Received(first.contact_id, None, None, None, again=True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "other",
    [
        {"text": "小区供暖管道漏水， 三天无人维修"},
        {"phone": "13900000002"},
        {"title": "漏水"},
        {"name": "何一"},
        {"external_id": "a-1"},
    ],
)
def test_another_body_under_the_same_key_is_refused_and_leaves_a_refusal(other: dict[str, str]) -> None:
    place = into()
    taken(place)

    answer = ask(place, **other)

    assert answer == Refused(RefusalCode.IDENTITY_REUSED, "Idempotency-Key")
    assert Contact.objects.count() == 1
    assert list(Refusal.objects.values_list("verb", "code", "field")) == [
        ("contact", "identity_reused", "Idempotency-Key")
    ]


@pytest.mark.django_db
def test_another_moment_under_the_same_key_is_another_body() -> None:
    place = into()
    taken(place)

    answer = register(intake(), NOW - timedelta(microseconds=1), place, key=KEY)

    assert answer == Refused(RefusalCode.IDENTITY_REUSED, "Idempotency-Key")
    assert Contact.objects.count() == Refusal.objects.count() == 1


@pytest.mark.django_db
def test_the_same_moment_told_in_another_zone_is_the_same_body() -> None:
    place = into()
    taken(place)

    answer = register(intake(), utc(NOW), place, key=KEY)

    assert isinstance(answer, Received)
    assert answer.again


@pytest.mark.django_db
def test_another_contact_point_under_the_same_key_is_another_body() -> None:
    place = into()
    one, other = (ContactPoint.objects.create(line="市长热线", kind="phone", value=value).id for value in "12")
    register(intake(contact_point=one), NOW, place, key=KEY)

    answer = register(intake(contact_point=other), NOW, place, key=KEY)

    assert answer == Refused(RefusalCode.IDENTITY_REUSED, "Idempotency-Key")
    assert Contact.objects.get().contact_point_id == one


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["k\0", "k\ud83d", "长" * 201])
def test_a_key_that_cannot_be_kept_is_refused(key: str) -> None:
    assert ask(into(), key) == Refused(RefusalCode.FIELD_INVALID, "Idempotency-Key")

    assert Refusal.objects.get().field == "Idempotency-Key"
    assert not Contact.objects.exists()
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db
def test_a_key_of_two_hundred_characters_is_kept() -> None:
    place, key = into(), "长" * 200

    assert (taken(place, key).again, taken(place, key).again) == (False, True)


@pytest.mark.django_db
def test_the_answer_itself_is_not_stored() -> None:
    answer = taken(into())

    with connection.cursor() as cursor:
        cursor.execute("SELECT k::text FROM idempotency_key k")
        [(row,)] = cursor.fetchall()
    assert answer.code is not None
    assert answer.number is not None
    assert answer.code not in row
    assert answer.number not in row


@pytest.mark.django_db
def test_another_actor_may_use_the_same_key() -> None:
    first = taken(into())

    second = taken(into(actor=Actor("user:1003", Role.OPERATOR)), text="路灯不亮")

    assert second.number != first.number
    assert IdempotencyKey.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(("age", "known"), [(KEYS_LIVE, True), (KEYS_LIVE + timedelta(seconds=1), False)])
def test_a_key_lives_seven_days(age: timedelta, known: bool) -> None:
    first = taken(into(NOW - age))

    second = register(intake(), NOW - age, into(NOW), key=KEY)

    assert isinstance(second, Received)
    assert second.again is known
    assert (second.number == first.number) is known
    assert IdempotencyKey.objects.get().contact_id == second.contact_id


@pytest.mark.django_db
def test_after_seven_days_another_body_may_take_the_key() -> None:
    taken(into(NOW - KEYS_LIVE - timedelta(seconds=1)))

    assert not taken(into(NOW), text="路灯不亮").again


@pytest.mark.django_db
def test_a_refused_body_does_not_consume_the_key() -> None:
    place = into()
    assert isinstance(ask(place, text="  "), Refused)

    assert not taken(place).again


@pytest.mark.django_db
def test_a_thing_known_by_its_external_id_takes_its_key_all_the_same() -> None:
    place = into()
    first = register(intake(external_id="a-1"), NOW, place)

    second = taken(place, external_id="a-1")

    assert isinstance(first, Received)
    assert second.number == first.number
    assert [key.contact_id for key in IdempotencyKey.objects.all()] == [first.contact_id]


@pytest.mark.django_db
def test_the_nightly_job_forgets_old_keys_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.channels.tasks.now", lambda: NOW)
    taken(into(NOW - KEYS_LIVE), "at the edge")
    taken(into(NOW - KEYS_LIVE - timedelta(seconds=1)), "old")

    forget_keys(0)

    assert IdempotencyKey.objects.get().key == "at the edge"


# -- at the same moment --------------------------------------------------------------------------------------------


def test_a_second_request_waits_for_the_first_and_gets_its_answer(own_database: Urls) -> None:
    place = into()
    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            first = taken(place)
            second = thread.submit(apart, lambda: taken(place))
            wait_for_a_waiter(own_database)
        answer = second.result(10)

    assert (answer.number, answer.code, answer.again) == (first.number, first.code, True)
    assert Contact.objects.count() == 1


def test_a_second_request_takes_the_key_when_the_first_one_fails(own_database: Urls) -> None:
    place = into()
    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            taken(place)
            second = thread.submit(apart, lambda: taken(place))
            wait_for_a_waiter(own_database)
            transaction.set_rollback(True)
        answer = second.result(10)

    assert not answer.again
    assert Contact.objects.get().id == answer.contact_id


def test_of_many_requests_at_once_one_registers_and_all_get_its_answer(own_database: Urls) -> None:
    place = into()

    answers = at_once(*[lambda: taken(place)] * 6)

    assert len({(answer.number, answer.code) for answer in answers}) == 1
    assert sorted(answer.again for answer in answers) == [False] + [True] * 5
    assert Case.objects.count() == Contact.objects.count() == IdempotencyKey.objects.count() == 1


def test_an_expired_key_that_another_request_takes_meanwhile_is_not_taken_twice(own_database: Urls) -> None:
    """Between the statement that finds the key expired and the one that deletes it, somebody else does both."""
    taken(into(NOW - KEYS_LIVE - timedelta(days=1)))
    place = into(NOW)
    others: list[Received] = []

    def after_looking(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        result = execute(sql, *rest)
        if sql.startswith("SELECT") and 'FROM "idempotency_key"' in sql and not others:
            with ThreadPoolExecutor(1) as thread:
                others.append(thread.submit(apart, lambda: taken(place)).result(10))
        return result

    with connection.execute_wrapper(after_looking):
        answer = taken(place)

    assert (answer.number, answer.again) == (others[0].number, True)
    assert Contact.objects.count() == 2


def test_two_who_deliver_the_same_at_once_register_it_once(own_database: Urls) -> None:
    place, same = into(), intake(external_id="m-1", account="ua")
    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            first = register(same, NOW, place)
            second = thread.submit(apart, lambda: register(same, NOW, place))
            wait_for_a_waiter(own_database)
        answer = second.result(10)

    assert isinstance(first, Received)
    assert answer == replace(first, again=True)
    assert Contact.objects.count() == Case.objects.count() == Requester.objects.count() == 1


def test_two_batches_that_share_half_of_their_things_double_none_and_lose_none(own_database: Urls) -> None:
    place = into(rulebook_id="message-board")

    def deliver(first: int) -> list[Received | Refused]:
        batches = range(first, first + 60, 10)
        said = [
            [intake(f"第 {n} 件", external_id=f"m-{n}", account=f"u{n % 7}") for n in range(b, b + 10)]
            for b in batches
        ]
        return [answer for batch in said for answer in register_all([Arrival(one, NOW) for one in batch], place)]

    one, other = at_once(lambda: deliver(0), lambda: deliver(30))

    assert all(isinstance(answer, Received) for answer in one + other)
    assert sum(isinstance(answer, Received) and not answer.again for answer in one + other) == 90
    assert (
        Contact.objects.count() == Case.objects.count() == LedgerLine.objects.filter(event="registered").count() == 90
    )
    assert Requester.objects.count() == 7
