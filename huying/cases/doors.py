"""Door 2: somebody, or the clock, does something to a case.

`act` locks the case, lets the rules decide, and stores what follows, in one transaction. A refusal is returned,
never raised, so that its row commits.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import DateTimeField, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast

from huying.ledger.chain import Head
from huying.ledger.models import LedgerLine
from huying.people.models import Unit
from huying.rules.access import Actor, CaseFacts, may_see
from huying.rules.commands import Assign, Command, RecountTerms, TermPassed, field_names, verb_of
from huying.rules.escalation import next_watch
from huying.rules.lifecycle import Decision, Refused, decide
from huying.rules.state import CaseState, ClockState
from huying.rules.vocabulary import (
    Action,
    ClosedAs,
    Complexity,
    Flag,
    Kind,
    RefusalCode,
    Stage,
    Step,
    Urgency,
    VerdictCode,
)
from huying.vault.models import VaultKey
from huying.vault.seals import take_ids, unwrap

from .arrival import is_id
from .dossier import Dossier
from .draft import UNSTORABLE, Draft, is_told
from .models import (
    Acknowledgement,
    CalendarVersion,
    Callback,
    Case,
    CaseRecord,
    Clock,
    ContactRecord,
    Origin,
    Recount,
    Refusal,
    Report,
    SupervisionAction,
    Verdict,
)
from .queries import ACCESS, access_facts
from .rulebooks import ruleset
from .store import store

# The units that commands name and that exist, each with the day on which it was abolished.
Units = Mapping[int, date | None]
CLOCK = Actor("clock", None)  # who acts when a term passes


@dataclass(frozen=True, slots=True)
class Deed:
    """One command on one case, with the moment at which it was done.

    `seen` is the last line of the case's ledger that whoever decided it had read; None: it doesn't depend on that.
    `misread` is the first field of what was sent that could not be read.
    """

    case_id: int
    command: Command
    at: datetime
    origin: Origin = Origin.LIVE
    seen: int | None = None
    misread: Refused | None = None


def act(
    case_id: int,
    command: Command,
    at: datetime,
    recorded_at: datetime,
    actor: Actor,
    *,
    seen: int | None = None,
    misread: Refused | None = None,
) -> CaseState | Refused:
    """Do one command; return the case after it, or why it can't be done.

    With `seen`, not if somebody did anything to the case since: one form is done once, and nobody acts on a page
    that no longer holds.
    """
    [result] = act_all([Deed(case_id, command, at, seen=seen, misread=misread)], recorded_at, actor)
    return result


def act_all(deeds: Sequence[Deed], recorded_at: datetime, actor: Actor) -> list[CaseState | Refused]:
    """Do several commands in their order, in one transaction; a refused one stops nothing. For loading history.

    Return a result for each. Cases are locked in the order of their ids, so that two callers can't deadlock.
    """
    with transaction.atomic():
        named = (deed.command.unit for deed in deeds if isinstance(deed.command, Assign))
        drafts, units = opened({deed.case_id for deed in deeds}, set(filter(is_id, named)), actor)
        results = [_done(drafts.get(deed.case_id), deed, recorded_at, actor, units) for deed in deeds]
        store([draft for draft in drafts.values() if draft.entries], recorded_at)
        _store_refusals(deeds, results, recorded_at, actor)
    return results


def pass_terms(case_ids: Sequence[int], now: datetime) -> int:
    """Fire every rung of these cases that is due by `now` and return how many; for the sweep.

    The cases come in the order in which their rungs are due.
    """
    with transaction.atomic():
        found, _ = opened(set(case_ids), set(), CLOCK)
        drafts = [found[case_id] for case_id in case_ids]
        fired = sum(caught_up(draft, now, now) for draft in drafts)
        store(drafts, now)
    return fired


def recount_terms(case_ids: Sequence[int], now: datetime) -> list[Recount]:
    """Count the terms of these cases by the calendar that was loaded last; return what came of it, per case.

    What is due by `now` follows at once.
    """
    with transaction.atomic():
        found, _ = opened(set(case_ids), set(), CLOCK)
        for draft in found.values():
            caught_up(draft, now, now)
        drafts = [draft for draft in found.values() if draft.entries]
        store(drafts, now)
    return [entry.row for draft in drafts for entry in draft.entries if isinstance(entry.row, Recount)]


def caught_up(draft: Draft, until: datetime | None, recorded_at: datetime) -> int:
    """Do first what is due anyway: the calendar that was loaded last, and the terms that have passed by `until`.

    None: the calendar alone. Return how many rungs fired. However late a calendar is noticed, and by whom, it counts
    from the moment it was loaded: what had passed by then has passed, a term of which the new end lies before is
    late at that moment, and from then on the new ends hold.
    """
    fired = 0
    if (counts_from := _newer_from(draft, recorded_at)) is not None:
        fired += _fire(draft, counts_from, recorded_at)
        _recount(draft, counts_from, recorded_at)
        until = counts_from if until is None else max(until, counts_from)
    return fired if until is None else fired + _fire(draft, until, recorded_at, since=draft.loaded_at)


def _newer_from(draft: Draft, recorded_at: datetime) -> datetime | None:
    """Return from when a calendar counts that is newer than the case's own; never from before the case was there."""
    if draft.case is None or draft.state is None or draft.calendar is None or draft.loaded_at is None:
        return None
    since = max(draft.loaded_at, draft.case.received_at)
    return since if draft.calendar > (draft.state.calendar or 0) and since <= recorded_at else None


