"""Whether the process lives and whether it can work, for whoever watches it."""

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from huying.config import health


def test_a_process_that_lives_says_so_without_a_database(client: Client) -> None:
    assert client.get("/healthz").json() == {"alive": True}


@pytest.mark.django_db
def test_it_is_ready_where_the_database_has_every_migration(client: Client) -> None:
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"database": True, "migrations": True})


@pytest.mark.django_db
def test_it_is_not_ready_where_a_migration_is_missing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    applied = frozenset(MigrationRecorder(connection).applied_migrations())
    monkeypatch.setattr(health, "_needed", lambda: applied | {("cases", "9999_to_come")})

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (503, {"database": True, "migrations": False})


@pytest.mark.django_db
def test_it_is_not_ready_where_the_database_refuses(client: Client) -> None:
    def down(*_call: object) -> None:
        raise OperationalError("the database restarts")

    with connection.execute_wrapper(down):
        answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (503, {"database": False, "migrations": False})
