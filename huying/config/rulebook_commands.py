"""`huying rulebook list|check|diff|chart|adopt`: rulebooks as files, which need no database, and adopted versions."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from huying.config.house import Trouble
from huying.data import calendar_text, rulebook_ids, rulebook_text
from huying.rules.flow_chart import flow_chart
from huying.rules.rulebook import Rulebook, parse
from huying.rules.rulebook_check import Severity, no_source
from huying.rules.rulebook_check import check as examine
from huying.rules.rulebook_diff import differences
from huying.rules.words import Language

_VERSION = re.compile(r"[a-z0-9-]+@[1-9][0-9]{0,5}")


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


def check(id_or_file: str) -> int:
    """Say what is wrong with a rulebook, what has no source, and what is worth knowing; 1 if it has an error.

    Raises Trouble, RulebookError.
    """
    given = _given(id_or_file)
    found = examine(given.text, f"{given.id}.toml")
    errors = sum(one.severity is Severity.ERROR for one in found)
    without = [one for one in found if one == no_source(one.key)]
    said = f"has {errors} error{'s' * (errors > 1)}" if errors else "can be used"
    print(f"{id_or_file}: {said}" + (f"; {len(without)} values have no [source]:" if without else ""))
    for one in without:
        print(f"  {one.key}")
    for one in found:
        if one not in without:
            print(f"{one.severity:8} {one.key}: {one.en}")
    return 1 if errors else 0


def diff(before: str, after: str, language: Language) -> int:
    """Say what differs between two rulebooks, a line each. Raises Trouble, RulebookError."""
    found = differences(_book(before), _book(after))
    for one in found:
        print(f"{one.key:32} {one.in_words(language)}")
    if not found:
        print("they say the same" if language == "en" else "两份规则说的一样")
    return 0


def draw(id_or_file: str, language: Language, out: Path | None) -> int:
    """Print the flow chart of a rulebook as SVG, or write it to a file. Raises Trouble, RulebookError."""
    svg = flow_chart(_book(id_or_file), language)
    if out is None:
        print(svg, end="")
        return 0
    try:
        out.write_text(svg, "utf-8")
    except OSError as unwritable:
        raise Trouble(f"{out} can't be written: {unwritable}") from unwritable
    print(f"{out}: written")
    return 0


def is_version(spec: str) -> bool:
    """Return whether somebody means an adopted version, `bozhou@2`, for which the database is needed."""
    return _VERSION.fullmatch(spec) is not None


def read_source(id_or_file: str) -> Source:
    """Return a shipped rulebook by its id, or the one of a .toml file. Raises Trouble, RulebookError."""
    if id_or_file not in rulebook_ids() and Path(id_or_file).suffix != ".toml":
        raise _unknown(id_or_file)
    given = _given(id_or_file)
    named = parse(given.text, f"{given.id}.toml").calendar_id
    try:
        calendar_text(named)
    except FileNotFoundError as missing:
        raise Trouble(f"{id_or_file}: calendar.id: there is no calendar {named!r}") from missing
    return given


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


def _book(spec: str) -> Rulebook:
    given = _adopted(*spec.split("@")) if is_version(spec) else _given(spec)
    return parse(given.text, f"{given.id}.toml")


def _given(id_or_file: str) -> Source:
    if id_or_file in rulebook_ids():
        return Source(id_or_file, rulebook_text(id_or_file))
    file = Path(id_or_file)
    if file.suffix != ".toml" and len(file.parts) == 1 and not file.exists():
        raise _unknown(id_or_file)
    try:
        return Source(file.stem, file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as unreadable:
        raise Trouble(f"{file} can't be read: {unreadable}") from unreadable


def _unknown(id_or_file: str) -> Trouble:
    return Trouble(f"there is no rulebook {id_or_file!r}; write a .toml file, or one of {', '.join(rulebook_ids())}")


def _adopted(rulebook_id: str, number: str) -> Source:
    """Return a version that this office has adopted. Raises Trouble."""
    from huying.cases.models import RulebookVersion

    known = RulebookVersion.objects.filter(rulebook=rulebook_id)
    version = known.filter(version=int(number)).first()
    if version is None:
        numbers = ", ".join(f"{rulebook_id}@{one.version}" for one in known.order_by("version"))
        raise Trouble(f"{rulebook_id}@{number} was never adopted here; there is {numbers or 'no version of it'}")
    return Source(rulebook_id, version.text)