def _recount(draft: Draft, at: datetime, recorded_at: datetime) -> None:
    """Count the terms of a case by the calendar that was loaded last."""
    if draft.case is None or draft.state is None or draft.calendar is None:
        raise TypeError("there is nothing to count, or no calendar to count by")
    command = RecountTerms(draft.calendar)
    draft.rules = ruleset(draft.case.rulebook, draft.calendar)
    decision = decide(draft.state, command, CLOCK, at, draft.rules)
    if isinstance(decision, Refused):
        raise TypeError(f"a calendar was refused: {command}, {decision}")
    draft.add(decision, CLOCK, at, recorded_at)
    draft.announce(decision, recorded_at)


def _fire(draft: Draft, until: datetime, recorded_at: datetime, since: datetime | None = None) -> int:
    """Fire the rungs of one case that are due by `until`, in order, and return how many.

    Each is decided by the same rules as a command, at the instant at which it was due, however late it is noticed;
    what is said about it is said when it is noticed. `since`: the moment from which the terms run, or run again,
    as they do; nothing follows from them before.
    """
    fired = 0
    while draft.state and draft.rules and (watched := next_watch(draft.state, draft.rules)):
        clock, due = watched
        if due.at > until:
            break
        command = TermPassed(clock.step, due.number, due.rung.action, due.rung.flag)
        at = due.at if since is None else max(due.at, since)
        decision = decide(draft.state, command, CLOCK, at, draft.rules)
        if isinstance(decision, Refused):
            raise TypeError(f"a rung that is due was refused: {command}, {decision}")
        draft.add(decision, CLOCK, at, recorded_at)
        draft.announce(decision, recorded_at)
        fired += 1
    return fired


def state_of(case_id: int) -> CaseState:
    """Return a case as the rules see it now. Raises KeyError.

    Locked, since it is read in several statements that must see the same case.
    """
    with transaction.atomic():
        state = opened({case_id}, set(), Actor.system())[0][case_id].state
    if state is None:
        raise KeyError(case_id)
    return state


def state_seen(found: Dossier) -> CaseState:
    """Return a case as the rules see it, of what was read without a lock: for what is offered, never to act on."""
    case, facts, cycle = found.case, Facts(), 1
    for line in found.lines:
        if line.record_table in _MODEL_OF:
            word = found.said[line.record_id or 0].word
            facts.take(line.record_table, line.at, line.record_id or 0, line.actor, word, now=cycle == case.cycle)
        cycle += line.event == "reopened"
    of_cycle = sorted((clock for clock in found.clocks if clock.cycle == case.cycle), key=lambda clock: clock.id)
    return _state(case, tuple(map(clock_state, of_cycle)), facts)


def _done(draft: Draft | None, deed: Deed, recorded_at: datetime, actor: Actor, units: Units) -> CaseState | Refused:
    if draft is None or draft.state is None or draft.rules is None:
        return Refused(RefusalCode.NOT_FOUND)
    if not _possible_time(draft, deed.at, recorded_at):
        return Refused(RefusalCode.FIELD_INVALID, "at")
    match decide(draft.state, deed.command, actor, deed.at, draft.rules, deed.misread):
        case Refused(code=RefusalCode.FORBIDDEN) as refused:
            return refused
        case _ if _changed(draft, deed):
            return Refused(RefusalCode.CHANGED_MEANWHILE)
        case Refused() as refused:
            return refused
        case Decision() as decision:
            day = deed.at.astimezone(draft.rules.rulebook.zone).date()
            if refused_now := _no_such_unit(deed.command, units, day) or _unstorable(deed.command):
                return refused_now
            is_live, before = deed.origin is Origin.LIVE, draft.state
            caught_up(draft, deed.at if is_live else None, recorded_at)
            if draft.state is not before:
                # A term that passed before this deed was late, also where the sweep hasn't come round yet.
                return _done(draft, deed, recorded_at, actor, units)
            draft.add(decision, actor, deed.at, recorded_at)
            if is_told(deed.origin, deed.at, recorded_at):
                draft.announce(decision, deed.at)
            if is_live:
                # A term that runs again, towards an end that has passed meanwhile, is late at once.
                _fire(draft, deed.at, recorded_at, since=max(deed.at, draft.loaded_at or deed.at))
            return draft.state


