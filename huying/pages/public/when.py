"""Dates as citizens read them: 「10 月 8 日（周四）」, "Thu 8 Oct", the year only when it isn't this one."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, tzinfo

from django.utils import timezone
from django.utils.dateformat import format as date_text
from django.utils.translation import gettext, pgettext

from huying.cases.language import language
from huying.pages.dates import due_day
from huying.people.serving import day_of
from huying.rules.ruleset import Ruleset
from huying.rules.words import day_in_words

from .shown import ShownWhen

_every_year: ContextVar[bool] = ContextVar("_every_year", default=False)


@contextmanager
def every_year() -> Iterator[None]:
    """Say the year of every day meanwhile, also this one's: for what somebody keeps and reads in another year."""
    before = _every_year.set(True)
    try:
        yield
    finally:
        _every_year.reset(before)


def day(at: datetime, now: datetime, rules: Ruleset) -> ShownWhen:
    """Return the day of a moment."""
    return _said(at, at, now, rules)


def plain_day(at: datetime, now: datetime) -> ShownWhen:
    """Return the day of a moment; no rules are asked whether anybody works on it."""
    on, today = day_of(at), day_of(now)
    if _goes_without_saying(on.year, today.year):
        return ShownWhen(date_text(on, pgettext("public date, this year", "n 月 j 日（D）")), at)
    return ShownWhen(date_text(on, pgettext("public date, another year", "Y 年 n 月 j 日（D）")), at)


def moment(at: datetime, now: datetime, rules: Ruleset) -> ShownWhen:
    """Return a moment with its hour."""
    return _with_hour(day(at, now, rules), rules.rulebook.zone)


def plain_moment(at: datetime, now: datetime) -> ShownWhen:
    """Return a moment with its hour, asking no rules."""
    return _with_hour(plain_day(at, now), timezone.get_current_timezone())


def _with_hour(said: ShownWhen, zone: tzinfo) -> ShownWhen:
    joint = "" if language() == "zh" else " "
    return ShownWhen(f"{said.text}{joint}{said.at.astimezone(zone):%H:%M}", said.at)


def due(due_at: datetime, now: datetime, rules: Ruleset, *, provisional: bool = False) -> ShownWhen:
    """Return the last day of a term; with its hour where it doesn't end with the day."""
    said = _due(due_at, now, rules)
    return ShownWhen(gettext("{day}，暂定").format(day=said.text), said.at) if provisional else said


def end(at: datetime, now: datetime, rules: Ruleset) -> str:
    """Return the moment at which something ends, at midnight as 24:00 of the day before."""
    said = _due(at, now, rules).text
    local = at.astimezone(rules.rulebook.zone)
    joint = "" if language() == "zh" else " "
    return said if (local.hour, local.minute) != (0, 0) else f"{said}{joint}24:00"


def _due(due_at: datetime, now: datetime, rules: Ruleset) -> ShownWhen:
    zone = rules.rulebook.zone
    local = due_at.astimezone(zone)
    if (local.hour, local.minute) != (0, 0):
        return moment(due_at, now, rules)
    last = datetime.combine(due_day(due_at, zone), local.time(), zone)
    return _said(last, due_at, now, rules)


def _said(shown: datetime, at: datetime, now: datetime, rules: Ruleset) -> ShownWhen:
    zone = rules.rulebook.zone
    on = shown.astimezone(zone).date()
    with_year = not _goes_without_saying(on.year, now.astimezone(zone).year)
    return ShownWhen(day_in_words(on, rules.calendar, language(), with_year=with_year), at)


def _goes_without_saying(year: int, this_year: int) -> bool:
    return year == this_year and not _every_year.get()
