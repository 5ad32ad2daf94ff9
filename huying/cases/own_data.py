"""What the holder of a receipt reads beside the case: who looked at name and phone, and other cases of theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery

from huying.people.models import ApiToken, Unit, User
from huying.vault.models import Reveal
from huying.vault.seals import keys_of, unseal

from .models import Case, CaseText

REMEMBERED = timedelta(days=366)  # how far back one receipt opens other cases
MOST = 200


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody of `unit` had a field (`name`, `phone`) in the clear; which person that was, the office knows."""

    at: datetime
    unit: str
    field: str


def particulars(case: Case) -> tuple[str | None, str | None]:
    """Return name and phone that the requester left, for the requester."""
    key = keys_of([case.requester_id]).get(case.requester_id)
    return (unseal(case.requester, key, "name"), unseal(case.requester, key, "phone")) if key else (None, None)


def merged_into(case: Case) -> str:
    """Return the number of the older case with which this one is handled, if there is one."""
    into = case.memory.get("merged_into")
    return "" if into is None else Case.objects.values_list("number", flat=True).get(id=into)


def looks_at(case: Case) -> list[Look]:
    """Return who had the requester's name or phone in the clear, the latest first (three statements at most)."""
    found = list(Reveal.objects.filter(chain_id=case.requester_id).order_by("-at", "-id")[:MOST])
    by_actor = {**_units("user", User, found), **_units("token", ApiToken, found)}
    return [Look(one.at, by_actor.get(one.actor, ""), one.field.rpartition(":")[2]) for one in found]


def _units(kind: str, model: type[User] | type[ApiToken], found: Sequence[Reveal]) -> dict[str, str]:
    """Return the names of the units of those who looked, by the actor's id."""
    actors = (one.actor.partition(":") for one in found)
    ids = {int(row_id) for of, _, row_id in actors if of == kind and row_id.isdecimal()}
    if not ids:
        return {}
    name = Subquery(Unit.objects.filter(id=OuterRef("unit_id")).values("name"))
    rows = model._default_manager.filter(id__in=ids).annotate(of=name).values_list("id", "of")
    return {f"{kind}:{row_id}": of or "" for row_id, of in rows}


def own_cases(case: Case, at: datetime) -> list[Case]:
    """Return the cases of the same phone and name within a year, the latest first, each with `title` (one statement).

    Never a confidential one, nor any by phone or name alone: a number may be a family's, a name anybody's.
    """
    requester = case.requester
    if case.confidential or requester.phone_index is None or requester.name_index is None:
        return []
    title = CaseText.objects.filter(case_id=OuterRef("id"), month=OuterRef("month")).values("title")
    found = Case.objects.filter(
        requester__phone_index=requester.phone_index,
        requester__name_index=requester.name_index,
        confidential=False,
        received_at__gt=at - REMEMBERED,
    )
    return list(found.annotate(title=Subquery(title)).order_by("-received_at", "-id")[:MOST])
