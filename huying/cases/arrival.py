"""What comes in at door 1, and what its sender is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeGuard

from huying.ledger.chain import canonical
from huying.people.office import the_office
from huying.rules.access import Actor
from huying.rules.lifecycle import Refused
from huying.rules.ruleset import Ruleset
from huying.rules.state import ClockState
from huying.rules.vocabulary import Complexity, Kind
from huying.vault.keys import installation_keys

from .models import Origin, RulebookVersion
from .rulebooks import in_force_with_prefix, ruleset


def exact_index(facts: Mapping[str, object], purpose: str) -> bytes:
    """Return a keyed hash of facts in which, unlike in a blind index, every space and letter counts.

    Taking two messages, or two people, for one would lose one of them.
    """
    return installation_keys().blind_index.hash(canonical(facts), purpose)


def is_id(value: object) -> TypeGuard[int]:
    """Return whether a row may have this id: `True` counts as an int too, and a column can't look beyond 64 bits."""
    return type(value) is int and 0 < value < 2**63


@dataclass(frozen=True, slots=True)
class Intake:
    """What came in. `fields` are further fields of the rulebook; `account` is a platform's name for the requester.

    The post that was called is named by its id in `post`, or by its code in `to`, which the door looks up; so is the
    unit complained about, in `respondent` or `complained_about`. A person is complained about by a post, in
    `respondent_post` or `holder_of`; the door keeps in `respondent_person` who holds it. `joins` is the number of a
    case, if whoever took the contact has confirmed that it is about the same matter; `follows` that of an ended one
    to which it adds.
    """

    channel: str
    kind: Kind
    text: str
    title: str | None = None
    phone: str | None = None
    name: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    account: str | None = None
    post: int | None = None
    to: str | None = None
    contact_point: int | None = None
    complexity: Complexity = Complexity.SIMPLE
    confidential: bool | None = None  # None: as the rulebook has it
    respondent: int | None = None  # the unit that is complained about
    complained_about: str | None = None
    respondent_post: int | None = None
    holder_of: str | None = None
    respondent_person: int | None = None
    anonymous: bool = False
    urgency_claimed: str | None = None  # as whoever took it has it; nothing follows before somebody checks
    external_id: str | None = None
    joins: str | None = None
    follows: str | None = None
    origin: Origin = Origin.LIVE

    def value(self, name: str) -> str | None:
        """Return the required field of that name; a rulebook may call the text `content` or `claim`."""
        own = {"contact_phone": self.phone, "name": self.name, "content": self.text, "claim": self.text}
        return (own.get(name) or self.fields.get(name) or "").strip() or None

    def fingerprint(self) -> bytes:
        """Return a keyed hash of what was said, to the letter; by it a second delivery of one external id is known.

        Not of where and when it came in, nor of the external id: an import makes that id of this very hash.
        """
        said = {
            name: getattr(self, name)
            for name in ("channel", "kind", "text", "title", "phone", "name", "account", "post", "complexity")
        }
        return exact_index({**said, "fields": dict(self.fields)}, "intake")


@dataclass(frozen=True, slots=True)
class Arrival:
    """An intake, and the moment at which it came in.

    `dated`: whether the sender said that moment. `misread`: what of the request could not even be read.
    """

    intake: Intake
    at: datetime
    dated: bool = True
    misread: Refused | None = None

    def fingerprint(self) -> bytes:
        """Return a keyed hash of the whole request: what was said, and under which id, where and when it came in."""
        intake = self.intake
        names = (
            "external_id",
            "contact_point",
            "confidential",
            "joins",
            "follows",
            "respondent",
            "respondent_post",
            "anonymous",
            "urgency_claimed",
        )
        beside = {name: getattr(intake, name) for name in names}
        at = self.at if self.dated else None
        return exact_index({"said": intake.fingerprint().hex(), **beside, "at": at}, "request")


@dataclass(frozen=True, slots=True)
class Received:
    """The answer to a sender. `again`: it was known.

    `number` is None without a case, `code` also where a contact joined one: whoever opened it was told.

    `clocks` are those that a new contact started; of a known one they stand in the register.
    """

    contact_id: int
    case_id: int | None
    number: str | None
    code: str | None
    again: bool = False
    clocks: tuple[ClockState, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Register:
    """Where and under which rules something is registered; the same for a whole batch."""

    version: RulebookVersion
    prefix: str
    recorded_at: datetime
    actor: Actor

    @classmethod
    def now_in_force(cls, actor: Actor, now: datetime) -> "Register":
        """Return this office's register under the rulebook in force (one statement). Raises NoRulebook."""
        version, prefix = in_force_with_prefix(now)
        return cls(version, prefix or the_office().number_prefix, now, actor)

    @property
    def rules(self) -> Ruleset:
        return ruleset(self.version)
