"""`huying ledger verify`: what is true passes, and whatever is tampered with is named, and nothing else (S36)."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from huying.cases import verification
from huying.cases.models import (
    Acknowledgement,
    Case,
    CaseRecord,
    CaseText,
    Clock,
    Contact,
    ContactRecord,
    Message,
    RulebookVersion,
    Verdict,
)
from huying.cases.verification import broken_entries
from huying.config.postgres import Urls
from huying.config.verifying import verify
from huying.ledger.chain import canonical
from huying.ledger.models import LedgerLine
from huying.rules.commands import (
    Acknowledge,
    Assign,
    CallbackAttempt,
    GiveAnswer,
    RecordVerdict,
    RejectReport,
    SubmitReport,
    Verify,
)
from huying.rules.vocabulary import Kind
from huying.vault.models import VaultKey
from huying.vault.seals import new_key, take_ids
from tests.builders import at, clerk, do, holder, into, received, reported, spoken, unit, verified_case

# Lines of the chain of `Life.case`; the record of each, where it has one, is of cycle 1 up to the reopening.
REGISTERED, ASSIGNED, ACKNOWLEDGED, CONTACTED, REPORTED, VERIFIED, JUDGED, REOPENED, CONTACTED_AGAIN = range(1, 10)
SLIPPED_IN = 0

Finding = tuple[int, int]


@dataclass(frozen=True)
class Life:
    """The chains that the tests tamper with: a case that was reopened, one just received, a call without a case."""

    case: int
    other: int
    call: int
    rulebook: int


def lived() -> Life:
    housing = unit()
    case = verified_case(housing)
    do(case, RecordVerdict("unsatisfied", "还在漏水 𠮷"), at(3, 18, 10), clerk())
    do(case, spoken("第二次说明"), at(3, 20, 10), holder(housing))
    other = received(text="路灯不亮")
    call = received(kind=Kind.VERIFICATION, text="这个电话是真的吗")
    assert case.case_id is not None
    assert other.case_id is not None
    assert call.case_id is None
    return Life(case.case_id, other.case_id, call.contact_id, RulebookVersion.objects.get().id)


@pytest.fixture
def verified(capsys: pytest.CaptureFixture[str]) -> Callable[[], tuple[int, list[Finding]]]:
    """Runs the command; returns its exit status and the chain and line of each entry that it prints."""

    def run() -> tuple[int, list[Finding]]:
        capsys.readouterr()
        status = verify()
        printed = re.findall(r"^BROKEN chain (\d+), line (\d+): \S", capsys.readouterr().out, re.MULTILINE)
        return status, [(int(chain), int(seq)) for chain, seq in printed]

    return run


Verified = Callable[[], tuple[int, list[Finding]]]


def update(table: str, change: str, where: str) -> str:
    return " ".join(("UPDATE", table, "SET", change, "WHERE", where))


def delete_line(where: str) -> str:
    return " ".join(("DELETE FROM ledger_line WHERE", where))


def tamper(life: Life, *statements: str) -> None:
    """Execute statements, each of which must touch one row."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, vars(life))
            assert cursor.rowcount == 1, statement


@pytest.fixture(scope="module")
def lived_once(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Life]:
    """One life for all tests that tamper with it, in a transaction of the tables' owner: who else disables triggers?

    It takes a second, and a tampering with its verification a twentieth. A test that needs another database stands
    above those that use `life`, since it closes this transaction.
    """
    django, roles = connections["default"], [connections[alias].settings_dict for alias in ("default", "owner")]
    application, owner = ({key: role[key] for key in ("USER", "PASSWORD")} for role in roles)

    def become(role: dict[str, str]) -> None:
        django.close()
        django.close_pool()  # type: ignore[attr-defined]
        django.settings_dict.update(role)

    become(owner)
    with django_db_blocker.unblock(), transaction.atomic():
        yield lived()
        transaction.set_rollback(True)
    become(application)


@pytest.fixture
def life(lived_once: Life, django_db_blocker: DjangoDbBlocker) -> Iterator[Life]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield lived_once
        transaction.set_rollback(True)


