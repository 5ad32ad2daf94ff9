"""A scratch database for rehearsals: empty, migrated, beside the real one, and gone afterwards."""

import hashlib
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.core.management import call_command
from django.db import ProgrammingError, connections, transaction
from django.db.migrations.loader import MigrationLoader

from huying.cases import rulebooks

_TEMPLATES = "huying_template_"


@contextmanager
def scratch_database() -> Iterator[None]:
    """Have Django work on a database of its own for a while; the owner's role must be allowed to create one."""
    name, home = _scratch_name(), _here()
    _as_owner(f'CREATE DATABASE "{name}" TEMPLATE "{_template()}"')
    try:
        _move(name)
        yield
    finally:
        _move(home)
        _as_owner(f'DROP DATABASE "{name}" WITH (FORCE)')


def _template() -> str:
    """Return an empty, migrated database to be cloned; it is kept until a migration changes: migrating takes long."""
    name, home, unfinished = f"{_TEMPLATES}{_digest_of_migrations()}", _here(), _scratch_name()
    known = _templates()
    if name in known:
        return name
    _as_owner(f'CREATE DATABASE "{unfinished}"')
    try:
        _move(unfinished)
        call_command("migrate", database="owner", interactive=False, verbosity=0)
        _move(home)
        with suppress(ProgrammingError):  # another rehearsal was faster
            _as_owner(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')
    finally:
        _move(home)
        _as_owner(f'DROP DATABASE IF EXISTS "{unfinished}" WITH (FORCE)')
    for outdated in known:
        _as_owner(f'DROP DATABASE IF EXISTS "{outdated}" WITH (FORCE)')
    return name


def _templates() -> list[str]:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [_TEMPLATES])
        return [name for (name,) in cursor.fetchall()]


def _digest_of_migrations() -> str:
    found = MigrationLoader(None).disk_migrations
    files = (Path(sys.modules[migration.__module__].__file__ or "") for _, migration in sorted(found.items()))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _scratch_name() -> str:
    return f"rehearsal_{secrets.token_hex(4)}"


def _here() -> str:
    return str(connections["owner"].settings_dict["NAME"])


@contextmanager
def on_an_empty_register() -> Iterator[None]:
    """Undo everything at the end, so that the next story finds the register as empty as this one did."""
    try:
        with transaction.atomic():
            yield
            raise _Enough  # noqa: TRY301  # the way to roll back
    except _Enough:
        pass
    finally:
        rulebooks.version.cache_clear()  # also after a story that could not be played to its end


class _Enough(Exception):
    pass


def _move(name: str) -> None:
    rulebooks.forget()
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
    connections["default"].close_pool()  # type: ignore[attr-defined]


def _as_owner(statement: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement)
