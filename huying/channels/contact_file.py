"""Loading a file of citizens' messages: history that happened elsewhere, taken into the register as it is.

Every row becomes a contact of the channel `message_board`, at its own original date, with origin `import`. Nothing
that the file doesn't say is recorded. A row is known by its `id` column, without one by its content, so that a load
that was interrupted or repeated loses nothing and doubles nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

from huying.cases.doors import Deed, act_all
from huying.cases.intake import Arrival, Intake, Received, Register, exact_index, register_all
from huying.cases.models import Case, Origin
from huying.cases.rulebooks import newest_calendar, ruleset
from huying.rules.commands import Assign, SubmitReport, Verify
from huying.rules.lifecycle import Refused
from huying.rules.vocabulary import Kind, RefusalCode, Stage

from .rejects import Rejects
from .sheet import BrokenRow, SheetRow, read

Row: TypeAlias = SheetRow | BrokenRow
CHANNEL = "message_board"
BATCH = 100
SOON, LATER = timedelta(days=3), timedelta(days=15)


@dataclass
class Totals:
    """What became of the rows; `read` = `contacts` + `doubled` + `rejected`."""

    read: int = 0
    contacts: int = 0
    doubled: int = 0
    rejected: int = 0
    cases: int = 0
    replied: int = 0
    closed: int = 0
    closed_soon: int = 0
    closed_later: int = 0
    years_without_calendar: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Loaded:
    """One row on its way: as read, with its moment, and what the register answered."""

    row: SheetRow
    at: datetime
    answer: Received | Refused


def load(
    path: Path,
    into: Register,
    *,
    unit: int | None = None,
    progress: Callable[[int], object] = lambda _rows: None,
) -> Totals:
    """Load a file; with a `unit`, drive each case that has a reply on to its close. Raises SheetError.

    Rows that can't be loaded go to FILE.rejected.csv; `progress` hears how many rows each batch had.
    """
    totals = Totals()
    rows = read(path, with_replies=unit is not None)  # before the rejects: a file that isn't there is called that
    with Rejects(path) as rejects:
        for batch in batched(rows, BATCH):
            checked = [_unless_from_the_future(row, into) for row in batch]
            loaded = _register([row for row in checked if isinstance(row, SheetRow)], into)
            broken = [row for row in checked if isinstance(row, BrokenRow)]
            broken += [_rejected(one.row, one.answer) for one in loaded if isinstance(one.answer, Refused)]
            for row in sorted(broken, key=lambda row: row.line):
                rejects.add(row)
            _count(totals, len(batch), len(broken), loaded, into)
            if unit is not None:
                _reply(totals, loaded, into, unit)
            progress(len(batch))
    return totals


def batched(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """Yield the rows in lists of `size`."""
    left = iter(rows)
    while batch := list(islice(left, size)):
        yield batch


def _unless_from_the_future(row: Row, into: Register) -> Row:
    """Return the row, broken if its reply is dated after now; of the message's own date the door takes care."""
    replied_at = row.replied_at if isinstance(row, SheetRow) else None
    if replied_at is None or _aware(replied_at, into.rules.rulebook.zone) <= into.recorded_at:
        return row
    return BrokenRow(row.line, "replied_at", "lies in the future: correct it", row.cells)


def intake_of(row: SheetRow) -> Intake:
    intake = Intake(
        channel=CHANNEL,
        kind=Kind.UNSORTED,
        text=row.text,
        title=row.title,
        phone=row.phone,
        name=row.name,
        fields={"address": row.address} if row.address else {},
        account=row.reporter,
        external_id=row.identity,
        origin=Origin.IMPORT,
    )
    return intake if row.identity else replace(intake, external_id=_identity(intake, row.sent_at))


def _identity(intake: Intake, sent_at: datetime) -> str:
    """Return the identity of a row that bears none: all that it says, and when, as the file writes it."""
    facts = {"said": intake.fingerprint(), "sent_at": sent_at.isoformat()}
    return f"content:{exact_index(facts, 'import identity').hex()}"


def _register(rows: Sequence[SheetRow], into: Register) -> list[Loaded]:
    zone = into.rules.rulebook.zone
    moments = [_aware(row.sent_at, zone) for row in rows]
    arrivals = [Arrival(intake_of(row), at) for row, at in zip(rows, moments, strict=True)]
    answers = register_all(arrivals, into)
    return [Loaded(*one) for one in zip(rows, moments, answers, strict=True)]


def _count(totals: Totals, rows: int, broken: int, loaded: Iterable[Loaded], into: Register) -> None:
    rules = ruleset(into.version, newest_calendar())
    totals.read += rows
    totals.rejected += broken
    for one in loaded:
        if isinstance(one.answer, Refused):
            continue
        totals.doubled += one.answer.again
        totals.contacts += not one.answer.again
        totals.cases += not one.answer.again and one.answer.case_id is not None
        day = one.at.astimezone(rules.rulebook.zone).date()
        if rules.calendar.is_provisional(day):
            totals.years_without_calendar.add(day.year)


def _reply(totals: Totals, loaded: Iterable[Loaded], into: Register, unit: int) -> None:
    """Assign, report and verify at the moment of the reply: the one moment that the file knows.

    A case that was driven on by an earlier run is counted, not driven again.
    """
    zone = into.rules.rulebook.zone
    replies = {
        one.answer.case_id: (one.at, one.row.reply, _aware(one.row.replied_at, zone))
        for one in loaded
        if isinstance(one.answer, Received) and one.answer.case_id and one.row.reply and one.row.replied_at
    }
    fresh = set(Case.objects.filter(id__in=replies, stage=Stage.RECEIVED.value).values_list("id", flat=True))
    deeds = [
        Deed(case_id, command, at, Origin.IMPORT)
        for case_id, (_, text, at) in replies.items()
        if case_id in fresh
        for command in (Assign(unit), SubmitReport(text=text), Verify())
    ]
    act_all(deeds, into.recorded_at, into.actor)
    ended = dict(Case.objects.filter(id__in=replies, stage=Stage.CLOSED.value).values_list("id", "closed_at"))
    totals.replied += len(replies)
    totals.closed += len(ended)
    totals.closed_soon += sum(at - replies[case_id][0] <= SOON for case_id, at in ended.items() if at)
    totals.closed_later += sum(at - replies[case_id][0] <= LATER for case_id, at in ended.items() if at)


def _aware(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment that a clock on a wall of the city showed, unless the file gave an offset itself."""
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


# The columns of a row by the names that a door calls its fields.
_COLUMN_OF = {"at": "sent_at", "contact_phone": "phone", "external_id": "id"}
_REASONS = {
    RefusalCode.FIELD_REQUIRED: "empty: the register needs it",
    RefusalCode.FIELD_INVALID: "can't be right: correct it and load the row again",
    RefusalCode.IDENTITY_REUSED: "this id was loaded before with other content: give the row an id of its own",
}


def _rejected(row: SheetRow, refused: Refused) -> BrokenRow:
    field_name = refused.field or "text"
    reason = _REASONS.get(refused.code, refused.code)
    if field_name == "at":
        reason = "lies in the future or before the year 2000"
    return BrokenRow(row.line, _COLUMN_OF.get(field_name, field_name), reason, row.cells)