def touch_lines(life: Life, *statements: str) -> None:
    """Execute statements on the ledger with its triggers out of the way."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_line DISABLE TRIGGER USER")
    tamper(life, *statements)


def in_place(seq: int) -> str:
    return f"chain_id = %(case)s AND seq = {seq}"


# -- what is true passes ---------------------------------------------------------------------------------------


def test_an_empty_ledger_holds(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify() == 0
    assert capsys.readouterr().out == "ledger: 0 lines in 0 chains, all hold\n"


def test_a_whole_life_of_cases_holds(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    housing, water = unit(), unit("water", "housing")

    thrice_unsatisfied = verified_case(housing)
    for day in (18, 23):
        do(thrice_unsatisfied, RecordVerdict("unsatisfied", "没有修好"), at(3, day, 10), clerk())
        do(thrice_unsatisfied, spoken(), at(3, day + 1, 10), holder(housing))
        do(thrice_unsatisfied, reported(f"第 {day} 次修 😀"), at(3, day + 1, 16), holder(housing))
        do(thrice_unsatisfied, Verify(), at(3, day + 1, 17), clerk())
    assert do(thrice_unsatisfied, RecordVerdict("unsatisfied"), at(3, 25, 10), clerk()).cycle == 3

    satisfied = verified_case(housing)
    for day in (17, 18):
        do(satisfied, CallbackAttempt("no_answer"), at(3, day, 10), clerk())
    do(satisfied, RecordVerdict("satisfied"), at(3, 19, 10), clerk())

    handed_down = received(name="欧阳𠮷", title="", fields={"address": "南岭村 1 号"})
    do(handed_down, Assign(housing.id), at(3, 10, 15), clerk())
    do(handed_down, Assign(water.id), at(3, 10, 16), holder(housing))
    do(handed_down, Acknowledge("何砚", "0500-555 2207"), at(3, 11, 9), holder(water))
    do(handed_down, spoken(), at(3, 11, 10), holder(water))
    do(handed_down, SubmitReport("修了", "done", "第三条", "已经修好"), at(3, 12, 10), holder(water))
    do(handed_down, RejectReport("没有照片"), at(3, 12, 11), clerk())

    asked = received(kind=Kind.CONSULTATION, text="几点上班？")
    do(asked, GiveAnswer("九点"), at(3, 10, 10), clerk())
    incomplete = received(phone=None)
    assert incomplete.case_id is not None
    received(kind=Kind.VERIFICATION, text="核实", name="王明")
    received(rulebook_id="message-board", kind=Kind.UNSORTED, phone=None, account="网友一")
    into(rulebook_id="fengxian")

    assert verify() == 0
    lines, chains = LedgerLine.objects.count(), LedgerLine.objects.values("chain_id").distinct().count()
    assert chains == 10
    assert capsys.readouterr().out == f"ledger: {lines:,} lines in {chains:,} chains, all hold\n"


def test_a_door_that_commits_meanwhile_is_no_breach(own_database: Urls, verified: Verified) -> None:
    """Between the statement that reads the lines and the one that reads the case, the case goes on."""
    housing, case = unit(), received()
    gone_on: list[str] = []

    def go_on() -> None:
        do(case, Assign(housing.id), at(3, 10, 15), clerk())
        connection.close()

    def after_lines(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        result = execute(sql, *rest)
        if 'FROM "ledger_line"' in sql and '"ledger_line"."content"' in sql and not gone_on:
            gone_on.append(sql)
            door = threading.Thread(target=go_on)
            door.start()
            door.join()
        return result

    with connection.execute_wrapper(after_lines):
        assert verified() == (0, [])
    assert LedgerLine.objects.filter(chain_id=case.case_id or 0).count() == 2
    assert gone_on


def test_an_erased_key_leaves_its_chain_holding(life: Life, verified: Verified) -> None:
    VaultKey.objects.filter(id=life.case).delete()

    assert verified() == (0, [])


# -- rows that a line vouches for ------------------------------------------------------------------------------

ONE_BYTE = "set_byte({0}, {1}, get_byte({0}, {1}) # 1)"


@pytest.mark.parametrize(
    ("line", "table", "change"),
    [
        (CONTACTED, "contact_record", "text = " + ONE_BYTE.format("text", 13)),
        (CONTACTED, "contact_record", "text = " + ONE_BYTE.format("text", 0)),
        (CONTACTED, "contact_record", "text = " + ONE_BYTE.format("text", "octet_length(text) - 1")),
        (CONTACTED, "contact_record", "text = substring(text for 20)"),
        (CONTACTED, "contact_record", "text = ''"),
        (CONTACTED, "contact_record", "text = NULL"),
        (
            CONTACTED,
            "contact_record",
            "text = (SELECT text FROM contact_record WHERE case_id = %(case)s AND cycle = 2)",
        ),
        (CONTACTED, "contact_record", "handler = handler_phone"),
        (CONTACTED, "contact_record", "method = 'in_person'"),
        (CONTACTED, "contact_record", "at = at - interval '1 microsecond'"),
        (CONTACTED, "contact_record", "actor = 'user:7'"),
        (CONTACTED, "contact_record", "cycle = 2"),
        (ASSIGNED, "assignment", "level = 2"),
        (ACKNOWLEDGED, "acknowledgement", "at = at - interval '1 day'"),
        (REPORTED, "report", "outcome = 'explained'"),
        (REPORTED, "report", "public_text = text"),
        (VERIFIED, "review", "reason = '\\x00', accepted = false"),
        (JUDGED, "verdict", "verdict = 'satisfied'"),
        (JUDGED, "verdict", "reason = NULL"),
    ],
)
def test_a_changed_record_is_found_at_its_line(
    life: Life, verified: Verified, line: int, table: str, change: str
) -> None:
    tamper(life, update(table, change, "case_id = %(case)s AND cycle = 1"))

    assert verified() == (1, [(life.case, line)])


@pytest.mark.parametrize(
    "change",
    [
        "text = " + ONE_BYTE.format("text", 30),
        "channel = 'letter'",
        "kind = 'praise'",
        "at = at - interval '3 days'",
        "recorded_at = recorded_at + interval '1 hour'",
        "requester_id = NULL",
        "external_id = 'another'",
        "fingerprint = " + ONE_BYTE.format("fingerprint", 5),
        "key_id = %(case)s",
    ],
)
def test_a_changed_contact_is_found_at_its_line(life: Life, verified: Verified, change: str) -> None:
    """Also where it opened no case; a contact that names another's key is moreover in no line of that chain."""
    tamper(life, update("contact", change, "id = %(call)s"))

    status, found = verified()

    assert status == 1
    assert found == [(life.call, 1)] + [(life.case, SLIPPED_IN)] * change.startswith("key_id")


