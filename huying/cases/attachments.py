"""附件: files of a case. A file is on the disk, sealed under the case's key, before the ledger line that names it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from huying.rules.access import Actor, may_call
from huying.rules.commands import Attach
from huying.rules.deciding import Refused
from huying.rules.lifecycle import TABLE, may_do
from huying.rules.state import CaseState
from huying.rules.vocabulary import AttachmentKind, RefusalCode
from huying.vault import files
from huying.vault.models import Reveal
from huying.vault.seals import DataKey, keys_of, unseal

from .doors import act
from .models import Act, Case
from .opened import state_in
from .queries import visible_to

# Proofs: the same photo behind two matters is worth a question.
_PROOFS = (AttachmentKind.PROOF_OF_CONTACT.value, AttachmentKind.PROOF_OF_HANDLING.value)


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a case: what it shows, what its sender called it, its bytes, and how often it is proof elsewhere."""

    id: int
    kind: AttachmentKind
    name: str
    size: int
    at: datetime
    actor: str
    used_elsewhere: int


def attach(case_id: int, kind: str, name: str, source: IO[bytes], at: datetime, actor: Actor) -> CaseState | Refused:
    """Store a file and let the door name it; a file that the door refuses is not kept."""
    sees = actor.receipt == case_id or visible_to(actor).filter(id=case_id).exists()
    key = keys_of([case_id]).get(case_id) if sees else None
    if key is None:
        return act(case_id, Attach(kind=kind, name=name), at, at, actor)
    try:
        stored = files.put(source, key, folder())
    except files.TooLarge:
        too_large = Refused(RefusalCode.FIELD_INVALID, "file")
        return act(case_id, Attach(kind=kind, name=name), at, at, actor, misread=too_large)
    if not stored.size:
        files.drop(stored.file, folder())
        empty = Refused(RefusalCode.FIELD_INVALID, "file")
        return act(case_id, Attach(kind=kind, name=name), at, at, actor, misread=empty)
    command = Attach(kind, name, stored.file, stored.size, stored.digest.hex())
    result = act(case_id, command, at, at, actor)
    if isinstance(result, Refused):
        files.drop(stored.file, folder())
    return result


@transaction.atomic
def attach_own(case_id: int, name: str, content: bytes, at: datetime) -> CaseState | Refused | None:
    """Attach what the requester sent; None where the case has the very same already, as after a double click."""
    Case.objects.select_for_update().filter(id=case_id).first()
    digest = files.digest_of(content).hex()
    if Act.objects.filter(chain=case_id, verb="attach", facts__digest=digest).exists():
        return None
    matter = AttachmentKind.MATTER.value
    return attach(case_id, matter, name, BytesIO(content), at, Actor.citizen(case_id))


def may_attach(case: Case, actor: Actor) -> bool:
    """Return whether this actor may add a file now; for what a page offers, the door decides."""
    state = state_in(case, ())
    return any(may_do(actor, row, state) and state.stage in row.stages for row in TABLE[Attach])


def attached_to(case: Case, key: DataKey) -> Sequence[Attached]:
    """Return the files of a case in their order; two statements."""
    acts = list(Act.objects.filter(chain=case.id, verb="attach").order_by("id"))
    digests = [act.facts.get("digest") for act in acts if act.facts.get("kind") in _PROOFS]
    same = Act.objects.filter(verb="attach", facts__digest__in=digests, facts__kind__in=_PROOFS)
    uses = list(same.values_list("facts__digest", flat=True)) if digests else []
    return [_attached(act, key, max(0, uses.count(act.facts.get("digest")) - 1)) for act in acts]


def _attached(act: Act, key: DataKey, used_elsewhere: int) -> Attached:
    name = json.loads(unseal(act, key, "words") or "{}").get("name", "")
    kind = AttachmentKind(act.facts["kind"])
    return Attached(act.id, kind, name, act.facts["size"], act.at, act.actor, used_elsewhere)


def opened_file(number: str, act_id: int, viewer: Actor, at: datetime) -> tuple[str, Iterator[bytes]] | None:
    """Return name and content of a file of a case that this viewer may see; None for a stranger.

    A proof of identity is for who may have the requester's name in the clear, and each look at it is logged.
    """
    case = visible_to(viewer).filter(number=number).first()
    act = Act.objects.filter(Q(id=act_id, verb="attach", chain=case.id)).first() if case else None
    key = keys_of([case.id]).get(case.id) if case else None
    if case is None or act is None or key is None:
        return None
    if act.facts["kind"] == AttachmentKind.IDENTITY:
        if not may_call(viewer, case.unit_id, case.post_id):
            return None
        place = f"act:{act.id}:file"
        Reveal.objects.create(actor=viewer.id, chain_id=case.id, field=place, at=at, reason="附件")
    name = json.loads(unseal(act, key, "words") or "{}").get("name", "")
    return name, files.read(act.facts["file"], key, folder())


def sent_file(case: Case, act_id: int) -> Iterator[bytes] | None:
    """Return the content of a file that the requester sent, for the requester."""
    act = Act.objects.filter(id=act_id, verb="attach", chain=case.id, actor=Actor.citizen().id).first()
    key = keys_of([case.id]).get(case.id) if act else None
    return files.read(act.facts["file"], key, folder()) if act and key else None


def folder() -> Path:
    return Path(settings.HOME) / "files"
