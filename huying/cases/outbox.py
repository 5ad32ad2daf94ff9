"""What waits to be told: notices on the desks of the staff, and requesters who are to be phoned. Each ends once.

Messages are no part of the record of a case: what becomes of one passes no door.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from huying.rules.access import READS_ALL_ORDINARY_CASES, Actor, Role, oversees
from huying.vault.seals import DataKey, keys_of

from .models import Case, CaseParty, CaseText, Delivery, Message
from .notices import FAREWELLS
from .queries import visible_to
from .wording import Audience

# Who phones requesters.
CALLERS = (Role.OFFICE, Role.OPERATOR, Role.DISCIPLINE)
TRIES, APART = 3, timedelta(hours=4)  # ours: as often, and as far apart, as a callback by default
READ_WITHIN = timedelta(days=30)  # ours
_READS_ALL = READS_ALL_ORDINARY_CASES | {Role.DISCIPLINE}


# -- sending ---------------------------------------------------------------------------------------------------------


def deliver(message_ids: Sequence[int], at: datetime) -> None:
    """Let the queued messages of these ids go their way, as long as no channel has a sender.

    Who must be told and holds no page open is phoned; else what is said stands on the page that number and code open.
    Nobody hears what was said of a contact that opened no case.
    """
    queued = Message.objects.filter(id__in=message_ids, delivery=Delivery.QUEUED.value)
    reports_online = Q(case__channel="web") | Q(case__requester__phone__isnull=True)
    must_call = queued.filter(must_reach=True, case__isnull=False).exclude(reports_online)
    Message.objects.filter(id__in=must_call.values("id")).update(delivery=Delivery.TO_CALL)
    queued.filter(case__isnull=False).update(delivery=Delivery.SHOWN, ended_at=at)
    queued.update(delivery=Delivery.NO_SENDER, ended_at=at)


def end_unread(at: datetime) -> int:
    """End the notices that lay on a desk for too long, be it that nobody can see their case any more."""
    old = Message.objects.filter(delivery=Delivery.ON_DESK, created_at__lte=at - READ_WITHIN)
    return old.update(delivery=Delivery.UNREAD, ended_at=at)


# -- reading ---------------------------------------------------------------------------------------------------------


def may_read(viewer: Actor, message: Message) -> bool:
    """Return whether somebody who sees a case may read a message about it: none for another unit or post."""
    if message.audience == Audience.DISCIPLINE:
        return oversees(viewer)
    if viewer.role is None or viewer.role in _READS_ALL or message.audience == Audience.CITIZEN:
        return True
    if message.audience == Audience.UNIT:
        return message.unit_id is not None and message.unit_id == viewer.unit
    return message.audience == Audience.LEADER and message.post_id in viewer.posts


def notices_for(viewer: Actor) -> QuerySet[Message]:
    """Return the unread notices for somebody's unit, posts or role, of the cases that they may see."""
    readable = Q(case__in=visible_to(viewer)) | _farewell_to(viewer)
    return Message.objects.filter(readable, _addressed_to(viewer), delivery=Delivery.ON_DESK)


def calls_for(viewer: Actor) -> QuerySet[Message]:
    """Return the messages for which somebody may phone a requester."""
    return Message.objects.filter(_callable_by(viewer), case__in=visible_to(viewer))


def _farewell_to(viewer: Actor) -> Q:
    """Return the condition that a notice says no more than that the viewer's unit is let go, and sees nothing now."""
    shut_out = CaseParty.objects.filter(case=OuterRef("case"), party__in=viewer.shut_out_as, allow=False)
    return Q(event__in=FAREWELLS, audience=Audience.UNIT) & ~Q(Exists(shut_out))


def _addressed_to(viewer: Actor) -> Q:
    match viewer.role:
        case Role.UNIT if viewer.unit is not None:
            return Q(audience=Audience.UNIT, unit=viewer.unit)
        case Role.LEADER | Role.LIAISON:
            return Q(audience=Audience.LEADER, post__in=viewer.posts)
        case Role.OFFICE | Role.SUPERVISOR | Role.DISCIPLINE:
            return Q(audience=viewer.role.value)
    return Q(pk__in=())


def _callable_by(viewer: Actor) -> Q:
    return Q(delivery=Delivery.TO_CALL) if viewer.role in CALLERS else Q(pk__in=())


# -- for a page ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that waits, still sealed, with the keys that open it and its requester."""

    message: Message
    case: Case
    title: str
    key: DataKey | None
    requester_key: DataKey | None


def first_of(messages: QuerySet[Message], order: str, few: int) -> list[Waiting]:
    """Return the first of these messages with their cases: two statements, however many there are."""
    title = CaseText.objects.filter(case_id=OuterRef("case_id"), month=OuterRef("case__month")).values("title")
    found = messages.select_related("case__requester").annotate(title=Subquery(title)).order_by(order, "id")[:few]
    cases = [(message, message.case) for message in found if message.case is not None]
    keys = keys_of({owner for _, case in cases for owner in (case.id, case.requester_id)})
    return [
        Waiting(message, case, message.title, keys.get(case.id), keys.get(case.requester_id))
        for message, case in cases
    ]


# -- ending ----------------------------------------------------------------------------------------------------------


def mark_read(viewer: Actor, message_ids: Collection[int], at: datetime) -> int:
    """End those of these notices that are somebody's to read, and return how many; one reader of a desk is enough."""
    mine = notices_for(viewer).filter(id__in=message_ids)
    return mine.update(delivery=Delivery.READ, ended_at=at, ended_by=viewer.id)


class Tried(Enum):
    """What becomes of a message when the requester was phoned."""

    GONE = auto()  # it has ended, or isn't this viewer's
    TOO_SOON = auto()
    AGAIN = auto()
    ENDED = auto()


def told(viewer: Actor, message_id: int, at: datetime) -> Tried:
    """End a message that somebody has said to the requester."""
    ended = calls_for(viewer).filter(id=message_id)
    done = ended.update(delivery=Delivery.TOLD, ended_at=at, ended_by=viewer.id)
    return Tried.ENDED if done else Tried.GONE


def not_reached(viewer: Actor, message_id: int, at: datetime) -> Tried:
    """Count a call that reached nobody; the last of `TRIES`, each `APART` from the one before, ends the message."""
    message = calls_for(viewer).filter(id=message_id).first()
    if message is None:
        return Tried.GONE
    if message.tried_at and at < message.tried_at[-1] + APART:
        return Tried.TOO_SOON
    tries = [*message.tried_at, at]
    over = len(tries) >= TRIES
    end = {"delivery": Delivery.NOT_REACHED, "ended_at": at, "ended_by": viewer.id} if over else {}
    # Of two clerks who press at once, one counts.
    same = Message.objects.filter(id=message_id, delivery=Delivery.TO_CALL, tried_at=message.tried_at)
    if not same.update(tried_at=tries, **end):
        return Tried.GONE
    return Tried.ENDED if over else Tried.AGAIN
