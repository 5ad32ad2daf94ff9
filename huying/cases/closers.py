"""The closers: what must never be the case is looked for, of every open case, contact and message, and shown.

What is stuck is a fault of the program or of somebody's hand in the database, or work that nobody does. The office
sees it on its desk as it is now, and the log has a count of each night.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, QuerySet

from huying.people.serving import day_of
from huying.rules.access import CONFIDENTIAL, ORDINARY, Actor, Tie
from huying.rules.stages import OPEN_STAGES
from huying.rules.state import WINDOWS
from huying.rules.vocabulary import Flag, Stage, Step

from .models import WAITS, Case, Clock, Contact, Delivery, Message
from .queries import visible_to
from .wording import Audience


class Stuck(StrEnum):
    """What is wrong with a case."""

    NO_CLOCK = "no_clock"  # open, and nothing says until when somebody must do something
    NO_HOLDER = "no_holder"  # at a stage in which a unit has it, without one
    HELD_TOO_EARLY = "held_too_early"  # a unit has it before anybody assigned it
    ABOLISHED = "abolished"  # in the hands of a unit that is no more
    NOT_WATCHED = "not_watched"  # a rung should have fired long ago
    QUEUED = "queued"  # a message that nothing sends
    NOT_CALLED = "not_called"  # a requester whom nobody phones
    NOT_READ = "not_read"  # a notice that the holder doesn't read


# Ours: how long each may wait before it is stuck.
SENT_WITHIN, CALLED_WITHIN, READ_WITHIN = timedelta(hours=24), timedelta(days=3), timedelta(days=7)
FIRED_WITHIN = timedelta(hours=1)

_UNASSIGNED = (Stage.RECEIVED, Stage.PENDING_INFO)
_OPEN = Q(stage__in=OPEN_STAGES, closed_at__isnull=True)
_RUNNING = Clock.objects.filter(case=OuterRef("id"), done_at__isnull=True, void_at__isnull=True)
# `CaseState.idle` as SQL: windows press nobody, but for that of a review which closes the case when it has passed.
_REVIEW_WINDOW = Q(step__in=(Step.REVIEW, Step.RE_REVIEW)) & ~Q(case__memory__has_key="review")
_UNREACHABLE = Q(step__in=(Step.CONTACT, Step.FEEDBACK), case__flags__contains=[Flag.CITIZEN_NOT_REACHED])
_PRESSING = _RUNNING.exclude(Q(step__in=WINDOWS) | (_REVIEW_WINDOW & Q(case__watch_at__isnull=True)) | _UNREACHABLE)


def checks(at: datetime) -> Mapping[str, Q]:
    """Return of each check which cases are so."""
    today = day_of(at)
    return {
        Stuck.NO_CLOCK: _OPEN & ~Q(Exists(_PRESSING)),
        Stuck.NO_HOLDER: _OPEN & ~Q(stage__in=_UNASSIGNED) & Q(unit__isnull=True),
        Stuck.HELD_TOO_EARLY: _OPEN & Q(stage__in=_UNASSIGNED, unit__isnull=False),
        Stuck.ABOLISHED: _OPEN & Q(unit__abolished_on__lte=today),
        Stuck.NOT_WATCHED: Q(watch_at__lt=at - FIRED_WITHIN),
        Stuck.QUEUED: _has_message(Delivery.QUEUED, at - SENT_WITHIN),
        Stuck.NOT_CALLED: _has_message(Delivery.TO_CALL, at - CALLED_WITHIN),
        Stuck.NOT_READ: _has_message(
            Delivery.ON_DESK, at - READ_WITHIN, Q(audience=Audience.UNIT, unit=OuterRef("unit"))
        ),
    }


def _has_message(delivery: Delivery, before: datetime, more: Q | None = None) -> Q:
    waiting = Message.objects.filter(more or Q(), case=OuterRef("id"), delivery=delivery, created_at__lt=before)
    return Q(Exists(waiting))


def idle_contacts(viewer: Actor) -> QuerySet[Contact]:
    """Return the contacts that wait to be sorted or called back without a term, for who reads all such contacts."""
    idle = Contact.objects.filter(WAITS).exclude(Exists(_RUNNING))
    if viewer.role is None:
        return idle
    reads = [Tie.ROLE in ties[viewer.role] for ties in (ORDINARY, CONFIDENTIAL)]
    return idle.filter(confidential__in=[secret for secret, may in zip((False, True), reads, strict=True) if may])


def stuck(viewer: Actor, at: datetime) -> QuerySet[Case]:
    """Return the cases with which something is wrong, each once."""
    return visible_to(viewer).filter(reduce(or_, checks(at).values()))


def look_over(at: datetime) -> dict[str, int]:
    """Return how many cases each check finds, and how many contacts: of the whole register, for the log."""
    everything = visible_to(Actor.system())
    counts = {str(name): everything.filter(check).count() for name, check in checks(at).items()}
    return counts | {"contacts": idle_contacts(Actor.system()).count()}
