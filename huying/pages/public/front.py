"""首页: three doors, the city's account of itself, and what the office promises to whoever comes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from huying.cases import rulebooks
from huying.cases.clock import now
from huying.pages.access import public
from huying.pages.shown import ShownPage
from huying.reports.published import published

from .account import shown_account
from .frame import public_frame
from .progress import in_force, pledges


@public
def front(request: HttpRequest) -> HttpResponse:
    at = now()
    version = in_force(at)
    rules = rulebooks.ruleset(version) if version else None
    context = {
        "page": ShownPage(gettext("首页")),
        "now": at,
        "frame": public_frame(request, at),
        "account": shown_account(published(at), rules) if rules else None,
        "pledges": pledges(rules) if rules else [],
    }
    return render(request, "public/front.html", context)
