"""What the API tells: the same facts as the pages, as words of the closed lists; personal data is masked as there."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Self

from ninja import Schema
from pydantic import AfterValidator

from huying.cases import rulebooks
from huying.cases.dossier import Dossier
from huying.cases.language import language
from huying.cases.masked import Masked, masked, text_of
from huying.cases.models import Case, Clock
from huying.cases.queries import Page, Totals
from huying.people.models import Post, Unit
from huying.rules.state import CaseState, ClockState
from huying.rules.terms import on_time
from huying.rules.vocabulary import Action
from huying.rules.words import in_words

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


class ShownClock(ShownTerm):
    """A term as it stands; `on_time` is null until it is done or due. A void one no longer counts."""

    cycle: int
    started: Moment
    done: Moment | None
    void: Moment | None
    on_time: bool | None

    @classmethod
    def of(cls, clock: Clock | ClockState, at: datetime) -> Self:
        return cls(
            step=clock.step,
            cycle=clock.cycle,
            started=clock.started_at,
            due=clock.due_at,
            done=clock.done_at,
            void=clock.void_at,
            on_time=on_time(clock.due_at, clock.done_at, at),
            provisional=clock.provisional,
            why=_why(clock),
        )


def _why(clock: Clock | ClockState) -> str:
    return in_words(clock.why, language())


class ShownContact(Schema):
    """What a contact led to: without a case neither number nor query code nor terms."""

    contact: int
    case: str | None
    code: str | None
    clocks: list[ShownTerm]


class Standing(Schema):
    """How far a case has come."""

    number: str
    stage: str
    cycle: int
    level: int
    unit: Named | None
    verdict: str | None
    closed_at: Moment | None
    closed_as: str | None
    flags: list[str]
    actions: list[str]
    clocks: list[ShownClock]

    @classmethod
    def after(cls, number: str, state: CaseState, units: Iterable[Unit | None], at: datetime) -> Self:
        """Return the case as a command left it; its present unit is among `units`."""
        return cls(
            number=number,
            stage=state.stage,
            cycle=state.cycle,
            level=state.level,
            unit=Named.of(next((unit for unit in units if unit is not None and unit.id == state.unit), None)),
            verdict=state.verdict,
            closed_at=state.ended_at,
            closed_as=state.closed_as,
            flags=sorted(state.flags),
            actions=list(state.actions),
            clocks=[ShownClock.of(clock, at) for clock in state.clocks],
        )


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
    """One line of the ledger; `word` is its method, outcome, verdict, result, action or flag.

    `moved` are the terms that a `recounted` moved.
    """

    event: str
    at: Moment
    recorded_at: Moment
    by: str | None
    by_liaison: bool
    unit: Named | None
    word: str | None
    texts: dict[str, str]
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


class ShownCase(Standing):
    """Everything about one case."""

    title: str
    text: str
    kind: str
    complexity: str
    urgency: str
    channel: str
    confidential: bool
    origin: str
    received_at: Moment
    contacts: int
    missing: list[str]
    post: Named | None
    requester: ShownRequester
    handler: str | None
    handler_phone: str | None
    outcome: str | None
    rulebook: ShownRulebook
    events: list[ShownEvent]
    messages: list[ShownMessage]
    ledger_lines: int

    @classmethod
    def told(cls, found: Dossier, at: datetime) -> Self:
        case = found.case
        rulebook = rulebooks.version(case.rulebook_id)
        return cls(
            number=case.number,
            stage=case.stage,
            cycle=case.cycle,
            level=case.level,
            unit=Named.of(case.unit),
            verdict=case.verdict,
            closed_at=case.closed_at,
            closed_as=case.closed_as,
            flags=case.flags,
            actions=[word for word in _words(found, "escalated") if word in list(Action)],
            clocks=[ShownClock.of(clock, at) for clock in found.clocks],
            title=found.text.title,
            text=found.text.text,
            kind=case.kind,
            complexity=case.complexity,
            urgency=case.urgency,
            channel=case.channel,
            confidential=case.confidential,
            origin=case.origin,
            received_at=case.received_at,
            contacts=case.contacts,
            missing=list(found.missing),
            post=Named.of(case.post),
            requester=ShownRequester.of(masked(found)),
            handler=found.latest("handler"),
            handler_phone=found.latest("handler_phone"),
            outcome=next(iter(reversed(_words(found, "reported"))), None),
            rulebook=ShownRulebook(id=rulebook.rulebook, version=rulebook.version, title=rulebook.title),
            events=list(_events(found)),
            messages=list(_messages(found)),
            ledger_lines=case.ledger_seq,
        )


def _words(found: Dossier, event: str) -> list[str]:
    said = [found.said.get(line.record_id or 0) for line in found.lines if line.event == event]
    return [word for one in said if one is not None and (word := one.listed) is not None]


def _events(found: Dossier) -> Iterator[ShownEvent]:
    """Yield the events in their order; of an assignment neither who approved an exception nor why, as on the page."""
    units: Mapping[int, Unit] = {unit.id: unit for unit in _known_units(found)}
    for line in found.lines:
        said = found.said.get(line.record_id or 0)
        author = found.authors.get(line.actor)
        yield ShownEvent(
            event=line.event,
            at=line.at,
            recorded_at=line.recorded_at,
            by=author.name if author else None,
            by_liaison=author is not None and author.is_liaison,
            unit=Named.of(units.get(line.unit_id or 0)),
            word=said.word if said else None,
            texts=dict(said.texts) if said and line.event != "assigned" else {},
            moved=[_move(one) for one in said.moved] if said else [],
        )


def _move(moved: Mapping[str, str]) -> ShownMove:
    before, after = (datetime.fromisoformat(moved[end]) for end in ("from", "to"))
    return ShownMove(step=moved["step"], before=before, after=after)


def _known_units(found: Dossier) -> Iterator[Unit]:
    """Yield the holder and the units that have acted: what the case page can name too."""
    for unit in (found.case.unit, *(author.unit for author in found.authors.values())):
        if unit is not None:
            yield unit


def _messages(found: Dossier) -> Iterator[ShownMessage]:
    for message in found.messages:
        yield ShownMessage(
            at=message.created_at,
            to=message.audience,
            text=text_of(message, found),
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
    def of(cls, page: Page) -> Self:
        return cls(
            cases=[ShownRow.of(case) for case in page.rows],
            newer=str(page.newer) if page.newer else None,
            older=str(page.older) if page.older else None,
        )


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
