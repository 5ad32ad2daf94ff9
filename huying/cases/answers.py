"""What door 1 answers to somebody who comes a second time: the same delivery, or the same request, again."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from django.db import connection
from django.db.models import Min

from huying.ledger.models import LedgerLine
from huying.rules.access import Actor
from huying.rules.lifecycle import Refused
from huying.rules.vocabulary import RefusalCode
from huying.vault.seals import DataKey, keys_of, unseal

from .arrival import Arrival, Intake, Received, Register
from .models import Case, CaseText, Contact, IdempotencyKey

KEYS_LIVE = timedelta(days=7)


def twin(first: Intake, second: Intake, answer: Received | Refused) -> Received | Refused:
    """Return the answer to a second arrival of one batch that bears the external id of the first."""
    if isinstance(answer, Refused):
        return answer
    return same_or_refused(second, first.fingerprint(), replace(answer, again=True))


def same_or_refused(intake: Intake, fingerprint: bytes, answer: Received) -> Received | Refused:
    return answer if intake.fingerprint() == fingerprint else Refused(RefusalCode.IDENTITY_REUSED, "external_id")


def answers(contacts: Sequence[Contact], asking: Actor) -> dict[int, Received]:
    """Rebuild the answers that the senders of these contacts got; the code only for the one that opened the case.

    Somebody else who delivers the same thing learns that it is known, and neither number nor code.
    """
    lines = LedgerLine.objects.filter(record_table=Contact._meta.db_table, record_id__in=[one.id for one in contacts])
    own = set(lines.filter(actor=asking.id).values_list("record_id", flat=True))
    strangers = [contact for contact in contacts if contact.id not in own]
    contacts = [contact for contact in contacts if contact.id in own]
    case_ids = [contact.case_id for contact in contacts if contact.case_id is not None]
    opening = Contact.objects.filter(case__in=case_ids).values("case").annotate(first=Min("id")) if case_ids else ()
    openers = {row["first"] for row in opening}
    texts = {text.case_id: text for text in CaseText.objects.filter(case_id__in=case_ids)} if case_ids else {}
    numbers = dict(Case.objects.filter(id__in=case_ids).values_list("id", "number")) if case_ids else {}
    keys = keys_of(case_ids) if case_ids else {}
    return {contact.id: Received(contact.id, None, None, None, again=True) for contact in strangers} | {
        contact.id: Received(
            contact_id=contact.id,
            case_id=contact.case_id,
            number=numbers.get(contact.case_id or 0),
            code=_code(contact.case_id, texts, keys) if contact.id in openers else None,
            again=True,
        )
        for contact in contacts
    }


def _code(case_id: int | None, texts: Mapping[int, CaseText], keys: Mapping[int, DataKey]) -> str | None:
    return unseal(texts[case_id], keys[case_id], "code") if case_id is not None else None


def claim(key: str, arrival: Arrival, contact_id: int, into: Register) -> Received | Refused | None:
    """Take the key for this contact; return None if it was free, else the answer to whoever has it.

    A second request waits here, on the unique key, until the first one has committed or failed.
    """
    fingerprint = arrival.fingerprint()
    if _took(key, fingerprint, contact_id, into):
        return None
    keys = IdempotencyKey.objects.filter(actor=into.actor.id, key=key)
    holder = keys.first()
    if holder is None or holder.recorded_at < into.recorded_at - KEYS_LIVE:
        # Of two requests that find an expired key both delete it, and one takes it: the other has to look again.
        keys.filter(recorded_at__lt=into.recorded_at - KEYS_LIVE).delete()
        return claim(key, arrival, contact_id, into)
    if bytes(holder.fingerprint) != fingerprint:
        return Refused(RefusalCode.IDENTITY_REUSED, "Idempotency-Key")
    return answers([Contact.objects.get(id=holder.contact_id)], into.actor)[holder.contact_id]


def _took(key: str, fingerprint: bytes, contact_id: int, into: Register) -> bool:
    """Write the key unless somebody has it; raw, because the ORM doesn't say which of the two happened."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO idempotency_key (actor, key, fingerprint, contact_id, recorded_at)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [into.actor.id, key, fingerprint, contact_id, into.recorded_at],
        )
        return bool(cursor.rowcount == 1)
