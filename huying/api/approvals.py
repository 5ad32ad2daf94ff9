"""What waits for a second person, as a program reads it and decides on it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from ninja import Schema

from huying.cases import approvals
from huying.cases.models import Approval
from huying.rules.access import Actor
from huying.rules.lifecycle import Refused
from huying.vault.seals import DataKey

from .shown import Moment

DECISION = {
    "type": "object",
    "properties": {
        "do": {"enum": ["approve", "refuse"], "description": "whoever asked takes it back by refusing it"},
        "reason": {"type": "string", "description": "why it is refused; not needed to take it back"},
    },
    "required": ["do"],
    "additionalProperties": False,
}


class ShownApproval(Schema):
    """A command that waits for a second person; `fields` is what it says, without units and cases."""

    id: int
    do: str
    fields: dict[str, Any]
    asked_by: str
    asked_at: Moment

    @classmethod
    def of(cls, approval: Approval, key: DataKey) -> Self:
        said = {**_plain(approval.facts), **approvals.words_of(approval, key)}
        return cls(
            id=approval.id, do=approval.verb, fields=said, asked_by=approval.asked_by, asked_at=approval.asked_at
        )


class Decided(Schema):
    """What became of it: approved and done, refused, or taken back."""

    id: int
    ended_as: str


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts that are no ids: a program knows nothing by an id of ours."""
    return {name: said for name, said in facts.items() if not isinstance(said, int | list) or isinstance(said, bool)}


def decide(approval: int, do: object, reason: object, at: datetime, actor: Actor) -> Refused | None:
    """Approve or refuse; return why that can't be done."""
    if do == "approve":
        done = approvals.approve(approval, at, actor)
        return done if isinstance(done, Refused) else None
    return approvals.refuse(approval, reason if isinstance(reason, str) else "", at, actor)
