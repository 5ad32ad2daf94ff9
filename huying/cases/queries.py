"""Reading the register: every query of cases stands here or in `dossier`, and every one goes through `visible_to`.

`ACCESS` alone doesn't: it says of any case what decides who sees it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BigIntegerField,
    Count,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    Value,
    Window,
)
from django.db.models.fields.json import KT, KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Concat, JSONObject

from huying.ledger.models import LedgerLine
from huying.people.models import Unit, line_of
from huying.rules.access import CONFIDENTIAL, ORDINARY, Actor, CaseFacts, Role, Tie
from huying.rules.commands import MovePost, verb_of
from huying.rules.vocabulary import NOT_COUNTED, ClosedAs, Flag, Kind, Stage
from huying.vault.models import VaultKey

from .models import WAITS, Act, Case, CaseParty, CaseText, Clock, Contact

Row = TypeVar("Row")
PAGE = 50
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_JUDGED = (ClosedAs.SATISFIED, ClosedAs.UNDERSTANDING, ClosedAs.UNSATISFIED)


class Filter(StrEnum):
    """Which cases of the register are listed."""

    OPEN = "open"
    OVERDUE = "overdue"
    CLOSED = "closed"
    ALL = "all"


# -- who sees what ---------------------------------------------------------------------------------------------------


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
    Tie.NAMED_AT_POST: lambda viewer: Q(_among_parties(viewer.names, allow=True), post__in=viewer.posts),
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


def ordinary_cases() -> QuerySet[Case]:
    """Return the cases that are counted for everybody: no confidential one. To count, never to show."""
    return Case.objects.filter(confidential=False)


def ordinary_contacts() -> QuerySet[Contact]:
    """Return the contacts that are counted for everybody: of ordinary cases, or of none and not confidential."""
    return Contact.objects.filter(Q(case=None, confidential=False) | Q(case__confidential=False))


# -- contacts of which no case was made -----------------------------------------------------------------------------


def visible_contacts(viewer: Actor) -> QuerySet[Contact]:
    """Return the contacts without a case that somebody may see: `rules.access.may_see` of what is known of one.

    That is whether it is confidential, which post was called, whom it is about, and who registered it
    (`opened.facts_of_contact`).
    """
    alone = Contact.objects.filter(case=None).alias(post_now=_POST_NOW)
    if viewer.role is None:
        return alone
    ordinary, confidential = (
        _contact_tied(viewer, ORDINARY[viewer.role]),
        _contact_tied(viewer, CONFIDENTIAL[viewer.role]),
    )
    about_own = Q(respondent__in=(*viewer.above, *([] if viewer.unit is None else [viewer.unit])))
    about_own |= Q(respondent_person__in=viewer.acts_for | ({viewer.person} - {None}))
    return alone.filter(Q(confidential=False) & ordinary | Q(confidential=True) & confidential).exclude(about_own)


def fraud_reports(viewer: Actor) -> QuerySet[Contact]:
    """Return what was told of impostors, or sorted as that, among the contacts that somebody may see."""
    return visible_contacts(viewer).filter(Q(kind=Kind.FRAUD_REPORT) | Q(sorted_as=Kind.FRAUD_REPORT))


MOVE_POST = verb_of(MovePost(post=0))
# The post that was called; the row keeps what was recorded first, an act what it was corrected to.
_MOVES = Act.objects.filter(chain=OuterRef("id"), verb=MOVE_POST).order_by("-id")
_POST_NOW = Coalesce(
    Subquery(_MOVES.values(moved=Cast(KT("facts__post"), BigIntegerField()))[:1]),
    F("post"),
    output_field=BigIntegerField(),
)


def _contact_tied(viewer: Actor, ties: Iterable[Tie]) -> Q:
    """Return the condition that one of these ties holds; no unit has a part in a contact."""
    condition = Q(pk__in=())
    for tie in ties:
        match tie:
            case Tie.ROLE:
                condition |= Q(pk__isnull=False)
            case Tie.POST:
                condition |= Q(post_now__in=viewer.posts) | Q(_registered_by(viewer.post_names))
            case Tie.NAMED:
                condition |= Q(_registered_by(viewer.names))
            case Tie.NAMED_AT_POST:
                condition |= Q(_registered_by(viewer.names), post_now__in=viewer.posts)
    return condition


def _registered_by(names: Iterable[str]) -> Exists:
    return Exists(LedgerLine.objects.filter(chain_id=OuterRef("id"), seq=1, actor__in=names))


@dataclass(frozen=True, slots=True)
class WaitingContacts:
    """Contacts that wait to be sorted or called back: how many, how many late, and the first few by due time."""

    count: int
    late: int
    rows: Sequence[Contact]


NO_CONTACTS = WaitingContacts(0, 0, ())


def waiting_contacts(viewer: Actor, now: datetime, few: int) -> WaitingContacts:
    """Return what waits to be sorted, in one statement; each row with `due_at`, `due_step` and its `wrapped` key."""
    running = Clock.objects.filter(case=OuterRef("id"), done_at=None, void_at=None).order_by("due_at", "id")
    found = visible_contacts(viewer).filter(WAITS).select_related("post")
    rows = found.annotate(
        due_at=Subquery(running.values("due_at")[:1]),
        due_step=Subquery(running.values("step")[:1]),
        wrapped=Subquery(VaultKey.objects.filter(id=OuterRef("id")).values("wrapped")),
        waiting=Window(Count("id")),
        late=Window(Count("id", filter=Q(due_at__lte=now))),
    ).order_by(F("due_at").asc(nulls_last=True), "at", "id")[:few]
    first = list(rows)
    return WaitingContacts(first[0].waiting, first[0].late, first) if first else NO_CONTACTS


# -- the list --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list: the sorting moment and id of a row, and whether to read on from it or back."""

    at: datetime | None
    id: int
    back: bool = False

    def __str__(self) -> str:
        """Return how an address says it: in whole microseconds, since a float could bring a row again or lose one."""
        moment = "-" if self.at is None else f"{(self.at - _EPOCH) // _MICROSECOND}"
        return f"{'b' if self.back else 'f'}.{moment}.{self.id}"

    @classmethod
    def of(cls, written: str) -> "Cursor":
        """Return the place that an address says. Raises ValueError where it says none."""
        way, moment, row_id = written.split(".")
        try:
            cursor = cls(None if moment == "-" else _EPOCH + int(moment) * _MICROSECOND, int(row_id), way == "b")
        except OverflowError as beyond:
            raise ValueError(written) from beyond
        if way not in ("f", "b") or not 0 < cursor.id < 2**63:
            raise ValueError(written)
        return cursor


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of a list; `older` and `newer` are the cursors of its neighbours, if there are any."""

    rows: list[Row]
    newer: Cursor | None
    older: Cursor | None


def page(cases: QuerySet[Case], which: Filter, now: datetime, cursor: Cursor | None = None) -> Page[Case]:
    """Return a page of narrow rows (one statement): open ones by due time, ended and all by their latest moment.

    A case without a running term comes after those that have one.
    """
    return turned(_with_words(_filtered(cases, which, now)), *_order(which), cursor)


def turned(chosen: QuerySet[Any], field: str, rising: bool, cursor: Cursor | None) -> Page[Any]:
    """Return the page at a cursor, or the first one, of rows in the order of a moment (one statement)."""
    back = cursor is not None and cursor.back
    if cursor is not None:
        chosen = chosen.filter(_beyond(cursor, field, rising != back))
    ordered = chosen.order_by(*_ordering(field, rising != back))
    rows = list(ordered[: PAGE + 1])
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
            return cases.filter(late(now))
        case Filter.CLOSED:
            return cases.filter(closed_at__isnull=False)
        case Filter.ALL:
            return cases


def _with_words(cases: QuerySet[Case]) -> QuerySet[Case]:
    title = CaseText.objects.filter(case_id=OuterRef("id"), month=OuterRef("month")).values("title")
    return cases.select_related("unit", "post").annotate(title=Subquery(title))


# -- who comes again -------------------------------------------------------------------------------------------------

REMEMBERED = timedelta(days=731)  # two years: how far back somebody's earlier contacts are looked for
MOST_EARLIER = 50


@dataclass(frozen=True, slots=True)
class Before:
    """What came from one phone before, the latest first; whatever post was called; a suggestion only."""

    cases: list[Case]
    alone: list[Contact]  # contacts of which no case was made

    def __bool__(self) -> bool:
        return bool(self.cases or self.alone)

    def nuisance_until(self, at: datetime) -> datetime | None:
        """Return until when whoever calls counts as a nuisance, by the decision that lasts longest."""
        untils = (case.memory.get("nuisance_until") for case in self.cases)
        return max((end for said in untils if said and (end := datetime.fromisoformat(said)) > at), default=None)


def same_phone(viewer: Actor, phone_index: bytes | None, at: datetime, but: int = 0) -> Before:
    """Return the cases and contacts of a phone, by its blind index, that somebody may see (two statements).

    Never a confidential one, whoever asks: that there is one must not be guessed from whose phone it is. `but`: the
    case that is looked at.
    """
    if phone_index is None:
        return Before([], [])
    since = at - REMEMBERED
    seen = visible_to(viewer).filter(requester__phone_index=phone_index, confidential=False, received_at__gt=since)
    cases = _with_words(seen.exclude(id=but)).order_by("-received_at", "-id")[:MOST_EARLIER]
    alone = visible_contacts(viewer).filter(requester__phone_index=phone_index, confidential=False, at__gt=since)
    return Before(list(cases), list(alone.select_related("post").order_by("-at", "-id")[:MOST_EARLIER]))


def of_numbers(viewer: Actor, numbers: Collection[str]) -> list[Case]:
    """Return the cases of these numbers that somebody may see, with their titles (one statement)."""
    return list(_with_words(visible_to(viewer).filter(number__in=numbers)).order_by("id"))


def shut_out(case: int) -> frozenset[str]:
    """Return the parties who must never see a case: whom it is about."""
    return frozenset(CaseParty.objects.filter(case=case, allow=False).values_list("party", flat=True))


def nuisance_ends_before(moment: datetime) -> Q:
    """Return the condition that the decision to count somebody as a nuisance, made in a case, ends before then."""
    ends = Cast(KeyTextTransform("nuisance_until", "memory"), DateTimeField())
    flagged = Case.objects.filter(flags__contains=[Flag.NUISANCE_REVIEW.value])
    return Q(id__in=flagged.annotate(ends=ends).filter(ends__lt=moment).values("id"))


# -- what waits ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """Cases that wait for one step: how many, how many of them are late, and the first few by due time."""

    count: int
    late: int
    rows: list[Case]


def at_stages(stages: Iterable[Stage], viewer: Actor) -> Q:
    """Return the condition that a case waits in one of these stages; for a unit, in its own hands."""
    condition = Q(stage__in=list(stages), closed_at__isnull=True)
    return condition & Q(unit=viewer.unit) if viewer.role is Role.UNIT else condition


def late(now: datetime) -> Q:
    return Q(closed_at__isnull=True, due_at__lte=now)


def waiting(viewer: Actor, piles: Mapping[str, Q], now: datetime, few: int) -> dict[str, Waiting]:
    """Return what lies in each of these piles: two statements, however many piles and cases there are."""
    seen = visible_to(viewer)
    ordering = _ordering("due_at", rising=True)
    counts = (Window(Count("id")), Window(Count("id", filter=late(now))))  # of the whole pile, beside its first rows
    firsts = [
        seen.filter(pile).order_by(*ordering).values_list(Value(name), "id", *counts)[:few]
        for name, pile in piles.items()
    ]
    found: dict[str, tuple[int, int]] = {}
    pile_of: dict[int, list[str]] = defaultdict(list)
    for name, case_id, count, of_them_late in firsts[0].union(*firsts[1:], all=True) if firsts else ():
        found[name] = (count, of_them_late)
        pile_of[case_id].append(name)
    rows = list(_with_words(seen.filter(id__in=pile_of).order_by(*ordering)))
    return {
        name: Waiting(*found.get(name, (0, 0)), [row for row in rows if name in pile_of[row.id]]) for name in piles
    }


# -- totals ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Totals:
    """The register as an equation: `cases` = `open` + `closed` + `not_counted`, `overdue` being among the open.

    `contacts` are the `contacts_raw` less those that joined a case. Declined and merged matters are no cases; they
    are listed all the same: `listed` is how long the list of everything is, `ended` that of what has ended.
    """

    contacts_raw: int
    contacts: int
    cases: int
    open: int
    overdue: int
    closed: int
    satisfied: int
    understanding: int
    unsatisfied: int
    not_counted: int
    listed: int
    ended: int


# Neither takes anything in, and no unit has a part in a contact.
_SEE_NO_CONTACTS = frozenset({Role.UNIT, Role.ADMIN})


def totals(viewer: Actor, now: datetime, *, with_contacts: bool = True) -> Totals:
    """Count the cases that somebody sees and their contacts, in two statements at most; pages, API and stories agree.

    Contacts that opened no case are counted for the roles that come to see any, a unit never does; and not where
    nobody asks for contacts, which saves a statement.
    """
    ended, apart = Q(closed_at__isnull=False), Q(closed_as__in=NOT_COUNTED)
    is_case = ~Q(stage__in=(Stage.DECLINED, Stage.MERGED))
    judged = {name.value: Count("id", filter=is_case & Q(closed_as=name)) for name in _JUDGED}
    counts = visible_to(viewer).aggregate(
        contacts_raw=Sum("contacts", filter=~Q(stage=Stage.MERGED), default=0),  # the older case counts those too
        contacts=Count("id"),
        cases=Count("id", filter=is_case),
        open=Count("id", filter=is_case & ~ended),
        overdue=Count("id", filter=is_case & ~ended & Q(due_at__lte=now)),
        closed=Count("id", filter=is_case & ended & ~apart),
        not_counted=Count("id", filter=is_case & ended & apart),
        listed=Count("id"),
        ended=Count("id", filter=ended),
        **judged,
    )
    if with_contacts and viewer.role not in _SEE_NO_CONTACTS:
        alone = visible_contacts(viewer).count()
        counts["contacts_raw"] += alone
        counts["contacts"] += alone
    return Totals(**counts)


def contacts_per_post(viewer: Actor, since: datetime, until: datetime) -> dict[int, int]:
    """Return how many contacts came to each post from `since` until before `until`: what its holder had to bear.

    Those of a case count for who sees that case; those that opened none for who may see them.
    """
    alone = Q(id__in=visible_contacts(viewer).values("id"))
    seen = Contact.objects.filter(Q(case__in=visible_to(viewer)) | alone, at__gte=since, at__lt=until)
    return dict(seen.filter(post__isnull=False).values_list("post").annotate(count=Count("id")))
