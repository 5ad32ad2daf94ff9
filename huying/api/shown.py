"""What the API tells: the same facts as the pages, as words of the closed lists; personal data is masked as there."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from ninja import Schema
from pydantic import AfterValidator

from huying.cases import rulebooks
from huying.cases.doors import state_seen
from huying.cases.dossier import Dossier, Names, names_of
from huying.cases.language import language
from huying.cases.masked import Masked, masked, text_of
from huying.cases.models import Case, Clock
from huying.cases.opened import clock_state
from huying.cases.queries import Page, Totals, visible_to
from huying.cases.waiting import WaitingContact
from huying.people.models import Post, Unit
from huying.rules.access import Actor, oversees
from huying.rules.commands import POSTS, UNITS
from huying.rules.state import CaseState, ClockState
from huying.rules.terms import on_time
from huying.rules.vocabulary import Action, Stage, Step
from huying.rules.words import in_words

from .naming import CASES_TOLD, ids_in, told

# Told in UTC, wherever it was said.
Moment = Annotated[datetime, AfterValidator(lambda moment: moment.astimezone(UTC))]


class Named(Schema):
    """A unit or a post."""

    code: str
    name: str

    @classmethod
    def of(cls, one: Unit | Post | None) -> Self | None:
        return None if one is None else cls(code=one.code, name=one.name)


class ShownTerm(Schema):
    """A term as it was begun; `due` is exclusive, `why` says how it was derived."""

    step: str
    due: Moment
    provisional: bool
    why: str

    @classmethod
    def begun(cls, clock: Clock | ClockState) -> Self:
        return cls(step=clock.step, due=clock.due_at, provisional=clock.provisional, why=_why(clock))


class ShownPause(Schema):
    """A time in which a term stood still; `until` is null while it still does."""

    since: Moment
    until: Moment | None


class ShownClock(ShownTerm):
    """A term as it stands; `on_time` is null until it is done or due. A void one no longer counts.

    `extensions` are those that were approved.
    """

    cycle: int
    started: Moment
    done: Moment | None
    void: Moment | None
    on_time: bool | None
    extensions: list[str]
    pauses: list[ShownPause]

    @classmethod
    def of(cls, clock: ClockState, at: datetime) -> Self:
        return cls(
            step=clock.step,
            cycle=clock.cycle,
            started=clock.started_at,
            due=clock.due_at,
            done=clock.done_at,
            void=clock.void_at,
            on_time=on_time(clock.due_at, clock.done_at, at),
            extensions=list(clock.extensions),
            pauses=[ShownPause(since=pause.start, until=pause.end) for pause in clock.pauses],
            provisional=clock.provisional,
            why=_why(clock),
        )


def _why(clock: Clock | ClockState) -> str:
    return in_words(clock.why, language())


class ShownContact(Schema):
    """What a contact led to: without a case neither number nor query code; what waits has terms all the same."""

    contact: int
    case: str | None
    code: str | None
    clocks: list[ShownTerm]


class ShownSorting(Schema):
    """A contact as a command left it: the case that was made of it, if one was, and what it turned out to be."""

    contact: int
    case: str | None
    kind: str
    stage: str
    clocks: list[ShownClock]

    @classmethod
    def after(cls, number: str | None, state: CaseState, at: datetime) -> Self:
        clocks = [ShownClock.of(clock, at) for clock in state.clocks]
        return cls(contact=state.id, case=number, kind=state.kind, stage=state.stage, clocks=clocks)


class ToldToRequester(Schema):
    """What a receipt tells after a command; of a confidential case its stage alone."""

    number: str
    stage: str
    missing: list[str]

    @classmethod
    def after(cls, number: str, state: CaseState) -> Self:
        return cls(number=number, stage=state.stage, missing=[] if state.confidential else list(state.missing))


class Standing(Schema):
    """How far a case has come."""

    number: str
    stage: str
    kind: str
    complexity: str
    urgency: str
    category: str | None
    cycle: int
    level: int
    unit: Named | None
    designated: bool
    claim: str | None
    missing: list[str]
    suspended_until: Moment | None
    verdict: str | None
    closed_at: Moment | None
    closed_as: str | None
    flags: list[str]
    actions: list[str]
    clocks: list[ShownClock]

    @classmethod
    def after(cls, number: str, state: CaseState, units: Iterable[Unit | None], reader: Actor, at: datetime) -> Self:
        """Return the case as a command of `reader` left it; its present unit is among `units`."""
        return cls(**_standing(number, state, units, reader, at))


def _standing(
    number: str, state: CaseState, units: Iterable[Unit | None], reader: Actor, at: datetime
) -> dict[str, Any]:
    hidden = set() if oversees(reader) else {Action.DISCIPLINE}
    suspension = state.clock(Step.SUSPENSION)
    return {
        "number": number,
        "stage": state.stage,
        "kind": state.kind,
        "complexity": state.complexity,
        "urgency": state.urgency,
        "category": state.category,
        "cycle": state.cycle,
        "level": state.level,
        "unit": Named.of(next((unit for unit in units if unit is not None and unit.id == state.unit), None)),
        "designated": state.designated,
        "claim": state.claim,
        "missing": list(state.missing) if state.stage is Stage.PENDING_INFO else [],
        "suspended_until": suspension.due_at if suspension is not None and suspension.is_running else None,
        "verdict": state.verdict,
        "closed_at": state.ended_at,
        "closed_as": state.closed_as,
        "flags": sorted(state.flags),
        "actions": [action for action in state.actions if action not in hidden],
        "clocks": [ShownClock.of(clock, at) for clock in state.clocks],
    }


class ShownRequester(Schema):
    """Masked; `reference` tells accounts of a platform apart."""

    name: str | None
    phone: str | None
    reference: str | None

    @classmethod
    def of(cls, requester: Masked) -> Self:
        return cls(name=requester.name, phone=requester.phone, reference=requester.reference)


class ShownMove(Schema):
    """A term that a calendar moved, and its ends before and after."""

    step: str
    before: Moment
    after: Moment


class ShownEvent(Schema):
    """One line of the ledger; `word` is its method, outcome, verdict, result, action or flag, or the verb.

    `facts` are the other plain fields of that command, named as it names them. `moved` are the terms that a
    `recounted` moved.
    """

    event: str
    at: Moment
    recorded_at: Moment
    by: str | None
    by_liaison: bool
    by_delegate: bool
    unit: Named | None
    word: str | None
    texts: dict[str, str]
    facts: dict[str, Any]
    moved: list[ShownMove]


class ShownMessage(Schema):
    """Something that was said because of an event; the query code in it stays hidden."""

    at: Moment
    to: str
    text: str
    delivery: str


class ShownRulebook(Schema):
    id: str
    version: int
    title: str


class ShownTotal(Schema):
    """How long the requester has been waiting, from the first contact on; no rulebook gives that a term."""

    started: Moment
    done: Moment | None


class ShownCase(Standing):
    """Everything about one case; whom it is about only for who may know."""

    title: str
    text: str
    channel: str
    confidential: bool
    origin: str
    received_at: Moment
    contacts: int
    post: Named | None
    respondent: Named | None
    co_units: list[Named]
    total: ShownTotal
    requester: ShownRequester
    handler: str | None
    handler_phone: str | None
    outcome: str | None
    rulebook: ShownRulebook
    events: list[ShownEvent]
    messages: list[ShownMessage]
    ledger_lines: int
    follows: str | None
    followed_by: list[str]

    @classmethod
    def told(cls, found: Dossier, reader: Actor, at: datetime) -> Self:
        case, state = found.case, state_seen(found)
        rulebook = rulebooks.version(case.rulebook_id)
        names = _names(found, state, reader)
        return cls(
            **_standing(case.number, state, [case.unit], reader, at)
            | {"clocks": [ShownClock.of(clock_state(clock), at) for clock in found.clocks]},
            title=found.text.title,
            text=found.text.text,
            channel=case.channel,
            confidential=case.confidential,
            origin=case.origin,
            received_at=case.received_at,
            contacts=case.contacts,
            post=Named.of(case.post),
            respondent=Named.of(names.units.get(state.respondent or 0)) if oversees(reader) else None,
            co_units=[one for unit in sorted(state.co_units) if (one := Named.of(names.units.get(unit)))],
            total=ShownTotal(started=min(one.at for one in found.contacts), done=case.closed_at),
            requester=ShownRequester.of(masked(found)),
            handler=found.latest("handler"),
            handler_phone=found.latest("handler_phone"),
            outcome=next(iter(reversed(_words(found, "reported"))), None),
            rulebook=ShownRulebook(id=rulebook.rulebook, version=rulebook.version, title=rulebook.title),
            events=list(_events(found, names)),
            messages=list(_messages(found)),
            ledger_lines=case.ledger_seq,
            follows=found.follows,
            followed_by=list(found.followed_by),
        )


def _words(found: Dossier, event: str) -> list[str]:
    said = [found.said.get(line.record_id or 0) for line in found.lines if line.event == event]
    return [word for one in said if one is not None and (word := one.listed) is not None]


def _names(found: Dossier, state: CaseState, reader: Actor) -> Names:
    """Look up what the case and its acts name: units, posts, and other cases that `reader` may see."""
    facts = [said.facts for said in found.said.values()]
    units = {line.unit_id for line in found.lines} | {state.respondent, *state.co_units}
    return names_of(
        {unit for unit in units if unit is not None} | ids_in(facts, UNITS),
        ids_in(facts, POSTS),
        ids_in(facts, CASES_TOLD),
        visible_to(reader),
    )


def _events(found: Dossier, names: Names) -> Iterator[ShownEvent]:
    """Yield the events in their order; of an assignment neither who approved an exception nor why, as on the page."""
    for line in found.lines:
        said = found.said.get(line.record_id or 0)
        author = found.authors.get(line.actor)
        yield ShownEvent(
            event=line.event,
            at=line.at,
            recorded_at=line.recorded_at,
            by=author.name if author else None,
            by_liaison=author is not None and author.is_liaison,
            by_delegate=author is not None and author.is_delegate(line.at),
            unit=Named.of(names.units.get(line.unit_id or 0)),
            word=said.word if said else None,
            texts=dict(said.texts) if said and line.event != "assigned" else {},
            facts=told(said.facts, names) if said else {},
            moved=[_move(one) for one in said.moved] if said else [],
        )


def _move(moved: Mapping[str, str]) -> ShownMove:
    before, after = (datetime.fromisoformat(moved[end]) for end in ("from", "to"))
    return ShownMove(step=moved["step"], before=before, after=after)


def _messages(found: Dossier) -> Iterator[ShownMessage]:
    for message in found.messages:
        yield ShownMessage(
            at=message.created_at,
            to=message.audience,
            text=text_of(message, found.key, language()),
            delivery=message.delivery,
        )


class ShownRow(Schema):
    """A case in a list."""

    number: str
    title: str
    kind: str
    channel: str
    stage: str
    cycle: int
    urgency: str
    post: Named | None
    unit: Named | None
    received_at: Moment
    due: Moment | None
    due_step: str | None
    closed_at: Moment | None
    closed_as: str | None

    @classmethod
    def of(cls, case: Case) -> Self:
        same = ("number", "kind", "channel", "stage", "cycle", "urgency", "received_at", "due_step")
        return cls(
            **{name: getattr(case, name) for name in (*same, "closed_at", "closed_as")},
            title=case.title,  # type: ignore[attr-defined]  # annotated by the query
            post=Named.of(case.post),
            unit=Named.of(case.unit),
            due=case.due_at,
        )


class ShownPage(Schema):
    """A page of a list; `older` and `newer` are what `from` must say for the pages beside it, where there are any."""

    cases: list[ShownRow]
    newer: str | None
    older: str | None

    @classmethod
    def of(cls, page: Page[Case]) -> Self:
        return cls(cases=[ShownRow.of(case) for case in page.rows], **_neighbours(page))


def _neighbours(page: Page[Any]) -> dict[str, str | None]:
    return {
        "newer": str(page.newer) if page.newer else None,
        "older": str(page.older) if page.older else None,
    }


class ShownWaiting(Schema):
    """A contact that waits to be sorted or called back; what was said is masked."""

    contact: int
    kind: str
    channel: str
    received_at: Moment
    post: Named | None
    confidential: bool
    text: str
    requester: ShownRequester
    missing: list[str]
    due: Moment | None
    due_step: str | None

    @classmethod
    def of(cls, one: WaitingContact) -> Self:
        contact = one.contact
        return cls(
            contact=contact.id,
            kind=contact.kind,
            channel=contact.channel,
            received_at=contact.at,
            post=Named.of(contact.post),
            confidential=contact.confidential,
            text=one.text,
            requester=ShownRequester.of(one.requester),
            missing=contact.missing,
            due=one.due_at,
            due_step=one.due_step,
        )


class ShownWaitingPage(Schema):
    """A page of the contacts that wait, the longest first; `older` and `newer` lead on and back as with cases."""

    contacts: list[ShownWaiting]
    newer: str | None
    older: str | None

    @classmethod
    def of(cls, page: Page[WaitingContact]) -> Self:
        return cls(contacts=[ShownWaiting.of(one) for one in page.rows], **_neighbours(page))


class ShownTotals(Schema):
    """`contacts` = raw less those that joined a case; `cases` = `open` + `closed` + `not_counted`."""

    contacts_raw: int
    contacts: int
    cases: int
    open: int
    closed: int
    satisfied: int
    understanding: int
    unsatisfied: int
    not_counted: int

    @classmethod
    def of(cls, totals: Totals) -> Self:
        return cls(**{name: getattr(totals, name) for name in cls.model_fields})
