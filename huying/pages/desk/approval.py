"""批准: what a colleague wants to do to a case, laid before a second person on the page of the case."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from huying.cases import approvals
from huying.cases.clock import now
from huying.cases.dossier import Dossier
from huying.cases.models import Act, Approval
from huying.cases.queries import visible_to
from huying.cases.said import Said
from huying.pages.access import READERS, Signed, requires
from huying.people.actors import actor_called, actor_of
from huying.rules.access import Actor
from huying.rules.lifecycle import Refused
from huying.vault.seals import unseal

from .forms import in_words, number
from .history import History, fields_in_words
from .labels import COMMANDS, DONE


@dataclass(frozen=True)
class ShownApproval:
    """What somebody wants to do and a second person has to approve; `mine`: whoever looks has asked for it."""

    label: str
    lines: list[str]
    by: str
    at: datetime
    url: str
    mine: bool


@requires(*READERS)
def decide(request: Signed, number: str, approval: int) -> HttpResponse:
    """Approve, refuse or take back what waits; whatever comes of it is said on the page of the case."""
    at = now()
    actor = actor_of(request.user, at)
    found = approvals.waiting_in_case(visible_to(actor), number, approval)
    if request.method == "POST":
        _decide(request, found, actor, at)
    return redirect("case", number=number)


def _decide(request: Signed, found: Approval | None, actor: Actor, at: datetime) -> None:
    if found is None:
        messages.warning(request, gettext("这一项已经有人定了。请看现在的情况。"))
    elif request.POST.get("verb") == "approve":
        done = approvals.approve(found.id, at, actor, seen=number(request.POST.get("seen", "")))
        if isinstance(done, Refused):
            messages.warning(request, gettext("没有批准。{why}").format(why=in_words(done, found.verb)))
        else:
            messages.success(request, str(DONE[found.verb]))
    else:
        refused = approvals.refuse(found.id, request.POST.get("reason", ""), at, actor)
        mine = found.asked_by == actor.id
        said = gettext("收回了，照旧。") if mine else gettext("没有批准，照旧。提出的人会看到理由。")
        messages.success(request, said) if refused is None else messages.warning(request, in_words(refused))


def shown(found: Dossier, of: History, viewer: Actor, at: datetime) -> Iterator[ShownApproval]:
    """Yield what waits for a second person, for those who may decide and for whoever asked."""
    for one in approvals.waiting_in(found.case.id) if found.has_approvals else ():
        mine, decides = one.asked_by == viewer.id, approvals.may_approve(viewer, one)
        if mine or decides:
            asker = actor_called(one.asked_by, at)
            yield ShownApproval(
                label=str(COMMANDS[one.verb]),
                lines=_lines(found, of, one),
                by=asker.name if asker else one.asked_by,
                at=one.asked_at,
                url=reverse("approval", args=[found.case.number, one.id]),
                mine=mine,
            )


def _lines(found: Dossier, of: History, one: Approval) -> list[str]:
    words = approvals.words_of(one, found.key) if found.key else {}
    return list(fields_in_words(of, Said(Act._meta.db_table, one.verb, words, facts=one.facts)))


def refused_lately(found: Dossier, viewer: Actor) -> tuple[str, str] | None:
    """Return what wasn't approved last, and why, for whoever asked, until something else happens to the case."""
    if not found.has_approvals:
        return None
    last = Approval.objects.filter(case=found.case.id, asked_by=viewer.id, ended_as="refused").order_by("-id").first()
    if last is None or last.ended_at is None or found.lines[-1].recorded_at > last.ended_at:
        return None
    why = unseal(last, found.key, "reason") if found.key else None
    return str(COMMANDS[last.verb]), why or ""
