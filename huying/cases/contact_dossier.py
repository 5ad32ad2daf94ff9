"""One contact of which no case was made: what it says, what was done about it, what it waits for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet, Subquery

from huying.ledger.models import LedgerLine
from huying.rules.access import Actor
from huying.rules.ruleset import Ruleset
from huying.rules.state import CaseState
from huying.rules.working_text import working_text, working_title
from huying.vault.seals import DataKey, reveal, unseal

from .dossier import Author, authors_of, lines_of, readable, unwrapped, wrapped_key
from .models import CalendarVersion, Clock, Contact
from .opened import clock_state, state_of_contact
from .rulebooks import in_force, ruleset
from .said import Said, said_in_acts


@dataclass(frozen=True, slots=True)
class ContactDossier:
    """Everything about one contact without a case; `text` is masked, `rules` those in force when it came."""

    contact: Contact
    text: str
    requester_key: DataKey | None
    clocks: list[Clock]
    lines: list[LedgerLine]
    said: Mapping[int, Said]
    authors: Mapping[str, Author]
    state: CaseState
    rules: Ruleset

    @property
    def title(self) -> str:
        return working_title(self.text)


def contact_dossier(contacts: QuerySet[Contact], contact_id: int, reader: Actor) -> ContactDossier | None:
    """Return the contact of that id if it is among `contacts`; eight statements at most."""
    loaded = CalendarVersion.objects.order_by("-id").values("id")[:1]
    found = contacts.filter(id=contact_id).select_related("post", "requester")
    contact = found.annotate(
        wrapped=wrapped_key("id"), requester_wrapped=wrapped_key("requester"), loaded=Subquery(loaded)
    ).first()
    if contact is None or contact.requester is None:
        return None
    key = unwrapped(contact.id, contact.wrapped)
    requester_key = unwrapped(contact.requester.id, contact.requester_wrapped)
    lines = lines_of(contact.id, reader)
    authors = authors_of(lines, contact.post_id)
    clocks = list(Clock.objects.filter(case=contact.id).order_by("started_at", "id"))
    said = (unseal(contact.requester, requester_key, name) if requester_key else None for name in ("name", "phone"))
    return ContactDossier(
        contact=contact,
        text=working_text((unseal(contact, key, "text") if key else None) or "", *said),
        requester_key=requester_key,
        clocks=clocks,
        lines=lines,
        said=readable(said_in_acts(contact.id, key), lines, authors, reader),
        authors=authors,
        state=state_of_contact(contact, contact.loaded, tuple(map(clock_state, sorted(clocks, key=_by_id)))),
        rules=ruleset(in_force(contact.at), contact.loaded),
    )


def title_of(contact: Contact) -> str:
    """Return what a list says of a contact that comes with its `wrapped` key: its first clause, masked."""
    key = unwrapped(contact.id, contact.wrapped)  # type: ignore[attr-defined]  # annotated by the query
    return working_title(working_text((unseal(contact, key, "text") if key else None) or ""))


def texts_of(contacts: QuerySet[Contact], few: int) -> list[tuple[Contact, str]]:
    """Return the first few of these contacts, each with what it said, to the letter (one statement)."""
    found = contacts.annotate(wrapped=wrapped_key("id"))[:few]
    keys = ((one, unwrapped(one.id, one.wrapped)) for one in found)
    return [(one, (unseal(one, key, "text") if key else None) or "") for one, key in keys]


def revealed_text(
    contacts: QuerySet[Contact], contact_id: int, actor: Actor, at: datetime, reason: str
) -> str | None:
    """Return what one of these contacts said, to the letter, and log the look; None where there is nothing to see."""
    one = contacts.filter(id=contact_id).annotate(wrapped=wrapped_key("id")).first()
    key = None if one is None else unwrapped(one.id, one.wrapped)
    return None if one is None or key is None else reveal(one, key, "text", actor=actor.id, at=at, reason=reason)


def _by_id(clock: Clock) -> int:
    return clock.id
