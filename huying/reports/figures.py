"""Counting the register for figures: how the cases that somebody sees stand at a moment, in two statements.

A moment in the past counts what had happened by then, by when it happened, not by when it was recorded. What a row
doesn't keep can't be told of it: a case that ended and came back later counts as open, the unit is today's holder,
and what was overdue is what today's running term says.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)

from huying.cases.models import Assignment, Case, Contact, Report, Verdict
from huying.cases.queries import visible_contacts, visible_to
from huying.ledger.models import LedgerLine
from huying.people.models import Post, Unit
from huying.rules.access import Actor
from huying.rules.vocabulary import VALID_VERDICTS, ClosedAs, Outcome, Stage, VerdictCode

from .rates import Account, Beside, Standing, account_of, discreet, rates_of

# Longer than what an ordinary matter may take from receipt to callback: 1 + 5 + 3 working days in Bozhou.
SETTLED_AFTER = timedelta(days=15)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which cases are counted: received from `since` until before `until`, held by a unit or below it, of a post."""

    since: datetime | None = None
    until: datetime | None = None
    unit: Unit | None = None
    post: Post | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """The honest account of some cases as of a moment.

    `contacts` are the `contacts_raw` less those that joined a case; both of who sees a part of the register only are
    those of its cases. The cohort was received by `settled_until`. `left_out`: the viewer sees confidential cases,
    too few of them to stand in figures.
    """

    chosen: Chosen
    as_of: datetime
    settled_until: datetime
    contacts_raw: int
    contacts: int
    account: Account
    rates: Sequence[Beside]
    left_out: bool


def figures(
    viewer: Actor, as_of: datetime, chosen: Chosen | None = None, settled_after: timedelta = SETTLED_AFTER
) -> Figures:
    """Count what somebody sees, and nothing else."""
    chosen, settled_until = chosen or Chosen(), as_of - settled_after
    seen = _of(chosen, visible_to(viewer))
    facts = facts_of_row(as_of) | _facts_of_records(as_of, settled_until)
    everything = standings(_within(seen, "received_at", chosen, as_of), facts)
    tally = discreet(everything)
    left_out = tally is not everything
    alone, raw = _contacts(viewer, seen.filter(confidential=False) if left_out else seen, chosen, as_of)
    return Figures(
        chosen=chosen,
        as_of=as_of,
        settled_until=settled_until,
        contacts_raw=raw,
        contacts=alone + sum(tally.values()),
        account=account_of(tally),
        rates=rates_of(tally, as_of),
        left_out=left_out,
    )


def _of(chosen: Chosen, cases: QuerySet[Case]) -> QuerySet[Case]:
    if chosen.unit is not None:
        cases = cases.filter(unit__path__startswith=chosen.unit.path)
    return cases if chosen.post is None else cases.filter(post=chosen.post)


def _within(rows: QuerySet[Any], moment: str, chosen: Chosen, as_of: datetime) -> QuerySet[Any]:
    """Return the rows of the period, none from after the moment of the count."""
    rows = rows.filter(**{f"{moment}__lte": as_of})
    if chosen.since is not None:
        rows = rows.filter(**{f"{moment}__gte": chosen.since})
    return rows if chosen.until is None else rows.filter(**{f"{moment}__lt": chosen.until})


def _contacts(viewer: Actor, cases: QuerySet[Case], chosen: Chosen, as_of: datetime) -> tuple[int, int]:
    """Return how many contacts of the period opened no case, and how many there were in all.

    No unit holds those that opened none.
    """
    alone = Q(id__in=visible_contacts(viewer).values("id")) if chosen.unit is None else Q(pk__in=())
    if chosen.post is not None:
        alone &= Q(post=chosen.post)
    found = _within(Contact.objects.filter(alone | Q(case__in=cases)), "at", chosen, as_of)
    counts = found.aggregate(alone=Count("id", filter=Q(case=None)), raw=Count("id"))
    return counts["alone"], counts["raw"]


def standings(cases: QuerySet[Case], facts: Mapping[str, Any]) -> Counter[Standing]:
    """Return how many cases stand in each way by these facts: one row for each way, however many cases there are."""
    return tallied(ways(cases, facts))