def test_a_sealed_text_copied_from_another_case_is_found(life: Life, verified: Verified) -> None:
    copied = "text = (SELECT text FROM contact WHERE id = %(call)s)"
    tamper(life, update("contact", copied, "case_id = %(other)s"))

    assert verified() == (1, [(life.other, REGISTERED)])


def test_a_deleted_record_is_found_at_its_line(life: Life, verified: Verified) -> None:
    tamper(life, "DELETE FROM contact_record WHERE case_id = %(case)s AND cycle = 2")

    assert verified() == (1, [(life.case, CONTACTED_AGAIN)])


def test_a_record_deleted_after_its_key_is_found_too(life: Life, verified: Verified) -> None:
    tamper(
        life,
        "DELETE FROM vault_key WHERE id = %(case)s",
        "DELETE FROM contact_record WHERE case_id = %(case)s AND cycle = 2",
    )

    assert verified() == (1, [(life.case, CONTACTED_AGAIN)])


@pytest.mark.parametrize("model", [ContactRecord, Verdict, Acknowledgement])
def test_a_record_slipped_in_is_found(life: Life, verified: Verified, model: type[CaseRecord]) -> None:
    copy = model._default_manager.get(case_id=life.case, cycle=1)
    [copy.id] = take_ids(1)
    copy.save(force_insert=True)

    assert verified() == (1, [(life.case, SLIPPED_IN)])


