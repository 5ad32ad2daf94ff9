"""Loading a file of messages: history as it is, whatever the format, however often, and whoever pulls the plug."""

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from openpyxl import Workbook
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.cases import rulebooks
from huying.cases.intake import Register
from huying.cases.models import Case, CaseText, Clock, Contact, Message, Refusal, Report, Requester
from huying.cases.verification import broken_entries
from huying.channels.contact_file import BATCH, Totals, load
from huying.config.house import Trouble
from huying.config.loading import load_contacts
from huying.config.postgres import Urls
from huying.people.models import Unit
from huying.people.office import ROOT, the_office
from huying.rules.access import Actor
from huying.vault.seals import keys_of, unseal
from tests.builders import NOW, at, into
from tests.conftest import shared

HEADER = ("id", "user", "title", "body", "sent_at")
ROWS = [
    ("m-1", "u-alpha", "供暖问题", "小区供暖管道漏水，\n三天无人维修", "2019-02-28 11:25:05"),
    ("m-2", "u-beta", "路灯", "路灯不亮🏮，𠮷祥路", "2019/3/1 8:05"),
    ("m-3", "u-alpha", "", "我叫张三，电话13900006021", "2026年1月5日"),
]
REPLIED = (*HEADER, "reply", "replied_at")
LONG = 800  # rows that take long enough to be interrupted
in_one_transaction = pytest.mark.django_db


def sheet(path: Path, rows: Iterable[Sequence[object]], header: Sequence[str] = HEADER, code: str = "utf-8") -> Path:
    with path.open("w", encoding=code, newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def workbook(path: Path, rows: Iterable[Sequence[object]], header: Sequence[str] = HEADER) -> Path:
    book = Workbook()
    assert book.active is not None
    for row in (header, *rows):
        book.active.append(list(row))
    book.save(path)
    return path


def place(recorded_at: datetime = NOW) -> Register:
    return into(recorded_at, "message-board", Actor.system())


def city() -> int:
    the_office()
    return Unit.objects.get(code=ROOT).id


def numbers(totals: Totals) -> tuple[int, int, int, int, int]:
    assert totals.read == totals.contacts + totals.doubled + totals.rejected
    return totals.read, totals.contacts, totals.doubled, totals.rejected, totals.cases


def ledger_holds() -> bool:
    rulebooks.version.cache_clear()
    return not list(broken_entries())


def verbatim(external_id: str) -> str | None:
    contact = Contact.objects.get(external_id=external_id)
    return unseal(contact, keys_of([contact.key_id])[contact.key_id], "text")


def rejected(path: Path) -> list[list[str]]:
    before = csv.field_size_limit(1_000_000)
    try:
        with path.with_name(path.name + ".rejected.csv").open(encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))[1:]
    finally:
        csv.field_size_limit(before)


def many(n: int) -> list[tuple[str, ...]]:
    """Return messages of fifty accounts, one an hour since 4 January 2019."""
    moments = [at(1, 4, year=2019) + timedelta(hours=i) for i in range(n)]
    return [
        (f"m-{i}", f"u-{i % 50}", f"第 {i} 件", "路灯不亮。" * 20, f"{moment:%Y-%m-%d %H:%M}")
        for i, moment in enumerate(moments)
    ]


def answered(n: int) -> list[tuple[str, ...]]:
    """Return messages with a reply after 2, 10 and 20 days by turns."""
    replied = [datetime.fromisoformat(row[-1]) + timedelta(days=(2, 10, 20)[i % 3]) for i, row in enumerate(many(n))]
    return [
        (*row, f"{row[2]}已办理", f"{moment:%Y-%m-%d %H:%M}") for row, moment in zip(many(n), replied, strict=True)
    ]


# -- a load is history ---------------------------------------------------------------------------------------------


