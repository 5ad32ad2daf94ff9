"""From a command to the row that records it, and from a row to the facts its ledger line vouches for."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from huying.rules.commands import (
    COMMANDS,
    Acknowledge,
    Assign,
    CallbackAttempt,
    Command,
    GiveAnswer,
    JoinContact,
    RecordContact,
    RecordVerdict,
    RecountTerms,
    RejectReport,
    SubmitReport,
    TermPassed,
    Verify,
    given,
    verb_of,
)
from huying.rules.state import CaseState
from huying.rules.vocabulary import Action, Flag, Step
from huying.vault.fields import SealedField
from huying.vault.seals import DataKey, unseal

from .models import (
    Acknowledgement,
    Act,
    Answer,
    Assignment,
    Callback,
    Case,
    CaseRecord,
    CaseText,
    Contact,
    ContactRecord,
    Record,
    Recount,
    Report,
    Review,
    SupervisionAction,
    Verdict,
)
from .remembering import read, written

RECORDS: tuple[type[Record], ...] = (
    Contact,
    Assignment,
    Acknowledgement,
    ContactRecord,
    Report,
    Review,
    Callback,
    Verdict,
    Answer,
    SupervisionAction,
    Recount,
    Act,
)
RECORD_OF_TABLE: Mapping[str, type[Record]] = {model._meta.db_table: model for model in RECORDS}


def record_of(command: Command, before: CaseState, after: CaseState) -> CaseRecord | Act:  # noqa: C901  # an arm each
    """Return the row for a command that was done, without id, case and actor, its sealed fields still empty."""
    match command:
        case Assign(unit=unit):
            return Assignment(unit_id=unit or 0, level=after.level, designate=bool(command.designate))
        case Acknowledge():
            return Acknowledgement()
        case RecordContact():
            return ContactRecord(method=given(command, "method") or "")
        case SubmitReport():
            return Report(outcome=given(command, "outcome"), claim=given(command, "claim"))
        case RejectReport():
            return Review(accepted=False)
        case Verify():
            return Review(accepted=True)
        case CallbackAttempt():
            return Callback(result=given(command, "result") or "")
        case RecordVerdict():
            return Verdict(verdict=given(command, "verdict") or "")
        case GiveAnswer():
            return Answer()
        case JoinContact():
            raise TypeError("a contact is made at door 1")
        case TermPassed():
            return SupervisionAction(
                action=command.action, flag=command.flag, step=command.step, number=command.number
            )
        case RecountTerms(calendar=calendar):
            return Recount(calendar_id=calendar, before_id=before.calendar, moved=_moved(before, after))
    return Act(verb=verb_of(command), facts=written(command)[0])


def _moved(before: CaseState, after: CaseState) -> list[dict[str, str]]:
    """Return which terms have another end than before, and from when to when, in UTC."""
    return [
        {"step": now.step.value, "from": was.due_at.isoformat(), "to": now.due_at.isoformat()}
        for was, now in zip(before.clocks, after.clocks, strict=True)
        if was.due_at != now.due_at
    ]


def command_of(record: Record, texts: Mapping[str, str | None]) -> Command:  # noqa: C901  # an arm each
    """Return the command that a record was made of: the inverse of `record_of`, for replaying a ledger."""
    match record:
        case Contact():
            return JoinContact()
        case Act(verb=verb, facts=facts):
            return read(COMMANDS[verb], facts, json.loads(texts["words"] or "{}"))
        case Assignment(unit_id=unit):
            return Assign(unit, texts["exceed_approved_by"], texts["reason"], record.designate or None)
        case Acknowledgement():
            return Acknowledge(texts["handler"], texts["handler_phone"])
        case ContactRecord(method=method):
            return RecordContact(method, texts["handler"], texts["handler_phone"], texts["text"])
        case Report(outcome=outcome):
            return SubmitReport(texts["text"], outcome, texts["basis"], texts["public_text"], record.claim)
        case Review(accepted=True):
            return Verify()
        case Review():
            return RejectReport(texts["reason"])
        case Callback(result=result):
            return CallbackAttempt(result)
        case Verdict(verdict=verdict):
            return RecordVerdict(verdict, texts["reason"])
        case Answer():
            return GiveAnswer(texts["text"])
        case Recount(calendar_id=calendar):
            return RecountTerms(calendar)
        case SupervisionAction(step=str() as step, number=int() as number):
            action, flag = record.action, record.flag
            return TermPassed(Step(step), number, Action(action) if action else None, Flag(flag) if flag else None)
    raise TypeError(f"no command makes a {type(record).__name__}")


def opened_by(case: Case, records: Iterable[object]) -> int | None:
    """Return the calendar by which a case was opened; `records` are its own in the order of its ledger."""
    first = next((record for record in records if isinstance(record, Recount)), None)
    return case.calendar_id if first is None else first.before_id


# What a case was opened with and may later be changed; an act that does keeps what it replaced.
PLAIN_OPENING = ("complexity", "post_id", "code_index")
FREE_OPENING = ("title", "text")


def opening_facts(
    case: Case, text: CaseText, calendar: int | None, replaced: Mapping[str, Any] | None = None
) -> dict[str, object]:
    """Return what the line that opened a case vouches for beside its contact: how it was opened.

    `replaced` are the values that later acts have replaced, as they were at first.
    """
    names = ("number", "month", "rulebook_id", "origin", "channel", "kind", "complexity", "confidential", "post_id")
    facts: dict[str, object] = {name: getattr(case, name) for name in (*names, "requester_id", "code_index")}
    loaded = {} if calendar is None else {"calendar": calendar}
    about = {} if case.respondent_id is None else {"respondent_id": case.respondent_id}
    follows = {} if case.follows_id is None else {"follows_id": case.follows_id}
    return facts | loaded | about | follows | {"title": text.title, "text": text.text} | dict(replaced or {})


def replaced_by(acts: Iterable[Act], key: DataKey) -> dict[str, object]:
    """Return what these acts of a case, in their order, replaced of its opening, as it was at first."""
    found: dict[str, object] = {}
    for act in acts:
        first = act.was | json.loads(unseal(act, key, "was_words") or "{}")
        found = first | found
    code = found.get("code_index")
    return found | ({"code_index": bytes.fromhex(code)} if isinstance(code, str) else {})


def sealed_texts(record: Record, command: Command) -> dict[str, str | None]:
    """Return what the command says for each sealed field of its record."""
    if isinstance(record, Act):
        free = written(command)[1]
        return {"words": json.dumps(free, ensure_ascii=False) if free else None}
    return {field: given(command, field) for field in sealed_fields(type(record)) if hasattr(command, field)}


def sealed_fields(model: type[Record]) -> list[str]:
    return [field.name for field in model._meta.concrete_fields if isinstance(field, SealedField)]


def facts_of(record: Record, key: DataKey) -> dict[str, object]:
    """Return every fact of a record that never changes, opened: what its ledger line's `content` is made of.

    Raises Unreadable where a sealed field was tampered with.
    """
    sealed = set(sealed_fields(type(record)))
    return {
        field.attname: unseal(record, key, field.name) if field.name in sealed else getattr(record, field.attname)
        for field in record._meta.concrete_fields
        if field.name not in record.changes_later
        and (
            field.attname not in record.added_later
            or getattr(record, field.attname) != record.added_later[field.attname]
        )
    }
