"""Who asked, as the page of a case shows it: masked, or once in the clear; and what whoever calls should know."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext

from huying.cases.dossier import Dossier
from huying.cases.masked import masked, on_behalf
from huying.pages.shown import ShownRequester
from huying.rules.access import Actor, may_call
from huying.vault.seals import reveal


def masked_shown(found: Dossier, actor: Actor) -> ShownRequester:
    told = masked(found)
    callable_ = told.phone is not None and may_call(actor, found.case.unit_id, found.case.post_id)
    return ShownRequester(
        name=told.name,
        phone=told.phone,
        reference=told.reference,
        call_url=reverse("call_requester", args=[found.case.number]) if callable_ else "",
        care=_care(found),
        behalf=_behalf(*on_behalf(found)),
        may_publish=bool(found.told("may_publish")),
    )


@transaction.atomic
def in_clear(found: Dossier, actor: Actor, at: datetime) -> ShownRequester | None:
    """Return the requester in the clear, and log the look; None where the key was erased."""
    if found.requester_key is None:
        return None
    requester, key, why = found.case.requester, found.requester_key, f"call {found.case.number}"
    name, phone = (reveal(requester, key, what, actor=actor.id, at=at, reason=why) for what in ("name", "phone"))
    behalf = _behalf_in_clear(found, actor, at, why)
    shown = ShownRequester(name=name, phone=phone, reference=masked(found).reference, in_clear=True)
    return replace(shown, care=_care(found), behalf=_behalf(*behalf))


def _behalf_in_clear(found: Dossier, actor: Actor, at: datetime, why: str) -> tuple[str, str, str]:
    """Return for whom the requester speaks, and log the look if that is anybody."""
    name, phone, relation = (found.told(f"behalf_{what}") for what in ("name", "phone", "relation"))
    if name and found.key is not None:
        reveal(found.contacts[0], found.key, "fields", actor=actor.id, at=at, reason=why)
    return name, phone, relation


def _behalf(name: str, phone: str, relation: str) -> str:
    related = gettext("诉求人是{relation}").format(relation=relation) if relation else ""
    return gettext("，").join(filter(None, (name, phone, related))) if name else ""


def _care(found: Dossier) -> list[str]:
    """Return what whoever calls should know before."""
    when = found.told("call_when")
    care = {
        "hard_of_hearing": gettext("听力不便：请说慢一些、大声一些，或者发短信"),
        "dialect_only": gettext("只会说方言"),
    }
    told = [text for name, text in care.items() if found.told(name)]
    return [gettext("方便接电话：{when}").format(when=when), *told] if when else told
