"""Nobody changes the ledger, a refusal or the log of looks: not the application, and not its owner by mistake."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.conf import settings
from django.db import transaction
from psycopg.conninfo import make_conninfo
from psycopg.errors import InsufficientPrivilege, RaiseException

from huying.cases.doors import act
from huying.cases.models import Assignment, Contact, Refusal
from huying.config.postgres import Urls
from huying.ledger.models import LedgerLine
from huying.rules.commands import Assign, RecordContact, Verify
from huying.rules.lifecycle import Refused
from huying.vault.models import Reveal
from huying.vault.seals import keys_of, reveal
from tests.builders import NOW, at, case_of, clerk, do, received, unit

STATEMENTS = [
    "UPDATE ledger_line SET actor = 'somebody else'",
    "UPDATE refusal SET code = 'forbidden'",
    "UPDATE vault_reveal SET actor = 'nobody'",
    "DELETE FROM ledger_line",
    "DELETE FROM refusal",
    "DELETE FROM vault_reveal",
    "TRUNCATE ledger_line",
    "TRUNCATE refusal",
    "TRUNCATE vault_reveal",
]


@pytest.fixture
def filled(own_database: Urls) -> Urls:
    """A committed database with a line, a refusal and a look in it."""
    case = received()
    assert isinstance(act(case.case_id or 0, Verify(), NOW, NOW, clerk()), Refused)
    contact = Contact.objects.get(id=case.contact_id)
    reveal(contact, keys_of([contact.key_id])[contact.key_id], "text", actor="user:1", at=NOW, reason="回电")
    return own_database


@contextmanager
def refused(url: str, error: type[psycopg.Error], match: str) -> Iterator[psycopg.Cursor]:
    """A cursor in a transaction of its own whose statement must fail like this."""
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        with pytest.raises(error, match=match):
            yield cursor
        connection.rollback()


def rows_of_all() -> list[int]:
    return [LedgerLine.objects.count(), Refusal.objects.count(), Reveal.objects.count()]


def test_no_statement_changes_deletes_or_empties_them(filled: Urls) -> None:
    before = rows_of_all()
    assert all(before)

    for statement in STATEMENTS:
        with refused(filled.app, InsufficientPrivilege, "permission denied for table") as cursor:
            cursor.execute(statement.encode())
        with refused(filled.owner, RaiseException, "is append-only") as cursor:
            cursor.execute(statement.encode())

    assert rows_of_all() == before


def test_emptying_the_cases_reaches_none_of_them(filled: Urls) -> None:
    tables = ("ledger_line", "refusal", "vault_reveal")
    with psycopg.connect(filled.owner) as connection, connection.cursor() as cursor:
        cursor.execute('TRUNCATE "case" CASCADE')
        counts = [cursor.execute(f"SELECT count(*) FROM {table}").fetchone() for table in tables]  # noqa: S608
        connection.rollback()

    assert all(count and count[0] > 0 for count in counts)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE own (id int)",
        "CREATE TABLE own AS SELECT * FROM ledger_line",
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "ALTER TABLE ledger_line DISABLE TRIGGER append_only",
        "ALTER TABLE ledger_line DISABLE TRIGGER ALL",
        "ALTER TABLE ledger_line OWNER TO hy_app",
        "ALTER TABLE ledger_line DROP CONSTRAINT ledger_line_of_chain",
        "DROP TRIGGER append_only ON ledger_line",
        "DROP TABLE ledger_line",
        "DROP TABLE vault_reveal CASCADE",
        "DROP FUNCTION refuse_change() CASCADE",
        "DROP SEQUENCE huying_id",
        "DROP SCHEMA public CASCADE",
        "ALTER SEQUENCE huying_id RESTART",
        "SELECT setval('huying_id', 1)",
        "SET session_replication_role = replica",
        "SET ROLE hy_owner",
        "GRANT UPDATE ON ledger_line TO hy_app; UPDATE ledger_line SET actor = 'nobody'",
    ],
)
def test_the_application_can_not_unmake_what_protects_them(
    server: Urls, django_db_setup: None, statement: str
) -> None:
    url = make_conninfo(server.app, dbname=settings.DATABASES["default"]["NAME"])
    with refused(url, InsufficientPrivilege, "permission denied|must be owner") as cursor:
        cursor.execute(statement.encode())


@pytest.mark.django_db
def test_a_door_that_is_rolled_back_leaves_no_line_and_no_row() -> None:
    case, of = received(), unit()
    lines, contacts = LedgerLine.objects.count(), Contact.objects.count()

    with transaction.atomic():
        received(text="另一件事")
        do(case, Assign(of.id), at(3, 10, 15), clerk())
        transaction.set_rollback(True)

    assert (LedgerLine.objects.count(), Contact.objects.count()) == (lines, contacts)
    assert not Assignment.objects.exists()
    do(case, Assign(of.id), at(3, 10, 15), clerk())
    assert LedgerLine.objects.filter(chain_id=case_of(case).id).count() == 2


@pytest.mark.django_db
def test_a_refused_command_leaves_no_line() -> None:
    case = received()
    lines = LedgerLine.objects.count()

    assert isinstance(act(case.case_id or 0, RecordContact(), NOW, NOW, clerk()), Refused)

    assert LedgerLine.objects.count() == lines
