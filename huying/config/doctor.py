"""`huying doctor`: what an administrator should know about this installation, one line each."""

import os
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from huying.config.house import OWNER_URL, URL, House, Trouble, opened

# The sweep wakes every 30 seconds at least.
_SWEPT_WITHIN = timedelta(minutes=2)
OK, WARNING = "ok", "warning"


def examine() -> int:
    """Print the findings; return 1 if one of them is a warning."""
    two_roles = not os.environ.get(URL) or bool(os.environ.get(OWNER_URL))
    with opened(migrate=False) as house:
        findings = list(_findings(house, two_roles))
    for level, sentence in findings:
        print(f"{level:8} {sentence}")
    return 1 if any(level == WARNING for level, _ in findings) else 0


def _findings(house: House, two_roles: bool) -> Iterator[tuple[str, str]]:
    from django.db import connection

    from huying.cases.calendars import in_use, missing_notice
    from huying.cases.clock import now
    from huying.cases.models import Case, Contact
    from huying.cases.sweep import behind

    version = connection.cursor().execute("SHOW server_version").fetchone()[0]
    yield OK, f"PostgreSQL {version}, {'run by Huying' if house.own_database else 'given by ' + URL}"
    yield (
        (OK, "two database roles: the application can't change tables or the ledger")
        if two_roles
        else (WARNING, f"{OWNER_URL} is not set: the application's role owns the tables, the second wall is off")
    )
    yield from _keys(house.home / "keys")
    yield _signing_key()
    year = missing_notice(now(), in_use(now()))
    yield (
        (OK, "no holiday notice is missing")
        if year is None
        else (
            WARNING,
            f"no holiday notice for {year} yet: terms that reach into it are provisional; the office pastes it"
            f" on its page /desk/calendar/",
        )
    )
    late = behind(now(), _SWEPT_WITHIN)
    first = next((f", first {number}" for number in late if number is not None), "")
    yield (
        (WARNING, f"{len(late):,} cases wait for a rung that is due{first}; does `up` run? See its log")
        if late
        else (OK, "no case waits for a rung that is due")
    )
    yield OK, f"{Contact.objects.count():,} contacts, {Case.objects.count():,} cases"


def _keys(folder: Path) -> Iterator[tuple[str, str]]:
    open_to_others = [path.name for path in sorted(folder.iterdir()) if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if open_to_others:
        yield WARNING, f"others can read {', '.join(open_to_others)} in {folder}: chmod 600"
    else:
        yield OK, f"keys in {folder} are readable by their owner alone; keep a copy apart from the data"


def _signing_key() -> tuple[str, str]:
    from huying.config.directory_commands import own_key

    try:
        return OK, f"the directory is signed with the key {own_key()}"
    except Trouble as wrong:
        return WARNING, f"the directory isn't signed: {wrong}"
