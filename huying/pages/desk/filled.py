"""What the forms of a case start with, so that nobody types what the register knows."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext

from huying.cases.dossier import Dossier
from huying.people.chair import interview_chair
from huying.people.models import User
from huying.people.serving import day_of
from huying.rules.access import Role
from huying.rules.vocabulary import Stage

from .situation import latest

Filled = Mapping[str, Mapping[str, object]]


def filled(found: Dossier, user: User, at: datetime) -> Filled:
    """Return by verb what stands in its fields already."""
    case = found.case
    return {
        "record_contact": {name: found.latest(name) or "" for name in ("handler", "handler_phone")},
        "acknowledge": {"handler": user.full_name},
        "assign": {"unit": _suggested(found)},
        "classify": {"complexity": case.complexity, "category": case.category_code},
        "summarise": {"title": found.text.title, "summary": found.text.text},
        **(_chaired(found, at) if user.role == Role.SUPERVISOR else {}),
    }


def _suggested(found: Dossier) -> int | None:
    """Return the unit that was named as the right one by whom the case has just come back from."""
    came_back = found.case.stage == Stage.RECEIVED and found.lines[-1].event == "return_approved"
    asked = latest(found, "request_return") if came_back else None
    return asked.facts.get("suggested_unit") if asked else None


def _chaired(found: Dossier, at: datetime) -> Filled:
    """Return who holds an interview: the leader in charge of the holding unit, unless it was arranged otherwise."""
    unit, arranged = found.case.unit, latest(found, "schedule_interview")
    today = day_of(at)
    chair = interview_chair(unit, today, frozenset(person.id for person in found.persons)) if unit else None
    in_charge = chair.name if chair else ""
    by = arranged.texts.get("person") if arranged else None
    arrange = {"person": in_charge, "reason": _instead_of(chair.passed_over) if chair else ""}
    return {"schedule_interview": arrange, "interview": {"person": by or in_charge}}


def _instead_of(passed_over: Sequence[str]) -> str:
    """Return why it isn't the leader in charge: the post stands empty, or its holder is complained about."""
    if not passed_over:
        return ""
    return gettext("分管的{posts}空缺、外出或者需要回避").format(posts=gettext("、").join(passed_over))
