"""A scratch database for rehearsals: empty, migrated, beside the real one, and gone afterwards."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connections, transaction

from huying.cases import rulebooks


@contextmanager
def scratch_database() -> Iterator[None]:
    """Have Django work on a database of its own for a while; the owner's role must be allowed to create one."""
    name, home = f"rehearsal_{secrets.token_hex(4)}", connections["owner"].settings_dict["NAME"]
    _as_owner(f'CREATE DATABASE "{name}"')
    try:
        _move(name)
        call_command("migrate", database="owner", interactive=False, verbosity=0)
        yield
    finally:
        _move(home)
        _as_owner(f'DROP DATABASE "{name}" WITH (FORCE)')


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
