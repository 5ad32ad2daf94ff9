"""One case in full, and one contact: still sealed, with the keys that open them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from json import loads
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, JSONObject
from psycopg.types.range import DateRange

from huying.ledger.models import LedgerLine
from huying.people.models import ApiToken, Delegate, Person, Post, Unit, User
from huying.people.serving import day_of
from huying.rules.access import PERSONS_BEGIN, Actor, Role, oversees
from huying.rules.commands import RESPONDENTS
from huying.rules.vocabulary import Stage
from huying.rules.working_text import working_text
from huying.vault.models import VaultKey
from huying.vault.seals import DataKey, unseal, unwrap

from .draft import UNSTORABLE
from .models import (
    Approval,
    Case,
    CaseParty,
    CaseText,
    Clock,
    Contact,
    IdempotencyKey,
    Message,
)
from .queries import visible_to
from .said import Said, said_in

# -- one case --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Author:
    """Who did something: a user, or the program that bears a token; liaisons and delegates are marked as such."""

    name: str
    role: Role
    unit: Unit | None
    stood_in: Sequence[DateRange] = ()  # the days in which he was the delegate of who holds the post

    @property
    def is_liaison(self) -> bool:
        return self.role is Role.LIAISON

    def is_delegate(self, at: datetime) -> bool:
        return any(day_of(at) in days for days in self.stood_in)


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything about one case, still sealed, with the key that opens it; `text` comes without the query code."""

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
    merged_into: str | None = None  # the number of the older case
    persons: Sequence[Person] = ()  # complained about; of a confidential case too, as none of them sees it
    follows: str | None = None  # that of the ended case to which this one was linked, if it may be seen
    followed_by: Sequence[str] = ()  # and those of the ones that were linked to this one
    has_approvals: bool = False  # whether anybody has asked for a second person's approval

    def latest(self, field: str) -> str | None:
        """Return what was said last for a field, such as the handler, since the case was given to its holder."""
        told = (said.texts.get(field) for _, said in since_given(self.lines, self.said))
        return next(filter(None, told), None)

    def told(self, field: str) -> str:
        """Return what a contact of the case said last for one of its further fields."""
        fields = (unseal(one, self.key, "fields") if self.key else None for one in reversed(self.contacts))
        return next((said for one in fields if one and (said := loads(one).get(field))), "")

    @property
    def missing(self) -> tuple[str, ...]:
        """The required fields that a case in pending_info waits for."""
        return missing_fields(self.case)


def since_given(lines: Sequence[LedgerLine], said: Mapping[int, Said]) -> Iterator[tuple[LedgerLine, Said]]:
    """Yield what was said since a case was given to its holder, the last first: a new holder has to say it anew."""
    for line in reversed(lines):
        if line.event == "assigned":
            return
        if (record := said.get(line.record_id or 0)) is not None:
            yield line, record


_NOBODY = Actor.citizen()
_INTO = Cast(OuterRef("memory__merged_into"), BigIntegerField())
_OWN_TEXT = CaseText.objects.filter(case_id=OuterRef("id"), month=OuterRef("month"))
_WORKING_TEXT = Subquery(_OWN_TEXT.values(row=JSONObject(title="title", text="text")))
_PERSONS = CaseParty.objects.filter(case=OuterRef("id"), allow=False, party__startswith=PERSONS_BEGIN)
# The number of the older case into which a case was merged.
MERGED_INTO = Subquery(Case.objects.filter(id=_INTO).values("number"))


def dossier(cases: QuerySet[Case], number: str, reader: Actor = _NOBODY) -> Dossier | None:
    """Return the case of that number if it is among `cases`; seven statements, however long its history.

    What is reserved for some (`may_read`) is opened for `reader` alone.
    """
    found = _of_number(cases, number).select_related("unit", "post", "requester")
    case = found.annotate(
        wrapped=wrapped_key("id"),
        requester_wrapped=wrapped_key("requester"),
        into=MERGED_INTO,
        persons=ArraySubquery(_PERSONS.values("party")),
        words=_WORKING_TEXT,
        has_approvals=Exists(Approval.objects.filter(case=OuterRef("id"))),
        earlier=Subquery(cases.filter(id=OuterRef("follows")).values("number")),
        later=ArraySubquery(cases.filter(follows=OuterRef("id")).order_by("id").values("number")),
    ).first()
    if case is None:
        return None
    key = unwrapped(case.id, case.wrapped)
    lines = lines_of(case.id, reader)
    authors = authors_of(lines, case.post_id)
    return Dossier(
        case=case,
        text=CaseText(case_id=case.id, month=case.month, **case.words),
        key=key,
        requester_key=unwrapped(case.requester_id, case.requester_wrapped),
        clocks=list(Clock.objects.filter(case=case).order_by("cycle", "started_at", "id")),
        contacts=list(Contact.objects.filter(case=case).order_by("at", "id")),
        lines=lines,
        said=readable(said_in(case, key), lines, authors, reader),
        messages=list(Message.objects.filter(case=case).order_by("created_at", "id")),
        authors=authors,
        merged_into=case.into,
        persons=_persons(case.persons),
        follows=case.earlier,
        followed_by=case.later,
        has_approvals=case.has_approvals,
    )


