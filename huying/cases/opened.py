"""Locking cases, and reading of each all that a decision looks at; contacts that wait to be sorted likewise."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

from django.db.models import DateTimeField, F, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, JSONObject

from huying.ledger.chain import Head
from huying.ledger.models import LedgerLine
from huying.people.models import Unit, line_of
from huying.rules.access import Actor, CaseFacts, may_see, person_party, unit_party
from huying.rules.state import OF_THE_CASE, CaseState, ClockState
from huying.rules.terms import Pause
from huying.rules.vocabulary import ClosedAs, Complexity, Flag, Kind, Stage, Step, Urgency, VerdictCode
from huying.vault.models import VaultKey
from huying.vault.seals import unwrap

from .draft import Draft
from .models import Act, CalendarVersion, Case, Clock, Contact
from .queries import ACCESS, MOVE_POST, access_facts
from .remembering import recalled
from .rulebooks import in_force, ruleset

WAITING_KINDS = (Kind.UNSORTED, Kind.MISSED)


@dataclass(frozen=True, slots=True)
class NamedUnit:
    """A unit that a command names: until when there is one, and the units above it, itself included."""

    abolished_on: date | None
    line: frozenset[int]

    def exists_on(self, day: date) -> bool:
        return self.abolished_on is None or day < self.abolished_on


Units = Mapping[int, NamedUnit]


def opened(
    ids: Collection[int], unit_ids: Collection[int], actor: Actor, also: Collection[int] = ()
) -> tuple[dict[int, Draft], Units]:
    """Lock the cases and waiting contacts of these ids; return a draft of each that `actor` may see; and the units.

    Those in `also` come along whoever asks. Who may see a case is asked after the lock: a statement that had to wait
    shows the parties as they were before. All are locked in the order of their ids: two callers can't deadlock.
    """
    wanted = {*ids, *also}
    wrapped = Subquery(VaultKey.objects.filter(id=OuterRef("id")).values("wrapped"))
    cases: QuerySet[Case] = Case.objects.select_for_update(of=("self",)).select_related("rulebook", "requester")
    newest = CalendarVersion.objects.order_by("-id")
    loaded, loaded_at = (Subquery(newest.values(column)[:1]) for column in ("id", "loaded_at"))
    read = cases.annotate(wrapped=wrapped, loaded=loaded, loaded_at=loaded_at).filter(id__in=wanted).order_by("id")
    locked = {case.id: case for case in read}
    beside = _beside(locked, unit_ids)
    seen = [case for case in locked.values() if case.id in also or _sees(actor, case.id, beside.access[case.id])]
    drafts = {case.id: _draft(case, tuple(beside.clocks[case.id])) for case in seen}
    return drafts | waiting(wanted - locked.keys(), actor), beside.units


def _sees(actor: Actor, case: int, facts: CaseFacts) -> bool:
    """Return whether somebody may see a case, or holds its receipt, which opens it at the doors alone."""
    return may_see(actor, facts) or (actor.receipt is not None and actor.receipt == case)


def _draft(case: Case, clocks: tuple[ClockState, ...]) -> Draft:
    return Draft(
        key=unwrap(case.id, case.wrapped),  # type: ignore[attr-defined]  # annotated above
        head=Head(case.ledger_seq, bytes(case.ledger_head)),
        case=case,
        state=state_in(case, clocks),
        rules=ruleset(case.rulebook, case.calendar_id),
        calendar=case.loaded,  # type: ignore[attr-defined]  # annotated above
        loaded_at=case.loaded_at,  # type: ignore[attr-defined]  # annotated above
        known_clocks=clocks,
    )


def state_in(case: Case, clocks: tuple[ClockState, ...]) -> CaseState:
    """Return the state that a case row and its clocks say."""
    return CaseState(
        id=case.id,
        stage=Stage(case.stage),
        kind=Kind(case.kind),
        complexity=Complexity(case.complexity),
        urgency=Urgency(case.urgency),
        received_at=case.received_at,
        cycle=case.cycle,
        level=case.level,
        unit=case.unit_id,
        post=case.post_id,
        respondent=case.respondent_id,
        confidential=case.confidential,
        contacts=case.contacts,
        calendar=case.calendar_id,
        category=case.category_code,
        verdict=VerdictCode(case.verdict) if case.verdict else None,
        ended_at=case.closed_at,
        closed_as=ClosedAs(case.closed_as) if case.closed_as else None,
        flags=frozenset(Flag(flag) for flag in case.flags),
        clocks=clocks,
        **recalled(case.memory),
    )


# -- contacts without a case -----------------------------------------------------------------------------------------


def waiting(ids: Collection[int], actor: Actor) -> dict[int, Draft]:
    """Lock the contacts of these ids of which no case was made, as far as somebody may see them."""
    if not ids:
        return {}
    locked = Contact.objects.select_for_update(of=("self",)).filter(id__in=ids, case=None).order_by("id")
    contacts = {contact.id: contact for contact in locked.select_related("requester")}
    keys = dict(VaultKey.objects.filter(id__in=contacts).values_list("id", "wrapped")) if contacts else {}
    lines: dict[int, list[LedgerLine]] = defaultdict(list)
    for line in LedgerLine.objects.filter(chain_id__in=contacts).order_by("seq") if contacts else ():
        lines[line.chain_id].append(line)
    clocks: dict[int, list[ClockState]] = defaultdict(list)
    for clock in Clock.objects.filter(case__in=contacts).order_by("id") if contacts else ():
        clocks[clock.case_id].append(clock_state(clock))
    newest = CalendarVersion.objects.order_by("-id").first() if contacts else None
    for act in Act.objects.filter(chain__in=contacts, verb=MOVE_POST).order_by("id") if contacts else ():
        contacts[act.chain].post_id = act.facts["post"]  # never saved: its line vouches for the one that was called
    return {
        one.id: _waiting(one, bytes(keys[one.id]), lines[one.id][-1], tuple(clocks[one.id]), newest)
        for one in contacts.values()
        if may_see(actor, facts_of_contact(one, lines[one.id][0]))
    }


def facts_of_contact(contact: Contact, line: LedgerLine) -> CaseFacts:
    about = [] if contact.respondent_id is None else [unit_party(contact.respondent_id)]
    about += [] if contact.respondent_person_id is None else [person_party(contact.respondent_person_id)]
    return CaseFacts(
        confidential=contact.confidential,
        post=contact.post_id,
        allowed=frozenset({line.actor}),
        denied=frozenset(about),
    )


def _waiting(
    contact: Contact, wrapped: bytes, last: LedgerLine, clocks: tuple[ClockState, ...], newest: CalendarVersion | None
) -> Draft:
    calendar = newest.id if newest else None
    return Draft(
        key=unwrap(contact.id, wrapped),
        head=Head(last.seq, bytes(last.hash)),
        contact=contact,
        state=state_of_contact(contact, calendar, clocks),
        rules=ruleset(in_force(contact.at), calendar),
        calendar=calendar,
        known_clocks=clocks,
    )


def state_of_contact(contact: Contact, calendar: int | None, clocks: tuple[ClockState, ...] = ()) -> CaseState:
    """Return the state of a contact that is no case; one that waits for nobody has ended as it came in."""
    kind = Kind(contact.sorted_as or contact.kind)
    waits = contact.sorted_as is None and kind in WAITING_KINDS
    by_the_office = any(clock.step is Step.OFFICE and clock.is_running for clock in clocks)
    return CaseState(
        id=contact.id,
        stage=Stage.WAITING,
        kind=kind,
        complexity=Complexity.SIMPLE,
        urgency=Urgency.NORMAL,
        received_at=contact.at,
        post=contact.post_id,
        respondent=contact.respondent_id,
        confidential=contact.confidential,
        calendar=calendar,
        missing=tuple(contact.missing),
        ended_at=None if waits else contact.at,
        office_for=Stage.WAITING if by_the_office else None,
        clocks=clocks,
    )


# -- clocks, parties and units ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Beside:
    """What lies beside the case rows: who sees each, its clocks, and the units that commands name."""

    access: dict[int, CaseFacts]
    clocks: dict[int, list[ClockState]]
    units: dict[int, NamedUnit]


def _beside(case_ids: Iterable[int], unit_ids: Collection[int]) -> _Beside:
    """Read all of it in one statement: a round trip costs more than its rows. Of clocks, those that may still run."""
    ids = list(case_ids)
    # Django's sessions are in UTC, so that a day becomes its midnight there.
    abolished_at, never = Cast("abolished_on", DateTimeField()), Cast(Value(None), DateTimeField())
    ours = Q(cycle=F("case__cycle")) | Q(step__in=OF_THE_CASE)
    access = Case.objects.filter(id__in=ids).values_list(
        Value("access", TextField()), "id", never, Cast(ACCESS, TextField())
    )
    clocks = Clock.objects.filter(ours, case__in=ids).values_list(
        Value("clock", TextField()),
        "case_id",
        never,
        Cast(JSONObject(**{name: name for name in _CLOCK}), TextField()),
    )
    units = Unit.objects.filter(id__in=unit_ids).values_list(
        Value("unit", TextField()), "id", abolished_at, Cast("path", TextField())
    )
    found = _Beside({}, defaultdict(list), {})
    for what, row_id, at, said in access.union(clocks, units, all=True):
        match what:
            case "unit":
                found.units[row_id] = NamedUnit(at and at.date(), frozenset(line_of(said)))
            case "clock":
                found.clocks[row_id].append(_clock_told(json.loads(said)))
            case _:
                found.access[row_id] = access_facts(json.loads(said))
    for of_case in found.clocks.values():
        of_case.sort(key=lambda clock: clock.id or 0)
    return found


_MOMENTS = ("started_at", "due_at", "recorded_at", "done_at", "void_at")
_CLOCK = (
    *("id", "step", "cycle", "unit_id", "start_event", "term", "provisional", "why", "calendar_version"),
    *("rungs_fired", "extensions", "pauses", *_MOMENTS),
)


def _clock_told(said: dict[str, Any]) -> ClockState:
    moments = {name: said[name] and datetime.fromisoformat(said[name]) for name in _MOMENTS}
    return clock_state(SimpleNamespace(**{**said, **moments}))  # making a row of it costs as much as all the rest


def clock_state(clock: Clock | SimpleNamespace) -> ClockState:
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
        extensions=tuple(clock.extensions),
        pauses=tuple(
            Pause(datetime.fromisoformat(since), None if until is None else datetime.fromisoformat(until))
            for since, until in clock.pauses
        ),
        done_at=clock.done_at,
        void_at=clock.void_at,
        recorded_at=clock.recorded_at,
        rungs_fired=clock.rungs_fired,
        id=clock.id,
    )
