"""From a command to the row that records it, and from a row to the facts its ledger line vouches for."""

from collections.abc import Iterable, Mapping
from typing import assert_never

from huying.rules.commands import (
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
)
from huying.rules.state import CaseState
from huying.rules.vocabulary import Action, Flag, Step
from huying.vault.fields import SealedField
from huying.vault.seals import DataKey, unseal

from .models import (
    Acknowledgement,
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
)
RECORD_OF_TABLE: Mapping[str, type[Record]] = {model._meta.db_table: model for model in RECORDS}


def record_of(command: Command, before: CaseState, after: CaseState) -> CaseRecord:  # noqa: C901  # an arm each
    """Return the row for a command that was done, without id, case and actor, its sealed fields still empty."""
    match command:
        case Assign(unit=unit):
            return Assignment(unit_id=unit or 0, level=after.level)
        case Acknowledge():
            return Acknowledgement()
        case RecordContact():
            return ContactRecord(method=given(command, "method") or "")
        case SubmitReport():
            return Report(outcome=given(command, "outcome"))
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
    assert_never(command)


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
        case Assignment(unit_id=unit):
            return Assign(unit, texts["exceed_approved_by"], texts["reason"])
        case Acknowledgement():
            return Acknowledge(texts["handler"], texts["handler_phone"])
        case ContactRecord(method=method):
            return RecordContact(method, texts["handler"], texts["handler_phone"], texts["text"])
        case Report(outcome=outcome):
            return SubmitReport(texts["text"], outcome, texts["basis"], texts["public_text"])
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


def opening_facts(case: Case, text: CaseText, calendar: int | None) -> dict[str, object]:
    """Return what the first line of a case vouches for beside its contact: how the case was opened.

    A later command that changes one of these keeps the old value in its own record, so that this line still holds.
    """
    names = ("number", "month", "rulebook_id", "origin", "channel", "kind", "complexity", "confidential", "post_id")
    facts: dict[str, object] = {name: getattr(case, name) for name in (*names, "requester_id", "code_index")}
    loaded = {} if calendar is None else {"calendar": calendar}
    return facts | loaded | {"title": text.title, "text": text.text}


def sealed_texts(record: Record, command: Command) -> dict[str, str | None]:
    """Return what the command says for each sealed field of its record."""
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
    }
