"""Calendars that an office loads: a year's notice as days, adopted as a version, and every open term counted by it.

A version is laid over the calendar that a rulebook names and over those loaded before. Counting touches all open
cases, in batches; one that was missed (registered while it ran) is counted anew when something happens to it next,
and then as if it had been counted at the moment of loading.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from huying.rules.access import Actor
from huying.rules.calendar import Calendar
from huying.rules.ruleset import Ruleset
from huying.rules.vocabulary import Step
from huying.vault.seals import take_ids

from .days import Days, laid_over, written
from .doors import recount_terms
from .models import CalendarVersion, Case, Clock
from .opened import clock_state
from .rulebooks import NoRulebook, calendar, in_force, loaded_days, newest_calendar, ruleset, store_adopted, version

BATCH = 100
_NOTICE_IS_DUE = 11  # the notices of 2024 to 2026 came between 25 October and 12 November


@dataclass(frozen=True, slots=True)
class Move:
    """One term of a case that a calendar moves; both ends are exclusive, in UTC."""

    number: str
    step: Step
    before: datetime
    after: datetime
    confidential: bool = False  # it is counted then, and not named


def in_use(at: datetime) -> Calendar:
    """Return the calendar by which new terms are counted: that of the rulebook in force, with the days loaded."""
    try:
        return ruleset(in_force(at), newest_calendar()).calendar
    except NoRulebook:
        return calendar("cn-state-council", newest_calendar())


def missing_notice(at: datetime, calendar: Calendar) -> int | None:
    """Return the year whose notice should be there and isn't: this one, from 1 November (local time) the next."""
    local = at.astimezone(timezone.get_current_timezone())
    year = local.year + (local.month >= _NOTICE_IS_DUE)
    return year if calendar.provisional_years(date(year, 1, 1), date(year, 12, 31)) else None


def load(days: Days, at: datetime, actor: Actor) -> CalendarVersion | None:
    """Adopt these days as the next version; None where all of them had been loaded before.

    Raises IntegrityError where somebody else loads at the same moment.
    """
    with transaction.atomic():
        last = CalendarVersion.objects.order_by("-number").first()
        known = {} if last is None else loaded_days(last.id)
        if all(day in known and known[day].counts_as == said.counts_as for day, said in days.items()):
            return None
        [version_id] = take_ids(1)
        loaded = CalendarVersion(
            id=version_id,
            number=1 if last is None else last.number + 1,
            days=written(days),
            loaded_at=at,
        )
        store_adopted(loaded, "calendar_loaded", loading_facts(loaded), at, actor)
    return loaded


def loading_facts(loaded: CalendarVersion) -> dict[str, object]:
    """Return what the ledger line of a calendar vouches for."""
    return {name: getattr(loaded, name) for name in ("id", "number", "days", "loaded_at")}


def foresee(days: Days) -> list[Move]:
    """Return which open terms these days would move; nothing is written."""
    newest = newest_calendar()

    @cache  # a calendar with a year laid over it costs 13 ms, a term far less than one
    def then(rulebook: int) -> Ruleset:
        now = ruleset(version(rulebook), newest)
        return replace(now, calendar=laid_over(now.calendar, days))

    moves = []
    for cases in _open_cases(Q()):
        for clock in Clock.objects.filter(case__in=cases, done_at=None, void_at=None).order_by("case", "id"):
            case, running = cases[clock.case_id], clock_state(clock)
            due_at = then(case.rulebook_id).derived(running).due_at
            if due_at != running.due_at:
                moves.append(Move(case.number, running.step, running.due_at, due_at, case.confidential))
    return moves


def count_open_terms(at: datetime, progress: Callable[[int], object] = lambda _cases: None) -> list[Move]:
    """Count the terms of all open cases by the calendar that was loaded last, as far as they aren't; what moved.

    Each batch is a transaction of its own: killed in between, it goes on where it was when it is called again.
    """
    moves: list[Move] = []
    for cases in _open_cases(_lagging()):
        for recount in recount_terms(list(cases), at):
            moves.extend(_move(cases[recount.case_id], one) for one in recount.moved)
        progress(len(cases))
    return moves


def cases_to_count() -> int:
    """Return how many open cases are still to be counted by the calendar that was loaded last."""
    return Case.objects.filter(_lagging(), closed_at=None).count()


def _lagging() -> Q:
    """Return the condition that a case isn't counted by the newest calendar; none is while nothing was loaded."""
    newest = newest_calendar()
    return Q(pk__in=()) if newest is None else Q(calendar=None) | Q(calendar__lt=newest)


def _open_cases(which: Q) -> Iterator[dict[int, Case]]:
    """Yield the open cases in batches, by id."""
    after = 0
    while found := list(Case.objects.filter(which, closed_at=None, id__gt=after).order_by("id")[:BATCH]):
        after = found[-1].id
        yield {case.id: case for case in found}


def _move(case: Case, moved: Mapping[str, str]) -> Move:
    before, after = datetime.fromisoformat(moved["from"]), datetime.fromisoformat(moved["to"])
    return Move(case.number, Step(moved["step"]), before, after, case.confidential)
