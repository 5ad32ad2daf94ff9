"""The one place that writes the register: rows, ledger lines, clocks, messages and the job, for any number of drafts.

Called inside the transaction of a door, after it has locked the cases it changes. Nothing is decided here. Cost
grows with the rows, not with the statements: each table is written once per call.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain

from django.db import models
from procrastinate.contrib.django import app

from huying.ledger.chain import Head, Line, canonical
from huying.ledger.models import LedgerLine
from huying.rules.escalation import next_watch
from huying.rules.state import ClockState
from huying.vault.seals import blind_index, keys_of, new_key, phone_index, seal, take_ids

from . import standing
from .draft import ON_REQUESTER, Draft, Entry
from .models import CaseParty, Clock, Delivery, Message, Record, Requester
from .records import RECORDS, facts_of
from .remembering import remembered
from .writing import insert, update

# The columns of a case that a decision can change.
CHANGING = (
    "calendar", "stage", "cycle", "level", "unit", "contacts", "due_at", "due_step", "closed_at", "closed_as",
    "verdict", "flags", "watch_at", "ledger_seq", "ledger_head", "complexity", "urgency", "category_code", "post",
    "memory", "code_index", *standing.COLUMNS,
)  # fmt: skip


def store(drafts: Sequence[Draft], recorded_at: datetime) -> None:
    """Write the drafts. `recorded_at` is the moment from which rungs of new clocks may fire."""
    clocks = [clock for draft in drafts for clock in _clocks_to_write(draft, recorded_at)]
    _number_rows(drafts, clocks)
    lines = [line for draft in drafts for line in _chained(draft)]
    for draft in drafts:
        _show_state(draft, recorded_at)
    _write_cases(drafts)
    _write_records(drafts)
    _write_clocks(clocks)
    insert(lines)
    _write_messages(drafts)


def _number_rows(drafts: Sequence[Draft], clocks: Iterable[Clock]) -> None:
    """Give every new row its id, in one statement at most: sealing and telling new clocks from old ones need it."""
    records = (entry.row for draft in drafts for entry in draft.entries if entry.row is not None)
    messages = (message for draft in drafts for message, _ in draft.messages)
    every: Iterable[Record | Message | Clock] = chain(records, messages, clocks)
    rows = [row for row in every if row.id is None]
    spare = [row_id for draft in drafts for row_id in draft.spare_ids]
    more = take_ids(len(rows) - len(spare)) if len(rows) > len(spare) else []
    for row, row_id in zip(rows, [*spare, *more], strict=False):
        row.id = row_id


def _chained(draft: Draft) -> Iterable[LedgerLine]:
    """Seal the draft's rows and yield the ledger lines that vouch for them, moving the chain's head along."""
    for entry in draft.entries:
        line = _line(draft, entry)
        draft.head = Head(line.seq, line.hash())
        yield LedgerLine.of(line)


def _line(draft: Draft, entry: Entry) -> Line:
    row = entry.row
    if row is not None:
        seal(row, draft.key, **entry.texts)
    return Line(
        chain_id=draft.key.id,
        seq=draft.head.seq + 1,
        event=entry.event,
        step=None,
        unit_id=entry.unit,
        actor=entry.actor.id,
        at=entry.at,
        recorded_at=entry.recorded_at,
        record=None if row is None else (row._meta.db_table, row.id),
        content=draft.key.content_hash(canonical(_content(draft, entry))),
        previous=draft.head.hash,
    )


def _content(draft: Draft, entry: Entry) -> dict[str, object]:
    """Return what a line vouches for: all of its row, and with the one that opens a case how it was opened."""
    if entry.row is None:
        return {}
    opening = {} if entry.opening is None else {"case": entry.opening}
    return {**facts_of(entry.row, draft.key), **opening}


def _show_state(draft: Draft, recorded_at: datetime) -> None:
    """Copy what lists and counts need from the decided state into the case row."""
    case, state = draft.case, draft.state
    if case is None or state is None:
        return
    due = state.next_due
    case.stage, case.cycle, case.level, case.unit_id = state.stage, state.cycle, state.level, state.unit
    case.calendar_id, case.contacts = state.calendar, state.contacts
    case.due_at, case.due_step = (due.due_at, due.step) if due else (None, None)
    case.closed_at, case.closed_as, case.verdict = state.ended_at, state.closed_as, state.verdict
    watch = next_watch(state.recorded(recorded_at), draft.rules) if draft.rules else None
    case.flags, case.watch_at = sorted(state.flags), watch.at if watch else None
    case.complexity, case.urgency, case.category_code = state.complexity, state.urgency, state.category
    case.post_id, case.memory = state.post, remembered(state)
    case.ledger_seq, case.ledger_head = draft.head.seq, draft.head.hash
    standing.show(case, state)


def _write_cases(drafts: Sequence[Draft]) -> None:
    new = [draft for draft in drafts if draft.is_new]
    _insert(key for draft in new for key in draft.new_keys)
    _insert(draft.requester for draft in new if draft.requester is not None)
    _insert(draft.case for draft in new if draft.case is not None)
    _insert(draft.text for draft in new if draft.text is not None)
    changed = [draft.case for draft in drafts if draft.case is not None and not draft.is_new]
    for draft in drafts:
        _write_beside(draft)
    parties = [party for draft in drafts for party in draft.parties]
    if parties:
        CaseParty.objects.bulk_create(parties, ignore_conflicts=True)
    match changed:
        case []:
            return
        case [one]:
            one.save(update_fields=CHANGING)
        case _:
            update(changed, CHANGING)


def _write_beside(draft: Draft) -> None:
    """Write what few commands change: who is shut out, the texts, the requester, what a contact turned out to be."""
    for names in draft.shut_out:
        CaseParty.objects.filter(case=draft.case, allow=True, party__regex=names).delete()
    if draft.text is not None and not draft.is_new:
        draft.text.save(update_fields=["title", "text", "code"])
    about = draft.case or draft.contact
    if draft.told and about is not None and about.requester is not None:
        _tell_requester(about.requester, draft.told)
    if draft.contact is not None and not draft.contact._state.adding:
        draft.contact.save(update_fields=["case", "sorted_as"])


def _tell_requester(requester: Requester, told: Mapping[str, str]) -> None:
    """Seal what the requester said anew under the requester's own key, making one for who had said nothing yet."""
    key = keys_of([requester.id]).get(requester.id)
    if key is None:
        key_row, key = new_key(requester.id)
        key_row.save(force_insert=True)
    seal(requester, key, **{ON_REQUESTER[name]: value for name, value in told.items()})
    if "contact_phone" in told:
        requester.phone_index = phone_index(told["contact_phone"])
    if "name" in told:
        requester.name_index = blind_index(told["name"], "name")
    requester.save()


