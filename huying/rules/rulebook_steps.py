"""The `[step.X]` tables of a rulebook: one model per step, absent = there is no such clock.

A default that neither STORIES.md nor DOMAIN.md states is marked "ours".
"""

from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, StrictBool, Tag, model_validator

from .duration import Duration, Unit
from .rulebook_values import HHMM, Count, NotEmpty, Table, Term, minute_of_day, shape, written_as
from .vocabulary import Method, Roll, StartEvent

MAX_LEVELS = 2
ATTEMPTS = 3
ATTEMPT_SPACING = Duration(4, Unit.HOURS)
OFFICE_TERM = Duration(3, Unit.WORKING_DAYS)
STATEMENT_TERM = Duration(3, Unit.WORKING_DAYS)  # STORIES: after it a fault is confirmed without a statement


class ByComplexity(Table):
    """`resolve.due` as a table; without `consultation` one takes the term of its complexity (ours)."""

    consultation: Term | None = None
    simple: Term
    complex: Term


class ByUrgency(Table):
    """`acknowledge.due` as a table; an urgency that isn't named has no such clock (ours)."""

    critical: Term | None = None
    urgent: Term | None = None
    normal: Term | None = None


TermByComplexity = Annotated[
    Annotated[Term, Tag("(text)")] | Annotated[ByComplexity, Tag("(table)")], Discriminator(shape)
]
TermByUrgency = Annotated[Annotated[Term, Tag("(text)")] | Annotated[ByUrgency, Tag("(table)")], Discriminator(shape)]


class Clocked(Table):
    """A step with a clock; its `roll` wins over the calendar's."""

    roll: Roll | None = None


class Started(Clocked):
    """A step whose clock starts at an event of the case."""

    start: StartEvent


class Register(Started):
    """接电登记: until the first of classify, assign, answer, decline, refer."""

    start: StartEvent = StartEvent.RECEIVED
    due: Term


class Assign(Started):
    """交办; the default `start` is ours."""

    start: StartEvent = StartEvent.RECEIVED
    due: Term
    max_levels: Count = MAX_LEVELS
    exceed_levels: Literal["needs_approval"] = "needs_approval"


class Acknowledge(Started):
    """签收."""

    start: StartEvent = StartEvent.ASSIGNED
    due: TermByUrgency


class Contact(Started):
    """沟通; the default `start` is ours, and so is that every method counts where none is named."""

    start: StartEvent = StartEvent.FIRST_ASSIGNED
    due: Term
    methods: Annotated[tuple[Method, ...], NotEmpty] = tuple(Method)
    must_disclose: tuple[Literal["handler_name", "handler_phone"], ...] = ()
    keep_contact: StrictBool = False
    attempts: Count = ATTEMPTS
    attempt_spacing: Term = ATTEMPT_SPACING


class Return(Started):
    """退单; without `max` the number is not limited (ours)."""

    start: StartEvent = StartEvent.ASSIGNED
    due: Term
    approver: Literal["office"] = "office"
    max: Count | None = None


class Resolve(Started):
    """办理; the default `start` is ours."""

    start: StartEvent = StartEvent.FIRST_ASSIGNED
    due: TermByComplexity


class Extension(Table):
    """延期 of the resolve term by at most `limit`; without `max` the number is not limited (ours)."""

    max: Count | None = None
    limit: Term
    must_inform_citizen: StrictBool = False


class Callback(Started):
    """回访; one that starts at "closed" is a follow-up visit, `times` times, `every` so often (000)."""

    start: StartEvent = StartEvent.REPORTED
    due: Term | None = None
    every: Term | None = None
    times: Count = 1
    by: Literal["office"] = "office"
    attempts: Count | None = None
    attempt_spacing: Term = ATTEMPT_SPACING

    @model_validator(mode="after")
    def _has_a_term(self) -> Self:
        if self.due is None and (self.every is None or self.start is not StartEvent.CLOSED):
            raise ValueError('needs due; or, with start = "closed", every')
        return self


class ReturnCall(Started):
    """漏接回拨."""

    start: StartEvent = StartEvent.RECEIVED
    due: Term


class NotifyAcceptance(Started):
    """受理告知, ended by the first assignment; the default `start` is ours."""

    start: StartEvent = StartEvent.RECEIVED
    due: Term


class Review(Started):
    """复查: `window` to ask for it, `due` to decide it."""

    start: StartEvent = StartEvent.VERIFIED
    window: Term
    due: Term
    final: StrictBool = False


class ReReview(Clocked):
    """复核: its window opens when a review upholds, so it has no `start`."""

    window: Term
    due: Term
    final: StrictBool = False


class Office(Clocked):
    """What runs on the office's desk where a stage has no other term; it is always there."""

    due: Term = OFFICE_TERM


class DailyReview(Table):
    """研办: the daily agenda of the leaders, and which cases are on it (000)."""

    schedule: Annotated[str, written_as(rf"daily {HHMM}", "a schedule such as daily 17:00")]
    scope: Annotated[str, written_as(r"all|channel:[a-z][a-z0-9_]*", "a scope such as channel:hotline or all")]

    @property
    def at_minute(self) -> int:
        """Return when the agenda is made, in minutes after midnight."""
        return minute_of_day(self.schedule.removeprefix("daily "))


class Report(Table):
    """What a unit's report must contain (DOMAIN 4.2: report text, outcome, basis)."""

    required: tuple[Literal["text", "outcome", "basis"], ...] = ("text", "outcome", "basis")


class Steps(Table):
    """`[step.X]`: an absent one means that there is no such clock; `office` and `report` are always there."""

    register_: Register | None = Field(None, alias="register")  # BaseModel has a `register` of its own
    assign: Assign | None = None
    acknowledge: Acknowledge | None = None
    contact: Contact | None = None
    return_: Return | None = Field(None, alias="return")
    resolve: Resolve | None = None
    extension: Extension | None = None
    callback: Callback | None = None
    return_call: ReturnCall | None = None
    notify_acceptance: NotifyAcceptance | None = None
    review: Review | None = None
    re_review: ReReview | None = None
    office: Office = Office()
    daily_review: DailyReview | None = None
    report: Report = Report()
