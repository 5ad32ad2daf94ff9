"""批准: what one person may not do alone. It is tried, laid before a second person, and done once that one agrees."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from huying.ledger.models import LedgerLine
from huying.people.actors import actor_called
from huying.rules.access import Actor, oversees
from huying.rules.commands import APPROVER, COMMANDS, Command, approved, verb_of
from huying.rules.deciding import Refused
from huying.rules.state import CaseState
from huying.rules.vocabulary import RefusalCode
from huying.vault.seals import DataKey, keys_of, seal, take_ids, unseal

from .arrival import is_id
from .doors import act
from .models import Approval, Case
from .models_approval import ApprovalEnd
from .queries import visible_to
from .remembering import read, written

_BY_CITIZEN = ("handling_complained", "unanswered_told", "erasure_asked")
# What happens to a case without changing what was asked; after anything else it is asked anew.
_BESIDE = ("contact_joined", "noted", "attached", "summarised", "code_reissued", "escalated", *_BY_CITIZEN)
_SOMEBODY = "…"  # who will approve, while nobody has


def submit(
    case_id: int,
    command: Command,
    at: datetime,
    actor: Actor,
    *,
    seen: int | None = None,
    misread: Refused | None = None,
) -> CaseState | Approval | Refused:
    """Do a command now, or return what waits for a second person to be done; whom it names as approver is ignored.

    It is tried as if it were approved, and taken back: nobody is asked about what couldn't be done.
    """
    field = APPROVER.get(type(command))
    if field is None:
        return act(case_id, command, at, at, actor, seen=seen, misread=misread)
    alone = approved(command, None)
    done = act(case_id, alone, at, at, actor, seen=seen, misread=misread)
    if not isinstance(done, Refused) or done.field != field:
        return done
    with transaction.atomic():
        tried = act(case_id, approved(alone, _SOMEBODY), at, at, actor, seen=seen, misread=misread)
        if isinstance(tried, Refused):
            return tried
        transaction.set_rollback(True)
    return _asked(case_id, alone, at, actor)


def _asked(case_id: int, command: Command, at: datetime, actor: Actor) -> Approval | Refused:
    """Return the question to a second person, once; not while another of its kind waits for an answer."""
    facts, words = written(command)
    key = keys_of([case_id])[case_id]
    approval = Approval(
        id=take_ids(1)[0],
        case_id=case_id,
        verb=verb_of(command),
        facts=facts,
        asked_by=actor.id,
        asked_at=at,
    )
    seal(approval, key, words=json.dumps(words, ensure_ascii=False) if words else None)
    try:
        with transaction.atomic():
            approval.save(force_insert=True)
    except IntegrityError:
        waits = Approval.objects.get(case=case_id, verb=approval.verb, ended_as=None)
        same = waits.asked_by == actor.id and command_of(waits) == command
        return waits if same else Refused(RefusalCode.CHANGED_MEANWHILE)
    return approval


def may_approve(viewer: Actor, approval: Approval) -> bool:
    """Return whether somebody who sees the case may decide: whoever stands above the units, and didn't ask."""
    return oversees(viewer) and viewer.id != approval.asked_by


def approve(approval_id: int, at: datetime, actor: Actor, *, seen: int | None = None) -> CaseState | Refused:
    """Do what was asked for, as whoever asked, with this actor's approval; by the rules as they are now.

    What can't be done any more stays asked for, so that somebody refuses it or takes it back.
    """
    try:
        with transaction.atomic():
            approval = _claimed(approval_id, ApprovalEnd.APPROVED, at, actor)
            return _done(approval, at, actor, seen)
    except _Undone as undone:
        return undone.refused


def _done(approval: Approval, at: datetime, actor: Actor, seen: int | None) -> CaseState:
    later = LedgerLine.objects.filter(chain_id=approval.case_id, recorded_at__gt=approval.asked_at)
    if later.exclude(event__in=_BESIDE).exists():
        raise _Undone(Refused(RefusalCode.CHANGED_MEANWHILE))
    asker = actor_called(approval.asked_by, at)
    if asker is None:  # whose account has ended meanwhile
        raise _Undone(Refused(RefusalCode.FORBIDDEN))
    by = actor.name if actor.name and actor.name != asker.name else actor.id
    done = act(approval.case_id, approved(command_of(approval), by), at, at, asker, seen=seen)
    if isinstance(done, Refused):
        raise _Undone(done)
    return done


def refuse(approval_id: int, reason: str, at: datetime, actor: Actor) -> Refused | None:
    """Don't approve, and say why; or, as whoever asked, take it back."""
    asked = Approval.objects.filter(id=approval_id, asked_by=actor.id, ended_as=None).exists()
    if not asked and not reason.strip():
        return Refused(RefusalCode.REASON_REQUIRED, "reason")
    try:
        with transaction.atomic():
            approval = _claimed(approval_id, ApprovalEnd.TAKEN_BACK if asked else ApprovalEnd.REFUSED, at, actor)
            seal(approval, keys_of([approval.case_id])[approval.case_id], reason=reason.strip() or None)
            approval.save(update_fields=["reason"])
    except _Undone as undone:
        return undone.refused
    return None


class _Undone(Exception):
    """Takes back what was written so far."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused)
        self.refused = refused


def _claimed(approval_id: int, how: ApprovalEnd, at: datetime, actor: Actor) -> Approval:
    """End what waits by one statement, which a second one at the same moment waits for."""
    cases = visible_to(actor).values("id")
    found = Approval.objects.filter(id=approval_id, case__in=cases).first()
    if found is None:
        raise _Undone(Refused(RefusalCode.NOT_FOUND))
    if how is not ApprovalEnd.TAKEN_BACK and not may_approve(actor, found):
        same = found.asked_by == actor.id
        raise _Undone(Refused(RefusalCode.SAME_PERSON if same else RefusalCode.FORBIDDEN))
    open_still = Approval.objects.filter(id=approval_id, ended_as=None)
    if not open_still.update(ended_as=how.value, ended_by=actor.id, ended_at=at):
        raise _Undone(Refused(RefusalCode.CHANGED_MEANWHILE))
    return found


# -- what there is ---------------------------------------------------------------------------------------------------


def waiting_in(case_id: int) -> list[Approval]:
    """Return what waits for a second person in a case, the earliest first."""
    return list(Approval.objects.filter(case=case_id, ended_as=None).order_by("id"))


def waiting_in_case(cases: QuerySet[Case], number: str, approval_id: int) -> Approval | None:
    """Return what waits under this id in the case of this number, if that is among `cases`."""
    waits = Approval.objects.filter(id=approval_id, case__number=number, case__in=cases.values("id"), ended_as=None)
    return waits.first() if is_id(approval_id) else None


def awaiting(viewer: Actor) -> QuerySet[Approval]:
    """Return what somebody may decide."""
    found = Approval.objects.filter(ended_as=None, case__in=visible_to(viewer).values("id"))
    return found.exclude(asked_by=viewer.id) if oversees(viewer) else found.none()


def command_of(approval: Approval) -> Command:
    """Return the command that was asked for, still without its approver."""
    key = keys_of([approval.case_id])[approval.case_id]
    return read(COMMANDS[approval.verb], approval.facts, words_of(approval, key))


def words_of(approval: Approval, key: DataKey) -> Mapping[str, Any]:
    words: Mapping[str, Any] = json.loads(unseal(approval, key, "words") or "{}")
    return words