def _write_records(drafts: Sequence[Draft]) -> None:
    rows: dict[type[Record], list[Record]] = {model: [] for model in RECORDS}
    for entry in chain.from_iterable(draft.entries for draft in drafts):
        if entry.row is not None:
            rows[type(entry.row)].append(entry.row)
    for found in rows.values():
        insert(found)


def _clocks_to_write(draft: Draft, recorded_at: datetime) -> Iterator[Clock]:
    clocks = draft.state.clocks if draft.state else ()
    return (_clock_row(draft, clock, recorded_at) for clock in clocks if clock not in draft.known_clocks)


def _clock_row(draft: Draft, clock: ClockState, recorded_at: datetime) -> Clock:
    return Clock(
        pk=clock.id,
        case_id=draft.key.id,
        cycle=clock.cycle,
        step=clock.step,
        unit_id=clock.unit,
        start_event=clock.start_event,
        started_at=clock.started_at,
        term=clock.term,
        due_at=clock.due_at,
        provisional=clock.provisional,
        why=clock.why,
        calendar_version=clock.calendar_version,
        done_at=clock.done_at,
        void_at=clock.void_at,
        rungs_fired=clock.rungs_fired,
        extensions=list(clock.extensions),
        pauses=pauses_of(clock),
        recorded_at=clock.recorded_at or recorded_at,
    )


def pauses_of(clock: ClockState) -> list[list[str | None]]:
    """Return the pauses of a clock as they are stored, in UTC."""
    return [[_utc(one.start), None if one.end is None else _utc(one.end)] for one in clock.pauses]


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _write_clocks(clocks: Sequence[Clock]) -> None:
    """Write new and changed clocks in one statement; one that is there keeps its start."""
    derived = ["unit", "term", "extensions", "pauses", "due_at", "provisional", "why", "calendar_version"]
    insert(clocks, [*derived, "done_at", "void_at", "rungs_fired"])


def _write_messages(drafts: Sequence[Draft]) -> None:
    """Write the messages and defer one job that sends what is to be sent; both commit with the rows they speak of."""
    messages: list[Message] = []
    for draft in drafts:
        for message, said in draft.messages:
            seal(message, draft.key, text=said.zh, text_en=said.en)
            messages.append(message)
    insert(messages)
    queued = [message for message in messages if message.delivery == Delivery.QUEUED]
    if queued:
        app.configure_task("deliver", queue="send").defer(message_ids=[message.id for message in queued])


def _insert(rows: Iterable[models.Model]) -> None:
    found = list(rows)
    if found:
        type(found[0])._default_manager.bulk_create(found)
