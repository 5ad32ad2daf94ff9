"""Reading the register: every query of cases stands here, and every one goes through `visible_to`.

`ACCESS` alone doesn't: it says of any case what decides who sees it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat, JSONObject

from huying.ledger.models import LedgerLine
from huying.people.models import Unit, User, line_of
from huying.rules.access import CONFIDENTIAL, ORDINARY, READS_ALL_ORDINARY_CASES, Actor, CaseFacts, Tie
from huying.vault.fields import SealedField
from huying.vault.models import VaultKey
from huying.vault.seals import DataKey, unwrap

from .models import (
    Acknowledgement,
    Answer,
    Assignment,
    Callback,
    Case,
    CaseParty,
    CaseRecord,
    CaseText,
    Clock,
    Contact,
    ContactRecord,
    Message,
    Recount,
    Report,
    Review,
    SupervisionAction,
    Verdict,
)
from .records import RECORD_OF_TABLE, sealed_fields

PAGE = 50
# Ends that are in no rate: the office's honest account shows them apart.
NOT_COUNTED = ("not_counted", "incomplete")


class Filter(StrEnum):
    """Which cases of the register are listed."""

    OPEN = "open"
    OVERDUE = "overdue"
    CLOSED = "closed"
    ALL = "all"


# -- who sees what -------------------------------------------------------------------------------------------------


def visible_to(viewer: Actor) -> QuerySet[Case]:
    """Return the cases that somebody may see: `rules.access.may_see` as SQL, held to it by a test."""
    if viewer.role is None:
        return Case.objects.all()
    ordinary, confidential = _tied(viewer, ORDINARY[viewer.role]), _tied(viewer, CONFIDENTIAL[viewer.role])
    seen = Q(confidential=False) & ordinary | Q(confidential=True) & confidential
    return Case.objects.filter(seen, ~_among_parties(viewer.shut_out_as, allow=False))


def _tied(viewer: Actor, ties: Iterable[Tie]) -> Q:
    """Return the condition that one of these ties holds; without any, that nothing does."""
    condition = Q(pk__in=())
    for tie in ties:
        condition |= _TIE_IN_SQL[tie](viewer)
    return condition


def _among_parties(names: Iterable[str] | QuerySet[Unit, str], *, allow: bool) -> Exists:
    return Exists(CaseParty.objects.filter(case=OuterRef("id"), party__in=names, allow=allow))


def _in_branch(viewer: Actor) -> Q:
    """Return the condition that the viewer's unit, or one below it, holds the case or is let in to it."""
    if viewer.unit is None:
        return Q(pk__in=())
    path = "".join(f"{unit}/" for unit in (*viewer.above, viewer.unit))
    branch = Unit.objects.filter(path__startswith=path)
    return Q(unit__in=branch.values("id")) | Q(_among_parties(branch.values_list(_PARTY), allow=True))


_PARTY = Concat(Value("unit:", TextField()), Cast("id", TextField()))
_TIE_IN_SQL: Mapping[Tie, Callable[[Actor], Q]] = {
    Tie.ROLE: lambda _viewer: Q(pk__isnull=False),
    Tie.HOLDER: lambda viewer: Q(unit=viewer.unit, unit__isnull=False),
    Tie.BRANCH: _in_branch,
    Tie.POST: lambda viewer: Q(post__in=viewer.posts) | Q(_among_parties(viewer.post_names, allow=True)),
    Tie.NAMED: lambda viewer: Q(_among_parties(viewer.names, allow=True)),
}


_PATH = Subquery(Unit.objects.annotate(party=_PARTY).filter(party=OuterRef("party")).values("path"))
_PARTIES = CaseParty.objects.filter(case=OuterRef("id")).values(
    row=JSONObject(party="party", allow="allow", path=_PATH)
)
# What decides who sees a case, as JSON, so that a statement which reads other facts can bring it along.
ACCESS = JSONObject(
    confidential="confidential", unit="unit", path="unit__path", post="post", parties=ArraySubquery(_PARTIES)
)