def _changed(draft: Draft, deed: Deed) -> bool:
    """Return whether anybody did something to the case since it was read; a rung of the ladder asks nobody anew."""
    if deed.seen is None or draft.head.seq <= deed.seen:
        return False
    later = LedgerLine.objects.filter(chain_id=deed.case_id, seq__gt=deed.seen)
    return later.exclude(actor=CLOCK.id).exists()


def _no_such_unit(command: Command, units: Units, day: date) -> Refused | None:
    """Return the refusal of an assignment to what isn't a unit on that day."""
    if not isinstance(command, Assign):
        return None
    if is_id(command.unit) and command.unit in units:
        abolished_on = units[command.unit]
        if abolished_on is None or day < abolished_on:
            return None
    return Refused(RefusalCode.FIELD_INVALID, "unit")


def _unstorable(command: Command) -> Refused | None:
    """Return the refusal of the first field of a command that has a character which can't be kept."""
    texts = ((name, getattr(command, name)) for name in field_names(type(command)))
    name = next((name for name, text in texts if isinstance(text, str) and UNSTORABLE.search(text)), None)
    return None if name is None else Refused(RefusalCode.FIELD_INVALID, name)


def _possible_time(draft: Draft, at: datetime, recorded_at: datetime) -> bool:
    """Return whether `at` lies between the case's receipt and the moment of recording."""
    return draft.case is not None and draft.case.received_at <= at <= recorded_at


def opened(case_ids: set[int], unit_ids: set[int], actor: Actor) -> tuple[dict[int, Draft], Units]:
    """Lock the cases; return a draft of each that `actor` may see, with all that rules look at; and the units.

    Who may see it is asked after the lock: a statement that had to wait shows the parties as they were before.
    """
    wrapped = Subquery(VaultKey.objects.filter(id=OuterRef("id")).values("wrapped"))
    cases: QuerySet[Case] = Case.objects.select_for_update(of=("self",)).select_related("rulebook")
    newest = CalendarVersion.objects.order_by("-id")
    loaded, loaded_at = (Subquery(newest.values(column)[:1]) for column in ("id", "loaded_at"))
    read = cases.annotate(wrapped=wrapped, loaded=loaded, loaded_at=loaded_at).filter(id__in=case_ids).order_by("id")
    locked = {case.id: case for case in read}
    facts, units = _facts(locked.values(), unit_ids)
    seen = [case for case in locked.values() if may_see(actor, facts[case.id].access)]
    clocks = _clocks(seen)
    return {case.id: _draft(case, clocks[case.id], facts[case.id]) for case in seen}, units


def _draft(case: Case, clocks: tuple[ClockState, ...], facts: "Facts") -> Draft:
    return Draft(
        key=unwrap(case.id, case.wrapped),  # type: ignore[attr-defined]  # annotated above
        head=Head(case.ledger_seq, bytes(case.ledger_head)),
        case=case,
        state=_state(case, clocks, facts),
        rules=ruleset(case.rulebook, case.calendar_id),
        calendar=case.loaded,  # type: ignore[attr-defined]  # annotated above
        loaded_at=case.loaded_at,  # type: ignore[attr-defined]  # annotated above
        known_clocks=clocks,
    )


def _state(case: Case, clocks: tuple[ClockState, ...], facts: "Facts") -> CaseState:
    return CaseState(
        stage=Stage(case.stage),
        kind=Kind(case.kind),
        complexity=Complexity(case.complexity),
        urgency=Urgency(case.urgency),
        received_at=case.received_at,
        cycle=case.cycle,
        level=case.level,
        unit=case.unit_id,
        post=case.post_id,
        confidential=case.confidential,
        contacts=case.contacts,
        calendar=case.calendar_id,
        contacted=facts.contacted,
        callback_attempts=tuple(sorted(facts.attempts)),
        handled_by=frozenset(facts.handlers),
        verdict=VerdictCode(case.verdict) if case.verdict else None,
        ended_at=case.closed_at,
        closed_as=ClosedAs(case.closed_as) if case.closed_as else None,
        unsatisfied=facts.unsatisfied,
        actions=tuple(Action(word) for _, _, word in sorted(facts.actions)),
        flags=frozenset(Flag(flag) for flag in case.flags),
        clocks=clocks,
    )


