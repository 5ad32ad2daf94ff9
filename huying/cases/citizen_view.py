"""A case as its requester may read it, found by number, query code and the last digits of the requester's own phone.

Left out, whatever a page would like to show: who of the office or the unit did a step, every reason and basis but
those that are written for the requester (`_FOR_THE_REQUESTER`), all notes, terms between the office and its units,
reports that weren't verified, supervision, messages, other people's contacts, and the phone itself. A handler's name
and phone appear once a contact record says that the requester was told them. Of a confidential case there is nothing
but its stage: whoever finds the receipt learns no more.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from json import loads
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from huying.ledger.models import LedgerLine
from huying.people.models import Unit
from huying.rules.access import Actor
from huying.rules.vocabulary import Stage, Step
from huying.vault.seals import blind_index, phone_index, unseal
from huying.written import Written

from .dossier import missing_fields, since_given, unwrapped, wrapped_key
from .models import Case, CaseText, Clock, Contact, Requester
from .said import Said, said_in

# What a requester is told of; the others are between the office and its units.
TOLD = (
    "registered",
    "registered_incomplete",
    "assigned",
    "acknowledged",
    "contacted",
    "reported",
    "report_rejected",
    "verified",
    "callback_attempted",
    "verdict_recorded",
    "reopened",
    "answered",
    "closed",
    "case_opened",
    "case_opened_incomplete",
    "info_incomplete",
    "completed",
    "declined",
    "incomplete_declined",
    "referred",
    "handed_to_discipline",
    "discipline_informed",
    "merged",
    "unmerged",
    "recalled",
    "return_approved",
    "contact_attempted",
    "extension_approved",
    "suspended",
    "resumed",
    "claim_accepted",
    "claim_refused",
    "review_requested",
    "review_decided",
    "withdrawn",
    "handling_complained",
    "unanswered_told",
    "erasure_asked",
)
# The words of an act that are meant for the requester, by its event; all others stay between office and units.
_FOR_THE_REQUESTER = {
    "declined": ("reason", "route"),
    "referred": ("to", "reason"),
    "claim_accepted": ("reason",),
    "review_decided": ("text",),
}
# Which fact of an act is told: a word of a list.
_FACTS = {"suspended": "reason", "review_decided": "outcome"}
# Terms between the office, its units and those who supervise them; what the office owes once all wait for it is told.
_INTERNAL = (Step.RETURN, Step.OFFICE, Step.INSTRUCTION, Step.STATEMENT, Step.RECTIFICATION)
_CITIZEN = Actor.citizen().id
_CONTACT = Contact._meta.db_table
# What was said and sent, besides the steps that a requester may do.
_OWN = ("contact_joined",)
LAST_DIGITS = 4
_OF_THE_REQUESTER = ("phone", "name", "phone_index", "name_index")
_EXTENSION = re.compile(r"(?:转|ext|x).*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Happened:
    """A step that was done: `unit` to which the case was given, `word` of it (a method, a verdict, a reason).

    `texts` are what was written for the requester, `until` when a suspension ends.
    """

    event: str
    at: datetime
    cycle: int
    unit: str = ""
    word: str = ""
    texts: tuple[str, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What the requester is answered: a verified report's public text (its text, where it has no other)."""

    at: datetime
    cycle: int
    text: str
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class OwnWord:
    """What the requester said or sent, by the event that it was; `file` is the id of one that can be looked at.

    Each text has its name: that of a further field, or of what a command calls it.
    """

    event: str
    at: datetime
    texts: tuple[tuple[str, str], ...]
    file: int | None = None


@dataclass(frozen=True, slots=True)
class CitizenView:
    """What a requester may know; the case's own columns, and what was told. Empty where there is nothing to tell."""

    case: Case
    title: str = ""
    unit: str = ""
    handler: str = ""
    handler_phone: str = ""
    clocks: tuple[Clock, ...] = ()
    of_the_office: tuple[Clock, ...] = ()  # by when the office itself has, or had, to decide, the first in front
    happened: tuple[Happened, ...] = ()
    replies: tuple[Reply, ...] = ()
    missing: tuple[str, ...] = ()  # names of fields that a case in pending_info waits for
    # Name and phone of everybody whom the holder has named as handling it: a call from there is no fraud.
    handlers: tuple[tuple[str, str], ...] = ()
    own: tuple[OwnWord, ...] = ()

    @property
    def stage(self) -> Stage:
        return Stage(self.case.stage)


