"""清单: the register as a list, open cases first by their due time."""

from datetime import UTC, datetime, timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from huying.cases import rulebooks
from huying.cases.clock import now
from huying.cases.models import Case
from huying.cases.queries import Cursor, Filter, Totals, page, totals, visible_to
from huying.pages import due
from huying.pages.access import READERS, Signed, requires
from huying.pages.frame import footed
from huying.pages.labels import CHANNELS, FILTERS, MOMENTS, ORDERS, STAGES, URGENCIES
from huying.pages.shown import ShownCase, ShownPage, ShownTab, ShownTotals
from huying.people.actors import actor_of
from huying.rules.access import READS_ALL_ORDINARY_CASES, Role
from huying.rules.vocabulary import Stage, Step, Urgency

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@requires(*Role)
def start(request: Signed) -> HttpResponse:
    """Lead to the first page of somebody's work; whoever has none is told so, since 404 would only lead back here."""
    if request.user.role in READERS:
        return redirect("register")
    return render(request, "nothing_yet.html")


@requires(*READERS)
def register(request: Signed) -> HttpResponse:
    """One page of the register: `?show=open|overdue|closed|all`, `&from=` a place in the list."""
    at = now()
    which = _which(request.GET.get("show", Filter.OPEN))
    viewer = actor_of(request.user, at)
    found = page(visible_to(viewer), which, at, _cursor(request.GET.get("from")))
    sums = totals(viewer, at)
    sees_all = request.user.role in READS_ALL_ORDINARY_CASES
    context = {
        "page": ShownPage(gettext("登记清单")),
        "now": at,
        "frame": footed(request, at),
        "totals": _shown_totals(sums, at, with_contacts=sees_all),
        "filters": _tabs(which, sums),
        "moment": MOMENTS[which],
        "order": ORDERS[which],
        "rows": [shown(case, at) for case in found.rows],
        "newer_url": _url(which, found.newer) if found.newer else None,
        "older_url": _url(which, found.older) if found.older else None,
    }
    return render(request, "desk/register.html", context)


def shown(case: Case, at: datetime) -> ShownCase:
    rules = rulebooks.rules_of(case)
    return ShownCase(
        number=case.number,
        url=reverse("case", args=[case.number]),
        title=case.title,  # type: ignore[attr-defined]  # annotated by the query
        channel=str(CHANNELS.get(case.channel, case.channel)),
        received_at=case.received_at,
        stage=str(STAGES[Stage(case.stage)]),
        post=case.post.name if case.post else "",
        unit=case.unit.name if case.unit else "",
        urgency=str(URGENCIES[Urgency(case.urgency)]) if case.urgency in URGENCIES else None,
        due=due.running(case.due_at, Step(case.due_step), at, rules) if case.due_at and case.due_step else None,
        ended_at=case.closed_at,
    )


def _shown_totals(sums: Totals, at: datetime, *, with_contacts: bool) -> ShownTotals:
    """Contacts are counted for the whole city; beside the cases of one unit that number says nothing."""
    return ShownTotals(
        contacts=sums.contacts if with_contacts else None,
        cases=sums.cases,
        open=sums.open,
        overdue=sums.overdue,
        closed=sums.closed,
        not_counted=sums.not_counted,
        as_of=at,
    )


def _tabs(which: Filter, sums: Totals) -> list[ShownTab]:
    counts = {
        Filter.OPEN: sums.open,
        Filter.OVERDUE: sums.overdue,
        Filter.CLOSED: sums.closed + sums.not_counted,
        Filter.ALL: sums.cases,
    }
    return [ShownTab(str(FILTERS[one]), _url(one, None), one is which, counts[one]) for one in Filter]


def _which(word: str) -> Filter:
    try:
        return Filter(word)
    except ValueError as unknown:
        raise Http404 from unknown


def _url(which: Filter, cursor: Cursor | None) -> str:
    """Return the address of a list, or of a page of it; without a cursor where it begins."""
    query = {"show": which.value}
    if cursor is not None:
        # whole microseconds: by way of a float the row itself could come again, or its twin be lost
        moment = "-" if cursor.at is None else f"{(cursor.at - _EPOCH) // _MICROSECOND}"
        query["from"] = f"{'b' if cursor.back else 'f'}.{moment}.{cursor.id}"
    return f"{reverse('register')}?{urlencode(query)}"


def _cursor(written: str | None) -> Cursor | None:
    """Return the place that an address names. Raises Http404 where it names none."""
    if written is None:
        return None
    way, _, rest = written.partition(".")
    moment, _, row_id = rest.partition(".")
    try:
        at = None if moment == "-" else _EPOCH + int(moment) * _MICROSECOND
        cursor = Cursor(at, int(row_id), way == "b")
    except (ValueError, OverflowError) as garbled:
        raise Http404 from garbled
    if way not in ("f", "b") or not 0 < cursor.id < 2**63:
        raise Http404
    return cursor
