"""统计: the honest account of the cases that somebody sees, each rate with its numbers, its base and its cohort."""

from datetime import datetime, time, timedelta
from enum import StrEnum

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.cases.clock import now
from huying.pages.access import COUNTERS, Signed, requires
from huying.pages.frame import footed
from huying.pages.shown import ShownFigures, ShownPage, ShownRate, ShownShare, ShownTab, ShownTotals
from huying.people.actors import actor_of
from huying.reports.figures import Chosen, Figures, figures
from huying.reports.rates import Beside, Name, Rate
from huying.reports.words import BASES, COUNTS, NAMES
from huying.rules.access import READS_ALL_ORDINARY_CASES


class Period(StrEnum):
    """Of when the cases are that are counted, by their receipt."""

    MONTH = "month"
    THIRTY_DAYS = "30-days"
    ALL = "all"


PERIODS = {Period.MONTH: _("本月收到"), Period.THIRTY_DAYS: _("近 30 天收到"), Period.ALL: _("全部")}
GROUPS = {
    _("办得怎样"): (
        *(Name.CLOSED, Name.ON_TIME, Name.RESPONSE, Name.ANSWER_KEPT, Name.CONTACT_KEPT),
        *(Name.RETURNED, Name.REOPENED),
    ),
    _("办结时怎样评价"): (Name.SATISFIED, Name.UNDERSTANDING, Name.UNSATISFIED, Name.OTHER),
    _("回访到的人怎么说"): (
        *(Name.RESOLUTION, Name.SATISFIED_OF_VALID),
        *(Name.UNDERSTANDING_OF_VALID, Name.UNSATISFIED_OF_VALID),
    ),
}


@requires(*COUNTERS)
def account(request: Signed) -> HttpResponse:
    """The account of `?period=month|30-days|all`, by default of the last thirty days."""
    at = now()
    period = _period(request.GET.get("period", Period.THIRTY_DAYS))
    counted = figures(actor_of(request.user, at), at, Chosen(since=_since(period, at)))
    context = {
        "page": ShownPage(gettext("统计")),
        "now": at,
        "frame": footed(request, at),
        "periods": [ShownTab(str(label), _url(one), one is period) for one, label in PERIODS.items()],
        "figures": _shown(counted, sees_all=request.user.role in READS_ALL_ORDINARY_CASES),
    }
    return render(request, "desk/figures.html", context)


def _shown(of: Figures, *, sees_all: bool) -> ShownFigures:
    """Contacts are shown to who reads the whole register, as beside the list."""
    account = of.account
    rates = {one.snapshot.name: _rate(one) for one in of.rates}
    return ShownFigures(
        totals=ShownTotals(
            contacts_raw=of.contacts_raw if sees_all else None,
            cases=account.cases,
            open=account.open,
            overdue=account.overdue,
            closed=account.closed,
            not_counted=account.not_counted,
            as_of=of.as_of,
        ),
        joined=of.contacts_raw - of.contacts if sees_all else None,
        since=of.chosen.since,
        settled_days=(of.as_of - of.settled_until).days,
        left_out=of.left_out,
        groups=[(str(title), [rates[name] for name in names]) for title, names in GROUPS.items()],
    )


def _rate(one: Beside) -> ShownRate:
    name = one.snapshot.name
    return ShownRate(
        name=str(NAMES[name]),
        counts=str(COUNTS[name]),
        base=str(BASES[one.snapshot.base]),
        snapshot=_share(one.snapshot),
        cohort=_share(one.cohort),
    )


def _share(rate: Rate) -> ShownShare:
    return ShownShare(rate.percent or "", rate.numerator, rate.denominator)


def _period(word: str) -> Period:
    try:
        return Period(word)
    except ValueError as unknown:
        raise Http404 from unknown


def _since(period: Period, at: datetime) -> datetime | None:
    """Return the beginning of the period's first day; thirty days include today."""
    zone = timezone.get_current_timezone()
    today = at.astimezone(zone).date()
    first = {Period.MONTH: today.replace(day=1), Period.THIRTY_DAYS: today - timedelta(days=29)}.get(period)
    return None if first is None else datetime.combine(first, time(), zone)


def _url(period: Period) -> str:
    return f"{reverse('figures')}?{urlencode({'period': period.value})}"
