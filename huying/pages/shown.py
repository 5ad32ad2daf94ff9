"""What the templates show: plain frozen values, already masked, translated and decided by the views.

Nothing here asks the database, the clock or the rules. A template gets these and nothing else, so that
what a page can reveal is readable in this file.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.forms import Form

DueState = Literal["done", "ok", "warn", "late", "wait"]
ClockState = Literal["done", "running", "late", "void"]
StepState = Literal["done", "now", "late", "next"]
Tone = Literal["info", "warn", "late"]


@dataclass(frozen=True)
class ShownPage:
    """The heading of a page, also its title in the browser."""

    title: str


@dataclass(frozen=True)
class ShownTab:
    """A link to a list, with the number of what is in it (None: not counted); `within`: this page is of it."""

    label: str
    url: str
    current: bool = False
    count: int | None = None
    within: bool = False


@dataclass(frozen=True)
class ShownFrame:
    """What stands around every page. An empty text isn't printed: only print what is true here."""

    city: str = ""
    office: str = ""
    unit: str = ""
    person: str = ""
    tabs: Sequence[ShownTab] = ()
    rulebook: str = ""
    calendar: str = ""
    as_of: datetime | None = None


@dataclass(frozen=True)
class ShownDue:
    """A term in words; `at` is the end that the words mean, for machines."""

    state: DueState
    text: str
    at: datetime | None = None


@dataclass(frozen=True)
class ShownFinding:
    """What a check found in the rulebook; `key` is where, as the file writes it."""

    severity: str
    word: str
    text: str
    key: str


@dataclass(frozen=True)
class ShownRequester:
    """Who asked, as far as this viewer may know: masked, or once, after a look that is logged, `in_clear`.

    `call_url` is where one asks for that look; empty for whoever may not have it. `care`: what whoever calls should
    know; `behalf`: for whom the requester speaks, masked like the requester; `may_publish`: whether the outcome
    may be published without naming anybody.
    """

    name: str | None = None
    phone: str | None = None
    reference: str | None = None
    in_clear: bool = False
    call_url: str = ""
    care: Sequence[str] = ()
    behalf: str = ""
    may_publish: bool = False


@dataclass(frozen=True)
class ShownCase:
    """One row of the register. `requester` None in the first row: the list shows no requesters."""

    number: str
    url: str
    title: str
    channel: str
    received_at: datetime
    stage: str
    post: str = ""
    unit: str = ""
    urgency: str | None = None
    due: ShownDue | None = None
    ended_at: datetime | None = None
    requester: ShownRequester | None = None


@dataclass(frozen=True)
class ShownTotals:
    """The city's equation: raw contacts → cases = open (overdue inside) + closed + not counted.

    `contacts_raw` is None for whoever sees a part of the cases only.
    """

    contacts_raw: int | None
    cases: int
    open: int
    overdue: int
    closed: int
    not_counted: int
    as_of: datetime

    def __post_init__(self) -> None:
        if self.open + self.closed + self.not_counted != self.cases or self.overdue > self.open:
            msg = f"the equation doesn't add up: {self}"
            raise ValueError(msg)

    @property
    def open_in_time(self) -> int:
        return self.open - self.overdue

    @property
    def parts(self) -> list["BarPart"]:
        """The balance bar from left to right; e.g. 60 closed of 100 cases is (closed, 0.0, 60.0)."""
        counts = (
            ("closed", self.closed),
            ("open", self.open_in_time),
            ("late", self.overdue),
            ("not-counted", self.not_counted),
        )
        parts, left = [], 0.0
        for name, count in counts:
            width = 100 * count / self.cases if self.cases else 0.0
            parts.append(BarPart(name, round(left, 2), round(width, 2)))
            left += width
        return parts


@dataclass(frozen=True)
class ShownShare:
    """A rate as it is read: `percent` is empty where there is nothing to be a part of."""

    percent: str
    numerator: int
    denominator: int


