"""通知: what somebody hasn't read yet of the cases that they may see."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from huying.cases import outbox
from huying.cases.clock import now
from huying.cases.language import language
from huying.cases.masked import text_of
from huying.cases.notices import FAREWELLS
from huying.cases.outbox import Waiting
from huying.pages.access import READERS, Signed, requires
from huying.pages.desk.forms import number
from huying.pages.shown import ShownNotice, ShownPage
from huying.people.actors import actor_of

FEW = 50


@requires(*READERS)
def notices(request: Signed) -> HttpResponse:
    """The latest unread notices; a POST marks one of them, or all that were shown, as read."""
    at = now()
    viewer = actor_of(request.user, at)
    if request.method == "POST":
        read = outbox.mark_read(viewer, [number(one) for one in request.POST.getlist("message")], at)
        said = ngettext("{n} 条通知看过了。", "{n} 条通知看过了。", read).format(n=read)
        messages.success(request, said if read else gettext("这些通知已经有人看过了。"))
        return redirect("notices")
    waiting = outbox.notices_for(viewer)
    context = {
        "page": ShownPage(gettext("通知")),
        "now": at,
        "notices": [_shown(one) for one in outbox.first_of(waiting, "-created_at", FEW)],
    }
    return render(request, "desk/notices.html", context)


def _shown(waiting: Waiting) -> ShownNotice:
    message = waiting.message
    farewell = message.event in FAREWELLS  # the case is out of sight
    return ShownNotice(
        id=message.id,
        number=waiting.case.number,
        title=waiting.case.number if farewell else waiting.title,
        url="" if farewell else reverse("case", args=[waiting.case.number]),
        at=message.created_at,
        text=text_of(message, waiting.key, language()),
    )
