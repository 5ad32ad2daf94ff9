"""What a door has decided about one case, in memory: the case after it and everything that is to be written."""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from huying.ledger.chain import Head
from huying.rules.access import DISCIPLINE_PARTY, STAFF, UNITS_BEGIN, Actor, post_party, unit_party
from huying.rules.commands import (
    ApproveReturn,
    Assign,
    Command,
    CompleteInfo,
    Correct,
    Group,
    HandToDiscipline,
    Instruct,
    JoinUnit,
    ProposeFault,
    Recall,
    ReissueCode,
    ScheduleInterview,
    Summarise,
    TermPassed,
    given,
)
from huying.rules.deciding import Decision
from huying.rules.escalation import events_of
from huying.rules.ruleset import Ruleset
from huying.rules.state import CaseState, ClockState
from huying.rules.vocabulary import Action
from huying.vault.models import VaultKey
from huying.vault.seals import DataKey, blind_index, seal, unseal

from .blanks import Said, Told
from .models import (
    Act,
    Case,
    CaseParty,
    CaseText,
    Contact,
    Delivery,
    Message,
    Origin,
    Record,
    Recount,
    Requester,
    SupervisionAction,
)
from .notices import texts
from .pressing import moving, pressing
from .records import FREE_OPENING, PLAIN_OPENING, command_of, opening_facts, record_of, sealed_texts
from .wording import Audience, Telling

# What is recorded later than this after it happened is 补录: shown as such, and no message goes out for it.
BACKFILLED_AFTER = timedelta(hours=24)
# PostgreSQL keeps no NUL, and half of a surrogate pair has no UTF-8.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")


# The verbs by which a matter ends without being dealt with.
_NOT_DEALT_WITH = ("decline", "refer", "withdraw")
# What of a contact's fields stands on the requester, by the column there.
ON_REQUESTER = {"contact_phone": "phone", "name": "name"}


def is_told(origin: Origin, at: datetime, recorded_at: datetime) -> bool:
    """Return whether messages go out for what happened `at`: neither for history nor for what is recorded late."""
    return origin is Origin.LIVE and recorded_at - at <= BACKFILLED_AFTER


@dataclass(slots=True)
class Entry:
    """One event, and the row that records it; `texts` are sealed into the row when it gets its id.

    `opening`: how a case was opened by it, for which its ledger line vouches too.
    """

    event: str
    actor: Actor
    at: datetime
    recorded_at: datetime
    unit: int | None = None
    row: Record | None = None
    texts: Mapping[str, str | None] = field(default_factory=dict)
    opening: Mapping[str, object] | None = None