@dataclass(frozen=True)
class ShownRate:
    """A rate in words: which cases it counts, of which; of all as of now, and of those that had time enough."""

    name: str
    counts: str
    base: str
    snapshot: ShownShare
    cohort: ShownShare


@dataclass(frozen=True)
class ShownFigures:
    """The account of a period; `since` None: of all. `joined` None for whoever sees a part of the cases only."""

    totals: ShownTotals
    joined: int | None
    since: datetime | None
    settled_days: int
    left_out: bool
    groups: Sequence[tuple[str, Sequence[ShownRate]]]


@dataclass(frozen=True)
class BarPart:
    """One piece of a bar, in percent of its length."""

    name: str
    left: float
    width: float


@dataclass(frozen=True)
class ShownNext:
    """The one line that says what has to happen next; `due_at` None where no term runs."""

    label: str
    due_at: datetime | None = None
    due: ShownDue | None = None


@dataclass(frozen=True)
class ShownEnd:
    """When and as what a case ended."""

    at: datetime
    how: str


@dataclass(frozen=True)
class ShownClock:
    """One term of the case; a missed one stays late after it was met.

    `share`: how much of the term is used up, in percent (None: no bar). `between`: the holidays in a running term.
    """

    label: str
    state: ClockState
    tag: ShownDue
    due_at: datetime | None = None
    started_at: datetime | None = None
    why: str = ""
    share: int | None = None
    between: str = ""


@dataclass(frozen=True)
class ShownEvent:
    """One step of the loop. `on_time` None: the step has no term, nothing is said about it.

    `entered_at`: when it was recorded, where that was long after it happened.
    """

    what: str
    at: datetime | None = None
    who: str = ""
    detail: str = ""
    handler: str = ""
    handler_phone: str = ""
    entered_at: datetime | None = None
    on_time: bool | None = None
    state: StepState = "done"
    due: ShownDue | None = None


@dataclass(frozen=True)
class ShownReport:
    """A unit's report, or the reply to the requester, in full."""

    label: str
    at: datetime
    who: str
    text: str
    outcome: str = ""
    basis: str = ""
    public_text: str = ""


@dataclass(frozen=True)
class ShownMessage:
    """A message to the requester or a unit; `to` is masked."""

    at: datetime
    to: str
    text: str
    status: str
    failed: bool = False


@dataclass(frozen=True)
class ShownTerm:
    """What happens next and by when."""

    label: str
    due_at: datetime
    due: ShownDue


@dataclass(frozen=True)
class ShownReceipt:
    """What is read out to whoever called; without a number no case was opened. `code` is in groups of four, and
    empty where the contact joined a case.
    """

    kind: str
    received_at: datetime
    number: str = ""
    code: str = ""
    unit: str = ""
    pending: bool = False
    missing: Sequence[str] = ()
    not_assigned: str = ""
    terms: Sequence[ShownTerm] = ()
    confidential: bool = False


@dataclass(frozen=True)
class ShownImport:
    """The mark of a case that was entered later than it happened."""

    from_file: bool
    entered_at: datetime
    original_at: datetime


@dataclass(frozen=True)
class ShownLedger:
    """The chain of this case: how many lines, and the first characters of its head."""

    length: int
    head: str


@dataclass(frozen=True)
class ShownAction:
    """Something that can be done to the case: its form, and what follows from it. `open`: it was tried just now.

    `calls`: it is done after the requester was called.
    """

    verb: str
    label: str
    form: Form
    hints: Sequence[str] = ()
    open: bool = False
    calls: bool = False


@dataclass(frozen=True)
class ShownGroup:
    """Rare things to do, folded under one heading; `open`: one of them was tried just now."""

    heading: str
    actions: Sequence[ShownAction]
    open: bool = False


@dataclass(frozen=True)
class ShownNotYet:
    """Something that can't be done yet, and why."""

    label: str
    why: str