@in_one_transaction
def test_each_row_becomes_a_contact_and_a_case_at_its_own_time(tmp_path: Path) -> None:
    totals = load(sheet(tmp_path / "m.csv", ROWS), place())

    assert numbers(totals) == (3, 3, 0, 0, 3)
    found = Contact.objects.order_by("at").values_list("external_id", "at", "recorded_at", "origin", "case__number")
    assert list(found) == [
        ("m-1", at(2, 28, 11, 25, 5, year=2019), NOW, "import", "YC-2019-000001"),
        ("m-2", at(3, 1, 8, 5, year=2019), NOW, "import", "YC-2019-000002"),
        ("m-3", at(1, 5), NOW, "import", "YC-2026-000001"),
    ]
    assert set(Case.objects.values_list("origin", "stage")) == {("import", "received")}
    assert not Case.objects.filter(unit__isnull=False).exists()
    assert ledger_holds()


@in_one_transaction
def test_terms_are_counted_and_shown_and_nothing_is_sent(tmp_path: Path) -> None:
    load(sheet(tmp_path / "m.csv", ROWS), place())

    clock = Clock.objects.get(case__number="YC-2026-000001")
    assert (clock.step, clock.due_at, clock.recorded_at, clock.provisional) == ("resolve", at(1, 9), NOW, False)
    assert Case.objects.filter(due_at__isnull=False).count() == 3
    assert not Message.objects.exists()
    assert not ProcrastinateJob.objects.exists()


@in_one_transaction
def test_nothing_is_sent_even_for_what_was_answered_this_morning(tmp_path: Path) -> None:
    row = ("m-1", "u", "路灯", "路灯不亮", "2026-03-10 08:00", "已修好", "2026-03-10 09:00")

    totals = load(sheet(tmp_path / "m.csv", [row], REPLIED), place(NOW), unit=city())

    assert totals.closed == 1
    assert not Message.objects.exists()
    assert not ProcrastinateJob.objects.exists()


@in_one_transaction
def test_texts_are_kept_to_the_letter_and_the_working_text_is_masked(tmp_path: Path) -> None:
    load(sheet(tmp_path / "m.csv", ROWS), place())

    assert [verbatim(row[0]) for row in ROWS] == [row[3] for row in ROWS]
    shown = CaseText.objects.get(case_id=Contact.objects.get(external_id="m-3").case_id or 0)
    assert (shown.title, shown.text) == ("我叫张*", "我叫张*，电话***********")


@in_one_transaction
def test_no_table_holds_the_account_or_the_verbatim_in_the_clear(tmp_path: Path) -> None:
    load(sheet(tmp_path / "m.csv", ROWS), place())

    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608
            stored = "\n".join(row for (row,) in cursor.fetchall())
            for secret in ("u-alpha", "u-beta", "13900006021", "张三"):
                assert secret not in stored, table
                assert secret.encode().hex() not in stored, table


@in_one_transaction
def test_messages_of_one_account_have_one_requester(tmp_path: Path) -> None:
    load(sheet(tmp_path / "m.csv", ROWS), place())

    assert Requester.objects.count() == 2
    who = dict(Contact.objects.values_list("external_id", "requester"))
    assert who["m-1"] == who["m-3"] != who["m-2"]


@in_one_transaction
def test_what_the_file_does_not_say_is_not_recorded(tmp_path: Path) -> None:
    load(sheet(tmp_path / "m.csv", ROWS), place())

    contact = Contact.objects.get(external_id="m-2")
    assert (contact.kind, contact.channel) == ("unsorted", "message_board")
    assert (contact.post_id, contact.contact_point_id, contact.fields) == (None, None, None)
    requester = contact.requester
    assert requester is not None
    assert (requester.phone, requester.name, requester.phone_index) == (None, None, None)


# -- one register, whatever the format -----------------------------------------------------------------------------


@in_one_transaction
@pytest.mark.parametrize("form", ["utf-8", "utf-8-sig", "gb18030", ".xlsx", ".xlsx with dates"])
@pytest.mark.parametrize("with_id", [True, False])
def test_every_form_of_a_file_gives_the_same_register(tmp_path: Path, form: str, with_id: bool) -> None:
    since = 0 if with_id else 1
    rows: list[Sequence[object]] = [row[since:] for row in ROWS]
    load(sheet(tmp_path / "first.csv", rows, HEADER[since:]), place())
    if form.startswith(".xlsx"):
        if "dates" in form:
            moments = [datetime(2019, 2, 28, 11, 25, 5), datetime(2019, 3, 1, 8, 5), datetime(2026, 1, 5)]  # noqa: DTZ001
            rows = [[*row[:-1], moment] for row, moment in zip(rows, moments, strict=True)]
        again = workbook(tmp_path / "again.xlsx", rows, HEADER[since:])
    else:
        again = sheet(tmp_path / "again.csv", rows, HEADER[since:], form)

    assert numbers(load(again, place())) == (3, 0, 3, 0, 0)
    assert Contact.objects.count() == 3


