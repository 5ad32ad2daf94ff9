"""同一号码来过: what came from the phone of a case before, whatever post was called; a suggestion only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from huying.cases.clock import now
from huying.cases.dossier import find
from huying.cases.models import Case, Contact
from huying.cases.queries import Before, same_phone, visible_to
from huying.pages.access import READERS, Signed, requires
from huying.pages.frame import footed
from huying.pages.labels import KINDS, STAGES
from huying.pages.shown import ShownPage
from huying.people.actors import actor_of
from huying.rules.vocabulary import Kind, Stage


@dataclass(frozen=True)
class ShownBefore:
    """A case, or a contact without one, from the same phone; `number` is empty without a case."""

    at: datetime
    what: str
    stage: str
    post: str = ""
    number: str = ""
    url: str = ""


@requires(*READERS)
def same_caller(request: Signed, number: str) -> HttpResponse:
    at = now()
    actor = actor_of(request.user, at)
    found, _ = find(visible_to(actor), number, ())
    if found is None:
        raise Http404
    index = found.requester.phone_index
    before = same_phone(actor, None if index is None else bytes(index), at, but=found.id)
    context = {
        "page": ShownPage(gettext("同一号码来过")),
        "now": at,
        "frame": footed(request, at),
        "number": number,
        "url": reverse("case", args=[number]),
        "before": shown_before(before),
        "nuisance_until": before.nuisance_until(at),
    }
    return render(request, "desk/same_caller.html", context)


def shown_cases(cases: Iterable[Case]) -> list[ShownBefore]:
    return [_case(case) for case in cases]


def shown_before(before: Before) -> list[ShownBefore]:
    """Return what came before, the latest first."""
    rows = [*map(_case, before.cases), *map(_alone, before.alone)]
    return sorted(rows, key=lambda row: row.at, reverse=True)


def _case(case: Case) -> ShownBefore:
    return ShownBefore(
        at=case.received_at,
        what=case.title,  # type: ignore[attr-defined]  # annotated by the query
        stage=str(STAGES[Stage(case.stage)]),
        post=case.post.name if case.post else "",
        number=case.number,
        url=reverse("case", args=[case.number]),
    )


def _alone(contact: Contact) -> ShownBefore:
    kind = str(KINDS[Kind(contact.sorted_as or contact.kind)])
    return ShownBefore(contact.at, kind, gettext("没有立件"), contact.post.name if contact.post else "")
