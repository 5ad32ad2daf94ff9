"""移送材料: a case with its ledger as one document, for the body of discipline to which it was handed over."""

from datetime import datetime
from json import loads
from typing import Any

from huying.ledger.models import LedgerLine
from huying.rules.access import Actor
from huying.rules.vocabulary import Action
from huying.vault.seals import reveal, unseal

from .dossier import Dossier
from .models import Clock, Contact


def is_handed_over(found: Dossier) -> bool:
    return Action.DISCIPLINE in found.case.memory.get("actions", ())


def package_of(found: Dossier, actor: Actor, at: datetime) -> dict[str, Any]:
    """Return everything about a case, opened, as JSON: what was said, every term, and the ledger with its hashes.

    That the requester is named in it is a look that is logged. By the hashes anybody can tell that no line was left
    out; `huying ledger verify` holds them against the register.
    """
    requester, key, why = found.case.requester, found.requester_key, f"package {found.case.number}"
    told = ("name", "phone")
    who = {name: reveal(requester, key, name, actor=actor.id, at=at, reason=why) for name in told} if key else {}
    return {
        "number": found.case.number,
        "made_at": at.isoformat(),
        "requester": who,
        "title": found.text.title,
        "contacts": [_contact(one, found) for one in found.contacts],
        "clocks": [_clock(one) for one in found.clocks],
        "ledger": [_line(one, found) for one in found.lines],
    }


def _contact(one: Contact, found: Dossier) -> dict[str, Any]:
    fields = unseal(one, found.key, "fields") if found.key else None
    text = unseal(one, found.key, "text") if found.key else None
    return {"at": one.at.isoformat(), "channel": one.channel, "text": text, "fields": loads(fields or "{}")}


def _clock(one: Clock) -> dict[str, Any]:
    moments = {name: getattr(one, name) for name in ("started_at", "due_at", "done_at", "void_at")}
    return {"step": one.step, "cycle": one.cycle} | {name: at and at.isoformat() for name, at in moments.items()}


def _line(one: LedgerLine, found: Dossier) -> dict[str, Any]:
    said = found.said.get(one.record_id or 0)
    author = found.authors.get(one.actor)
    return {
        "seq": one.seq,
        "event": one.event,
        "at": one.at.isoformat(),
        "recorded_at": one.recorded_at.isoformat(),
        "actor": author.name if author else one.actor,
        "said": dict(said.texts) if said else {},
        "facts": dict(said.facts) if said else {},
        "previous": bytes(one.previous).hex(),
        "hash": bytes(one.hash).hex(),
    }
