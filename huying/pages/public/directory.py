"""公开目录: which post can be reached how, who holds it today, and who answers before one dials."""

from collections.abc import Sequence
from itertools import groupby

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from huying.cases.clock import now
from huying.directory.entries import Entry, entries, listed
from huying.directory.models import ContactPoint
from huying.pages.access import public
from huying.pages.shown import ShownPage
from huying.people.models import Post

from .frame import public_frame, shown_points
from .progress import promised
from .shown import ShownGroup, ShownOfficial

PAGE = 200
LONGEST_QUERY = 60


@public
def directory(request: HttpRequest) -> HttpResponse:
    """All posts by unit: `?q=` finds by post, holder, unit or number, `&from=` counts the posts before a page."""
    at = now()
    query = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_QUERY]
    first = _first(request.GET.get("from", ""))
    found = entries(_matching(listed(at), query)[first : first + PAGE + 1], at)
    frame = public_frame(request, at)
    context = {
        "page": ShownPage(gettext("公开目录")),
        "now": at,
        "frame": frame,
        "query": query,
        "groups": _groups(found[:PAGE]),
        "pledges": promised(at),
        "newer_url": _url(query, max(0, first - PAGE)) if first else None,
        "older_url": _url(query, first + PAGE) if len(found) > PAGE else None,
    }
    return render(request, "public/directory.html", context)


def _matching(listed: QuerySet[Post], query: str) -> QuerySet[Post]:
    if not query:
        return listed
    digits = "".join(c for c in query if c.isdigit())
    by_value = ContactPoint.published.filter(post=OuterRef("id"), value__icontains=query)
    wanted = Q(name__icontains=query) | Q(unit__name__icontains=query) | Q(holder__icontains=query)
    wanted |= Q(Exists(by_value))
    if len(digits) > 2:
        dialled = ContactPoint.published.filter(post=OuterRef("id"), value__regex=r"[^0-9]*".join(digits))
        wanted |= Q(Exists(dialled))
    return listed.filter(wanted)


def _groups(found: Sequence[Entry]) -> list[ShownGroup]:
    """Return the posts under the names of their units; those of the office's level are the city's own."""
    grouped = groupby(found, key=lambda entry: entry.post.unit)
    return [
        ShownGroup(
            name=unit.name if unit and unit.parent_id else gettext("本级领导和专线"),
            anchor=f"u{unit.id}" if unit else "city",
            officials=[shown_official(entry) for entry in members],
        )
        for unit, members in grouped
    ]


def shown_official(entry: Entry) -> ShownOfficial:
    return ShownOfficial(
        post=entry.post.name,
        url=reverse("official", args=[entry.post.code]),
        report_url=f"{reverse('report')}?{urlencode({'post': entry.post.id})}",
        holder=entry.holder.person if entry.holder else "",
        points=shown_points(entry.points),
    )


def _first(written: str) -> int:
    """Return how many posts come before the page; anything but a number is the beginning."""
    return int(written) if written.isascii() and written.isdigit() and len(written) < 6 else 0


def _url(query: str, first: int) -> str:
    asked = {name: value for name, value in (("q", query), ("from", first)) if value}
    return f"{reverse('directory')}?{urlencode(asked)}" if asked else reverse("directory")