# -- again, and again ----------------------------------------------------------------------------------------------


@in_one_transaction
def test_without_an_id_a_row_is_known_by_all_that_it_says(tmp_path: Path) -> None:
    header = ("title", "body", "sent_at", "phone")
    rows = [
        ("路灯", "路灯不亮", "2019-03-01", "13900000001"),
        ("路灯", "路灯不亮", "2019-03-01", "13900000002"),
        ("路灯", "路灯 不亮", "2019-03-01", "13900000001"),
        ("路灯路灯", "不亮", "2019-03-01", "13900000001"),
        ("路灯", "路灯不亮", "2019-03-02", "13900000001"),
        ("路灯", "路灯不亮", "2019-03-01", "13900000001"),
    ]

    assert numbers(load(sheet(tmp_path / "m.csv", rows, header), place())) == (6, 5, 1, 0, 5)


@in_one_transaction
def test_loaded_twice_nothing_is_doubled(tmp_path: Path) -> None:
    path = sheet(tmp_path / "m.csv", many(BATCH + 5))
    first = load(path, place())

    second = load(path, place(NOW + timedelta(days=30)))

    assert numbers(first) == (BATCH + 5, BATCH + 5, 0, 0, BATCH + 5)
    assert numbers(second) == (BATCH + 5, 0, BATCH + 5, 0, 0)
    assert Contact.objects.count() == Case.objects.count() == BATCH + 5


@in_one_transaction
def test_a_row_that_stands_twice_in_a_file_is_doubled_once_in_and_across_batches(tmp_path: Path) -> None:
    rows = many(BATCH)

    totals = load(sheet(tmp_path / "m.csv", [*rows[:1], *rows, *rows[:1]]), place())

    assert numbers(totals) == (BATCH + 2, BATCH, 2, 0, BATCH)


@in_one_transaction
def test_progress_hears_of_every_row(tmp_path: Path) -> None:
    heard: list[int] = []

    load(sheet(tmp_path / "m.csv", many(BATCH + 1)), place(), progress=heard.append)

    assert heard == [BATCH, 1]


# -- with replies --------------------------------------------------------------------------------------------------


@in_one_transaction
def test_a_reply_closes_its_case_at_its_own_time(tmp_path: Path) -> None:
    unit = city()

    totals = load(sheet(tmp_path / "m.csv", answered(6), REPLIED), place(), unit=unit)

    assert (totals.replied, totals.closed, totals.closed_soon, totals.closed_later) == (6, 6, 2, 4)
    case = Case.objects.get(received_contacts__external_id="m-0")
    assert (case.stage, case.closed_as, case.closed_at, case.unit_id) == (
        "closed", "no_review", at(1, 6, year=2019), unit
    )  # fmt: skip
    report = Report.objects.get(case=case)
    assert unseal(report, keys_of([case.id])[case.id], "text") == "第 0 件已办理"
    assert (report.at, report.actor, report.outcome) == (at(1, 6, year=2019), "system", None)
    assert not Refusal.objects.exists()
    assert ledger_holds()


@in_one_transaction
def test_a_reply_from_the_future_is_rejected_with_its_row(tmp_path: Path) -> None:
    tomorrow = (
        "m-9",
        "u",
        "路灯",
        "路灯不亮",
        "2026-03-01 09:00",
        "修好了",
        f"{NOW + timedelta(days=1):%Y-%m-%d %H:%M}",
    )
    path = sheet(tmp_path / "replies.csv", [tomorrow], REPLIED)

    assert numbers(load(path, place(), unit=city())) == (1, 0, 0, 1, 0)
    assert "replied_at,lies in the future" in (tmp_path / "replies.csv.rejected.csv").read_text("utf-8")


