"""What a door has decided about one case, in memory: the case after it and everything that is to be written."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from huying.ledger.chain import Head
from huying.rules.access import STAFF, Actor, unit_party
from huying.rules.commands import Assign
from huying.rules.lifecycle import Decision
from huying.rules.ruleset import Ruleset
from huying.rules.state import CaseState, ClockState
from huying.vault.models import VaultKey
from huying.vault.seals import DataKey

from .models import Case, CaseParty, CaseText, Message, Origin, Record, Recount, Requester, SupervisionAction
from .notices import Audience, moving, pressing, texts
from .records import record_of, sealed_texts

# What is recorded later than this after it happened is 补录: shown as such, and no message goes out for it.
BACKFILLED_AFTER = timedelta(hours=24)
# PostgreSQL keeps no NUL, and half of a surrogate pair has no UTF-8.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def is_told(origin: Origin, at: datetime, recorded_at: datetime) -> bool:
    """Return whether messages go out for what happened `at`: neither for history nor for what is recorded late."""
    return origin is Origin.LIVE and recorded_at - at <= BACKFILLED_AFTER


@dataclass(slots=True)
class Entry:
    """One event, and the row that records it; `texts` are sealed into the row when it gets its id."""

    event: str
    actor: Actor
    at: datetime
    recorded_at: datetime
    unit: int | None = None
    row: Record | None = None
    texts: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(slots=True)
class Draft:
    """One chain with what is to be added to it. `case` and `state` are None for a contact that opens no case."""

    key: DataKey
    head: Head
    case: Case | None = None
    state: CaseState | None = None
    rules: Ruleset | None = None
    calendar: int | None = None  # the one loaded last
    loaded_at: datetime | None = None  # when that was; not known of a new case, which is opened by it
    is_new: bool = False
    known_clocks: tuple[ClockState, ...] = ()
    spare_ids: tuple[int, ...] = ()  # taken already, for rows that have none yet
    new_keys: list[VaultKey] = field(default_factory=list)
    requester: Requester | None = None
    text: CaseText | None = None
    entries: list[Entry] = field(default_factory=list)
    parties: list[CaseParty] = field(default_factory=list)
    messages: list[tuple[Message, str]] = field(default_factory=list)  # each with the text to be sealed into it

    def add(self, decision: Decision, actor: Actor, at: datetime, recorded_at: datetime) -> None:
        """Take a decision over: its record and its events."""
        if self.case is None or self.state is None:
            raise TypeError("a contact without a case takes no decision")
        record = record_of(decision.command, self.state, decision.after)
        record.case, record.cycle, record.actor, record.at = self.case, self.state.cycle, actor.id, at
        if isinstance(decision.command, Assign):
            self._keep_sight(self.case, self.state.unit, actor)
        first, *rest = decision.events
        unit = decision.after.unit
        self.entries.append(
            Entry(first, actor, at, recorded_at, unit, record, sealed_texts(record, decision.command))
        )
        self.entries.extend(Entry(event, actor, at, recorded_at, unit) for event in rest)
        for rung in decision.rungs:
            row = SupervisionAction(action=rung.action, flag=rung.flag)
            row.case, row.cycle, row.actor, row.at = record.case, record.cycle, actor.id, at
            self.entries.append(Entry("escalated", actor, at, recorded_at, unit, row))
        self.state = decision.after

    def _keep_sight(self, case: Case, before: int | None, actor: Actor) -> None:
        """Let whoever gives the case on keep seeing it: the unit, but of a confidential case only that person."""
        if case.confidential:
            self.let_in(actor)
        elif before is not None:
            self.parties.append(CaseParty(case=case, party=unit_party(before), allow=True))

    def let_in(self, actor: Actor) -> None:
        """Name somebody on the case; the system needs no leave, and "the citizen" is nobody in particular."""
        if actor.role in STAFF:
            self.parties.append(CaseParty(case=self.case, party=actor.id, allow=True))

    def announce(self, decision: Decision, at: datetime) -> None:
        """Prepare the messages that the tables of notices have for a decision that was just added."""
        if self.case is None or self.state is None or self.rules is None:
            return
        for event in decision.events:
            for audience, text in texts(event, self.case.number, self.state):
                self.say(event, audience, text, at)
        for rung in decision.fired:
            if pressed := pressing(rung, self.case.number, self.state):
                self.say("escalated", Audience.UNIT, pressed, at)
        record = self.entries[-1].row
        if isinstance(record, Recount) and (told := moving(record.moved, self.case.number, self.state, self.rules)):
            self.say("recounted", Audience.UNIT, told, at)

    def say(self, event: str, audience: Audience, text: str, at: datetime, id_: int | None = None) -> None:
        unit = self.state.unit if self.state and audience is Audience.UNIT else None
        message = Message(case=self.case, event=event, audience=audience, unit_id=unit, created_at=at)
        if id_ is not None:
            message.id = id_
        self.messages.append((message, text))
