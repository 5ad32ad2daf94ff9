"""What pages and API alike show of a case that could open it or say whose it is: enough to tell apart, no more."""

from dataclasses import dataclass, replace

from huying.rules.access import Actor
from huying.rules.masking import mask_name, mask_phone
from huying.rules.words import Language
from huying.vault.seals import DataKey, unseal

from .blanks import CODE
from .dossier import Dossier
from .models import Message, Requester
from .outbox import may_read


@dataclass(frozen=True, slots=True)
class Masked:
    """A requester; `reference` is the short name of a platform's account, where one is all that is known."""

    name: str | None
    phone: str | None
    reference: str | None


def masked(found: Dossier) -> Masked:
    return masked_requester(found.case.requester, found.requester_key)


def on_behalf(found: Dossier) -> tuple[str, str, str]:
    """Return for whom the requester speaks, masked: name, phone, and what the requester is to that person."""
    name, phone, relation = (found.told(f"behalf_{what}") for what in ("name", "phone", "relation"))
    return mask_name(name) if name else "", mask_phone(phone) if phone else "", relation


def masked_requester(requester: Requester, key: DataKey | None) -> Masked:
    name = unseal(requester, key, "name") if key else None
    phone = unseal(requester, key, "phone") if key else None
    return Masked(
        name=mask_name(name) if name else None,
        phone=mask_phone(phone) if phone else None,
        reference=bytes(requester.account_index).hex()[2:10] if requester.account_index else None,
    )


def readable(found: Dossier, viewer: Actor) -> Dossier:
    """Return a case without the messages that are for others."""
    return replace(found, messages=[message for message in found.messages if may_read(viewer, message)])


def text_of(message: Message, key: DataKey | None, language: Language) -> str:
    """Return what a message says, its query code hidden; nothing without a key, Chinese without English."""
    if key is None:
        return ""
    english = unseal(message, key, "text_en") if language == "en" else None
    return (english or unseal(message, key, "text") or "").replace(CODE, "**** ****")
