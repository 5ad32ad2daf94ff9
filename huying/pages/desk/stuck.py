"""要查的: what the closers found as of now: cases, contacts and messages that are stuck."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from huying.cases import closers, queries
from huying.cases.clock import now
from huying.pages.access import Signed, requires
from huying.pages.desk.errands import OVERSEERS
from huying.pages.labels import CHANNELS, REMEDIES, STUCK
from huying.pages.rows import shown_case
from huying.pages.shown import ShownCase, ShownPage, ShownStuck
from huying.people.actors import actor_of

FEW = 20


@requires(*OVERSEERS)
def stuck(request: Signed) -> HttpResponse:
    """What is wrong, of each kind with its first cases; nothing is kept, so what was put right is gone."""
    at = now()
    viewer = actor_of(request.user, at)
    found = queries.waiting(viewer, closers.checks(at), at, FEW)
    contacts = closers.idle_contacts(viewer).order_by("at").values_list("at", "channel")[:FEW]
    context = {
        "page": ShownPage(gettext("要查的")),
        "now": at,
        "stuck": [
            ShownStuck(name, str(STUCK[name]), str(REMEDIES[name]), pile.count, _rows(pile, at))
            for name, pile in found.items()
            if pile.count
        ],
        "contacts": [(when, str(CHANNELS.get(channel, channel))) for when, channel in contacts],
    }
    return render(request, "desk/stuck.html", context)


def _rows(pile: queries.Waiting, at: datetime) -> list[ShownCase]:
    return [shown_case(case, at) for case in pile.rows]