def ways(cases: QuerySet[Case], facts: Mapping[str, Any]) -> QuerySet[Case, dict[str, Any]]:
    joined = cases.order_by().annotate(**facts)
    rows: QuerySet[Case, dict[str, Any]] = joined.values("confidential", "closed_as", *facts)
    return rows.annotate(count=Count("id"))


def tallied(found: Iterable[dict[str, Any]]) -> Counter[Standing]:
    tally: Counter[Standing] = Counter()
    for way in found:
        tally[_standing(way)] += way["count"]
    return tally


def _standing(way: dict[str, Any]) -> Standing:
    """Return the standing that a row of facts says; what wasn't asked for is as a standing has it by default."""
    said = {name: value for name, value in way.items() if name in _OF_STANDING}
    return Standing(
        **said,
        closed_as=ClosedAs(way["closed_as"]) if way["ended"] and way["closed_as"] else None,
        verdict=VerdictCode(way["judged_as"]) if way["judged_as"] else None,
        done=way.get("outcome") == Outcome.DONE,
        contacted=way["contacted"] or False if way["must_contact"] else None,
        resolved=way["resolved"] or False if way["must_resolve"] else None,
        contact_due=way["contact_passed"] or False,
        answer_due=way["answer_passed"] or False,
    )


# Facts that go into a standing as they are.
_OF_STANDING = frozenset(
    {"confidential", "is_case", "settled", "overdue", "ended", "assigned", "returned", "reopened"}
)


def facts_of_row(as_of: datetime) -> dict[str, Any]:
    """Return what the row of a case says of how it stands, as SQL; all as it had come about by then."""
    ended = Q(closed_at__isnull=False, closed_at__lte=as_of)
    no_case = Q(stage__in=(Stage.DECLINED, Stage.MERGED)) & (Q(closed_at=None) | ended)
    return {
        "is_case": whether(~no_case),
        "overdue": whether(Q(due_at__isnull=False, due_at__lte=as_of)),
        "ended": whether(ended),
        "must_contact": whether(Q(contact_due_at__isnull=False)),
        "contacted": whether(_in_time("contact_due_at", "contacted_at", as_of)),
        "contact_passed": whether(_passed("contact_due_at", "contacted_at", as_of)),
        "must_resolve": whether(Q(answer_due_at__isnull=False)),
        "resolved": whether(_in_time("answer_due_at", "answered_at", as_of)),
        "answer_passed": whether(_passed("answer_due_at", "answered_at", as_of)),
    }


def _in_time(due: str, done: str, as_of: datetime) -> Q:
    return Q(**{f"{done}__lt": F(due), f"{done}__lte": as_of})


def _passed(due: str, done: str, as_of: datetime) -> Q:
    """Return the condition that a term is over; one that stands still is not."""
    still = Q(stage=Stage.SUSPENDED, **{done: None})
    return Q(**{f"{due}__lte": as_of}) & ~still


def _facts_of_records(as_of: datetime, settled_until: datetime) -> dict[str, Any]:
    """Return what else decides how a case stands: that is looked up in its records, case by case."""
    of_case, by_then = {"case": OuterRef("id")}, {"at__lte": as_of}
    lines = LedgerLine.objects.filter(chain_id=OuterRef("id"), **by_then)
    verdicts = Verdict.objects.filter(**of_case, **by_then, verdict__in=VALID_VERDICTS).order_by("-at", "-id")
    reports = Report.objects.filter(**of_case, **by_then).order_by("-at", "-id")
    return {
        "judged_as": Subquery(verdicts.values("verdict")[:1]),
        "settled": whether(Q(received_at__lte=settled_until)),
        "outcome": Subquery(reports.values("outcome")[:1]),
        "assigned": Exists(Assignment.objects.filter(**of_case, **by_then)),
        "returned": Exists(lines.filter(event="return_approved")),
        "reopened": Exists(lines.filter(event="reopened")),
    }


def whether(condition: Q) -> "ExpressionWrapper[Q]":
    return ExpressionWrapper(condition, output_field=BooleanField())
