"""`huying rulebook list|check|adopt`: rulebooks as files, for which no database is needed, and the one in force."""

import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from huying.config.house import Trouble
from huying.data import calendar_text, rulebook_ids, rulebook_text
from huying.rules.rulebook import parse, unsourced


@dataclass(frozen=True)
class Source:
    """A rulebook's text and its id, which is the stem of its file."""

    id: str
    text: str


def show_list() -> int:
    for rulebook_id in rulebook_ids():
        book = parse(rulebook_text(rulebook_id), f"{rulebook_id}.toml")
        print(f"{rulebook_id:15} {book.rulebook.id:24} {book.rulebook.title}")
    return 0


def check(file: Path) -> int:
    """Read a rulebook; print what has no source. Raises Trouble, RulebookError."""
    text = _text(file)
    parse(text, file.name)
    without = unsourced(text)
    print(f"{file}: can be used" + (f"; {len(without)} values have no [source]:" if without else ""))
    for key in without:
        print(f"  {key}", file=sys.stdout)
    return 0


def read_source(id_or_file: str) -> Source:
    """Return a shipped rulebook by its id, or the one of a .toml file. Raises Trouble, RulebookError."""
    if id_or_file in rulebook_ids():
        return Source(id_or_file, rulebook_text(id_or_file))
    file = Path(id_or_file)
    if file.suffix != ".toml":
        raise Trouble(
            f"there is no rulebook {id_or_file!r}; write a .toml file, or one of {', '.join(rulebook_ids())}"
        )
    text = _text(file)
    named = parse(text, file.name).calendar_id
    try:
        calendar_text(named)
    except FileNotFoundError as missing:
        raise Trouble(f"{file}: calendar.id: there is no calendar {named!r}") from missing
    return Source(file.stem, text)


def adopt_from(id_or_file: str, day: date | None) -> int:
    """Have a rulebook be the office's from a day on, today if none is given. Raises Trouble, RulebookError."""
    # Only here: the other commands of this module work without Django being set up.
    from django.db import transaction

    from huying.cases.clock import now
    from huying.cases.rulebooks import TooLate, adopt, put_in_force, ruleset
    from huying.rules.access import Actor

    source, at, actor = read_source(id_or_file), now(), Actor.system()
    try:
        with transaction.atomic():
            version = adopt(source.id, source.text, at, actor)
            zone = ruleset(version).rulebook.zone
            since = put_in_force(version, day or at.astimezone(zone).date(), at, actor)
    except TooLate as late:
        raise Trouble(str(late)) from late
    print(f"{version.rulebook}, version {version.version}, is in force from {since.astimezone(zone):%Y-%m-%d %H:%M}")
    return 0


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as unreadable:
        raise Trouble(f"{file} can't be read: {unreadable}") from unreadable