def test_a_record_that_bears_another_id_is_gone_and_slipped_in(life: Life, verified: Verified) -> None:
    tamper(life, "UPDATE verdict SET id = nextval('huying_id') WHERE case_id = %(case)s")

    assert verified() == (1, [(life.case, JUDGED), (life.case, SLIPPED_IN)])


def test_a_record_slipped_in_with_a_line_of_another_chain_is_found(life: Life, verified: Verified) -> None:
    """A chain that has no key vouches for nothing, however well it hangs together."""
    forged = LedgerLine.objects.get(chain_id=life.case, seq=JUDGED)
    tamper(life, "UPDATE verdict SET id = nextval('huying_id') WHERE case_id = %(case)s")
    forged.chain_id, forged.seq, forged.previous, forged.record_id = 10**9, 1, b"", Verdict.objects.get().id
    LedgerLine.of(forged.line()).save(force_insert=True)

    assert verified() == (1, [(life.case, JUDGED), (life.case, SLIPPED_IN)])


def test_a_row_slipped_in_hides_behind_no_line_without_a_row(life: Life, verified: Verified) -> None:
    """A line that names a table and no row must not make every row of that table pass for spoken of."""
    half = LedgerLine.objects.get(chain_id=life.case, seq=JUDGED)
    half.chain_id, half.seq, half.previous, half.record_id = 10**9, 1, b"", None
    half.pk, half.hash = None, half.line().hash()
    half.save(force_insert=True)
    tamper(life, "UPDATE verdict SET id = nextval('huying_id') WHERE case_id = %(case)s")

    assert verified() == (1, [(life.case, JUDGED), (10**9, 1), (life.case, SLIPPED_IN)])


@pytest.mark.parametrize("change", ["text = text || '# '", "version = 2", "rulebook = 'nanning'", "sha = '\\x1000'"])
def test_a_changed_rulebook_is_found(life: Life, verified: Verified, change: str) -> None:
    tamper(life, update("rulebook_version", change, "id = %(rulebook)s"))

    assert verified() == (1, [(life.rulebook, 1)])


def test_a_rulebook_slipped_in_is_found(life: Life, verified: Verified) -> None:
    tamper(
        life,
        "INSERT INTO rulebook_version (id, rulebook, version, title, text, sha, adopted_at)"
        " SELECT 10^9, rulebook, 2, title, text, '\\x1000', adopted_at FROM rulebook_version",
    )

    assert verified() == (1, [(10**9, SLIPPED_IN)])


@pytest.mark.parametrize("chain", ["case", "other", "call", "rulebook"])
def test_a_changed_key_is_found_and_the_other_chains_are_looked_at(
    life: Life, verified: Verified, chain: str
) -> None:
    tamper(life, update("vault_key", "wrapped = " + ONE_BYTE.format("wrapped", 20), f"id = %({chain})s"))

    assert verified() == (1, [(getattr(life, chain), 1)])


# -- cases and their chains ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ("stage = 'closed'", CONTACTED_AGAIN),
        ("stage = 'assigned'", CONTACTED_AGAIN),
        ("cycle = 1", CONTACTED_AGAIN),
        ("verdict = 'satisfied'", CONTACTED_AGAIN),
        ("verdict = NULL", CONTACTED_AGAIN),
        ("received_at = received_at + interval '1 day'", CONTACTED_AGAIN),
        ("ledger_head = " + ONE_BYTE.format("ledger_head", 7), CONTACTED_AGAIN),
        ("ledger_seq = 8", REOPENED),
        ("ledger_seq = 10", CONTACTED_AGAIN + 1),
    ],
)
def test_a_changed_case_is_found_where_its_ledger_says_otherwise(
    life: Life, verified: Verified, change: str, line: int
) -> None:
    tamper(life, update('"case"', change, "id = %(case)s"))

    assert verified() == (1, [(life.case, line)])