@in_one_transaction
def test_replies_can_be_loaded_after_the_messages_and_twice(tmp_path: Path) -> None:
    path, unit = sheet(tmp_path / "m.csv", answered(6), REPLIED), city()
    load(path, place())
    assert not Case.objects.filter(stage="closed").exists()

    second, third = (load(path, place(), unit=unit) for _ in range(2))

    assert numbers(second) == numbers(third) == (6, 0, 6, 0, 0)
    assert (second.closed, second.closed_soon, second.closed_later) == (6, 2, 4)
    assert (third.closed, third.closed_soon, third.closed_later) == (6, 2, 4)
    assert Report.objects.count() == 6
    assert not Refusal.objects.exists()
    assert ledger_holds()


@in_one_transaction
def test_a_message_without_a_reply_stays_open(tmp_path: Path) -> None:
    rows = [*answered(1), (*many(2)[1], "", "")]

    totals = load(sheet(tmp_path / "m.csv", rows, REPLIED), place(), unit=city())

    assert (totals.replied, totals.closed, totals.cases) == (1, 1, 2)
    assert Case.objects.filter(stage="received").count() == 1


# -- what is rejected ----------------------------------------------------------------------------------------------


@in_one_transaction
def test_bad_rows_are_rejected_with_line_column_and_reason_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    good = '"m-{0}","u","路灯","路灯不亮🏮","2019-03-01 08:00"\n'
    lines = [
        "id,user,title,body,sent_at\n",
        good.format(1),
        "m-2,u,路灯,缺一格\n",
        "m-3,u,路灯,路灯不亮,上周二\n",
        "m-4,u,路灯,路灯不亮,\n",
        "m-5,u,路灯,路灯\0不亮,2019-03-01\n",
        f"m-6,u,路灯,{'长' * 700_000},2019-03-01\n",
        "m-7,u,,,2019-03-01\n",
        "m-8,u,路灯,路灯不亮,2099-03-01\n",
        "m-9,u,路灯,路灯不亮,1970-01-01\n",
        f"{'m' * 3000},u,路灯,路灯不亮,2019-03-01\n",
        "m-1,u,路灯,另一件事,2019-03-01 08:00\n",
        "m-12,u,路灯,路灯\xff\xfe不亮,2019-03-01\n",
        good.format(13),
    ]
    path.write_bytes("".join(lines).encode().replace("\xff\xfe".encode(), b"\xff\xfe"))

    totals = load(path, place())

    assert numbers(totals) == (13, 2, 0, 11, 2)
    assert [(row[0], row[1]) for row in rejected(path)] == [
        ("3", ""),
        ("4", "sent_at"),
        ("5", "sent_at"),
        ("6", "body"),
        ("7", "body"),
        ("8", "body"),
        ("9", "sent_at"),
        ("10", "sent_at"),
        ("11", "id"),
        ("12", "id"),
        ("13", "body"),
    ]
    assert all(row[2] for row in rejected(path))
    assert set(Contact.objects.values_list("external_id", flat=True)) == {"m-1", "m-13"}
    assert ledger_holds()


@in_one_transaction
def test_corrected_rows_can_be_loaded_from_the_rejected_file(tmp_path: Path) -> None:
    path = sheet(tmp_path / "m.csv", [*many(2), ("m-9", "u", "路灯", "路灯不亮", "上周二")])
    load(path, place())
    text = path.with_name("m.csv.rejected.csv").read_text("utf-8-sig").replace("上周二", "2019-03-05")
    corrected = tmp_path / "corrected.csv"
    corrected.write_text(text, "utf-8")

    assert numbers(load(corrected, place())) == (1, 1, 0, 0, 1)
    assert Contact.objects.get(external_id="m-9").at == at(3, 5, year=2019)


@in_one_transaction
def test_nothing_is_loaded_where_the_rejected_rows_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "m.csv.rejected.csv").mkdir()
    with pytest.raises(Trouble, match=r"m\.csv\.rejected\.csv: rejected rows can't be written there") as trouble:
        load_contacts(sheet(tmp_path / "m.csv", ROWS), "message-board", None)
    assert len(str(trouble.value).splitlines()) == 1
    assert not Contact.objects.exists()