def _clocks(cases: Iterable[Case]) -> dict[int, tuple[ClockState, ...]]:
    """Return the clocks of each case's current cycle."""
    cycles = {case.id: case.cycle for case in cases}
    found: dict[int, list[ClockState]] = defaultdict(list)
    for clock in Clock.objects.filter(case__in=cycles).order_by("id"):
        if clock.cycle == cycles[clock.case_id]:
            found[clock.case_id].append(clock_state(clock))
    return defaultdict(tuple, {case_id: tuple(clocks) for case_id, clocks in found.items()})


def clock_state(clock: Clock) -> ClockState:
    return ClockState(
        step=Step(clock.step),
        cycle=clock.cycle,
        unit=clock.unit_id,
        start_event=clock.start_event,
        started_at=clock.started_at,
        term=clock.term,
        due_at=clock.due_at,
        provisional=clock.provisional,
        why=clock.why,
        calendar_version=clock.calendar_version,
        done_at=clock.done_at,
        void_at=clock.void_at,
        recorded_at=clock.recorded_at,
        rungs_fired=clock.rungs_fired,
        id=clock.id,
    )


# The records that tell the rules something, each with the column of its word, and what they tell.
_TELLING: dict[type[CaseRecord], str | Value] = {
    ContactRecord: Value(None),
    Report: Value(None),
    Acknowledgement: Value(None),
    Callback: Value(None),
    Verdict: "verdict",
    SupervisionAction: "action",
}
_MODEL_OF = {
    ContactRecord._meta.db_table: "contact",
    Report._meta.db_table: "handling",
    Acknowledgement._meta.db_table: "handling",
    Callback._meta.db_table: "callback",
    Verdict._meta.db_table: "verdict",
    SupervisionAction._meta.db_table: "supervision",
}


class Facts:
    """What a case's parties and records say to the rules: of this cycle, but of supervision over all."""

    def __init__(self) -> None:
        self.access = CaseFacts()
        self.contacted = False
        self.attempts: list[datetime] = []
        self.handlers: set[str] = set()
        self.unsatisfied = 0
        self.actions: list[tuple[datetime, int, str]] = []

    def take(self, table: str, at: datetime, row_id: int, who: str, word: str | None, *, now: bool) -> None:
        """Take over what a record says; `now`: it is of the case's current cycle."""
        match _MODEL_OF[table]:
            case "supervision" if word in list(Action):
                self.actions.append((at, row_id, word))
            case "verdict":
                self.unsatisfied += word == VerdictCode.UNSATISFIED
            case "callback" if now:
                self.attempts.append(at)
            case ("contact" | "handling") as what if now:
                self.handlers.add(who)
                self.contacted = self.contacted or what == "contact"


def _facts(cases: Iterable[Case], unit_ids: set[int]) -> tuple[dict[int, Facts], Units]:
    """Read the facts of all cases, and which units exist, in one statement: a round trip costs more than its rows."""
    cycles = {case.id: case.cycle for case in cases}
    parts = [
        model._default_manager.filter(case__in=cycles).values_list(
            Value(model._meta.db_table), "case_id", "id", "cycle", "at", "actor", Cast(word, TextField())
        )
        for model, word in _TELLING.items()
    ]
    access = Case.objects.filter(id__in=cycles).values_list(
        Value("access"), "id", "id", "cycle", "received_at", Value(""), Cast(ACCESS, TextField())
    )
    # Django's sessions are in UTC, so that a day becomes its midnight there.
    abolished_at = Cast("abolished_on", DateTimeField())
    nothing = Cast(Value(None), TextField())
    named = Unit.objects.filter(id__in=unit_ids).values_list(
        Value("unit"), "id", Value(0), Value(0), abolished_at, Value(""), nothing
    )
    found: dict[int, Facts] = defaultdict(Facts)
    units: dict[int, date | None] = {}
    for table, case_id, row_id, cycle, at, who, word in access.union(*parts, named, all=True):
        if table == "unit":
            units[case_id] = at and at.date()
            continue
        if table == "access":
            found[case_id].access = access_facts(json.loads(word))
        else:
            found[case_id].take(table, at, row_id, who, word, now=cycle == cycles[case_id])
    return found, units


def _store_refusals(
    deeds: Sequence[Deed], results: Sequence[CaseState | Refused], recorded_at: datetime, actor: Actor
) -> None:
    refused = [(deed, result) for deed, result in zip(deeds, results, strict=True) if isinstance(result, Refused)]
    if not refused:
        return
    Refusal.objects.bulk_create(
        Refusal(
            id=row_id,
            case_id=None if result.code is RefusalCode.NOT_FOUND else deed.case_id,
            verb=verb_of(deed.command),
            code=result.code,
            field=result.field,
            clause=result.clause,
            actor=actor.id,
            at=deed.at,
            recorded_at=recorded_at,
        )
        for row_id, (deed, result) in zip(take_ids(len(refused)), refused, strict=True)
    )
