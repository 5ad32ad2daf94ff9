"""One case in full, and one contact: still sealed, with the keys that open them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from json import loads
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce, JSONObject

from huying.ledger.models import LedgerLine
from huying.people.models import ApiToken, Unit, User
from huying.rules.access import Actor, Role
from huying.rules.vocabulary import Stage
from huying.vault.fields import SealedField
from huying.vault.models import VaultKey
from huying.vault.seals import DataKey, unseal, unwrap

from .models import (
    Acknowledgement,
    Answer,
    Assignment,
    Callback,
    Case,
    CaseRecord,
    CaseText,
    Clock,
    Contact,
    ContactRecord,
    IdempotencyKey,
    Message,
    Recount,
    Report,
    Review,
    SupervisionAction,
    Verdict,
)
from .queries import visible_to
from .records import RECORD_OF_TABLE, sealed_fields
from .rulebooks import rules_of

# -- one case --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """What one record of a case says: its word (method, outcome, verdict, result) and its texts, opened.

    `moved` names the terms that a calendar moved, each with `step`, `from` and `to` (ISO 8601).
    """

    table: str
    word: str | None
    texts: Mapping[str, str]
    moved: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Author:
    """Who did something: a user, or the program that bears a token; what a liaison did is marked as such."""

    name: str
    role: Role
    unit: Unit | None

    @property
    def is_liaison(self) -> bool:
        return self.role is Role.LIAISON


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything about one case, still sealed, with the key that opens it."""

    case: Case
    text: CaseText
    key: DataKey | None
    requester_key: DataKey | None
    clocks: list[Clock]
    contacts: list[Contact]
    lines: list[LedgerLine]
    said: Mapping[int, Said]
    messages: list[Message]
    authors: Mapping[str, Author]

    def latest(self, field: str) -> str | None:
        """Return what was said last for a field, such as the handler, since the case was given to its holder."""
        told = (said.texts.get(field) for _, said in since_given(self.lines, self.said))
        return next(filter(None, told), None)

    @property
    def missing(self) -> tuple[str, ...]:
        """The required fields that a case in pending_info waits for."""
        return missing_fields(self.case, self.contacts, self.key)


def since_given(lines: Sequence[LedgerLine], said: Mapping[int, Said]) -> Iterator[tuple[LedgerLine, Said]]:
    """Yield what was said since a case was given to its holder, the last first: a new holder has to say it anew."""
    for line in reversed(lines):
        if line.event == "assigned":
            return
        if (record := said.get(line.record_id or 0)) is not None:
            yield line, record


def dossier(cases: QuerySet[Case], number: str) -> Dossier | None:
    """Return the case of that number if it is among `cases`; eight statements, however long its history."""
    found = _of_number(cases, number).select_related("unit", "post", "requester")
    case = found.annotate(wrapped=wrapped_key("id"), requester_wrapped=wrapped_key("requester")).first()
    if case is None:
        return None
    key = unwrapped(case.id, case.wrapped)
    lines = list(LedgerLine.objects.filter(chain_id=case.id).order_by("seq"))
    return Dossier(
        case=case,
        text=CaseText.objects.get(case_id=case.id, month=case.month),
        key=key,
        requester_key=unwrapped(case.requester_id, case.requester_wrapped),
        clocks=list(Clock.objects.filter(case=case).order_by("cycle", "started_at", "id")),
        contacts=list(Contact.objects.filter(case=case).order_by("at")),
        lines=lines,
        said=said_in(case, key),
        messages=list(Message.objects.filter(case=case).order_by("created_at", "id")),
        authors=_authors({line.actor for line in lines}),
    )


def find(cases: QuerySet[Case], number: str, unit: str | None) -> tuple[Case | None, Unit | None]:
    """Return the case of that number if it is among `cases`, and the unit of that code (one statement).

    The case comes with its holder; without a case there is no unit either.
    """
    named = Unit.objects.filter(code=unit).values(row=JSONObject(id="id", name="name"))
    found = _of_number(cases, number).select_related("unit").annotate(named=Subquery(named)).first()
    if found is None or found.named is None or unit is None:
        return found, None
    return found, Unit(id=found.named["id"], code=unit, name=found.named["name"])


def _of_number(cases: QuerySet[Case], number: str) -> QuerySet[Case]:
    """PostgreSQL takes no NUL, not even to say that it finds nothing."""
    return cases.none() if "\0" in number else cases.filter(number=number)


def first_terms(contact_id: int, case_id: int | None) -> list[Clock]:
    """Return the terms that began as this contact was recorded, whatever became of them since."""
    if case_id is None:
        return []
    recorded = Contact.objects.filter(id=contact_id).values("recorded_at")
    return list(Clock.objects.filter(case=case_id, cycle=1, recorded_at=Subquery(recorded)))


def wrapped_key(owner: str) -> Subquery:
    return Subquery(VaultKey.objects.filter(id=OuterRef(owner)).values("wrapped"))


def unwrapped(owner: int, wrapped: bytes | None) -> DataKey | None:
    """Return the key; none where it was erased."""
    return None if wrapped is None else unwrap(owner, wrapped)


