"""What every command needs before it can work: the database, the keys, the tables, the office."""

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from huying.config.postgres import Unavailable, running

URL, OWNER_URL = "HUYING_DATABASE_URL", "HUYING_OWNER_DATABASE_URL"
# Any number will do, as long as it is always the same: two commands may migrate the same database at once.
_MIGRATION_LOCK = 0x48_75_79


class Trouble(Exception):
    """Something that the person at the keyboard must change; the message is one line that says what."""


@dataclass(frozen=True)
class House:
    """An open installation: its data folder, and whether the database is Huying's own."""

    home: Path
    own_database: bool


@contextmanager
def opened(*, migrate: bool, empty: bool = False) -> Iterator[House]:
    """Open the installation in HUYING_HOME, starting its database if needed, and set Django up.

    With `migrate` the tables are brought up to date; without, they have to be, unless it may be `empty`.
    Raises Trouble, Unavailable.
    """
    home = data_folder()
    os.environ["HUYING_HOME"] = str(home)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huying.config.settings")
    if "HUYING_SECRET_KEY" not in os.environ and "HUYING_SECRET_KEY_FILE" not in os.environ:
        os.environ["HUYING_SECRET_KEY_FILE"] = str(_secret_key(home))
    with _database(home) as own:
        _set_up_django()
        try:
            if not empty:
                _ready(migrate)
            yield House(home, own)
        finally:
            disconnect()


def data_folder() -> Path:
    """Return the data folder, made if it isn't there. Raises Trouble."""
    home = Path(os.environ.get("HUYING_HOME") or ".data").resolve()
    try:
        home.mkdir(parents=True, exist_ok=True)
        (home / "keys").mkdir(mode=0o700, exist_ok=True)
        if not os.access(home, os.W_OK | os.X_OK):
            raise PermissionError(13, "no right to write there")
    except OSError as denied:
        raise Trouble(
            f"the data folder {home} can't be used ({denied.strerror}); set HUYING_HOME to another"
        ) from denied
    return home


def _secret_key(home: Path) -> Path:
    """Return the file of the key that signs sessions, made once; it gets its name when it is complete."""
    path = home / "keys" / "session.key"
    try:
        if path.exists():
            return path
        with NamedTemporaryFile("w", dir=path.parent) as file:  # it is 0600 from the start
            file.write(secrets.token_urlsafe(48))
            file.flush()
            with suppress(FileExistsError):
                os.link(file.name, path)
    except OSError as denied:
        raise Trouble(f"{path} can't be read or made ({denied.strerror})") from denied
    return path


@contextmanager
def _database(home: Path) -> Iterator[bool]:
    """Have the two addresses in the environment; yield whether the database is our own."""
    if os.environ.get(URL):
        for name in (URL, OWNER_URL):
            if address := os.environ.get(name):
                _ensure_reachable(name, address)
        yield False
        return
    if os.environ.get(OWNER_URL):
        raise Trouble(f"{OWNER_URL} is set and {URL} is not; set both, or neither for a database of Huying's own")
    with running(home) as urls:
        os.environ[URL], os.environ[OWNER_URL] = urls.app, urls.owner
        yield True


def _ensure_reachable(name: str, address: str) -> None:
    """Connect once: the pool would try for ten seconds and not say why it failed."""
    import psycopg

    try:
        psycopg.connect(address, connect_timeout=10).close()
    except psycopg.OperationalError as down:
        raise Unavailable(f"the database of {name} can't be reached: {_first_line(down)}") from down
    except psycopg.ProgrammingError as garbled:  # not quoted: there may be a password in it
        raise Trouble(f"{name} is no address like postgresql://user:password@host:5432/huying") from garbled


def disconnect() -> None:
    """Give up all connections, kept ones too: the pool would complain aloud when the database stops."""
    from django.db import connections

    connections.close_all()
    connections["default"].close_pool()  # type: ignore[attr-defined]


def _set_up_django() -> None:
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as wrong:
        raise Trouble(str(wrong)) from wrong


def _ready(migrate: bool) -> None:
    """Bring the tables up to date, or check that they are; then compare the keys with the database."""
    from django.db import OperationalError

    from huying.vault.keys import KeyProblem, installation_keys

    try:
        if migrate:
            _migrate()
        elif _behind("default"):
            raise Trouble("the database is empty or of an older version; run `huying up` once")
        installation_keys()
    except OperationalError as down:
        raise Unavailable(f"the database can't be reached: {_first_line(down)}") from down
    except KeyProblem as wrong:
        raise Trouble(str(wrong)) from wrong


def _migrate() -> None:
    from django.core.management import call_command
    from django.db import ProgrammingError, connections
    from django.db.migrations.exceptions import MigrationSchemaMissing
    from psycopg.errors import InsufficientPrivilege

    owner = connections["owner"]
    with owner.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATION_LOCK])
    try:
        if _behind("owner"):  # asked first: `migrate` takes twice as long to find nothing to do
            call_command("migrate", database="owner", interactive=False, verbosity=0)
    except (MigrationSchemaMissing, ProgrammingError) as refused:
        if isinstance(refused, ProgrammingError) and not isinstance(refused.__cause__, InsufficientPrivilege):
            raise
        raise Trouble(
            f"the tables can't be brought up to date: {_first_line(refused)};"
            f" {OWNER_URL} must name the role that owns them"
        ) from refused
    owner.close()


def _behind(alias: str) -> bool:
    """Return whether a migration is missing."""
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _first_line(error: BaseException) -> str:
    lines: Sequence[str] = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
