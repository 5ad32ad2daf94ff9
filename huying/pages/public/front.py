"""首页: three doors, and what the office promises to whoever comes through them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from huying.cases.clock import now
from huying.pages.access import public
from huying.pages.shown import ShownPage

from .frame import public_frame
from .progress import promised


@public
def front(request: HttpRequest) -> HttpResponse:
    at = now()
    context = {
        "page": ShownPage(gettext("首页")),
        "now": at,
        "frame": public_frame(request, at),
        "pledges": promised(at),
    }
    return render(request, "public/front.html", context)