def _authors(actors: Iterable[str]) -> dict[str, Author]:
    """Return who stands behind these actors, by their ids: one statement for people, one for programs."""
    ids: dict[str, set[int]] = {"user": set(), "token": set()}
    for actor in actors:
        kind, _, row_id = actor.partition(":")
        if kind in ids and row_id.isdecimal():
            ids[kind].add(int(row_id))
    users = User.objects.select_related("unit").in_bulk(ids["user"]) if ids["user"] else {}
    tokens = ApiToken.objects.select_related("unit").in_bulk(ids["token"]) if ids["token"] else {}
    people = {f"user:{one.id}": Author(one.full_name, Role(one.role), one.unit) for one in users.values()}
    return people | {f"token:{one.id}": Author(one.name, Role(one.role), one.unit) for one in tokens.values()}


# Per kind of record the column that holds its word, or what moved; an assignment's unit stands in its ledger line.
_WORDS: dict[type[CaseRecord], str | Coalesce | None] = {
    Assignment: None,
    Acknowledgement: None,
    ContactRecord: "method",
    Report: "outcome",
    Review: None,
    Callback: "result",
    Verdict: "verdict",
    SupervisionAction: Coalesce("action", "flag"),
    Recount: "moved",
    Answer: None,
}
_SEALED = 4  # the most sealed fields that a record has


def said_in(case: Case, key: DataKey | None) -> dict[int, Said]:
    """Return what the records of a case say, by id: one statement, a union of rows of the same shape."""
    parts = [_shape(model, word, case) for model, word in _WORDS.items()]
    found: dict[int, Said] = {}
    for table, row_id, word, *sealed in parts[0].union(*parts[1:], all=True):
        fields = zip(sealed_fields(RECORD_OF_TABLE[table]), sealed, strict=False)
        texts = {name: key.open(table, row_id, name, value) for name, value in fields if key and value is not None}
        is_move = RECORD_OF_TABLE[table] is Recount
        found[row_id] = Said(table, None, texts, loads(word)) if is_move else Said(table, word, texts)
    return found


def _shape(model: type[CaseRecord], word: str | Coalesce | None, case: Case) -> QuerySet[Any, tuple[Any, ...]]:
    sealed = [F(name) for name in sealed_fields(model)]
    nothing = Cast(Value(None), SealedField(null=True))
    return model._default_manager.filter(case=case).values_list(
        Value(model._meta.db_table, output_field=TextField()),
        "id",
        Cast(word or Value(None), TextField()),
        *sealed,
        *[nothing] * (_SEALED - len(sealed)),
    )


def missing_fields(case: Case, contacts: Iterable[Contact], key: DataKey | None) -> tuple[str, ...]:
    """Return the required fields that no contact of a case has said yet; nothing unless the case waits for them."""
    if case.stage != Stage.PENDING_INFO:
        return ()
    given = {"content", "claim"}
    given |= {
        field for field, sealed in (("contact_phone", "phone"), ("name", "name")) if getattr(case.requester, sealed)
    }
    for contact in contacts:
        fields = unseal(contact, key, "fields") if key else None
        given |= {name for name, text in loads(fields or "{}").items() if text.strip()}
    return tuple(name for name in rules_of(case).rulebook.required_fields if name not in given)


# -- one contact -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is told to whoever called: the contact, its case with the clocks, and the query code, opened.

    Who joined a case isn't told its code: that is for whoever opened it.
    """

    contact: Contact
    case: Case | None
    code: str | None
    clocks: list[Clock]


def earlier(key: str, viewer: Actor) -> Contact | None:
    """Return the contact that this viewer registered under an idempotency key (one statement)."""
    taken = IdempotencyKey.objects.filter(actor=viewer.id, key=key)
    return Contact.objects.filter(id__in=taken.values("contact_id")).first()


def receipt_of(viewer: Actor, contact_id: int, since: datetime) -> Receipt | None:
    """Return the receipt of a contact that this viewer registered after `since`; nobody else is told a query code."""
    registered = LedgerLine.objects.filter(
        record_table=Contact._meta.db_table, record_id=contact_id, actor=viewer.id, recorded_at__gt=since
    )
    contact = Contact.objects.filter(id=contact_id).first()
    line = None if contact is None else registered.filter(chain_id=contact.case_id or contact.id).first()
    if contact is None or line is None:
        return None
    if contact.case_id is None:
        return Receipt(contact, None, None, [])
    found = visible_to(viewer).select_related("unit", "post").filter(id=contact.case_id)
    case = found.annotate(wrapped=wrapped_key("id")).first()
    if case is None:
        return None
    key = unwrapped(case.id, case.wrapped)
    text = CaseText.objects.get(case_id=case.id, month=case.month)
    return Receipt(
        contact=contact,
        case=case,
        code=unseal(text, key, "code") if key and line.event != "contact_joined" else None,
        clocks=list(Clock.objects.filter(case=case, void_at__isnull=True).order_by("due_at", "id")),
    )
