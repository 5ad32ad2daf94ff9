"""What stands around every public page: the four ways, the office's own lines, and the door for staff."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import date, datetime

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.cases.language import language
from huying.directory.models import ContactPoint, PublicNotice
from huying.pages.frame import footed
from huying.pages.shown import ShownFrame, ShownPage, ShownTab
from huying.people.serving import day_of
from huying.written import Written

from . import large_print, when
from .points import shown_point, spoken
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
        lines=list(_offices_lines(as_of)),
        staff_url=reverse("today" if signed_in else "account_login"),
        notices=[_shown(one, as_of) for one in _notices(day_of(as_of))],
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


def running(today: date) -> QuerySet[PublicNotice]:
    """Return the running notices, the latest first; more than five would be read by nobody."""
    return PublicNotice.objects.running(today).order_by("-at", "-id")[:5]


_notices = Written(running)
_lines = Written(
    lambda at: ContactPoint.objects.standing(at).filter(_LINES).annotate(post_name=F("post__name")).order_by("id")
)


def _shown(notice: PublicNotice, at: datetime) -> ShownPublicNotice:
    return ShownPublicNotice(when.plain_day(notice.at, at), in_language(notice))


def in_language(notice: PublicNotice) -> str:
    return notice.text_en if language() == "en" and notice.text_en else notice.text


def _offices_lines(at: datetime) -> Iterator[ShownPoint]:
    words = spoken(at)
    for one in _lines(at):
        yield shown_point(one, words, one.line or one.post_name)  # type: ignore[attr-defined]  # annotated


def _tabs(path: str) -> Iterable[ShownTab]:
    for name, label in _WAYS:
        url = reverse(name)
        yield ShownTab(str(label), url, current=path == url)
