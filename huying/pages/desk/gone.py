"""What somebody is told whose page no longer holds: the case went elsewhere, or the own unit is no more."""

from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from huying.pages.access import Signed
from huying.pages.shown import ShownPage
from huying.people.serving import day_of

from . import acting


def gone(request: Signed, at: datetime) -> HttpResponse:
    """Say that nothing was done, and show what was typed; the same whether or not there is such a case.

    Raises Http404 where nothing was sent and there is no more to say than that.
    """
    unit = request.user.unit
    abolished = unit is not None and unit.abolished_on is not None and unit.abolished_on <= day_of(at)
    if request.method != "POST" and not abolished:
        raise Http404
    context = {
        "page": ShownPage(gettext("没有做成")),
        "unit": unit if abolished else None,
        "sent": request.method == "POST",
        "typed": acting.typed_of(acting.Attempt.of(request.POST.dict())) if request.method == "POST" else [],
    }
    return render(request, "desk/gone.html", context, status=404)
