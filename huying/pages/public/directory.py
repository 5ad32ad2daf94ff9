"""公开目录: which post can be reached how, who holds it today, and who answers before one dials."""

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from urllib.parse import quote

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Concat
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import RFC3986_SUBDELIMS, urlencode
from django.utils.translation import gettext

from huying.cases.clock import now
from huying.directory.entries import Entry, entries, listed
from huying.directory.models import ContactPoint
from huying.directory.signed import signed_directory
from huying.pages.access import public
from huying.pages.shown import ShownPage
from huying.people.models import Portfolio, Post
from huying.people.serving import day_of
from huying.rules.number_check import digits_of
from huying.vault.keys import KeyProblem, signing_key
from huying.vault.signature import public_key

from . import when
from .frame import public_frame
from .points import Spoken, spoken, ways
from .progress import promised
from .shown import ShownGroup, ShownOfficial

PAGE = 100
LONGEST_QUERY = 60
_UNQUOTED = f"{RFC3986_SUBDELIMS}/~:@"  # as `reverse` leaves it
_NUMBER = re.compile(r"[\d\s()+.-]*")


@public
def directory(request: HttpRequest) -> HttpResponse:
    """All posts by unit: `?q=` finds by post, holder, unit or number, `&from=` counts the posts before a page."""
    at = now()
    query = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_QUERY]
    first = _first(request.GET.get("from", ""))
    posts = listed(day_of(at))
    matching = _matching(posts, query, at)
    # By their ids: what is told of a post would else be looked up for all those before the page too.
    on_page = posts.filter(id__in=matching.values("id")[first : first + PAGE])
    count, found = matching.count(), entries(on_page, at)
    frame = public_frame(request, at)
    context = {
        "page": ShownPage(gettext("公开目录")),
        "now": at,
        "frame": frame,
        "query": query,
        "count": count,
        "first": first + 1,
        "last": first + len(found),
        "groups": _groups(found, at),
        "pledges": promised(at),
        "public_key": _public_key(),
        "as_of": when.plain_moment(at, at),
        "newer_url": _url(query, max(0, first - PAGE)) if first else None,
        "older_url": _url(query, first + PAGE) if count > first + PAGE else None,
    }
    return render(request, "public/directory.html", context)


@public
def directory_json(_request: HttpRequest) -> HttpResponse:
    """All that is published now, for programs, signed; readable from every site. 503 while there is no key."""
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"}
    try:
        content = signed_directory(now())
    except KeyProblem:
        return HttpResponse('{"code":"no_signing_key"}', "application/json", 503, headers=headers)
    return HttpResponse(content, "application/json", headers=headers)


def _public_key() -> str:
    """Return the key that whoever has the signed directory needs, in groups of eight; nothing while there is none."""
    try:
        whole = public_key(signing_key())
    except KeyProblem:
        return ""
    return " ".join(whole[n : n + 8] for n in range(0, len(whole), 8))


def _matching(posts: QuerySet[Post], query: str, at: datetime) -> QuerySet[Post]:
    """Return the posts of which every word of the query is said: 住建局 局长, or the same without the space."""
    if not query:
        return posts
    said = posts.annotate(said=Concat("unit__name", "name", "holder", output_field=TextField()))
    for word in [query] if _NUMBER.fullmatch(query) else query.split():
        said = said.filter(_says(word, at))
    return said


def _says(word: str, at: datetime) -> Q:
    number = Q(value__icontains=word)
    digits = digits_of(word)
    if len(digits) > 2 and _NUMBER.fullmatch(word):
        number |= Q(value__regex=r"[^0-9]*".join(digits))
    # Read once: asked of each post anew, it took 22 seconds where the planner didn't know how many numbers there are.
    reached = ContactPoint.objects.standing(at).filter(number, post__isnull=False).values("post")
    answers_for = Portfolio.objects.filter(days__contains=day_of(at), unit__name__icontains=word).values("post")
    return Q(said__icontains=word) | Q(id__in=reached) | Q(id__in=answers_for)


def _groups(found: Sequence[Entry], at: datetime) -> list[ShownGroup]:
    """Return the posts under the names of their units; those of the office's level are the city's own."""
    above, words = reverse("directory"), spoken(at)
    grouped = groupby(found, key=lambda entry: (entry.post.unit_id, unit_of(entry)))
    return [
        ShownGroup(
            name=unit or gettext("本级领导和专线"),
            anchor=f"u{unit_id}" if unit_id else "city",
            officials=[_shown(entry, above, words) for entry in members],
        )
        for (unit_id, unit), members in grouped
    ]


def unit_of(entry: Entry) -> str:
    """Return the unit whose name says something; that of the city's own leaders is the city."""
    return (entry.post.unit or "") if entry.post.above else ""


def _shown(entry: Entry, above: str, words: Spoken) -> ShownOfficial:
    """Return a post; its address lies below the directory's, and `reverse` would take longer than all else here."""
    return ShownOfficial(
        post=entry.post.name,
        url=f"{above}{quote(entry.post.code, safe=_UNQUOTED)}/",
        holder=entry.holder.person if entry.holder else "",
        points=ways(entry.points, words),
    )


def _first(written: str) -> int:
    """Return how many posts come before the page; anything but a number is the beginning."""
    return int(written) if written.isascii() and written.isdigit() and len(written) < 6 else 0


def _url(query: str, first: int) -> str:
    asked = {name: value for name, value in (("q", query), ("from", first)) if value}
    return f"{reverse('directory')}?{urlencode(asked)}" if asked else reverse("directory")
