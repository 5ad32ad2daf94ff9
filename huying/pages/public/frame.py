"""What stands around every public page: the four ways, the office's own lines, and the door for staff."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.cases.language import language
from huying.directory.entries import Point
from huying.directory.models import ContactPoint, PublicNotice
from huying.pages.frame import footed
from huying.pages.labels import CHANNELS
from huying.pages.phones import tel
from huying.pages.shown import ShownFrame, ShownPage, ShownTab
from huying.people.serving import day_of
from huying.rules.hours_words import hours_in_english
from huying.rules.vocabulary import AnswerMode

from . import large_print, when
from .labels import ANSWERED_BY
from .shown import ShownPoint, ShownPublicFrame, ShownPublicNotice

_WAYS = (
    ("front", _("首页")),
    ("report", _("反映诉求")),
    ("track", _("查进度")),
    ("check", _("核对号码")),
    ("directory", _("公开目录")),
)
# The office's own: what belongs to no post, and hotlines, which the file of posts can name.
_LINES = Q(post=None) | Q(kind="hotline")


def public_frame(request: HttpRequest, as_of: datetime) -> ShownPublicFrame:
    """Return the frame (three statements, and those of a session where somebody is signed in)."""
    base = footed(request, as_of)
    kept = {field.name: getattr(base, field.name) for field in fields(ShownFrame)}
    signed_in = bool(base.person)
    return ShownPublicFrame(
        **{**kept, "tabs": list(_tabs(request.path)), "person": "", "unit": ""},
        lines=shown_points(ContactPoint.published.filter(_LINES).select_related("post").order_by("id"), named=True),
        staff_url=reverse("today" if signed_in else "account_login"),
        notices=[ShownPublicNotice(when.plain_day(one.at, as_of), in_language(one)) for one in running(as_of)],
        staff_label=gettext("回到工作页面") if signed_in else gettext("工作人员登录"),
        large_print=large_print.is_on(request),
    )


def bare_frame(request: HttpRequest) -> ShownPublicFrame:
    """Return the frame without anything that the database would have to tell."""
    return ShownPublicFrame(
        tabs=list(_tabs(request.path)),
        staff_url=reverse("account_login"),
        staff_label=gettext("工作人员登录"),
        large_print=large_print.is_on(request),
    )


def rendered(
    request: HttpRequest,
    at: datetime,
    template: str,
    title: str,
    context: Mapping[str, object] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return a page for everybody, in its frame."""
    whole = {**(context or {}), "page": ShownPage(title), "now": at, "frame": public_frame(request, at)}
    return render(request, f"public/{template}.html", whole, status=status)


def running(at: datetime) -> QuerySet[PublicNotice]:
    """Return the running notices, the latest first; more than five would be read by nobody."""
    return PublicNotice.objects.running(day_of(at)).order_by("-at", "-id")[:5]


def in_language(notice: PublicNotice) -> str:
    return notice.text_en if language() == "en" and notice.text_en else notice.text


def _tabs(path: str) -> Iterable[ShownTab]:
    for name, label in _WAYS:
        url = reverse(name)
        yield ShownTab(str(label), url, current=path == url)


def shown_points(points: Iterable[ContactPoint], *, named: bool = False) -> list[ShownPoint]:
    """Return the points, each under its kind, or `named` after its line or post."""
    words = spoken()
    return [shown_point(one, words, one.line or (one.post.name if named and one.post else "")) for one in points]


class Spoken(NamedTuple):
    """The words of kinds and of who answers, in the language of a page: translated once, not for each number."""

    kinds: Mapping[str, str]
    modes: Mapping[str, str]


def spoken() -> Spoken:
    kinds = {kind: str(word) for kind, word in CHANNELS.items()}
    return Spoken(kinds, {mode: str(word) for mode, word in ANSWERED_BY.items()})


def shown_point(point: ContactPoint | Point, words: Spoken, label: str = "") -> ShownPoint:
    way = _way(point)
    return ShownPoint(
        label=label or words.kinds.get(way, point.kind),
        value=point.value,
        href=_href(way, point.value),
        answered_by=words.modes[point.answer_mode],
        hours=_hours(point.hours or ""),
    )


def _hours(written: str) -> str:
    """Return answering hours in the language of the page; what has no English stays as the office wrote it."""
    return (language() == "en" and hours_in_english(written)) or written


def ways(points: Iterable[Point], words: Spoken) -> list[ShownPoint]:
    """Return the points; a number that takes calls and, in the same way, messages stands once and says both."""
    shown: list[ShownPoint] = []
    for one in (shown_point(point, words) for point in points):
        called = next((n for n, other in enumerate(shown) if _is_for_calls_too(other, one)), None)
        if called is None:
            shown.append(one)
        else:
            shown[called] = shown[called]._replace(sms=one.href)
    return shown


def _is_for_calls_too(called: ShownPoint, texted: ShownPoint) -> bool:
    same = (called.value, called.answered_by, called.hours) == (texted.value, texted.answered_by, texted.hours)
    return same and called.href.startswith("tel:") and texted.href.startswith("sms:")


def _href(way: str, value: str) -> str:
    """Return what the number does when it is pressed; a number that takes messages alone is never dialled."""
    if way == "email":
        return f"mailto:{value}"
    if way == "sms":
        return f"sms:{tel(value)}"
    return f"tel:{tel(value)}" if way.startswith(("phone", "hotline")) else ""


def _way(point: ContactPoint | Point) -> str:
    """Return by which channel a point is reached; that of a phone which takes messages alone is those."""
    return "sms" if point.kind.startswith("phone") and point.answer_mode == AnswerMode.SMS_ONLY else point.kind
