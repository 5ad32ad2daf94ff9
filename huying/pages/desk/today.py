"""今天: what waits for somebody, in piles by the step that comes next, the late ones first."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from huying.cases import queries, rulebooks
from huying.cases.approvals import awaiting
from huying.cases.calendars import missing_notice
from huying.cases.clock import now
from huying.cases.models import RulebookVersion
from huying.pages.access import READERS, REGISTRARS, Signed, requires
from huying.pages.desk.errands import errands
from huying.pages.frame import footed
from huying.pages.labels import PILES, WAITING
from huying.pages.rows import shown_case
from huying.pages.shown import ShownPage, ShownPile
from huying.people.actors import actor_of
from huying.rules.access import READS_ALL_ORDINARY_CASES, STAFF, Actor, Role, oversees
from huying.rules.lifecycle import OPEN_STAGES
from huying.rules.offers import next_steps, waiting
from huying.rules.ruleset import Ruleset

from .waiting import shown_rows

FEW = 5
# How long before its end a decision to count somebody as a nuisance lies before the office, to be reviewed.
NUISANCE_AHEAD = timedelta(days=7)


@requires(*STAFF)
def today(request: Signed) -> HttpResponse:
    """The first page of everybody's work; whoever sees no case is told so, since 404 would only lead back here."""
    if request.user.role not in READERS:
        return render(request, "nothing_yet.html")
    at = now()
    viewer = actor_of(request.user, at)
    rules = _rules(at)
    found = queries.waiting(viewer, _piles(viewer, at, rules), at, FEW)
    registers = request.user.role in REGISTRARS
    contacts = queries.waiting_contacts(viewer, at, FEW) if registers else queries.NO_CONTACTS
    shown = [
        ShownPile(name, label(name), pile.count, pile.late, url(name), [shown_case(row, at) for row in pile.rows])
        for name, pile in found.items()
    ]
    context = {
        "page": ShownPage(gettext("今天")),
        "now": at,
        "frame": footed(request, at),
        "piles": [pile for pile in shown if pile.count or pile.name in WAITING],
        "nothing": not contacts.count and not any(pile.count for pile in shown),
        "contacts": contacts,
        "contact_rows": shown_rows(contacts, at),
        "may_record": registers,
        "errands": errands(viewer, at),
        "notice_missing": _missing_notice(at, rules) if request.user.role == Role.OFFICE else None,
    }
    return render(request, "desk/today.html", context)


def piles(viewer: Actor, at: datetime) -> dict[str, Q]:
    """Return what lies before somebody, by the verb that comes next.

    Besides: for who reads every case, what no verb moves on; what is late in others' hands; and for whom no step of
    the loop waits, all that is open.
    """
    return _piles(viewer, at, _rules(at))


def _piles(viewer: Actor, at: datetime, rules: Ruleset | None) -> dict[str, Q]:
    mine = {} if rules is None else waiting(viewer, rules)
    found = {verb: queries.at_stages(stages, viewer) for verb, stages in mine.items() if stages & OPEN_STAGES}
    own = Q(pk__in=())
    for condition in found.values():
        own |= condition
    if rules is not None and viewer.role in READS_ALL_ORDINARY_CASES:
        found["stuck"] = Q(stage__in=OPEN_STAGES - next_steps(rules).keys(), closed_at__isnull=True)
        own |= found["stuck"]
    if oversees(viewer):
        found["approval"] = Q(id__in=awaiting(viewer).values("case"))
    if viewer.role is Role.OFFICE:
        found["nuisance"] = queries.nuisance_ends_before(at + NUISANCE_AHEAD)
    found["late"] = queries.late(at) & ~own
    if not mine:
        found["open"] = Q(closed_at__isnull=True) & ~queries.late(at)
    return found


def label(name: str) -> str:
    return str(WAITING.get(name) or PILES[name])


def url(name: str) -> str:
    return f"{reverse('register')}?{urlencode({'waiting': name})}"


def _missing_notice(at: datetime, rules: Ruleset | None) -> int | None:
    if rules is None:
        return None
    return missing_notice(at, rulebooks.calendar(rules.rulebook.calendar_id, rulebooks.newest_calendar()))


def _rules(at: datetime) -> Ruleset | None:
    """Return the rules in force; of an office that has only history yet, those of its latest rulebook."""
    try:
        version = rulebooks.in_force(at)
    except rulebooks.NoRulebook:
        latest = RulebookVersion.objects.order_by("-adopted_at", "-id").first()
        if latest is None:
            return None
        version = latest
    return rulebooks.ruleset(version)
