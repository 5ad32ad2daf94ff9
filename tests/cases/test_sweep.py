"""The sweep on a real database: every rung once, in order, at its own instant, however many sweep or how late."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from huying.cases import rulebooks
from huying.cases.doors import Deed, act_all
from huying.cases.intake import Received, register
from huying.cases.models import Case, Clock, Message, Origin, SupervisionAction
from huying.cases.sweep import TRY_AGAIN, Sweeper, behind, next_instant, sweep
from huying.cases.verification import broken_entries
from huying.config.postgres import Urls
from huying.config.watch import AT_LEAST_EVERY, Watcher, seconds_until
from huying.ledger.models import LedgerLine
from huying.rules.access import Actor
from huying.rules.commands import Assign, Recall, RecordVerdict, RejectReport, Verify
from huying.vault.seals import keys_of, unseal
from tests.builders import (
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
    utc,
    verified_case,
)
from tests.config.installation import until

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


@in_one_transaction
def test_a_term_that_begins_again_at_another_assignment_has_its_whole_ladder_again() -> None:
    case = assigned()
    sweep(at(3, 14))
    do(case, Recall("另有分工"), at(3, 16, 9), clerk())
    do(case, Assign(unit("water").id), at(3, 16, 10), clerk())  # contact due Thu 19 24:00

    sweep(at(3, 20))

    assert [what for what in fired(case) if what[0] == "contact"] == [
        ("contact", "remind", at(3, 14)),
        ("contact", "remind", at(3, 20)),
    ]
    assert not list(broken_entries())


# -- what is said ---------------------------------------------------------------------------------------------------


def said(case: Received) -> list[str]:
    """Return what the unit was told by rungs, without the number of the case."""
    key = keys_of([case.case_id or 0])[case.case_id or 0]
    messages = Message.objects.filter(case=case.case_id, event="escalated", audience="unit").order_by("id")
    return [(unseal(message, key, "text") or "").removeprefix(f"{case.number} ") for message in messages]


@in_one_transaction
def test_a_rung_that_a_verdict_sets_off_is_told_as_one_of_the_clock_is() -> None:
    case, of = verified_case(unit()), unit()
    for day in (18, 20, 24):
        do(case, RecordVerdict("unsatisfied"), at(3, day, 10), clerk())
        if day < 24:
            do(case, spoken(), at(3, day, 11), holder(of))
            do(case, reported(), at(3, day, 12), holder(of))
            do(case, Verify(), at(3, day, 13), clerk())

    assert said(case) == [
        "诉求人不满意，已列入督办。请马上办理并说明原因。",
        # a flag alone: the unit reads of the flag, not of the supervision before it
        "诉求人不满意，已建议约谈你单位负责人。",
    ]


@in_one_transaction
def test_each_rung_is_told_in_its_own_words() -> None:
    case = assigned()
    sweep(at(3, 24))
    assert said(case) == [
        "超期未办，请马上办理。",
        "超期未办，已列入督办。请马上办理并说明原因。",
        "超期未办，请马上办理。",
        "超期未办，已列入督办。请马上办理并说明原因。",
    ]


# -- a term that runs again -----------------------------------------------------------------------------------------


@in_one_transaction
def test_a_report_that_is_sent_back_after_its_end_is_late_at_once() -> None:
    case = assigned()
    do(case, spoken(), at(3, 12), holder(unit()))
    do(case, reported(), at(3, 17, 16), holder(unit()))  # due at 24:00
    sweep(at(3, 19))
    assert fired(case) == []

    state = do(case, RejectReport("没有说清楚"), at(3, 19, 9), clerk())

    assert [action.value for action in state.actions] == ["remind"]
    assert fired(case) == [("resolve", "remind", at(3, 19, 9))]
    sweep(at(3, 30))
    # supervised three working days after Tue 17, the old end: Fri 20 24:00
    assert fired(case)[1:] == [("resolve", "supervise", at(3, 21))]
    assert not list(broken_entries())


@in_one_transaction
def test_sent_back_before_its_end_it_is_late_at_its_old_end() -> None:
    case = assigned()
    do(case, spoken(), at(3, 12), holder(unit()))
    do(case, reported(), at(3, 16, 16), holder(unit()))
    do(case, RejectReport("没有说清楚"), at(3, 17, 9), clerk())

    sweep(at(3, 18))

    assert fired(case) == [("resolve", "remind", at(3, 18))]


@in_one_transaction
def test_a_rung_that_fired_before_the_report_does_not_fire_again_when_it_is_sent_back() -> None:
    case = assigned()
    do(case, spoken(), at(3, 12), holder(unit()))
    sweep(at(3, 18))
    do(case, reported(), at(3, 18, 16), holder(unit()))
    do(case, RejectReport("没有说清楚"), at(3, 19, 9), clerk())

    assert fired(case) == [("resolve", "remind", at(3, 18))]


# -- history --------------------------------------------------------------------------------------------------------


@in_one_transaction
def test_history_that_is_loaded_fires_nothing_however_late_it_was() -> None:
    loaded = register(intake(origin=Origin.IMPORT), at(1, 5, 9), into(at(6, 1)))
    assert isinstance(loaded, Received)
    deeds = [Deed(loaded.case_id or 0, Assign(unit().id), at(1, 8), Origin.IMPORT)]
    act_all(deeds, at(6, 1), Actor.system())

    assert sorted(Clock.objects.filter(due_at__lt=at(6, 1)).values_list("step", flat=True)) == [
        "assign",
        "contact",
        "register",
        "resolve",
        "return",
    ]
    assert (next_instant(), sweep(at(12, 31))) == (None, 0)
    assert not SupervisionAction.objects.exists()
    assert not Message.objects.exists()
    assert not list(broken_entries())


# -- a case with which something is wrong ---------------------------------------------------------------------------


@in_one_transaction
def test_a_bad_case_stops_no_other_and_is_tried_again_later(caplog: pytest.LogCaptureFixture) -> None:
    before, bad, after = assigned(), assigned(), assigned()
    Case.objects.filter(id=bad.case_id or 0).update(ledger_seq=1)  # its next line is there already
    sweeper = Sweeper()

    assert sweeper.sweep(at(3, 14)) == 2

    assert [fired(case) for case in (before, bad, after)] == [WHOLE_LADDER[:1], [], WHOLE_LADDER[:1]]
    assert caplog.messages == [f"the ladder of case {bad.number} can't be climbed; it is tried again later"]
    assert sweeper.next_instant() == utc(at(3, 14) + TRY_AGAIN)
    assert behind(at(3, 14, 1), timedelta(minutes=2)) == [bad.number]

    assert sweeper.sweep(at(3, 14, 0, 5)) == 0
    assert len(caplog.messages) == 1
    Case.objects.filter(id=bad.case_id or 0).update(ledger_seq=case_of(before).ledger_seq - 1)
    assert sweeper.sweep(at(3, 14, 0, 10)) == 1
    assert fired(bad) == WHOLE_LADDER[:1]  # at its own instant
    assert not list(broken_entries())


@in_one_transaction
def test_a_confidential_case_is_counted_and_not_named(caplog: pytest.LogCaptureFixture) -> None:
    for secret in (True, False):
        case = received(confidential=secret)
        do(case, Assign(unit().id), at(3, 10, 15), clerk())
    Case.objects.update(ledger_seq=1)

    assert Sweeper().sweep(at(3, 14)) == 0

    assert sorted(caplog.messages) == [
        "the ladder of a confidential case can't be climbed; it is tried again later",
        f"the ladder of case {case.number} can't be climbed; it is tried again later",
    ]
    assert behind(at(3, 14, 1), timedelta(minutes=2)) == [case.number, None]


@in_one_transaction
def test_more_bad_cases_than_a_batch_stop_nothing(caplog: pytest.LogCaptureFixture, monkeypatch: Any) -> None:
    bad = [assigned() for _ in range(5)]
    Case.objects.update(ledger_seq=1)
    good = assigned()
    monkeypatch.setattr("huying.cases.sweep.BATCH", 2)

    assert Sweeper().sweep(at(3, 14)) == 1

    assert (fired(good), [fired(case) for case in bad]) == (WHOLE_LADDER[:1], [[]] * 5)
    assert len(caplog.messages) == 5


def failing(database: Urls, bad: Received, code: str) -> None:
    """Have every rung of one case fail in the database with a code."""
    with psycopg.connect(database.owner) as owner:
        owner.execute(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{code}'; END $$".encode()
        )
        owner.execute(
            "CREATE TRIGGER fail BEFORE INSERT ON supervision_action FOR EACH ROW"
            f" WHEN (NEW.case_id = {bad.case_id}) EXECUTE FUNCTION fail()".encode()
        )


def test_a_case_that_asks_too_much_of_the_database_stops_no_other(
    own_database: Urls, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = assigned(), assigned()
    failing(own_database, bad, "54000")  # program_limit_exceeded: an OperationalError as well

    assert Sweeper().sweep(at(3, 14)) == 1

    assert (fired(bad), fired(good)) == ([], WHOLE_LADDER[:1])
    assert caplog.messages == [f"the ladder of case {bad.number} can't be climbed; it is tried again later"]


@pytest.mark.parametrize("code", ["40001", "57P01", "08006"])
def test_that_the_database_is_away_is_no_fault_of_a_case(
    own_database: Urls, caplog: pytest.LogCaptureFixture, code: str
) -> None:
    failing(own_database, assigned(), code)

    with pytest.raises(OperationalError):
        Sweeper().sweep(at(3, 14))
    assert caplog.messages == []


def test_the_first_of_a_series_of_troubles_is_logged_and_none_ends_the_watch(
    own_database: Urls, caplog: pytest.LogCaptureFixture
) -> None:
    assigned()
    watcher = Watcher(Sweeper())

    with psycopg.connect(own_database.owner) as owner:
        owner.execute('LOCK TABLE "case"')
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
        assert [watcher.look(), watcher.look()] == [AT_LEAST_EVERY] * 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    with psycopg.connect(own_database.owner) as owner:
        owner.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    assert watcher.look() == 1.0
    watcher.look()  # over a new connection

    assert [record.message for record in caplog.records if record.name == "huying.config.watch"] == [
        "the database refuses the sweep; the sweep tries again",
        "the database is away; the sweep tries again",
    ]
    assert SupervisionAction.objects.exists()


@pytest.mark.parametrize(
    ("due", "seconds"),
    [(None, 30), (at(3, 14, 0, 0, 10), 10), (at(3, 14, 1), 30), (at(3, 13), 0.1), (at(3, 14), 0.1)],
)
def test_it_wakes_at_the_next_instant_and_every_thirty_seconds_at_least(due: datetime, seconds: float) -> None:
    assert seconds_until(due, at(3, 14)) == seconds


# -- several at once ------------------------------------------------------------------------------------------------


@contextmanager
def sweeping(database: Urls, several: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Have several processes sweep from one moment on, in batches of one: one dies between or within batches."""
    code = (
        "import sys, django; django.setup()\n"
        "from datetime import datetime\n"
        "from huying.cases import sweep\n"
        "sweep.BATCH = 1\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        f"sweep.Sweeper().sweep(datetime.fromisoformat({at(3, 24).isoformat()!r}))\n"
    )
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "huying.config.settings",
        "HUYING_DATABASE_URL": database.app,
        "HUYING_OWNER_DATABASE_URL": database.owner,
    }
    with ExitStack() as ends:
        processes = []
        for _ in range(several):
            process = subprocess.Popen(
                [sys.executable, "-c", code], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            ends.callback(process.communicate)
            ends.callback(process.kill)
            processes.append(process)
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write(b"go\n")
            process.stdin.flush()
        yield processes


@pytest.mark.parametrize(
    "delay",
    [
        pytest.param(0.0, id="at once", marks=pytest.mark.long),
        pytest.param(random.Random().uniform(0, 0.4), id="a moment later"),
    ],
)
def test_of_four_sweepers_one_is_killed_and_every_rung_fires_once(own_database: Urls, delay: float) -> None:
    cases = [assigned() for _ in range(MANY)]
    with sweeping(own_database, 4) as [victim, *others]:
        until(SupervisionAction.objects.exists, 20)
        time.sleep(delay)
        victim.send_signal(signal.SIGKILL)
        assert [process.wait(60) for process in others] == [0, 0, 0]
        victim.wait(10)

    sweep(at(3, 24))  # what the killed one held when the others came by

    assert [fired(case) for case in cases] == [WHOLE_LADDER] * MANY
    assert next_instant() is None
    rulebooks.forget()
    assert not list(broken_entries())


@in_one_transaction
def test_the_ledger_names_whoever_was_told_that_nobody_acknowledges() -> None:
    case = received(rulebook_id="dongguan")
    do(case, Assign(unit().id), at(3, 10, 15), clerk())

    sweep(at(3, 12))

    lines = LedgerLine.objects.filter(chain_id=case.case_id or 0, actor="clock").order_by("seq")
    events = ["liaison_told", "duty_phone_told", "head_told", "escalated"]  # the last is the rulebook's own rung
    assert [*lines.values_list("event", flat=True)] == events
    assert not list(broken_entries())