def _persons(parties: Sequence[str]) -> list[Person]:
    """Return those who are complained about: rarely anybody (a statement then)."""
    ids = [int(party.removeprefix(PERSONS_BEGIN)) for party in parties]
    return list(Person.objects.filter(id__in=ids).order_by("id")) if ids else []


@dataclass(frozen=True, slots=True)
class Named:
    """What a text may name: units and posts by their codes, cases that may be seen by their numbers."""

    units: Mapping[str, Unit] = field(default_factory=dict)
    posts: Mapping[str, int] = field(default_factory=dict)
    cases: Mapping[str, int] = field(default_factory=dict)


def find(cases: QuerySet[Case], number: str, names: Collection[str]) -> tuple[Case | None, Named]:
    """Return the case of that number if it is among `cases`, and what these texts name (one statement).

    The case comes with its holder; without a case nothing is named either.
    """
    wanted = [name for name in names if UNSTORABLE.search(name) is None]
    found = _of_number(cases, number).select_related("unit")
    if wanted:
        found = found.annotate(
            units=_rows(Unit.objects.filter(code__in=wanted), text="code", name="name"),
            posts=_rows(Post.objects.filter(code__in=wanted), text="code"),
            cases=_rows(cases.filter(number__in=wanted), text="number"),
        )
    case = found.first()
    if case is None or not wanted:
        return case, Named()
    units, posts, others = case.units, case.posts, case.cases  # type: ignore[attr-defined]  # annotated
    return case, Named(
        units={row["text"]: Unit(id=row["id"], code=row["text"], name=row["name"]) for row in units},
        posts={row["text"]: row["id"] for row in posts},
        cases={row["text"]: row["id"] for row in others},
    )


def _rows(of: QuerySet[Any], **columns: str) -> ArraySubquery:
    return ArraySubquery(of.values(row=JSONObject(id="id", **columns)))


@dataclass(frozen=True, slots=True)
class Names:
    """How ids are told: units whole, posts by their codes, cases that may be seen by their numbers."""

    units: Mapping[int, Unit]
    posts: Mapping[int, str]
    cases: Mapping[int, str]


def names_of(units: Collection[int], posts: Collection[int], cases: Collection[int], seen: QuerySet[Case]) -> Names:
    """Return how these ids are told, of cases those among `seen` (one statement, none for nothing)."""
    rows = (
        Unit.objects.filter(id__in=units).values_list(Value("unit"), "id", "code", "name"),
        Post.objects.filter(id__in=posts).values_list(Value("post"), "id", "code", "name"),
        seen.filter(id__in=cases).values_list(Value("case"), "id", "number", Value("")),
    )
    found = list(rows[0].union(*rows[1:], all=True)) if units or posts or cases else []
    return Names(
        units={row_id: Unit(id=row_id, code=code, name=name) for of, row_id, code, name in found if of == "unit"},
        posts={row_id: code for of, row_id, code, _ in found if of == "post"},
        cases={row_id: number for of, row_id, number, _ in found if of == "case"},
    )


def _of_number(cases: QuerySet[Case], number: str) -> QuerySet[Case]:
    """PostgreSQL takes no NUL, not even to say that it finds nothing."""
    return cases.none() if UNSTORABLE.search(number) else cases.filter(number=number)


def number_of(case_id: int) -> str:
    """Return the number of a case. Raises Case.DoesNotExist."""
    return Case.objects.values_list("number", flat=True).get(id=case_id)


def first_terms(contact_id: int, chain: int) -> list[Clock]:
    """Return the terms that began as this contact was recorded, whatever became of them since.

    `chain` is its case, or the contact itself while it waits for one.
    """
    recorded = Contact.objects.filter(id=contact_id).values("recorded_at")
    return list(Clock.objects.filter(case=chain, cycle=1, recorded_at=Subquery(recorded)))


def wrapped_key(owner: str) -> Subquery:
    return Subquery(VaultKey.objects.filter(id=OuterRef(owner)).values("wrapped"))


