"""The sweep on a real database: every rung once, in order, at its own instant, however many sweep or how late."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huying.cases import rulebooks
from huying.cases.intake import Received
from huying.cases.models import Case, Message, SupervisionAction
from huying.cases.sweep import next_instant, sweep
from huying.cases.verification import broken_entries
from huying.config.postgres import Urls
from huying.rules.commands import Assign, RecordVerdict
from tests.builders import at, case_of, clerk, do, holder, received, spoken, unit, utc, verified_case
from tests.cases.test_idempotency import at_once

MANY = 60
in_one_transaction = pytest.mark.django_db


def assigned() -> Received:
    """Contact due Fri 13 24:00 and supervised Mon 16 24:00; resolve is due Tue 17 24:00, supervised Fri 20 24:00."""
    case = received()
    do(case, Assign(unit().id), at(3, 10, 15), clerk())
    return case


def fired(case: Received) -> list[tuple[str | None, str | None, datetime]]:
    rows = SupervisionAction.objects.filter(case=case.case_id).order_by("at", "id")
    return [(row.step, row.action, row.at) for row in rows]


WHOLE_LADDER = [
    ("contact", "remind", at(3, 14)),
    ("contact", "supervise", at(3, 17)),
    ("resolve", "remind", at(3, 18)),
    ("resolve", "supervise", at(3, 21)),
]


@in_one_transaction
def test_each_rung_fires_at_its_own_instant_and_once() -> None:
    case = assigned()

    assert sweep(at(3, 14) - timedelta(microseconds=1)) == 0
    assert [sweep(at(3, 14)), sweep(at(3, 14))] == [1, 0]

    assert fired(case) == WHOLE_LADDER[:1]
    assert case_of(case).watch_at == utc(at(3, 17))
    assert next_instant() == utc(at(3, 17))


@in_one_transaction
def test_after_days_down_one_sweep_does_what_an_hourly_one_would_have_done() -> None:
    hourly, late = assigned(), assigned()
    Case.objects.filter(id=late.case_id or 0).update(watch_at=None)
    for hour in range(24 * 12):
        sweep(at(3, 10, 15) + timedelta(hours=hour))
    Case.objects.filter(id=late.case_id or 0).update(watch_at=at(3, 14))

    assert sweep(at(3, 24)) == 4

    assert fired(late) == fired(hourly) == WHOLE_LADDER
    assert case_of(late).watch_at is case_of(hourly).watch_at is None
    assert not list(broken_entries())


@in_one_transaction
def test_what_is_done_late_before_the_sweep_comes_round_is_late_all_the_same() -> None:
    case = assigned()

    state = do(case, spoken(), at(3, 14), holder(unit()))

    assert fired(case) == WHOLE_LADDER[:1]
    assert [action.value for action in state.actions] == ["remind"]
    assert sweep(at(3, 17)) == 0


@in_one_transaction
def test_a_term_that_was_met_and_a_case_that_has_ended_fire_nothing() -> None:
    case = verified_case(unit())
    do(case, RecordVerdict("satisfied"), at(3, 18, 10), clerk())

    assert sweep(at(12, 31)) == 0
    assert (case_of(case).watch_at, next_instant()) == (None, None)


@in_one_transaction
def test_only_a_unit_that_holds_the_case_is_pressed() -> None:
    waiting = received()
    sweep(at(3, 13))  # nobody assigned it in time: the office's own lateness
    verified = verified_case(unit())
    sweep(at(3, 25))  # nobody called back in time

    assert [action for _, action, _ in fired(waiting)] == [action for _, action, _ in fired(verified)] == ["remind"]
    assert not Message.objects.filter(event="escalated").exists()

    case = assigned()
    sweep(at(3, 25))
    told = Message.objects.filter(event="escalated")
    assert set(told.values_list("case", "audience")) == {(case.case_id, "unit")}


@in_one_transaction
def test_the_number_of_statements_does_not_grow_with_the_cases() -> None:
    def statements(cases: int, day: int) -> int:
        for _ in range(cases):
            assigned()
        with CaptureQueriesContext(
            connection,
        ) as told:
            assert sweep(at(3, day)) == cases
        SupervisionAction.objects.count()
        Case.objects.update(watch_at=None)
        return len(told)

    assert statements(2, 14) == statements(9, 14)


# -- several at once ------------------------------------------------------------------------------------------------


@contextmanager
def sweeping(database: Urls) -> Iterator[subprocess.Popen[bytes]]:
    """Run a sweeper as a process of its own, in batches of one so that it is killed between and within batches."""
    code = (
        "import django; django.setup()\n"
        "from datetime import datetime\n"
        "from huying.cases import sweep\n"
        "sweep.BATCH = 1\n"
        "print('ready', flush=True)\n"
        f"sweep.sweep(datetime.fromisoformat({at(3, 24).isoformat()!r}))\n"
    )
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "huying.config.settings",
        "HUYING_DATABASE_URL": database.app,
        "HUYING_OWNER_DATABASE_URL": database.owner,
    }
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def test_of_four_sweepers_one_is_killed_and_every_rung_fires_once(own_database: Urls) -> None:
    cases = [assigned() for _ in range(MANY)]
    with sweeping(own_database) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        for _ in range(1000):
            if SupervisionAction.objects.exists():
                break
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        at_once(*[lambda: sweep(at(3, 24))] * 3)
        process.wait(10)
    assert process.returncode == -signal.SIGKILL

    sweep(at(3, 24))  # what the killed one held when the others came by

    assert [fired(case) for case in cases] == [WHOLE_LADDER] * MANY
    assert next_instant() is None
    rulebooks.version.cache_clear()
    assert not list(broken_entries())