def access_facts(said: Mapping[str, Any]) -> CaseFacts:
    """Return the facts that `ACCESS` says of a case."""
    let_in = [party for party in said["parties"] if party["allow"]]
    paths = [said["path"], *(party["path"] for party in let_in)]
    return CaseFacts(
        confidential=said["confidential"],
        unit=said["unit"],
        post=said["post"],
        branches=frozenset(unit for path in paths if path is not None for unit in line_of(path)),
        allowed=frozenset(party["party"] for party in let_in),
        denied=frozenset(party["party"] for party in said["parties"] if not party["allow"]),
    )


# -- the list ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list: the sorting moment and id of a row, and whether to read on from it or back."""

    at: datetime | None
    id: int
    back: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the register; `older` and `newer` are the cursors of its neighbours, if there are any."""

    rows: list[Case]
    newer: Cursor | None
    older: Cursor | None


def page(cases: QuerySet[Case], which: Filter, now: datetime, cursor: Cursor | None = None) -> Page:
    """Return a page of narrow rows (one statement): open ones by due time, ended and all by their latest moment.

    A case without a running term comes after those that have one.
    """
    field, rising = _order(which)
    back = cursor is not None and cursor.back
    chosen = _filtered(cases, which, now)
    if cursor is not None:
        chosen = chosen.filter(_beyond(cursor, field, rising != back))
    ordered = chosen.order_by(*_ordering(field, rising != back))
    rows = list(_with_words(ordered)[: PAGE + 1])
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    if back:
        rows.reverse()
    return Page(
        rows=rows,
        newer=Cursor(getattr(rows[0], field), rows[0].id, back=True) if rows and (more if back else cursor) else None,
        older=Cursor(getattr(rows[-1], field), rows[-1].id) if rows and (more or back) else None,
    )


def _order(which: Filter) -> tuple[str, bool]:
    """Return the moment by which a list is sorted and whether it rises. Nothing about the requester enters."""
    match which:
        case Filter.OPEN | Filter.OVERDUE:
            return "due_at", True
        case Filter.CLOSED:
            return "closed_at", False
        case Filter.ALL:
            return "received_at", False


def _ordering(field: str, rising: bool) -> Sequence[Any]:
    if rising:
        return F(field).asc(nulls_last=True), F("id").asc()
    return F(field).desc(nulls_first=True), F("id").desc()


def _beyond(cursor: Cursor, field: str, rising: bool) -> Q:
    """Return the condition of all rows after the cursor in a list in which rows without a moment come last."""
    sign = "gt" if rising else "lt"
    same = Q(**{f"{field}__isnull": cursor.at is None} if cursor.at is None else {field: cursor.at})
    beyond = same & Q(**{f"id__{sign}": cursor.id})
    if cursor.at is not None:
        beyond |= Q(**{f"{field}__{sign}": cursor.at})
        if rising:
            beyond |= Q(**{f"{field}__isnull": True})
    elif not rising:
        beyond |= Q(**{f"{field}__isnull": False})
    return beyond


def _filtered(cases: QuerySet[Case], which: Filter, now: datetime) -> QuerySet[Case]:
    match which:
        case Filter.OPEN:
            return cases.filter(closed_at__isnull=True)
        case Filter.OVERDUE:
            return cases.filter(closed_at__isnull=True, due_at__lte=now)
        case Filter.CLOSED:
            return cases.filter(closed_at__isnull=False)
        case Filter.ALL:
            return cases


def _with_words(cases: QuerySet[Case]) -> QuerySet[Case]:
    title = CaseText.objects.filter(case_id=OuterRef("id"), month=OuterRef("month")).values("title")
    return cases.select_related("unit", "post").annotate(title=Subquery(title))


# -- totals --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Totals:
    """The register as an equation: cases = open + closed + not counted; the overdue ones are among the open."""

    contacts: int
    cases: int
    open: int
    overdue: int
    closed: int
    not_counted: int


def totals(viewer: Actor, now: datetime) -> Totals:
    """Count the cases that somebody sees and their contacts; those that opened none, for who reads every case."""
    is_open = Q(closed_at__isnull=True)
    apart = Q(closed_as__in=NOT_COUNTED)
    counts = visible_to(viewer).aggregate(
        cases=Count("id"),
        open=Count("id", filter=is_open),
        overdue=Count("id", filter=is_open & Q(due_at__lte=now)),
        not_counted=Count("id", filter=apart),
        closed=Count("id", filter=~is_open & ~apart),
        contacts=Sum("contacts", default=0),
    )
    if viewer.role is None or viewer.role in READS_ALL_ORDINARY_CASES:
        counts["contacts"] += Contact.objects.filter(case__isnull=True).count()
    return Totals(**counts)


def contacts_per_post(viewer: Actor, since: datetime, until: datetime) -> dict[int, int]:
    """Return how many contacts came to each post from `since` until before `until`: what its holder had to bear.

    Those of a case count for who sees that case; those that opened none for who reads every case, or holds the post.
    """
    reads_all = viewer.role is None or viewer.role in READS_ALL_ORDINARY_CASES
    alone = Q(case=None) if reads_all else Q(case=None, post__in=viewer.posts)
    seen = Contact.objects.filter(Q(case__in=visible_to(viewer)) | alone, at__gte=since, at__lt=until)
    return dict(seen.filter(post__isnull=False).values_list("post").annotate(count=Count("id")))


# -- one case ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """What one record of a case says: its word (method, outcome, verdict, result) and its texts, opened."""

    table: str
    word: str | None
    texts: Mapping[str, str]


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
    actors: Mapping[str, User]


def dossier(cases: QuerySet[Case], number: str) -> Dossier | None:
    """Return the case of that number if it is among `cases`; eight statements, however long its history."""
    found = cases.select_related("unit", "post", "requester").filter(number=number)
    case = found.annotate(wrapped=_wrapped_key("id"), requester_wrapped=_wrapped_key("requester")).first()
    if case is None:
        return None
    key = _unwrapped(case.id, case.wrapped)
    lines = list(LedgerLine.objects.filter(chain_id=case.id).order_by("seq"))
    return Dossier(
        case=case,
        text=CaseText.objects.get(case_id=case.id, month=case.month),
        key=key,
        requester_key=_unwrapped(case.requester_id, case.requester_wrapped),
        clocks=list(Clock.objects.filter(case=case).order_by("cycle", "started_at", "id")),
        contacts=list(Contact.objects.filter(case=case).order_by("at")),
        lines=lines,
        said=_said(case, key),
        messages=list(Message.objects.filter(case=case).order_by("created_at", "id")),
        actors=_actors(line.actor for line in lines),
    )


def _wrapped_key(owner: str) -> Subquery:
    return Subquery(VaultKey.objects.filter(id=OuterRef(owner)).values("wrapped"))


def _unwrapped(owner: int, wrapped: bytes | None) -> DataKey | None:
    """Return the key; none where it was erased."""
    return None if wrapped is None else unwrap(owner, wrapped)


def _actors(ids: Iterable[str]) -> dict[str, User]:
    users = {int(actor.removeprefix("user:")) for actor in ids if actor.startswith("user:")}
    found = User.objects.select_related("unit").in_bulk(users) if users else {}
    return {f"user:{user_id}": user for user_id, user in found.items()}


# Per kind of record the column that holds its word; an assignment's unit stands in its ledger line.
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


def _said(case: Case, key: DataKey | None) -> dict[int, Said]:
    """Return what the records of a case say, by id: one statement, a union of rows of the same shape."""
    parts = [_shape(model, word, case) for model, word in _WORDS.items()]
    found: dict[int, Said] = {}
    for table, row_id, word, *sealed in parts[0].union(*parts[1:], all=True):
        fields = zip(sealed_fields(RECORD_OF_TABLE[table]), sealed, strict=False)
        texts = {name: key.open(table, row_id, name, value) for name, value in fields if key and value is not None}
        found[row_id] = Said(table, word, texts)
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
