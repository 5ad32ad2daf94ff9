"""Rulebooks: adopting one, which of them is in force from when, and reading the version under which a case runs."""

import hashlib
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import cache

from django.db import transaction
from django.db.models import Max, QuerySet, Subquery

from huying.data import calendar_text
from huying.ledger.chain import HASH_HEADER, Head, Line, canonical
from huying.ledger.models import LedgerLine
from huying.people.models import Office
from huying.rules.access import Actor
from huying.rules.calendar import Calendar
from huying.rules.rulebook import parse
from huying.rules.ruleset import Ruleset
from huying.vault.seals import new_key, take_ids
from huying.written import Written

from .days import Day, laid_over, read
from .models import CalendarVersion, Case, Contact, RulebookInForce, RulebookVersion


class NoRulebook(Exception):
    """No rulebook was in force at that moment; the message is one line that says what to do."""


class TooLate(Exception):
    """A rulebook can't be in force from a day on which cases were opened under another; one line says which."""


def adopt(rulebook_id: str, text: str, at: datetime, actor: Actor) -> RulebookVersion:
    """Return the version of a rulebook that has this text, adopting it if it is new. Raises RulebookError."""
    book = parse(text, f"{rulebook_id}.toml")
    sha = HASH_HEADER + hashlib.sha256(f"{rulebook_id}\n{text}".encode()).digest()
    with transaction.atomic():
        known = RulebookVersion.objects.filter(rulebook=rulebook_id).order_by("-version")
        for version in known:
            if bytes(version.sha) == sha:
                return version
        [version_id] = take_ids(1)
        adopted = RulebookVersion(
            id=version_id,
            rulebook=rulebook_id,
            version=known[0].version + 1 if known else 1,
            title=book.rulebook.title,
            text=text,
            sha=sha,
            adopted_at=at,
        )
        store_adopted(adopted, "rulebook_adopted", adoption_facts(adopted), at, actor)
    return adopted


def put_in_force(version: RulebookVersion, day: date, at: datetime, actor: Actor) -> datetime:
    """Have a version be the current one from the beginning of `day` in its own zone; return that moment.

    Nothing must find itself under other rules than those under which it was received. So a past day is possible
    only while nothing was received since, and today, once something was, means from now on. Raises TooLate.
    """
    zone = ruleset(version).rulebook.zone
    since = datetime.combine(day, time(), zone)
    latest = Contact.objects.aggregate(at=Max("at"))["at"]
    if latest is not None and since <= latest:
        if day < at.astimezone(zone).date():
            raise TooLate(f"something was received since {day}; choose today or a later day")
        since = max(at, latest + timedelta(microseconds=1))
    RulebookInForce(id=take_ids(1)[0], version=version, since=since, actor=actor.id, recorded_at=at).save(
        force_insert=True
    )
    return since


def in_force(at: datetime) -> RulebookVersion:
    """Return the version that is the office's current one at that moment (one statement). Raises NoRulebook."""
    return in_force_with_prefix(at)[0]


def in_force_with_prefix(at: datetime) -> tuple[RulebookVersion, str | None]:
    """Return the version in force and how the office's numbers begin, None without an office; one statement too."""
    for found in _in_force(at):
        return found, found.prefix  # type: ignore[attr-defined]  # annotated
    raise NoRulebook(f"no rulebook was in force on {at:%Y-%m-%d}; run `huying rulebook adopt ID --from DATE`")


def _version_at(at: datetime) -> QuerySet[RulebookVersion]:
    latest = RulebookInForce.objects.filter(since__lte=at).order_by("-since", "-id").values("version")[:1]
    return RulebookVersion.objects.filter(id=Subquery(latest)).annotate(
        prefix=Subquery(Office.objects.values("number_prefix")[:1])
    )


_in_force = Written(_version_at)


def adoption_facts(version: RulebookVersion) -> dict[str, object]:
    """Return what the ledger line of an adoption vouches for."""
    text = hashlib.sha256(version.text.encode()).digest()
    names = ("id", "rulebook", "version", "title", "sha", "adopted_at")
    return {name: getattr(version, name) for name in names} | {"text": text}


def ruleset(version: RulebookVersion, loaded: int | None = None) -> Ruleset:
    """Return the rulebook of a version with the calendar that it names, and on it the days loaded up to `loaded`."""
    return _parsed(version.rulebook, version.text, loaded)


def rules_of(case: Case) -> Ruleset:
    """Return the rules by which a case runs."""
    return ruleset(version(case.rulebook_id), case.calendar_id)


def newest_calendar() -> int | None:
    """Return the id of the calendar version that was loaded last (one statement)."""
    return CalendarVersion.objects.order_by("-id").values_list("id", flat=True).first()


@cache
def version(version_id: int) -> RulebookVersion:
    """Return an adopted version; it never changes, so each process reads it once."""
    return RulebookVersion.objects.get(id=version_id)


@cache
def calendar(calendar_id: str, loaded: int | None = None) -> Calendar:
    """Return a shipped calendar, and on it the days loaded up to the version of the id `loaded`.

    `cn-2026` is the State Council's, cut to 2026. Raises FileNotFoundError.
    """
    if loaded is not None:
        return laid_over(calendar(calendar_id), loaded_days(loaded))
    cut = re.fullmatch(r"cn-(\d{4})", calendar_id)
    if cut is None:
        return Calendar.parse(calendar_text(calendar_id))
    return calendar("cn-state-council").cut_to(int(cut[1]))


def loaded_days(newest: int) -> dict[date, Day]:
    """Return what was said of each day loaded up to that version."""
    versions = CalendarVersion.objects.filter(id__lte=newest).order_by("id").values_list("days", flat=True)
    return {day: said for days in versions for day, said in read(days).items()}


def forget() -> None:
    """Let go of what was read from a database, before another one is worked on: its ids mean other rows."""
    for kept in (version, calendar, _parsed):
        kept.cache_clear()


@cache
def _parsed(rulebook_id: str, text: str, loaded: int | None) -> Ruleset:
    book = parse(text, f"{rulebook_id}.toml")
    return Ruleset(book, calendar(book.calendar_id, loaded))


def store_adopted(
    adopted: RulebookVersion | CalendarVersion, event: str, facts: Mapping[str, object], at: datetime, actor: Actor
) -> None:
    """Write what the office adopted, and the ledger line that vouches for it: each has a chain of its own."""
    key_row, key = new_key(adopted.id)
    key_row.save(force_insert=True)
    adopted.save(force_insert=True)
    line = Line(
        chain_id=adopted.id,
        seq=1,
        event=event,
        step=None,
        unit_id=None,
        actor=actor.id,
        at=at,
        recorded_at=at,
        record=(adopted._meta.db_table, adopted.id),
        content=key.content_hash(canonical(facts)),
        previous=Head().hash,
    )
    LedgerLine.of(line).save(force_insert=True)
