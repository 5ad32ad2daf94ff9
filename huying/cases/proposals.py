"""Changes of the calendar by two people of the office: one proposes days, another looks at what they do and decides.

What is shown is worked out anew each time, and what is applied is what was seen: if a calendar was loaded in between,
the second person looks again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from django.db import IntegrityError, transaction
from procrastinate.contrib.django import app

from huying.rules.access import Actor, Role
from huying.rules.calendar import Calendar
from huying.rules.holiday_notice import days_of, read_notice
from huying.vault.seals import keys_of, new_key, seal, take_ids, unseal

from .calendars import Move, foresee, in_use, load
from .days import Day, Days, laid_over, read, written
from .models import CalendarProposal, CalendarVersion
from .models_calendar import EndedAs
from .queries import visible_to
from .rulebooks import newest_calendar

NAMED = 20


class Answer(StrEnum):
    """What came of a decision: done, or why not."""

    DONE = "done"
    FORBIDDEN = "forbidden"
    SAME_PERSON = "same_person"
    ENDED_BEFORE = "ended_before"
    CHANGED_MEANWHILE = "changed_meanwhile"
    FINAL_YEAR = "final_year"
    REASON_REQUIRED = "reason_required"


class _Undone(Exception):
    """Takes back what was written so far."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer)
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody wants to propose: the days of a year's notice, or one local `day`."""

    year: int
    title: str
    days: Days
    day: date | None = None


