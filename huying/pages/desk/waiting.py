"""待分拣: the contacts of which nobody has said yet what they are about, and missed calls; one of them in full."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from huying.cases import rulebooks
from huying.cases.clock import now
from huying.cases.contact_dossier import ContactDossier, contact_dossier, title_of
from huying.cases.masked import masked_requester
from huying.cases.models import Case, Contact
from huying.cases.queries import WaitingContacts, visible_contacts, visible_to, waiting_contacts
from huying.pages import due
from huying.pages.access import READERS, Signed, requires
from huying.pages.frame import footed
from huying.pages.labels import CHANNELS, KINDS, NEXT
from huying.pages.shown import ShownCase, ShownContact, ShownDue, ShownNext, ShownPage, ShownRequester, ShownTab
from huying.people.actors import actor_of
from huying.rules.access import Actor, may_call
from huying.rules.ruleset import Ruleset
from huying.rules.vocabulary import Kind, Step
from huying.vault.seals import reveal

from . import acting
from .case import meanwhile, shown_clock
from .forms import known_units
from .gone import gone
from .history import History, events, named_units

_MOST = 200  # of the list: a hotline that has more waiting has other troubles than a second page


@requires(*READERS)
def waiting_list(request: Signed) -> HttpResponse:
    at = now()
    found = waiting_contacts(actor_of(request.user, at), at, _MOST)
    context = {
        "page": ShownPage(gettext("待分拣")),
        "now": at,
        "frame": footed(request, at),
        "found": found,
        "rows": shown_rows(found, at),
    }
    return render(request, "desk/contacts.html", context)


@requires(*READERS)
def contact(request: Signed, contact_id: int) -> HttpResponse:
    """Show the contact; a POST does what its form says. Of which a case was made, that is shown instead."""
    at = now()
    actor = actor_of(request.user, at)
    try:
        found = _found(actor, contact_id)
    except Http404:
        return gone(request, at)
    if isinstance(found, Case):
        return redirect("case", number=found.number)
    attempt = acting.kept_attempt(request)
    if request.method == "POST":
        attempt = acting.attempt(request, contact_id, actor, at)
        if attempt.refused is not None:
            found = _found(actor, contact_id)
        if isinstance(found, Case):
            return redirect("case", number=found.number)
        if acting.finished(request, attempt, partial(_subject, found), actor):
            return redirect("contact", contact_id=contact_id)
    return _page(request, found, actor, at, attempt)


@requires(*READERS)
def call_back(request: Signed, contact_id: int) -> HttpResponse:
    """Show the contact with name and phone in the clear, once, and log the look."""
    if request.method != "POST":
        return redirect("contact", contact_id=contact_id)
    at = now()
    actor = actor_of(request.user, at)
    found = _found(actor, contact_id)
    if isinstance(found, Case):
        return redirect("case", number=found.number)
    if not may_call(actor, None, found.contact.post_id):
        raise Http404
    return _page(request, found, actor, at, None, _revealed(found, actor, at))


@transaction.atomic
def _revealed(found: ContactDossier, actor: Actor, at: datetime) -> ShownRequester | None:
    requester, key, why = found.contact.requester, found.requester_key, f"call back {found.contact.id}"
    if requester is None or key is None:
        return None
    name, phone = (reveal(requester, key, what, actor=actor.id, at=at, reason=why) for what in ("name", "phone"))
    return ShownRequester(name=name, phone=phone, in_clear=True)


def _found(actor: Actor, contact_id: int) -> ContactDossier | Case:
    """Return the contact, or the case that was made of it; a stranger gets 404."""
    if contact_id >= 2**63:
        raise Http404
    found = contact_dossier(visible_contacts(actor), contact_id, actor)
    made = None if found else visible_to(actor).filter(id=contact_id).first()
    if found is None and made is None:
        raise Http404
    return found or made  # type: ignore[return-value]  # one of them is there


def _subject(found: ContactDossier) -> acting.Subject:
    return acting.Subject(
        id=found.contact.id,
        state=found.state,
        seen=found.lines[-1].seq,
        lines=found.lines,
        said=found.said,
        rules=found.rules,
        initial={"open_case": {"complexity": found.state.complexity}, "summarise": {"title": found.title}},
    )


def _page(
    request: Signed,
    found: ContactDossier,
    actor: Actor,
    at: datetime,
    attempt: acting.Attempt | None,
    revealed: ShownRequester | None = None,
) -> HttpResponse:
    on = _subject(found)
    of = History(
        lines=found.lines,
        said=found.said,
        authors=found.authors,
        clocks=found.clocks,
        units={unit.id: unit for unit in known_units(named)} if (named := named_units(found.said, ())) else {},
        rules=found.rules,
        reader=actor,
        at=at,
        registered_at=found.contact.recorded_at,
    )
    actions = acting.actions(request, on, actor, at, attempt)
    context = {
        "page": ShownPage(found.title or gettext("来电")),
        "now": at,
        "frame": footed(request, at),
        "case": _shown(found, of, revealed or _requester(found, actor)),
        "act_url": reverse("contact", args=[found.contact.id]),
        "back": ShownTab(gettext("待分拣"), reverse("waiting")),
        "actions": actions,
        "form": acting.failed(actions),
        "meanwhile": meanwhile(of, attempt),
    }
    return render(request, "desk/contact.html", context)


def _shown(found: ContactDossier, of: History, requester: ShownRequester) -> ShownContact:
    one = found.contact
    waits = found.state.ended_at is None
    return ShownContact(
        kind=str(KINDS[Kind(one.sorted_as or one.kind)]),
        text=found.text,
        channel=str(CHANNELS.get(one.channel, one.channel)),
        received_at=one.at,
        post=one.post.name if one.post else "",
        next=_next(found, of) if waits else None,
        requester=requester,
        clocks=[shown_clock(clock, of.at, of.rules) for clock in found.clocks if due.runs(clock)],
        events=list(events(of, is_open=False)),  # what comes next stands at the head of the page
    )


def _next(found: ContactDossier, of: History) -> ShownNext:
    clock = min((clock for clock in found.clocks if due.runs(clock)), key=lambda clock: clock.due_at, default=None)
    missed = found.state.kind is Kind.MISSED
    label = str(NEXT[Step.RETURN_CALL]) if missed else gettext("看是什么事，立件或者不立件")
    return ShownNext(label) if clock is None else ShownNext(label, clock.due_at, due.of_clock(clock, of.at, of.rules))


def _requester(found: ContactDossier, actor: Actor) -> ShownRequester:
    if found.contact.requester is None:
        return ShownRequester()
    told = masked_requester(found.contact.requester, found.requester_key)
    callable_ = told.phone is not None and may_call(actor, None, found.contact.post_id)
    url = reverse("call_back", args=[found.contact.id]) if callable_ else ""
    return ShownRequester(name=told.name, phone=told.phone, reference=told.reference, call_url=url)


# -- lists of them ---------------------------------------------------------------------------------------------------


def shown_rows(found: WaitingContacts, at: datetime) -> list[ShownCase]:
    return list(_rows(found.rows, at)) if found.rows else []


def _rows(rows: Sequence[Contact], at: datetime) -> Iterator[ShownCase]:
    """The days of a tag are counted by the rules of the earliest; none waits so long that they differ."""
    rules = rulebooks.ruleset(rulebooks.in_force(min(one.at for one in rows)))
    for one in rows:
        yield ShownCase(
            number="",
            url=reverse("contact", args=[one.id]),
            title=title_of(one) or str(KINDS[Kind(one.kind)]),
            channel=str(CHANNELS.get(one.channel, one.channel)),
            received_at=one.at,
            stage=str(KINDS[Kind(one.kind)]),
            post=one.post.name if one.post else "",
            due=_due(one, at, rules),
        )


def _due(one: Contact, at: datetime, rules: Ruleset) -> ShownDue | None:
    due_at, step = one.due_at, one.due_step  # type: ignore[attr-defined]  # annotated by the query
    return None if due_at is None else due.running(due_at, Step(step), at, rules)
