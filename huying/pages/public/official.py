"""One post: who holds it and who answers, its honest figures, and its history, which outlives every holder."""

from datetime import date, datetime, time

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from huying.cases import rulebooks
from huying.cases.clock import now
from huying.directory.entries import Entry, Held, entries
from huying.pages.access import public
from huying.pages.shown import ShownPage
from huying.people.models import Post
from huying.people.serving import day_of
from huying.reports.published import published
from huying.rules.ruleset import Ruleset

from . import when
from .account import shown_account
from .directory import unit_of
from .frame import public_frame
from .points import shown_point, spoken, ways
from .progress import in_force, pledges
from .shown import ShownTenure, ShownWhen, ShownWithdrawn


@public
def official(request: HttpRequest, code: str) -> HttpResponse:
    """The page of a post, by its code; it stays when holder or unit don't, for whoever has kept the address."""
    at = now()
    # PostgreSQL keeps no zero byte.
    found = entries(Post.objects.filter(code=code.replace("\0", "")), at)
    if not found:
        raise Http404
    [entry] = found
    version = in_force(at)
    rules = rulebooks.ruleset(version) if version else None
    abolished = entry.post.abolished_on
    ended = abolished if abolished and abolished <= day_of(at) else None
    context = {
        "page": ShownPage(f"{unit_of(entry)} {entry.post.name}".strip()),
        "now": at,
        "frame": public_frame(request, at),
        "holder": entry.holder.person if entry.holder else "",
        "points": ways(entry.points, spoken(at)),
        "report_url": f"{reverse('report')}?{urlencode({'post': entry.post.id})}",
        "since": _day(entry.holder.first if entry.holder else None, at, rules),
        "ended": _day(ended, at, rules),
        "portfolio": entry.portfolio,
        "account": shown_account(published(at, entry.post.id), rules) if rules else None,
        "pledges": pledges(rules) if rules and not ended else [],
        "tenures": [_tenure(one, at, rules) for one in entry.held],
        "withdrawn": _withdrawn(entry, at, rules),
    }
    return render(request, "public/official.html", context)


def _day(on: date | None, at: datetime, rules: Ruleset | None) -> ShownWhen | None:
    """Return a day in words; without rules nobody knows which calendar would say whether it was a holiday."""
    if on is None:
        return None
    midnight = datetime.combine(on, time(), timezone.get_current_timezone())
    return when.day(midnight, at, rules) if rules else ShownWhen(on.isoformat(), midnight)


def _tenure(held: Held, at: datetime, rules: Ruleset | None) -> ShownTenure:
    return ShownTenure(held.person, _day(held.first, at, rules), _day(held.last, at, rules))


def _withdrawn(entry: Entry, at: datetime, rules: Ruleset | None) -> list[ShownWithdrawn]:
    """Return what was published once and isn't any more, the latest first."""
    points = sorted(entry.withdrawn, key=lambda point: (point.withdrawn_at, point.value), reverse=True)
    words = spoken(at)
    days = [
        (shown_point(one, words), _day(day_of(one.withdrawn_at), at, rules)) for one in points if one.withdrawn_at
    ]
    return [ShownWithdrawn(one.label, one.value, day) for one, day in days if day]
