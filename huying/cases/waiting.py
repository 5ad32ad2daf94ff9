"""The contacts that wait to be sorted or called back, as a list tells them: what was said and who said it, masked."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import OuterRef, Q, Subquery

from huying.rules.access import Actor
from huying.rules.working_text import working_text
from huying.vault.seals import unseal

from .dossier import unwrapped, wrapped_key
from .masked import Masked, masked_requester
from .models import WAITS, Clock, Contact
from .queries import Cursor, Page, turned, visible_contacts


@dataclass(frozen=True, slots=True)
class WaitingContact:
    """A contact, what it says, who said it, and by when somebody has to see to it."""

    contact: Contact
    text: str
    requester: Masked
    due_at: datetime | None
    due_step: str | None


def waiting_page(viewer: Actor, cursor: Cursor | None = None) -> Page[WaitingContact]:
    """Return a page of the contacts that wait and that somebody may see, the longest first (one statement)."""
    running = Clock.objects.filter(case=OuterRef("id"), done_at=None, void_at=None).order_by("due_at", "id")
    found = visible_contacts(viewer).filter(WAITS).select_related("post", "requester")
    told = found.annotate(
        due_at=Subquery(running.values("due_at")[:1]),
        due_step=Subquery(running.values("step")[:1]),
        wrapped=wrapped_key("id"),
        requester_wrapped=wrapped_key("requester"),
    )
    page = turned(told, "at", True, cursor)
    return replace(page, rows=[_opened(contact) for contact in page.rows])


def _opened(contact: Contact) -> WaitingContact:
    """Open a contact that comes with its keys."""
    if contact.requester is None:
        raise TypeError("somebody made every contact that waits")
    key = unwrapped(contact.id, contact.wrapped)  # type: ignore[attr-defined]  # annotated by the query
    own = unwrapped(contact.requester.id, contact.requester_wrapped)  # type: ignore[attr-defined]
    said = (unseal(contact.requester, own, field) if own else None for field in ("phone", "name"))
    return WaitingContact(
        contact=contact,
        text=working_text((unseal(contact, key, "text") if key else None) or "", *said),
        requester=masked_requester(contact.requester, own),
        due_at=contact.due_at,  # type: ignore[attr-defined]
        due_step=contact.due_step,  # type: ignore[attr-defined]
    )


def is_a_contacts_chain(chain: int) -> bool:
    """Return whether this is the id of a contact that waits or waited: of no case that was opened as it came in."""
    return Contact.objects.filter(Q(case=None) | Q(case=chain), id=chain).exists()
