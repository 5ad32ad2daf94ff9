"""The tables of a rulebook but for its steps: which keys each one has, and what an absent key means.

STORIES.md and DOMAIN.md 4.8 say so; a default that neither of them states is marked "ours". The models have
the names of the keys. `rulebook` reads them and answers questions about them as a whole.
"""

from datetime import time
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StrictBool, StrictInt, model_validator

from .duration import Duration, Unit
from .rulebook_values import (
    Clock,
    Count,
    Day,
    DayEnd,
    Formula,
    Hours,
    NotEmpty,
    Slug,
    Table,
    Term,
    Text,
    Wait,
    Word,
    Words,
    intervals,
    known_zone,
    minute_of_day,
    written_as,
)
from .vocabulary import (
    Action,
    AnswerMode,
    Fault,
    Flag,
    Kind,
    Roll,
    Trigger,
    VerdictCode,
)

MAX_REOPEN = 2


# --- head, calendar, directory, channels, intake


class About(Table):
    """`[rulebook]`: whose mechanism this is; `id` is a reference shown to people."""

    id: Slug
    title: Text
    gb2260: Annotated[str, written_as(r"\d{6}", "a place code of six digits")] | None = None
    timezone: Annotated[str, AfterValidator(known_zone)] = "Asia/Shanghai"
    effective_from: Day
    effective_to: Day | None = None
    document: Text | None = None
    audience: Words | None = None
    office: Text | None = None
    published_posts: Count | None = None
    status: Word | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.effective_to is not None and self.effective_to < self.effective_from:
            raise ValueError("effective_to lies before effective_from")
        return self


class Calendar(Table):
    """`[calendar]`: which days count and when a day ends (DOMAIN 4.3; 民法典 203)."""

    id: Slug
    day_end: DayEnd = "24:00"
    roll: Roll = Roll.NEXT_WORKING_DAY
    late_intake: Literal["own_day", "next_working_day"] = "own_day"
    on_missing_year: Literal["provisional"] = "provisional"

    @property
    def day_end_minute(self) -> int:
        """Return the end of a day in minutes after midnight: 1440 for 24:00."""
        return minute_of_day(self.day_end)


class Directory(Table):
    """`[directory]`: what is published of each post (000)."""

    fields_: Words = Field(alias="fields")


class Parking(Table):
    """Spaces kept for visitors who booked a slot (004)."""

    kind: Word
    spaces: Count


class Channel(Table):
    """`[[channel]]`: one way in, who answers it and when (DOMAIN 1.1)."""

    kind: Word
    enabled: StrictBool = True
    preferred: StrictBool = False
    answer_mode: AnswerMode | None = None
    announce_answer_mode: StrictBool = False
    number: Annotated[str, written_as(r"\+?[\d-]+", "a telephone number")] | None = None
    hours: Hours = "00:00-24:00"
    days: Literal["every_day", "working_day"] = "every_day"
    out_of_hours: Literal["record", "voicemail_and_callback_task"] | None = None
    missed_call: Literal["call_back"] | None = None
    auto_reply: Text | None = None
    greeting: Text | None = None
    transfer_to_leader: StrictBool = False
    counts_as_contact: StrictBool = True
    review_by: Words | None = None
    one_message_one_case: StrictBool = False
    join_window: Term | None = None
    friend_request: Literal["accept_and_log"] | None = None
    friend_verification: StrictBool = False
    equal_treatment: StrictBool = False
    dormant_friend_review: Term | None = None
    min_slot_minutes: Count | None = None
    place: Text | None = None
    parking: Parking | None = None
    confirm_within: Term | None = None

    def is_open(self, local: time, *, working_day: bool, until: time | None = None) -> bool:
        """Return whether `local` is within hours: 08:00-22:00 has 21:59:30 and not 22:00:00 (S18).

        `until` is when a half day ends, if it is one; it closes what is open on working days alone.
        """
        if not self.enabled:
            return False
        if self.days == "working_day" and (not working_day or (until is not None and local >= until)):
            return False
        minute = local.hour * 60 + local.minute
        return any(opens <= minute < closes for opens, closes in intervals(self.hours))


class KindRule(Table):
    """`[intake.kinds] X`: what a city does differently with a kind of contact."""

    creates_case: StrictBool | None = None
    counts_as_call: StrictBool = True
    may_answer_on_spot: StrictBool | None = None
    route: Word | None = None


class Kinds(Table):
    """`[intake.kinds]`: one entry per `Kind`; an absent one means what STORIES says under "Kinds"."""

    unsorted: KindRule | None = None
    verification: KindRule | None = None
    standby: KindRule | None = None
    missed: KindRule | None = None
    spam: KindRule | None = None
    fraud_report: KindRule | None = None
    consultation: KindRule | None = None
    problem: KindRule | None = None
    help: KindRule | None = None
    suggestion: KindRule | None = None
    complaint: KindRule | None = None
    report: KindRule | None = None
    praise: KindRule | None = None
    investment_lead: KindRule | None = None