def case_of_receipt(number: str, code: str, digits: str) -> Case | None:
    """Return the case that a receipt opens, or None whatever doesn't fit (one statement).

    An unknown number and a wrong code cost the same: one keyed hash and one look into an index. Where the requester
    left no phone, the code is longer and `digits` don't matter.
    """
    case = _first(_by_receipt(number, blind_index(code, "code")))
    if case is None:
        return None
    key = unwrapped(case.requester_id, case.requester_wrapped)  # type: ignore[attr-defined]  # annotated
    phone = unseal(case.requester, key, "phone") if key else None
    if phone is not None and not compare_digest(last_digits(phone).encode(), digits.encode()):
        return None
    return case


def _older(case: Case) -> Case:
    """Return the case into which this one was merged, if it was: both numbers open the older one."""
    into = case.memory.get("merged_into")
    return case if into is None else _older(_case(into))


def view_by_id(case_id: int) -> CitizenView:
    """Return the case of a receipt that is known to be its requester's. Raises Case.DoesNotExist."""
    return view_of(_case(case_id))


def own_view(case_id: int) -> CitizenView:
    """Return the case of a receipt itself, also where it went into an older one. Raises Case.DoesNotExist."""
    return _view_of(_case(case_id))


def last_digits(phone: str) -> str:
    """Return the last four digits of a phone, its extension aside: 0001 of +86 139 0000 0001."""
    return re.sub(r"\D", "", _EXTENSION.sub("", unicodedata.normalize("NFKC", phone)))[-LAST_DIGITS:]


def _cases(**wanted: Any) -> QuerySet[Case]:
    title = CaseText.objects.filter(case_id=OuterRef("id"), month=OuterRef("month")).values("title")
    return Case.objects.filter(**wanted).annotate(
        wrapped=wrapped_key("id"),
        requester_wrapped=wrapped_key("requester"),
        title=Subquery(title),
        unit_name=F("unit__name"),
        **{f"requester_{name}": F(f"requester__{name}") for name in _OF_THE_REQUESTER},
    )


_by_receipt = Written(lambda number, index: _cases(number=number, code_index=index))
_by_id = Written(lambda case_id: _cases(id=case_id))


def _case(case_id: int) -> Case:
    case = _first(_by_id(case_id))
    if case is None:
        raise Case.DoesNotExist
    return case


def _first(found: Sequence[Case]) -> Case | None:
    """Return the case, with the requester that was read along."""
    for case in found:
        read = {name: getattr(case, f"requester_{name}") for name in _OF_THE_REQUESTER}
        case.requester = Requester(case.requester_id, **read)
        return case
    return None


def _told(chain: int) -> QuerySet[LedgerLine]:
    told = Q(event__in=(*TOLD, *_OWN)) | Q(actor=_CITIZEN)
    unit_name = Subquery(Unit.objects.filter(id=OuterRef("unit_id")).values("name"))
    return LedgerLine.objects.filter(told, chain_id=chain).annotate(unit_name=unit_name).order_by("seq")


_lines = Written(_told)
_clocks = Written(
    lambda case_id: Clock.objects.filter(case=case_id, void_at=None).order_by("cycle", "started_at", "id")
)


def view_of(case: Case) -> CitizenView:
    """Return what the requester may read of a case that a receipt opened; four statements at most."""
    return _view_of(_older(case))


def _view_of(case: Case) -> CitizenView:
    if case.confidential:
        return CitizenView(case)
    key = unwrapped(case.id, case.wrapped)  # type: ignore[attr-defined]  # annotated
    every = _lines(case.id)
    lines = [line for line in every if line.event in TOLD]
    clocks = _clocks(case.id)
    said = said_in(case, key, whole=True)
    named = _named(lines, said)
    handler, handler_phone = next(((name, phone) for event, name, phone in named if event == "contacted"), ("", ""))
    return CitizenView(
        case=case,
        title=case.title,  # type: ignore[attr-defined]  # annotated
        unit=case.unit_name or "",  # type: ignore[attr-defined]  # annotated
        handler=handler,
        handler_phone=handler_phone,
        clocks=tuple(clock for clock in clocks if clock.step not in _INTERNAL),
        of_the_office=tuple(clock for clock in clocks if clock.step == Step.OFFICE),
        happened=tuple(_happened(lines, said)),
        replies=tuple(_replies(lines, said)),
        missing=missing_fields(case),
        handlers=tuple((name, phone) for _, name, phone in named),
        own=tuple(_own(every, said, case)),
    )