@dataclass(frozen=True, slots=True)
class ChangedDay:
    """A day that would be counted otherwise than now."""

    day: date
    works: bool
    until: time | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What days would do to the calendar and to the open terms.

    `kept` are local days that a notice leaves as they are; `named` the first terms of those that the viewer may see;
    `seen` the calendar version on which all this rests, 0 before there was one.
    """

    changed: Sequence[ChangedDay]
    kept: Sequence[date]
    becomes_final: bool
    cases: int
    terms: int
    earlier: int
    named: Sequence[Move]
    unnamed: int
    seen: int


def plan_notice(text: str, at: datetime) -> Plan:
    """Return what a pasted notice arranges; the days that the office has arranged itself stay. Raises NotANotice."""
    year, notice = read_notice(text, in_use(at))
    source, own = notice.number or notice.notice, local_days()
    days = {day: Day(works, source=source) for day, works in days_of(year, notice).items() if day not in own}
    title = f"{notice.notice}（{notice.number}）" if notice.number else notice.notice
    return Plan(year, title, days)


def plan_local(day: date, *, works: bool, until: time | None, source: str) -> Plan:
    """Return the plan that one day is off, worked, or worked until an hour, because of `source`."""
    return Plan(day.year, source, {day: Day(works, source=source, until=until)}, day)


def local_days() -> dict[date, Day]:
    """Return the days that the office has arranged itself; a notice speaks for the whole country and leaves them."""
    applied = CalendarProposal.objects.filter(day__isnull=False, ended_as=EndedAs.APPLIED.value).order_by("ended_at")
    return {day: said for proposal in applied for day, said in read(proposal.days).items()}


def propose(plan: Plan, actor: Actor, at: datetime) -> CalendarProposal:
    """Return the proposal that waits for a second person; of two for one year, or one day, the earlier."""
    try:
        with transaction.atomic():
            return CalendarProposal.objects.create(
                id=take_ids(1)[0],
                year=plan.year,
                day=plan.day,
                title=plan.title,
                days=written(plan.days),
                proposed_by=actor.id,
                proposed_at=at,
            )
    except IntegrityError:
        return CalendarProposal.objects.get(year=plan.year, day=plan.day, ended_as=None)


def plan_of(proposal: CalendarProposal) -> Plan:
    return Plan(proposal.year, proposal.title, read(proposal.days), proposal.day)


def preview(plan: Plan, at: datetime, viewer: Actor) -> Preview:
    """Return what a plan would do now; nothing is written."""
    seen, before = newest_calendar() or 0, in_use(at)
    after, moves = laid_over(before, plan.days), foresee(plan.days)
    numbers = {move.number for move in moves}
    visible = set(visible_to(viewer).filter(number__in=numbers).values_list("number", flat=True))
    named = [move for move in moves if move.number in visible and not move.confidential]
    return Preview(
        changed=[
            ChangedDay(day, after.is_working(day), after.worked_until(day))
            for day in sorted(plan.days)
            if (before.is_working(day), before.worked_until(day)) != (after.is_working(day), after.worked_until(day))
        ],
        kept=[] if plan.day else sorted(day for day in local_days() if day.year == plan.year),
        becomes_final=_is_final(after, plan.year) and not _is_final(before, plan.year),
        cases=len(numbers),
        terms=len(moves),
        earlier=sum(move.after < move.before for move in moves),
        named=named[:NAMED],
        unnamed=len(moves) - len(named[:NAMED]),
        seen=seen,
    )


def apply(proposal_id: int, seen: int, actor: Actor, at: datetime) -> Answer:
    """Adopt the days of a proposal, and have every open term counted by them; `seen` is the preview's.

    Of two who decide at once, or of one who does it twice, the first is obeyed and the second told.
    """
    try:
        with transaction.atomic():
            _adopt(_ended(proposal_id, EndedAs.APPLIED, actor, at), seen, actor, at)
    except _Undone as undone:
        return undone.answer
    except IntegrityError:  # somebody else loads a calendar at this moment
        return Answer.CHANGED_MEANWHILE
    return Answer.DONE


def _adopt(proposal: CalendarProposal, seen: int, actor: Actor, at: datetime) -> None:
    if proposal.day is None and _is_final(in_use(at), proposal.year):
        raise _Undone(Answer.FINAL_YEAR)
    loaded = proposal.version = load(read(proposal.days), at, actor)
    # Looked for afterwards: what another commits before `load` is seen here, what comes later collides in its number.
    others = CalendarVersion.objects.filter(id__gt=seen).exclude(id=loaded.id if loaded else 0)
    if others.exists():
        raise _Undone(Answer.CHANGED_MEANWHILE)
    proposal.save(update_fields=["version"])
    app.configure_task("count_open_terms", queue="bulk").defer()


def reject(proposal_id: int, reason: str, actor: Actor, at: datetime) -> Answer:
    """End a proposal without any change; its author reads the reason."""
    if not reason.strip():
        return Answer.REASON_REQUIRED
    try:
        with transaction.atomic():
            proposal = _ended(proposal_id, EndedAs.REJECTED, actor, at)
            row, key = new_key(proposal.id)
            row.save(force_insert=True)
            seal(proposal, key, reason=reason.strip())
            proposal.save(update_fields=["reason"])
    except _Undone as undone:
        return undone.answer
    return Answer.DONE


def reason_of(proposal: CalendarProposal) -> str:
    """Return why a proposal was rejected, in the words of who did."""
    if proposal.reason is None:
        return ""
    return unseal(proposal, keys_of([proposal.id])[proposal.id], "reason") or ""


def _ended(proposal_id: int, how: EndedAs, actor: Actor, at: datetime) -> CalendarProposal:
    """Claim an open proposal for a decision by one statement, which a second one at the same moment waits for."""
    if actor.role is not Role.OFFICE:
        raise _Undone(Answer.FORBIDDEN)
    waiting = CalendarProposal.objects.filter(id=proposal_id, ended_as=None)
    claimed = waiting.exclude(proposed_by=actor.id).update(ended_as=how.value, ended_by=actor.id, ended_at=at)
    if not claimed:
        raise _Undone(Answer.SAME_PERSON if waiting.exists() else Answer.ENDED_BEFORE)
    return CalendarProposal.objects.get(id=proposal_id)


def _is_final(calendar: Calendar, year: int) -> bool:
    return not calendar.provisional_years(date(year, 1, 1), date(year, 12, 31))