class Intake(Table):
    """`[intake]`: what a contact must say, and what it is by default."""

    required: tuple[Word, ...] = ()
    optional: tuple[Word, ...] = ()
    anonymous: StrictBool = False
    confidential: StrictBool = False
    id_check: Literal["gb11643_checksum"] | None = None
    on_missing: Literal["pending_info"] = "pending_info"
    pending_info_limit: Term | None = None
    sensitive: tuple[Word, ...] = ()
    not_accepted: tuple[Word, ...] = ()
    dedupe: Literal["merge_touch"] = "merge_touch"
    repeat_caller_priority: Literal["none"] = "none"  # 002: 不能说谁反映得多就为谁特办; there is no other value
    keep_verbatim: StrictBool = True
    flag_obstruction_by_unit: StrictBool = False
    kinds: Kinds = Kinds()


# --- urgency, verdicts, ladder


class UrgentTerms(Table):
    """`[urgency.urgent]` 紧急: from the marking to the assignment and to the first talk with the requester."""

    dispatch: Term = Duration(2, Unit.HOURS)
    feedback: Term = Duration(24, Unit.HOURS)


class CriticalTerms(UrgentTerms):
    """`[urgency.critical]` 特急."""

    dispatch: Term = Duration(1, Unit.HOURS)
    feedback: Term = Duration(2, Unit.HOURS)


class UrgencyTerms(Table):
    """`[urgency]`: a marked case has terms under every rulebook; the default hours are those of DOMAIN 4.4."""

    critical: CriticalTerms = CriticalTerms()
    urgent: UrgentTerms = UrgentTerms()


class Verdicts(Table):
    """`[verdicts]`: what may be said at the callback, and what follows from it."""

    allowed: Annotated[tuple[VerdictCode, ...], NotEmpty]
    close_on: tuple[VerdictCode, ...] = (VerdictCode.SATISFIED, VerdictCode.UNDERSTANDING)
    reopen_on: tuple[VerdictCode, ...] = (VerdictCode.UNSATISFIED,)
    max_reopen: Annotated[StrictInt, Field(ge=0)] = MAX_REOPEN
    unreachable_closes_after: Count | None = None

    @model_validator(mode="after")
    def _closes_or_reopens(self) -> Self:
        both = sorted(set(self.close_on) & set(self.reopen_on))
        if both:
            raise ValueError(f"close_on and reopen_on both name {', '.join(both)}")
        return self


class Rung(Table):
    """`[[ladder]]`: what is done or flagged, or who of the unit is told, and how long after what; absent = 0."""

    on: Trigger
    after: Wait = Duration(0, Unit.HOURS)
    times: Count = 1
    faults: Annotated[tuple[Fault, ...], NotEmpty] = tuple(Fault)
    action: Action | None = None
    flag: Flag | None = None
    tell: tuple[Literal["liaison", "duty_phone", "head"], ...] = ()
    by: Word | None = None

    @model_validator(mode="after")
    def _means_something(self) -> Self:
        if self.action is None and self.flag is None and not self.tell:
            raise ValueError("has neither action nor flag, and tells nobody")
        if "times" in self.model_fields_set and self.on is not Trigger.UNSATISFIED:
            raise ValueError("counts times, which only a rung on unsatisfied does")
        if "faults" in self.model_fields_set and self.on is not Trigger.FAULT:
            raise ValueError("names faults, which only a rung on fault does")
        return self


# --- reports


class DailyBrief(Table):
    """A report every day at `at`, to the posts or roles named."""

    at: Clock
    to: Words


class WeeklyReport(Table):
    """周分析."""

    on: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    kind: Word


class MonthlyReport(Table):
    """月通报, on a day that every month has."""

    on: Annotated[StrictInt, Field(ge=1, le=28)]
    kind: Word


class PublicReport(Table):
    """What the public reads, and how often."""

    every: Literal["day", "week", "month", "quarter", "year"]
    fields: Words


class Rates(Table):
    """Numerator / denominator of each published rate (DOMAIN 4.6)."""

    closed: Formula | None = None
    on_time: Formula | None = None
    response: Formula | None = None
    resolution: Formula | None = None
    satisfied: Formula | None = None
    understanding: Formula | None = None
    unsatisfied: Formula | None = None
    returned: Formula | None = None
    reopened: Formula | None = None


class Reports(Table):
    """`[reports]`: what is written, when and for whom; `window_days` = how far back a report looks."""

    daily_brief: DailyBrief | None = None
    daily: DailyBrief | None = None
    weekly: WeeklyReport | None = None
    monthly: MonthlyReport | None = None
    public: PublicReport | None = None
    rates: Rates = Rates()
    window_days: Count | None = None
    kinds: tuple[Kind, ...] = ()