def test_a_case_that_is_gone_is_found(life: Life, verified: Verified) -> None:
    """Its contact made to stand alone, nothing but the ledger still speaks of the case."""
    Contact.objects.filter(case=life.other).update(case=None)
    for model in (Message, Clock, CaseText, Case):
        key = "id" if model is Case else "case_id"
        model._default_manager.filter(**{key: life.other}).delete()

    assert verified() == (1, [(life.other, REGISTERED)])


def test_a_case_without_a_ledger_is_found(life: Life, verified: Verified) -> None:
    case = Case.objects.get(id=life.other)
    case.id, case.number = 10**9, "YC-2026-999999"
    case.save(force_insert=True)

    assert verified() == (1, [(10**9, 1)])


# -- lines -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "change"),
    [
        (CONTACTED, "actor = 'user:7'"),
        (CONTACTED, "at = at - interval '1 microsecond'"),
        (CONTACTED, "hash = " + ONE_BYTE.format("hash", 9)),
        (REOPENED, "event = 'closed'"),
        (REOPENED, "record_table = 'verdict'"),
        (REOPENED, "record_id = 12"),
        (CONTACTED_AGAIN, "unit_id = NULL"),
        (ASSIGNED, "content = previous"),
        (REGISTERED, "previous = content"),
    ],
)
def test_a_changed_line_is_found(life: Life, verified: Verified, line: int, change: str) -> None:
    touch_lines(life, update("ledger_line", change, in_place(line)))

    assert verified() == (1, [(life.case, line)])


@pytest.mark.parametrize("line", [REGISTERED, CONTACTED, CONTACTED_AGAIN])
def test_a_line_taken_out_is_missed_by_its_chain_and_by_its_record(life: Life, verified: Verified, line: int) -> None:
    touch_lines(life, delete_line(in_place(line)))

    assert verified() == (1, [(life.case, line), (life.case, SLIPPED_IN)])


def test_two_lines_in_each_others_place_are_found(life: Life, verified: Verified) -> None:
    touch_lines(
        life,
        update("ledger_line", "seq = 0", in_place(CONTACTED)),
        update("ledger_line", f"seq = {CONTACTED}", in_place(REPORTED)),
        update("ledger_line", f"seq = {REPORTED}", in_place(0)),
    )

    assert verified() == (1, [(life.case, CONTACTED)])


def test_the_last_line_of_a_chain_without_a_case_is_missed(life: Life, verified: Verified) -> None:
    touch_lines(life, *(delete_line(f"chain_id = %({chain})s") for chain in ("call", "rulebook")))

    assert verified() == (1, [(life.call, SLIPPED_IN), (life.rulebook, SLIPPED_IN)])


def test_a_line_changed_together_with_all_later_hashes_is_found(life: Life, verified: Verified) -> None:
    """Without the key of the chain nobody can make the `content` that another record would need."""
    _, strange = new_key(life.case)
    chain = list(LedgerLine.objects.filter(chain_id=life.case, seq__gte=CONTACTED).order_by("seq"))
    chain[0].content = strange.content_hash(canonical({}))
    for line, before in zip(chain, [None, *chain], strict=False):
        line.previous = before.hash if before else line.previous
        line.hash = line.line().hash()
    touch_lines(life)
    LedgerLine.objects.bulk_update(chain, ["content", "previous", "hash"])
    Case.objects.filter(id=life.case).update(ledger_head=chain[-1].hash)

    assert verified() == (1, [(life.case, CONTACTED)])


# -- cost ------------------------------------------------------------------------------------------------------


def test_every_chain_is_looked_at_however_many_batches_there_are(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "BATCH", 1)
    tamper(life, "UPDATE rulebook_version SET text = 'x'", "UPDATE contact SET kind = 'praise' WHERE id = %(call)s")
    batches: list[int] = []

    broken = list(broken_entries(batches.append))

    assert [(one.chain_id, one.seq) for one in broken] == sorted([(life.rulebook, 1), (life.call, 1)])
    assert batches == [1, 1, 1, 1]


def test_the_statements_do_not_grow_with_the_chains(life: Life) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert list(broken_entries()) == []
        return len(captured)

    few = statements()
    housing = unit()
    for _ in range(4):
        verified_case(housing)
        received(kind=Kind.VERIFICATION)

    assert statements() == few