def unwrapped(owner: int, wrapped: bytes | None) -> DataKey | None:
    """Return the key; none where it was erased."""
    return None if wrapped is None else unwrap(owner, wrapped)


def authors_of(lines: Iterable[LedgerLine], post: int | None) -> dict[str, Author]:
    """Return who stands behind the actors of these lines, by their ids: a statement for people, one for programs.

    `post` is the one that was called.
    """
    ids: dict[str, set[int]] = {"user": set(), "token": set()}
    for actor in {line.actor for line in lines}:
        kind, _, row_id = actor.partition(":")
        if kind in ids and row_id.isdecimal():
            ids[kind].add(int(row_id))
    stood_in = ArraySubquery(Delegate.objects.filter(user=OuterRef("id"), post=post).values("days"))
    people = User.objects.select_related("unit").annotate(stood_in=stood_in)
    users = people.in_bulk(ids["user"]) if ids["user"] else {}
    tokens = ApiToken.objects.select_related("unit").in_bulk(ids["token"]) if ids["token"] else {}
    known = {
        f"user:{one.id}": Author(one.full_name, Role(one.role), one.unit, one.stood_in) for one in users.values()
    }
    return known | {f"token:{one.id}": Author(one.name, Role(one.role), one.unit) for one in tokens.values()}


_ABOVE_THE_UNITS = frozenset({Role.OFFICE, Role.SUPERVISOR, Role.DISCIPLINE})
# Whose words they alone read, by the verb; that there are such words everybody sees who sees the case.
_RESERVED = frozenset({"complain_handling", "statement"})
# The events of which only these know.
_HIDDEN: Mapping[str, frozenset[Role]] = {
    "discipline_informed": _ABOVE_THE_UNITS,
    "package_received": frozenset({Role.DISCIPLINE}),
    "result_recorded": frozenset({Role.DISCIPLINE}),
}


def lines_of(chain: int, reader: Actor) -> list[LedgerLine]:
    """Return the lines of a chain of which somebody who sees the case may know (one statement)."""
    hidden = [event for event, roles in _HIDDEN.items() if reader.role is not None and reader.role not in roles]
    return list(LedgerLine.objects.filter(chain_id=chain).exclude(event__in=hidden).order_by("seq"))


def may_read(reader: Actor, verb: str, author: Author | None) -> bool:
    """Return whether somebody who sees a case reads the words of an act; a unit always its own."""
    if reader.role is None or verb not in _RESERVED or reader.role in _ABOVE_THE_UNITS:
        return True
    own = author.unit.id if author and author.unit and author.role is Role.UNIT else None
    return reader.role is Role.UNIT and own is not None and own == reader.unit


def readable(
    said: Mapping[int, Said], lines: Iterable[LedgerLine], authors: Mapping[str, Author], reader: Actor
) -> dict[int, Said]:
    """Return what was said without the words that `reader` may not read."""
    by = {line.record_id: authors.get(line.actor) for line in lines if line.record_id is not None}
    return {row_id: _readable(one, by.get(row_id), reader) for row_id, one in said.items()}


def _readable(one: Said, author: Author | None, reader: Actor) -> Said:
    if not one.is_act:
        return one
    facts = one.facts if oversees(reader) else {k: v for k, v in one.facts.items() if k not in RESPONDENTS}
    return replace(one, facts=facts, texts=one.texts if may_read(reader, one.word or "", author) else {})


def joined_texts(found: Dossier) -> dict[int, str]:
    """Return what the contacts that joined a case said, masked, by their ids."""
    key, requester, rkey = found.key, found.case.requester, found.requester_key
    known = [unseal(requester, rkey, name) if rkey else None for name in ("name", "phone")]
    return {one.id: working_text(unseal(one, key, "text") or "", *known) for one in found.contacts[1:] if key}


def missing_fields(case: Case) -> tuple[str, ...]:
    """Return the required fields that a case still waits for; nothing unless it waits for them."""
    return tuple(case.memory.get("missing", ())) if case.stage == Stage.PENDING_INFO else ()


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


def reissued_code(found: Dossier, viewer: Actor, since: datetime) -> str | None:
    """Return the query code that this viewer issued anew after `since`, to read it out; nobody else is told it."""
    line = next((line for line in reversed(found.lines) if line.event == "code_reissued"), None)
    if line is None or line.actor != viewer.id or line.recorded_at <= since or found.key is None:
        return None
    return unseal(CaseText.objects.get(case_id=found.case.id, month=found.case.month), found.key, "code")


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
