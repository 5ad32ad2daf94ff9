"""个人信息说明 and 无障碍说明: two pages that say what is so here, and what isn't known."""

from datetime import datetime, time

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext

from huying.cases.clock import now
from huying.pages.access import public
from huying.pages.shown import ShownPage

from . import privacy as notice
from .frame import public_frame


@public
def privacy(request: HttpRequest) -> HttpResponse:
    """The privacy notice as it is agreed to in a report, with its version."""
    at = now()
    context = {
        "page": ShownPage(gettext("个人信息说明")),
        "now": at,
        "frame": public_frame(request, at),
        "notice": notice,
        "since": datetime.combine(notice.SINCE, time(), timezone.get_current_timezone()),
    }
    return render(request, "public/privacy.html", context)


@public
def accessibility(request: HttpRequest) -> HttpResponse:
    """What was tested, what nobody knows yet, and the way without these pages."""
    at = now()
    context = {"page": ShownPage(gettext("无障碍说明")), "now": at, "frame": public_frame(request, at)}
    return render(request, "public/accessibility.html", context)
