"""清单: the register as a list, open cases first by their due time."""

from datetime import datetime

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from huying.cases.clock import now
from huying.cases.queries import Cursor, Filter, Totals, page, totals, visible_to
from huying.pages.access import READERS, Signed, requires
from huying.pages.desk import today
from huying.pages.frame import footed
from huying.pages.labels import FILTERS, MOMENTS, ORDERS
from huying.pages.rows import shown_case
from huying.pages.shown import ShownPage, ShownTab, ShownTotals
from huying.people.actors import actor_of
from huying.rules.access import READS_ALL_ORDINARY_CASES, Actor


@requires(*READERS)
def register(request: Signed) -> HttpResponse:
    """One page of the register: `?show=open|overdue|closed|all`, or `?waiting=` a pile of somebody's own day.

    `&from=` is a place in the list.
    """
    at = now()
    viewer = actor_of(request.user, at)
    name = request.GET.get("waiting")
    pile = None if name is None else _pile(name, viewer, at)
    which = _which(request.GET.get("show", Filter.OPEN))
    cases = visible_to(viewer) if pile is None else visible_to(viewer).filter(pile)
    found = page(cases, which, at, _cursor(request.GET.get("from")))
    sees_all = request.user.role in READS_ALL_ORDINARY_CASES
    sums = totals(viewer, at, with_contacts=sees_all)
    context = {
        "page": ShownPage(gettext("登记清单")),
        "now": at,
        "frame": footed(request, at),
        "totals": _shown_totals(sums, at, with_contacts=sees_all),
        "filters": [*_pile_tab(name), *_tabs(None if name else which, sums)],
        "moment": MOMENTS[which],
        "order": ORDERS[which],
        "rows": [shown_case(case, at) for case in found.rows],
        "newer_url": _url(which, found.newer, name) if found.newer else None,
        "older_url": _url(which, found.older, name) if found.older else None,
    }
    return render(request, "desk/register.html", context)


def _shown_totals(sums: Totals, at: datetime, *, with_contacts: bool) -> ShownTotals:
    """Contacts are counted for the whole city; beside the cases of one unit that number says nothing."""
    return ShownTotals(
        contacts_raw=sums.contacts_raw if with_contacts else None,
        cases=sums.cases,
        open=sums.open,
        overdue=sums.overdue,
        closed=sums.closed,
        not_counted=sums.not_counted,
        as_of=at,
    )


def _pile(name: str, viewer: Actor, at: datetime) -> Q:
    """Return which cases lie in a pile of this viewer's day. Raises Http404 if there is no such pile."""
    piles = today.piles(viewer, at)
    if name not in piles:
        raise Http404
    return piles[name]


def _pile_tab(name: str | None) -> list[ShownTab]:
    return [] if name is None else [ShownTab(today.label(name), today.url(name), current=True)]


def _tabs(which: Filter | None, sums: Totals) -> list[ShownTab]:
    counts = {
        Filter.OPEN: sums.open,
        Filter.OVERDUE: sums.overdue,
        Filter.CLOSED: sums.ended,
        Filter.ALL: sums.listed,
    }
    return [ShownTab(str(FILTERS[one]), _url(one, None), one is which, counts[one]) for one in Filter]


def _which(word: str) -> Filter:
    try:
        return Filter(word)
    except ValueError as unknown:
        raise Http404 from unknown


def _url(which: Filter, cursor: Cursor | None, pile: str | None = None) -> str:
    """Return the address of a list, or of a page of it; without a cursor where it begins."""
    query = {"show": which.value} if pile is None else {"waiting": pile}
    if cursor is not None:
        query["from"] = str(cursor)
    return f"{reverse('register')}?{urlencode(query)}"


def _cursor(written: str | None) -> Cursor | None:
    """Return the place that an address names. Raises Http404 where it names none."""
    if written is None:
        return None
    try:
        return Cursor.of(written)
    except ValueError as garbled:
        raise Http404 from garbled
