"""Replaying a case: its records, in the order of its ledger, decided once more by the rules.

What the case row and its clocks say must be what comes out. So nobody moves a due date, takes a term away or turns
an "unsatisfied" into something else in the database without the verification telling.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import NamedTuple

from huying.ledger.models import LedgerLine
from huying.rules.access import Actor
from huying.rules.deciding import Refused
from huying.rules.lifecycle import decide
from huying.rules.ruleset import Ruleset, WayIn
from huying.rules.state import CaseState, ClockState, Memory
from huying.rules.vocabulary import VALID_VERDICTS, Complexity, Kind, Stage, Urgency
from huying.vault.seals import DataKey, unseal

from .models import Act, Case, Clock, Contact, Origin, Record, Recount, SupervisionAction, Verdict
from .opened import state_of_contact
from .records import command_of, opened_by, replaced_by, sealed_fields
from .remembering import recalled
from .standing import terms_of
from .store import pauses_of


class Term(NamedTuple):
    """What a clock says, as far as the rules decide it; the last four only where its calendar is still known."""

    cycle: int
    step: str
    unit: int | None
    start_event: str
    started_at: datetime
    term: str
    rungs_fired: int
    extensions: tuple[str, ...]
    pauses: str
    done_at: datetime | None
    void_at: datetime | None
    due_at: datetime | None
    provisional: bool | None
    why: str | None
    calendar_version: str | None


def first_untruth(
    case: Case,
    clocks: Iterable[Clock],
    chain: Sequence[LedgerLine],
    records: Mapping[int, Record],
    key: DataKey,
    rules_by: Callable[[int | None], Ruleset],
) -> str | None:
    """Return what a case row, or one of its clocks, says against its own ledger; None if all of it follows.

    `rules_by` gives its rules by the calendar version of an id.
    """
    first = opened_by(case, records.values())
    calendars = [first, *(row.calendar_id for row in records.values() if isinstance(row, Recount))]
    rules = {calendar: rules_by(calendar) for calendar in calendars}
    state = _replayed(case, chain, records, key, rules, first)
    if isinstance(state, str):
        return state
    known = {one.calendar.version for one in rules.values()}
    return _untrue_column(case, state, _judged(chain, records)) or _untrue_clock(clocks, state, known)


def _replayed(
    case: Case,
    chain: Sequence[LedgerLine],
    records: Mapping[int, Record],
    key: DataKey,
    rules: Mapping[int | None, Ruleset],
    calendar: int | None,
) -> CaseState | str:
    opened, *later = chain
    contact = records.get(opened.record_id or 0)
    if not isinstance(contact, Contact):
        return "its first line is no contact"
    state = _first_state(case, contact, opened, rules[calendar], calendar, key, records)
    for line in later:
        record = records.get(line.record_id or 0)
        if record is None or _followed(record):  # from the event before it
            continue
        texts = {field: unseal(record, key, field) for field in sealed_fields(type(record))}
        by = rules[record.calendar_id if isinstance(record, Recount) else state.calendar]
        decision = decide(state, command_of(record, texts), Actor(line.actor, None), line.at, by)
        if isinstance(decision, Refused):
            return f"line {line.seq} ({line.event}) could not have been done: {decision.code}"
        state = decision.after.recorded(line.recorded_at)
    return state


def _first_state(
    case: Case,
    contact: Contact,
    opened: LedgerLine,
    rules: Ruleset,
    calendar: int | None,
    key: DataKey,
    records: Mapping[int, Record],
) -> CaseState:
    """Return the case as its first line left it: a contact that waited, or a case that was received."""
    if opened.event == "contact_received":
        waiting = state_of_contact(contact, calendar)
        waits = replace(waiting, kind=Kind(contact.kind), ended_at=None)
        is_off = contact.origin == Origin.LIVE and rules.way_in(contact.channel, opened.at) is WayIn.OFF
        return (waits if is_off else rules.wait(waits, opened.at)).recorded(opened.recorded_at)
    acts = (record for record in records.values() if isinstance(record, Act))
    was = replaced_by(acts, key)
    state = CaseState(
        id=case.id,
        stage=Stage.RECEIVED,
        kind=Kind(case.kind),
        complexity=Complexity(str(was.get("complexity", case.complexity))),
        urgency=Urgency.NORMAL,
        received_at=opened.at,
        confidential=case.confidential,
        respondent=case.respondent_id,
        calendar=calendar,
        missing=tuple(contact.missing),
    )
    return rules.received(state, opened.at).recorded(opened.recorded_at)


def _followed(record: Record) -> bool:
    """Return whether a record is no command's own: a rung that a verdict set off."""
    return isinstance(record, SupervisionAction) and record.step is None


