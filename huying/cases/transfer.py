"""Handing over: what is open follows a post to its successor, or a unit to the one that goes on with its work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Value

from huying.directory.models import ContactPoint
from huying.people.models import Post, Unit
from huying.people.serving import end_service
from huying.rules.access import Actor, post_party, unit_party
from huying.rules.commands import Command, MovePost, MoveUnit
from huying.rules.deciding import Refused
from huying.rules.stages import OPEN_STAGES
from huying.rules.state import OWED_AFTER_CLOSING
from huying.rules.vocabulary import Stage

from .doors import Deed, act_all
from .models import WAITS, Case, CaseParty, Clock, Contact
from .queries import visible_contacts

BATCH = 100
_OWED = Clock.objects.filter(case=OuterRef("id"), step__in=OWED_AFTER_CLOSING, done_at=None, void_at=None)
# A merged case may become one of its own again, and closing lets nobody off what is still owed: `CaseState.is_owed`.
_GOES_ON = Q(stage__in=(*OPEN_STAGES, Stage.MERGED)) | Q(stage=Stage.CLOSED) & (
    Exists(_OWED) | Q(memory__has_any_keys=["faults", "interview_with"])
)


@dataclass(frozen=True, slots=True)
class Moved:
    """How many cases moved, and the numbers of those that somebody else must get: they complain about the holder."""

    count: int
    left: tuple[str, ...] = ()


def open_at_post(post: int) -> QuerySet[Case]:
    """Return the cases that would follow a post to its successor."""
    return _going_on().filter(post=post)


def _waiting_at(post: int) -> QuerySet[Contact]:
    """Return what came to a post and waits to be sorted, or to be called back."""
    return visible_contacts(Actor.system()).filter(WAITS, Q(post_now=post))


def transfer_post(post: int, successor: int, at: datetime, actor: Actor) -> int:
    """Move what is open, end the post's tenure and liaisons and withdraw its numbers, in one transaction.

    Return how many cases moved; what waits to be sorted moves too. Terms don't move, and what has ended stays with
    who had it: a number belongs to no person. Whoever registered something for the post reads it no more, as they no
    longer serve it (`Tie.NAMED_AT_POST`).
    """
    with transaction.atomic():
        Post.objects.select_for_update().get(id=post)
        end_service(post, at)
        ContactPoint.objects.standing(at).filter(post=post).update(withdrawn_at=at)
        moved = _move(open_at_post(post).values_list("id", "number"), MovePost(successor), at, actor)
        _move(_waiting_at(post).values_list("id", Value("")), MovePost(successor), at, actor)
        let_in = CaseParty.objects.filter(party=post_party(post), case__in=_going_on())
        _rename(let_in, post_party(successor))
    return moved.count


def open_with_unit(unit: int) -> QuerySet[Case]:
    """Return the cases that a unit holds, takes part in or was instructed on, and that are not over."""
    let_in = CaseParty.objects.filter(party=unit_party(unit), allow=True).values("case_id")
    return _going_on().filter(Q(unit=unit) | Q(id__in=let_in))


def _going_on() -> QuerySet[Case]:
    return Case.objects.filter(_GOES_ON)


def reassign_all(unit: int, successor: int, at: datetime, actor: Actor) -> Moved:
    """Have another unit go on with all that `unit` holds or takes part in, each case at its level, in its terms.

    Whoever was shut out of a case in the old unit, since it complains about that, is in the new one too. What would
    go to the very unit it complains about stays where it is, for the office to give to somebody else.
    """
    old, new = unit_party(unit), unit_party(successor)
    with transaction.atomic():
        Unit.objects.select_for_update().get(id=unit)
        shut_out = CaseParty.objects.filter(party=old, allow=False)
        CaseParty.objects.bulk_create(
            [CaseParty(case_id=case, party=new, allow=False) for case in shut_out.values_list("case_id", flat=True)],
            update_conflicts=True,
            unique_fields=["case", "party"],
            update_fields=["allow"],
        )
        let_in = CaseParty.objects.filter(party=old, allow=True, case__in=_going_on())
        moved = _move(open_with_unit(unit).values_list("id", "number"), MoveUnit(unit, successor), at, actor)
        _rename(let_in.exclude(case__number__in=moved.left), new)
        its_own = _going_on().filter(unit=successor, respondent=unit).order_by("id")
        return Moved(moved.count, (*moved.left, *its_own.values_list("number", flat=True)))


def _move(chains: QuerySet[Any, tuple[int, str]], command: Command, at: datetime, actor: Actor) -> Moved:
    """Do the command on each of these, in batches; nobody is asked whether they may be moved, only by whom."""
    system, count, left, last = Actor(actor.id, None), 0, list[str](), 0
    rest = chains.order_by("id")
    while batch := list(rest.filter(id__gt=last)[:BATCH]):
        results = act_all([Deed(chain, command, at) for chain, _ in batch], at, system)
        left += [number for (_, number), result in zip(batch, results, strict=True) if isinstance(result, Refused)]
        count, last = count + len(batch), batch[-1][0]
    return Moved(count - len(left), tuple(left))


def _rename(parties: QuerySet[CaseParty], name: str) -> None:
    """Let in somebody else in the place of these parties; who is shut out already stays so."""
    found: Sequence[CaseParty] = list(parties)
    CaseParty.objects.bulk_create(
        [CaseParty(case_id=one.case_id, party=name, allow=one.allow) for one in found], ignore_conflicts=True
    )
    CaseParty.objects.filter(id__in=[one.id for one in found]).delete()
