"""What stands where a page isn't, may not be opened, or failed: in words of the desk there, of the city elsewhere."""

import re

from django.core.exceptions import DisallowedHost
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext

from huying.cases.clock import now

from .kept import keep
from .public.frame import bare_frame, public_frame
from .public.shown import ShownPublicFrame
from .shown import ShownPage

_FOR_STAFF = re.compile(r"/(desk|account|api)(/|$)")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    if _FOR_STAFF.match(request.path):
        return render(request, "404.html", status=404)
    why = gettext("网址可能抄错了，或者这一页已经撤下。要办的事，可以从下面进去。")
    return _lost(request, gettext("没有这一页"), why, 404)


def not_allowed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    if _FOR_STAFF.match(request.path):
        return render(request, "403.html", status=403)
    return _lost(request, gettext("这一页不公开"), gettext("要办的事，可以从下面进去。"), 403)


def not_understood(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what is too much, or no request of ours; one that names another host gets no page of ours."""
    if isinstance(exception, DisallowedHost) or _FOR_STAFF.match(request.path):
        return HttpResponse(gettext("没有办成：网址不对，或者一次交的太多了。"), "text/plain; charset=utf-8", 400)
    why = gettext("一次交的太多了。请退回上一页，写短一些再交；照片、录音请用“加上”那里传。")
    return _lost(request, gettext("没有交上去"), why, 400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Answer a form with a wrong token: one of ours is shown again, filled; nothing is done in any case.

    A page for everybody has no user to keep anything for; one whose view says how, by `again`, answers with it all.
    """
    again = getattr(request.resolver_match and request.resolver_match.func, "again", None)
    if again is not None:
        answer: HttpResponse = again(request)
        return answer
    if keep(request):
        return redirect(request.get_full_path())
    if _FOR_STAFF.match(request.path):
        return render(request, "403_csrf.html", status=403)
    why = gettext("这一页开得太久，或者浏览器没有带上 Cookie。请退回上一页，刷新以后再交一次；填过的可以先复制下来。")
    return _lost(request, gettext("没有交上去"), why, 403)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer what broke; the database may be what is broken, so it is asked for nothing."""
    if _FOR_STAFF.match(request.path):
        return HttpResponse(render_to_string("500.html"), status=500)
    why = gettext("这里出了错，不是您的问题，错误已经记下。请退回上一页再试一次；还不行，请打公开电话告诉我们。")
    return _answered(request, bare_frame(request), gettext("没有办成"), why, 500)


def _lost(request: HttpRequest, title: str, why: str, status: int) -> HttpResponse:
    try:
        frame = public_frame(request, now())
    except DatabaseError:
        frame = bare_frame(request)
    return _answered(request, frame, title, why, status)


def _answered(request: HttpRequest, frame: ShownPublicFrame, title: str, why: str, status: int) -> HttpResponse:
    """Render without the context processors: some of them ask the database who is signed in."""
    context = {
        "request": request,
        "csrf_token": get_token(request),
        "page": ShownPage(title),
        "now": now(),
        "frame": frame,
        "why": why,
    }
    return HttpResponse(render_to_string("public/lost.html", context), status=status)