def _judged(chain: Sequence[LedgerLine], records: Mapping[int, Record]) -> str | None:
    """Return the latest valid verdict."""
    told = (records.get(line.record_id or 0) for line in reversed(chain))
    return next((one.verdict for one in told if isinstance(one, Verdict) and one.verdict in VALID_VERDICTS), None)


def _untrue_column(case: Case, state: CaseState, judged: str | None) -> str | None:
    due = state.next_due
    told = {
        **terms_of(state),
        "judged": judged,
        "stage": state.stage,
        "cycle": state.cycle,
        "level": state.level,
        "unit_id": state.unit,
        "calendar_id": state.calendar,
        "urgency": state.urgency,
        "due_at": due.due_at if due else None,
        "due_step": due.step if due else None,
        "closed_at": state.ended_at,
        "closed_as": state.closed_as,
        "verdict": state.verdict,
        "complexity": state.complexity,
        "category_code": state.category,
        "received_at": state.received_at,
        "contacts": state.contacts,
        "flags": sorted(state.flags),
    }
    for column, value in told.items():
        if getattr(case, column) != value:
            return f"case {case.number} has {column} {getattr(case, column)}, its ledger {value}"
    remembers = Memory(**recalled(case.memory))
    untrue = next((f.name for f in fields(Memory) if getattr(remembers, f.name) != getattr(state, f.name)), None)
    return None if untrue is None else f"case {case.number} remembers another {untrue} than its ledger says"


def _untrue_clock(clocks: Iterable[Clock], state: CaseState, known: set[str]) -> str | None:
    stored = list(clocks)
    # A clock that a calendar of an earlier release derived has another due; everything else about it still follows.
    foreign = {_begun(clock) for clock in stored if clock.calendar_version not in known}
    should = Counter(_term(clock, clock.unit, _begun(clock) in foreign) for clock in state.clocks)
    there = Counter(_term(clock, clock.unit_id, _begun(clock) in foreign) for clock in stored)
    for term in (there - should).elements():
        return f"the {term.step} clock of cycle {term.cycle} doesn't follow from its ledger"
    for term in (should - there).elements():
        return f"the {term.step} clock of cycle {term.cycle} is missing"
    return None


def _begun(clock: Clock | ClockState) -> tuple[int, str, datetime]:
    return clock.cycle, clock.step, clock.started_at


def _term(clock: Clock | ClockState, unit: int | None, is_foreign: bool) -> Term:
    why = json.dumps(clock.why, sort_keys=True)
    derived: tuple[datetime | None, bool | None, str | None, str | None] = (None, None, None, None)
    if not is_foreign:
        derived = (clock.due_at, clock.provisional, why, clock.calendar_version)
    begun = (clock.cycle, clock.step, unit, clock.start_event, clock.started_at, clock.term, clock.rungs_fired)
    return Term(*begun, tuple(clock.extensions), json.dumps(_pauses(clock)), clock.done_at, clock.void_at, *derived)


def _pauses(clock: Clock | ClockState) -> list[list[str | None]]:
    return list(clock.pauses) if isinstance(clock, Clock) else pauses_of(clock)