@in_one_transaction
@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_rights_to_it_is_trouble_in_one_line(tmp_path: Path) -> None:
    sheet(tmp_path / "m.csv", ROWS).chmod(0)
    with pytest.raises(Trouble, match=r"m.csv: the file can't be read \(Permission denied\)$"):
        load_contacts(tmp_path / "m.csv", "message-board", None)


# -- the command ---------------------------------------------------------------------------------------------------


@in_one_transaction
def test_the_command_prints_totals_that_add_up_and_years_without_calendar_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place()
    rows = [
        *many(BATCH + 1),
        *many(1),
        ("m-0", "u", "路灯", "另一件事", "2018-03-05"),
        ("x", "u", "", "路灯", "昨天"),
    ]

    status = load_contacts(sheet(tmp_path / "m.csv", rows), "message-board", None)

    told = capsys.readouterr()
    assert status == 3
    assert "104 rows read = 101 contacts + 1 doubled + 2 rejected; 101 cases opened" in told.out
    assert told.out.count("no holiday notice for 2019") == 1
    assert "m.csv.rejected.csv" in told.err


@in_one_transaction
def test_the_command_prints_the_share_closed_in_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place()

    status = load_contacts(sheet(tmp_path / "m.csv", answered(3), REPLIED), "message-board", ROOT)

    assert status == 0
    assert "replies: 3 of 3 closed (100.0 %), within 3 days 33.3 %, within 15 days 66.7 %" in capsys.readouterr().out


@in_one_transaction
@pytest.mark.parametrize(("name", "unit"), [("hot_messages.csv", None), ("replies.csv", ROOT)])
def test_two_hundred_real_messages_are_loaded(tmp_path: Path, name: str, unit: str | None) -> None:
    with shared(f"data/{name}").open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    path = sheet(tmp_path / name, rows[:200], header)

    totals = load(path, place(), unit=None if unit is None else city())

    assert numbers(totals) == (200, 200, 0, 0, 200)
    assert totals.closed == (0 if unit is None else 200)
    body = header.index("body")
    assert all(verbatim(row[0]) == row[body] for row in rows[:20])
    assert not Message.objects.exists()
    assert ledger_holds()


# -- pulling the plug ----------------------------------------------------------------------------------------------


def loading(path: Path, database: Urls, home: Path) -> subprocess.Popen[bytes]:
    """Start the command on this database, as somebody at a keyboard would."""
    environment = {
        **os.environ,
        "HUYING_DATABASE_URL": database.app,
        "HUYING_OWNER_DATABASE_URL": database.owner,
        "HUYING_HOME": str(home),
    }
    command = [sys.executable, "-m", "huying", "load", "contacts", str(path), "--with-replies"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def wait_for_contacts(n: int, process: subprocess.Popen[bytes]) -> int:
    for _ in range(3000):
        if (there := Contact.objects.count()) >= n:
            return there
        assert process.poll() is None, process.communicate()[0].decode()
        time.sleep(0.01)
    pytest.fail("nothing is being loaded")


def test_killed_in_the_middle_and_run_again_none_is_lost_and_none_doubled(own_database: Urls, tmp_path: Path) -> None:
    path = sheet(tmp_path / "m.csv", answered(LONG), REPLIED)
    with loading(path, own_database, tmp_path) as process:
        acknowledged = wait_for_contacts(2 * BATCH, process)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    kept = Contact.objects.count()
    assert process.returncode == -signal.SIGKILL
    assert acknowledged <= kept < LONG
    assert kept % BATCH == 0

    with loading(path, own_database, tmp_path) as process:
        told = process.communicate(timeout=60)[0].decode()

    assert process.returncode == 0, told
    assert f"{LONG} rows read = {LONG - kept} contacts + {kept} doubled + 0 rejected" in told
    assert f"{LONG} of {LONG} closed (100.0 %)" in told
    assert Contact.objects.count() == Case.objects.filter(stage="closed").count() == Report.objects.count() == LONG
    assert Contact.objects.values("external_id").distinct().count() == LONG
    assert ledger_holds()
