"""电话告知: the requesters whom no channel reaches, what to say to each, and what became of the call."""

from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.cases import outbox
from huying.cases.clock import now
from huying.cases.masked import text_of
from huying.cases.notices import TELLS_CODE
from huying.cases.outbox import APART, CALLERS, TRIES, Tried, Waiting
from huying.pages.access import Signed, requires
from huying.pages.desk.forms import number
from huying.pages.shown import ShownCall, ShownPage, ShownRequester
from huying.people.actors import actor_of
from huying.rules.access import Actor
from huying.rules.masking import mask_name, mask_phone
from huying.vault.seals import reveal, unseal

FEW = 50
_REVEALED = ("name", "phone")
_TOLD = {
    Tried.GONE: _("这一条已经有人办了。"),
    Tried.ENDED: _("记下了：已经告知。"),
}
_NOT_REACHED = {
    Tried.GONE: _("这一条已经有人办了。"),
    Tried.TOO_SOON: _("没有记下：离上一次不到 4 小时，请晚些再打。"),
    Tried.AGAIN: _("记下了：没有联系上。4 小时以后再打。"),
    Tried.ENDED: _("记下了：打了 3 次没有联系上，不再打了。"),
}


@requires(*CALLERS)
def calls(request: Signed) -> HttpResponse:
    """The requesters to phone, the longest waiting first; a POST says what became of one, or asks for a number."""
    at = now()
    viewer = actor_of(request.user, at)
    message_id = number(request.POST.get("message", ""))
    if request.method != "POST":
        return _page(request, viewer, at)
    match request.POST.get("do"):
        case "call":
            return _page(request, viewer, at, message_id)
        case "told":
            messages.info(request, str(_TOLD[outbox.told(viewer, message_id, at)]))
        case "not_reached":
            messages.info(request, str(_NOT_REACHED[outbox.not_reached(viewer, message_id, at)]))
        case _:
            raise Http404
    return redirect("calls")


def _page(request: Signed, viewer: Actor, at: datetime, in_clear: int = 0) -> HttpResponse:
    waiting = outbox.first_of(outbox.calls_for(viewer), "created_at", FEW)
    context = {
        "page": ShownPage(gettext("电话告知")),
        "now": at,
        "calls": [_shown(one, _requester(one, viewer, at, one.message.id == in_clear)) for one in waiting],
        "most": TRIES,
    }
    return render(request, "desk/calls.html", context)


def _shown(waiting: Waiting, requester: ShownRequester) -> ShownCall:
    message = waiting.message
    return ShownCall(
        id=message.id,
        number=waiting.case.number,
        title=waiting.title,
        url=reverse("case", args=[waiting.case.number]),
        since=message.created_at,
        says=text_of(message, waiting.key, "zh"),  # what is said to a citizen, whoever says it
        requester=requester,
        tries=len(message.tried_at),
        again_at=message.tried_at[-1] + APART if message.tried_at else None,
        without_code=message.event in TELLS_CODE,
    )


@transaction.atomic
def _requester(waiting: Waiting, viewer: Actor, at: datetime, in_clear: bool) -> ShownRequester:
    """Return whom to phone: masked, or in the clear with the look logged."""
    key, case = waiting.requester_key, waiting.case
    if key is None:
        return ShownRequester()
    if in_clear:
        why = f"tell {case.number}"
        name, phone = (reveal(case.requester, key, what, actor=viewer.id, at=at, reason=why) for what in _REVEALED)
        return ShownRequester(name=name, phone=phone, in_clear=True)
    name, phone = (unseal(case.requester, key, what) for what in _REVEALED)
    return ShownRequester(
        name=name and mask_name(name), phone=phone and mask_phone(phone), call_url=reverse("calls") if phone else ""
    )