@dataclass(frozen=True)
class ShownActions:
    """What somebody may do to the case now: the next step of the loop, what is usual, the rest; and what not yet.

    `seen` is the version of the case that the forms are about, `by` the mark of whom they were made for. Of a form
    that there is no more, `refused` says why it wasn't done and `typed` what was written into it, label and text.
    """

    seen: int
    by: str
    main: ShownAction | None = None
    others: Sequence[ShownAction] = ()
    groups: Sequence[ShownGroup] = ()
    not_yet: Sequence[ShownNotYet] = ()
    no_units: bool = False
    refused: str = ""
    typed: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class ShownPile:
    """Cases that wait for the same step: how many, how many late, the first of them, and the list of all."""

    name: str
    label: str
    count: int
    late: int
    url: str
    rows: Sequence[ShownCase] = ()


@dataclass(frozen=True)
class ShownContact:
    """A contact of which no case was made, without what can be done about it."""

    kind: str
    text: str
    channel: str
    received_at: datetime
    post: str = ""
    next: ShownNext | None = None
    requester: ShownRequester = field(default_factory=ShownRequester)
    clocks: Sequence[ShownClock] = ()
    events: Sequence[ShownEvent] = ()


@dataclass(frozen=True)
class ShownFile:
    """A file of a case; without `url` it is not for this reader. `used_elsewhere`: how often it is proof besides."""

    name: str
    kind: str
    size: str
    at: datetime
    url: str
    used_elsewhere: int = 0


@dataclass(frozen=True)
class ShownErrand:
    """A number that leads to a list, and what there is to do about it."""

    label: str
    count: int
    says: str
    url: str
    late: bool = False


@dataclass(frozen=True)
class ShownNotice:
    """An unread notice, in the reader's language; without a URL where the reader sees the case no longer."""

    id: int
    number: str
    title: str
    url: str
    at: datetime
    text: str


@dataclass(frozen=True)
class ShownCall:
    """Somebody to phone, and what to say, in the citizen's language; `requester.call_url` asks for the number."""

    id: int
    number: str
    title: str
    url: str
    since: datetime
    says: str
    requester: ShownRequester
    tries: int
    again_at: datetime | None = None
    without_code: bool = False  # the query code that it speaks of has to be issued anew


@dataclass(frozen=True)
class ShownStuck:
    """What the closers found of one kind, what to do about it, and the first of its cases."""

    name: str
    label: str
    remedy: str
    count: int
    rows: Sequence[ShownCase] = ()


@dataclass(frozen=True)
class ShownCasePage:
    """A case without what can be done to it. Lists come in the order of reading; ended clocks are folded away."""

    number: str
    cycle: int
    rulebook: str
    title: str
    stage: str
    text: str
    channel: str
    received_at: datetime
    post: str = ""
    kind: str = ""
    urgency: str | None = None
    unit: str = ""
    handler: str = ""
    handler_phone: str = ""
    handed_over: int | None = None
    imported: ShownImport | None = None
    next: ShownNext | None = None
    end: ShownEnd | None = None
    requester: ShownRequester = field(default_factory=ShownRequester)
    clocks: Sequence[ShownClock] = ()
    ended_clocks: Sequence[ShownClock] = ()
    ended_says: str = ""
    situation: Sequence[tuple[str, str]] = ()
    events: Sequence[ShownEvent] = ()
    reports: Sequence[ShownReport] = ()
    messages: Sequence[ShownMessage] = ()
    ledger: ShownLedger | None = None
    flags: Sequence[str] = ()
    attached: int = 0  # files
    missing: Sequence[str] = ()
    prior_attempts: str = ""
    normal_channel: str = ""
    follows: str | None = None
    followed_by: Sequence[str] = ()

    @property
    def was_late(self) -> bool:
        return any(clock.tag.state == "late" for clock in self.ended_clocks)