@dataclass(slots=True)
class Draft:
    """One chain with what is to be added to it. `case` is None for a contact of which no case was made.

    `state` is None for a contact that waits for nobody.
    """

    key: DataKey
    head: Head
    case: Case | None = None
    contact: Contact | None = None  # the one that waits, or waited, to be sorted
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
    shut_out: list[str] = field(default_factory=list)  # patterns of the names that are let in no longer
    told: dict[str, str] = field(default_factory=dict)  # what the requester's own row is to say from now on
    messages: list[tuple[Message, Said]] = field(default_factory=list)  # each with the text to be sealed into it

    def add(
        self,
        decision: Decision,
        actor: Actor,
        at: datetime,
        recorded_at: datetime,
        opening: Mapping[str, object] | None = None,
    ) -> None:
        """Take a decision over: its record and its events. One that opens the case replaces nothing in it."""
        if self.state is None:
            raise TypeError("a contact that waits for nobody takes no decision")
        before, vouched = self.state, self._vouched() if opening is None else {}
        record = record_of(decision.command, before, decision.after)
        self.state = decision.after
        self._take_over(decision, before, actor)
        self._sign(record, before, actor, at)
        texts = sealed_texts(record, decision.command)
        if isinstance(record, Act):
            record.was, was_words = self._replaced(vouched)
            texts |= {"was_words": json.dumps(was_words, ensure_ascii=False) if was_words else None}
        first, *rest = decision.events
        unit = decision.after.unit
        self.entries.append(Entry(first, actor, at, recorded_at, unit, record, texts, opening))
        self.entries.extend(Entry(event, actor, at, recorded_at, unit) for event in rest)
        for rung in decision.rungs:
            row = SupervisionAction(action=rung.action, flag=rung.flag)
            self._sign(row, before, actor, at)
            fired, *told = events_of(rung, decision.after)
            self.entries.append(Entry(fired, actor, at, recorded_at, unit, row))
            self.entries.extend(Entry(event, actor, at, recorded_at, unit) for event in told)

    def _sign(self, record: Record, before: CaseState, actor: Actor, at: datetime) -> None:
        """Say of a record whose it is, by whom and from when."""
        if isinstance(record, Act):
            record.chain = self.key.id
        else:
            record.case = self.case  # type: ignore[attr-defined]  # every other record belongs to a case
        record.cycle, record.actor, record.at = before.cycle, actor.id, at  # type: ignore[attr-defined]

    # -- what a command does beside the state ------------------------------------------------------------------------

    def _take_over(self, decision: Decision, before: CaseState, actor: Actor) -> None:
        self._admit(decision, before, actor)
        self._write_anew(decision.command)

    def _admit(self, decision: Decision, before: CaseState, actor: Actor) -> None:
        """Let people in, and shut others out."""
        for answered in before.answering - decision.after.answering:
            self._shut_out(f"{unit_party(answered)}$")
        match decision.command:
            case Assign():
                self._keep_sight(before.unit, actor)
            case Recall() | ApproveReturn():
                self._take_from_units(decision.after)
            case Group() if before.unit != decision.after.unit:
                self._take_from_units(decision.after)
            case HandToDiscipline() if before.confidential:
                self._shut_out("")
            case HandToDiscipline() | TermPassed(action=Action.DISCIPLINE):
                self._let_in(DISCIPLINE_PARTY)
            case (
                JoinUnit(unit=int() as unit)
                | ProposeFault(unit=int() as unit)
                | ScheduleInterview(unit=int() as unit)
            ):
                self._let_in(unit_party(unit))
            case Instruct(unit=unit, post=post):
                for party in ([unit_party(unit)] if unit else []) + ([post_party(post)] if post else []):
                    self._let_in(party)

    def _write_anew(self, command: Command) -> None:
        """Write anew what a command says of texts, code and requester."""
        match command:
            case Summarise() if self.text is not None:
                self.text.title = given(command, "title") or self.text.title
                self.text.text = given(command, "summary") or self.text.text
            case ReissueCode() if self.text is not None and self.case is not None:
                self.new_code(8 if self.case.requester.phone else 12)
            case CompleteInfo(fields=fields):
                self.told |= {name: said.strip() for name, said in (fields or {}).items() if name in ON_REQUESTER}
            case Correct() if given(command, "field") in ON_REQUESTER:
                self.told[given(command, "field") or ""] = given(command, "value") or ""

    def new_code(self, digits: int) -> str:
        """Give the case a query code, and return it."""
        if self.case is None or self.text is None:
            raise TypeError("a query code opens a case")
        code = f"{secrets.randbelow(10**digits):0{digits}d}"
        self.case.code_index = blind_index(code, "code")
        seal(self.text, self.key, code=code)
        return code

    def _take_from_units(self, after: CaseState) -> None:
        """Shut the units out, but for those that have something to answer first."""
        self._shut_out(UNITS_BEGIN)
        for unit in after.answering:
            self._let_in(unit_party(unit))

    def _keep_sight(self, before: int | None, actor: Actor) -> None:
        """Let whoever gives the case on keep seeing it: the unit, but of a confidential case only that person."""
        if self.state is not None and self.state.confidential:
            self.let_in(actor)
        elif before is not None:
            self._let_in(unit_party(before))

    def let_in(self, actor: Actor) -> None:
        """Name somebody on the case; the system needs no leave, and "the citizen" is nobody in particular."""
        if actor.role in STAFF:
            self._let_in(actor.id)

    def _let_in(self, party: str) -> None:
        self.parties.append(CaseParty(case=self.case, party=party, allow=True))

    def _shut_out(self, pattern: str) -> None:
        """Let in no longer whose name begins as the pattern says, nor those who were let in a moment ago."""
        self.shut_out.append(f"^{pattern}")
        self.parties = [one for one in self.parties if not (one.allow and re.match(pattern, one.party))]

    def opening(self) -> Mapping[str, object] | None:
        """Return how the case stands that was just opened, before anything else is done to it; None without one."""
        if self.case is None or self.text is None:
            return None
        return opening_facts(self.case, self.text, self.calendar)

    def _vouched(self) -> dict[str, object]:
        """Return what the opening line of the case vouches for and what may change."""
        case, state, text = self.case, self.state, self.text
        if case is None or state is None:
            return {}
        plain = {
            "complexity": state.complexity.value,
            "post_id": state.post,
            "code_index": bytes(case.code_index).hex(),
        }
        free: dict[str, object] = {} if text is None else {"title": text.title, "text": text.text}
        return plain | free

    def _replaced(self, before: Mapping[str, object]) -> tuple[dict[str, object], dict[str, object]]:
        """Return of that what is another now, as it was: plain columns, and texts."""
        now = self._vouched()
        was = {name: value for name, value in before.items() if now.get(name, value) != value}
        return (
            {name: was[name] for name in PLAIN_OPENING if name in was},
            {name: was[name] for name in FREE_OPENING if name in was},
        )

    # -- what is said about it ---------------------------------------------------------------------------------------

    def announce(self, decision: Decision, before: CaseState, at: datetime) -> None:
        """Prepare the messages that the tables of notices have for a decision that was just added."""
        if self.case is None or self.state is None or self.rules is None:
            return
        told = Told(self.case.number, before, self.state, decision.command, self.rules)
        for event in decision.events:
            result = event == "result_told"
            self.tell(event, replace(told, command=self._ended_by()) if result else told, at)
        for pressed in pressing(decision, told):
            self.say("escalated", pressed, at)
        record = self.entries[-1].row
        if isinstance(record, Recount) and (moved := moving(record.moved, told)) is not None:
            self.say("recounted", moved, at)

    def _ended_by(self) -> Command | None:
        """Return the command by which the case was not accepted, was referred or withdrawn, if it was."""
        act = Act.objects.filter(chain=self.key.id, verb__in=_NOT_DEALT_WITH).order_by("-id").first()
        return None if act is None else command_of(act, {"words": unseal(act, self.key, "words")})

    def tell(self, event: str, told: Told, at: datetime, id_: int | None = None) -> None:
        for telling in texts(event, told):
            self.say(event, telling, at, id_)

    def say(self, event: str, telling: Telling, at: datetime, id_: int | None = None) -> None:
        about = {"contact": self.contact} if self.case is None else {"case": self.case}
        message = Message(
            **about,
            event=event,
            audience=telling.audience,
            unit_id=telling.unit,
            post_id=telling.post,
            must_reach=telling.must_reach,
            created_at=at,
            delivery=self._way_of(telling),
        )
        if id_ is not None:
            message.id = id_
        self.messages.append((message, telling.said))

    def _way_of(self, telling: Telling) -> Delivery:
        if telling.audience is not Audience.CITIZEN:
            return Delivery.ON_DESK
        phoned = telling.at_once and self.case is not None and self.case.requester.phone is not None
        return Delivery.TO_CALL if phoned else Delivery.QUEUED
