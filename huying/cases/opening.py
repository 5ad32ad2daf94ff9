"""Making a case of a draft: of what has just come in, or of a contact that waited to be sorted."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from huying.rules.access import person_party, unit_party
from huying.rules.state import CaseState
from huying.rules.vocabulary import Urgency
from huying.rules.working_text import working_text, working_title

from .draft import Draft
from .models import Case, CaseParty, CaseText, Origin, Requester, RulebookVersion
from .rulebooks import ruleset

# Confidential cases are numbered apart, so that a gap in the others betrays nothing.
CONFIDENTIAL_SERIES = "j"


@dataclass(frozen=True, slots=True)
class Opening:
    """What a case is made of beside its first state."""

    number: str
    version: RulebookVersion
    requester: Requester
    channel: str
    origin: Origin
    text: str
    title: str | None = None
    phone: str | None = None
    name: str | None = None
    follows: int | None = None
    respondent_person: int | None = None


def open_case(draft: Draft, state: CaseState, opening: Opening) -> str:
    """Put a new case into the draft and return its query code; who has no phone is asked for a longer one."""
    month = state.received_at.astimezone(ruleset(opening.version).rulebook.zone).date().replace(day=1)
    draft.state, draft.is_new = state, True
    draft.case = Case(
        id=draft.key.id,
        number=opening.number,
        month=month,
        rulebook=opening.version,
        origin=opening.origin,
        channel=opening.channel,
        kind=state.kind,
        complexity=state.complexity,
        urgency=Urgency.NORMAL,
        confidential=state.confidential,
        post_id=state.post,
        respondent_id=state.respondent,
        requester=opening.requester,
        follows_id=opening.follows,
        received_at=state.received_at,
    )
    masked = working_text(opening.text, opening.name, opening.phone)
    title = opening.title and working_text(opening.title, opening.name, opening.phone)
    draft.text = CaseText(case_id=draft.key.id, month=month, title=title or working_title(masked), text=masked)
    about = [] if state.respondent is None else [unit_party(state.respondent)]
    about += [] if opening.respondent_person is None else [person_party(opening.respondent_person)]
    draft.parties += [CaseParty(case=draft.case, party=one, allow=False) for one in about]
    return draft.new_code(12 if opening.requester.phone is None else 8)


def number_of(prefix: str, year: int, serial: int, *, confidential: bool) -> str:
    """Return a number as people read it, `YC-2026-000123`; one of a confidential case bears a J."""
    return f"{prefix}{'J' if confidential else ''}-{year}-{serial:06d}"


def next_number(prefix: str, at: datetime, draft: Draft) -> str:
    """Return the number of a case that is made of a contact; gaps are allowed (one statement)."""
    if draft.rules is None or draft.state is None:
        raise TypeError("only what waits becomes a case")
    year, confidential = at.astimezone(draft.rules.rulebook.zone).year, draft.state.confidential
    with connection.cursor() as cursor:
        cursor.execute("SELECT next_case_number(%s, %s)", [year, CONFIDENTIAL_SERIES if confidential else ""])
        [(serial,)] = cursor.fetchall()
    return number_of(prefix, year, serial, confidential=confidential)