def _happened(lines: Sequence[LedgerLine], said: dict[int, Said]) -> Iterator[Happened]:
    cycle = 1
    for line in lines:
        cycle += line.event == "reopened"
        record = said.get(line.record_id or 0)
        unit = line.unit_name if line.event == "assigned" else None  # type: ignore[attr-defined]  # annotated
        told = {} if record is None else _told_of(line.event, record)
        yield Happened(line.event, line.at, cycle, unit or "", **told)


def _told_of(event: str, record: Said) -> dict[str, Any]:
    """Return what of the record of a step its requester is told."""
    if event in ("contacted", "verdict_recorded"):
        return {"word": record.listed or ""}
    texts = (record.texts.get(name, "") for name in _FOR_THE_REQUESTER.get(event, ()))
    until = record.facts.get("until") if event == "suspended" else None
    return {
        "word": record.facts.get(_FACTS.get(event, ""), ""),
        "texts": tuple(filter(None, texts)),
        "until": datetime.fromisoformat(until) if until else None,
    }


def _named(lines: Sequence[LedgerLine], said: dict[int, Said]) -> list[tuple[str, str, str]]:
    """Return whom the present holder has named as handling it, the last first: event, name and phone.

    Only what a contact record says was told to the requester.
    """
    named = (
        (line.event, record.texts.get("handler", ""), record.texts.get("handler_phone", ""))
        for line, record in since_given(lines, said)
        if line.event in ("contacted", "acknowledged")
    )
    return [one for one in named if one[2]]


def _own(lines: Sequence[LedgerLine], said: Mapping[int, Said], case: Case) -> Iterator[OwnWord]:
    """Yield what the requester said and sent: never what somebody else who called said of the same matter."""
    joined = {line.record_id for line in lines if line.event == "contact_joined"}
    for row_id, record in said.items():
        if record.table == _CONTACT and row_id not in joined:
            yield OwnWord("registered", case.received_at, _told_by(record))
    for line in lines:
        own = said.get(line.record_id or 0)
        if line.event == "contact_joined":
            if own is not None and (line.actor == _CITIZEN or _is_from(case, own)):
                yield OwnWord(line.event, line.at, _told_by(own))
        elif line.actor == _CITIZEN and own is not None and own.texts and own.table != _CONTACT:
            file = line.record_id if line.event == "attached" else None
            yield OwnWord(line.event, line.at, tuple(own.texts.items()), file)


def _told_by(contact: Said) -> tuple[tuple[str, str], ...]:
    fields: dict[str, str] = loads(contact.texts.get("fields", "{}"))
    return (("text", contact.texts.get("text", "")), *fields.items())


def _is_from(case: Case, contact: Said) -> bool:
    """Return whether somebody joined a case who left the same phone as its requester, and no other name."""
    told = loads(contact.texts.get("fields", "{}"))
    phone, name = told.get("contact_phone"), told.get("name")
    known = case.requester
    is_same = known.phone_index is not None and phone and phone_index(phone) == bytes(known.phone_index)
    return bool(is_same) and (not name or blind_index(name, "name") == bytes(known.name_index or b""))


def _replies(lines: Sequence[LedgerLine], said: dict[int, Said]) -> Iterator[Reply]:
    """Yield what was answered: the last report before each verification, and answers on the spot."""
    cycle, reported = 1, None
    for line in lines:
        cycle += line.event == "reopened"
        record = said.get(line.record_id or 0)
        if line.event == "reported":
            reported = record
        elif line.event in ("verified", "claim_accepted") and reported:
            text = reported.texts.get("public_text") or reported.texts.get("text", "")
            yield Reply(line.at, cycle, text, reported.listed or "")
        elif line.event == "answered" and record:
            yield Reply(line.at, cycle, record.texts.get("text", ""))
