"""What becomes of a matter of the invented city: the commands of its case, each by whom and when.

Units work on working days; the office has somebody on duty every day. Most cases run as they should; some are late,
come back, or lie where nobody moves them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import takewhile
from random import Random

from huying.rules.commands import (
    Acknowledge,
    Assign,
    CallbackAttempt,
    Command,
    GiveAnswer,
    RecordContact,
    RecordVerdict,
    RejectReport,
    SubmitReport,
    Verify,
)
from huying.rules.vocabulary import Complexity

from .telling import Call

OFFICE, CALLBACKS = "clerk", "operator"
_CLOSES = 18  # the last hour in which a unit does something
# How the cases run that have no course of their own, out of a hundred.
_COURSES = {"plain": 52, "slow": 9, "late_assigned": 4, "reopened": 11, "rejected": 6, "unreachable": 4,
            "declined": 3, "stuck_acknowledged": 3, "stuck_contacted": 4, "stuck_verified": 4}  # fmt: skip
# Where a case lies: the command that never comes.
_NEVER: Mapping[str, type[Command]] = {
    "stuck_assigned": Acknowledge,
    "stuck_acknowledged": RecordContact,
    "stuck_contacted": SubmitReport,
    "stuck_reported": Verify,
    "stuck_verified": RecordVerdict,
}
_WITHOUT_STEPS = ("no_phone", "confidential")  # what the desk can't do yet, or nobody may see
# Of those who don't say that they are unsatisfied, how many say "I understand": 13.9 of 58.4 + 13.9 (亳州, 2022).
_UNDERSTAND = 0.19


@dataclass(frozen=True)
class Step:
    at: datetime
    by: str
    command: Command


@dataclass(frozen=True)
class Organisation:
    """The units by code: their ids, who handles, and at which number."""

    ids: Mapping[str, int]
    handlers: Mapping[str, tuple[str, str]]


@dataclass
class Life:
    """The way of one case; `at` is where it has come to."""

    call: Call
    organisation: Organisation
    is_working: Callable[[date], bool]
    rng: Random
    at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.at = self.call.at
        [drawn] = self.rng.choices(list(_COURSES), list(_COURSES.values()))
        matter = self.call.matter
        if drawn == "reopened" and (matter is None or matter.unhappy is None):
            drawn = "plain"
        self.course = (matter and matter.course) or drawn

    def steps(self) -> list[Step]:
        """Return everything that happens to the case, also what lies beyond today."""
        if self.call.matter is None or self.course in _WITHOUT_STEPS:
            return []
        if self.course == "answered" and self.call.matter.answer:
            self._pass(hours=1)
            return [self._step(OFFICE, GiveAnswer(self.call.matter.answer))]
        never = _NEVER.get(self.course, type(None))
        return list(takewhile(lambda step: not isinstance(step.command, never), self._whole()))

    def _whole(self) -> Iterator[Step]:
        yield from self._handed_on()
        holder = self.call.way[-1]
        name, phone = self.organisation.handlers[holder]
        self._work(days=0, hour=15 if self.at.hour < 12 else 9)
        yield self._step(holder, Acknowledge(name, phone))
        for _ in range({"reopened": 1, "three_cycles": 2}.get(self.course, 0)):
            yield from self._handled(holder)
            yield self._verdict("unsatisfied")
        yield from self._handled(holder)
        if self.course == "three_cycles":
            yield self._verdict("unsatisfied")
        elif self.course == "unreachable":
            for hour in (10, 15, 10):  # each more than the four hours after the one before that a rulebook may ask
                yield self._not_reached(hour)
            yield self._verdict("unreachable")
        else:
            yield self._verdict("declined" if self.course == "declined" else self._content())

    def _handed_on(self) -> Iterator[Step]:
        if self.course == "late_assigned":
            self._work(days=3, hour=10)
        elif self.at.hour < 16:
            self._pass(hours=1)
            self.at = max(self.at, self._moment(self.at.date(), 9))
        else:
            self.at = self._moment(self.at.date() + timedelta(days=1), 9)
        for level, code in enumerate(self.call.way, 1):
            if level > 1:
                self._work(days=0, hour=self.at.hour + 2)
            by = OFFICE if level == 1 else self.call.way[level - 2]
            yield self._step(by, Assign(self.organisation.ids[code]))

    def _handled(self, holder: str) -> Iterator[Step]:
        """Contact, report and verification of one cycle; a slow unit passes its terms, so that the ladder answers."""
        matter, words = self.call.matter, self.call.words
        if matter is None:
            return
        name, phone = self.organisation.handlers[holder]
        slow, quick = self.course == "slow", self.course == "three_cycles"
        self._work(days=self.rng.choice((4, 5) if slow else (0,) if quick else (0, 1)), hour=10)
        method = "face_to_face" if self.rng.random() < 0.4 else "phone"
        yield self._step(holder, RecordContact(method, name, phone, words.one_of(matter.spoken)))
        report = SubmitReport(words.one_of(matter.reports), matter.outcome, matter.basis)
        takes = self.rng.randint(4, 9) if matter.complexity is Complexity.COMPLEX else self.rng.randint(1, 4)
        self._work(days=0 if quick else takes + 3 * slow, hour=15)
        yield self._step(holder, report)
        if self.course == "rejected":
            self._work(days=0, hour=17)
            yield self._step(OFFICE, RejectReport("没有写清楚诉求人是否看过，请补充现场情况"))
            self._work(days=1, hour=10)
            yield self._step(holder, report)
        self._work(days=0, hour=17)
        yield self._step(OFFICE, Verify())
        if not quick and self.rng.random() < 0.2:
            yield self._not_reached(10)

    def _not_reached(self, hour: int) -> Step:
        self._work(days=0 if hour > self.at.hour else 1, hour=hour)
        return self._step(CALLBACKS, CallbackAttempt("no_answer"))

    def _verdict(self, verdict: str) -> Step:
        matter = self.call.matter
        quick = self.course == "three_cycles"
        self._work(days=1 if quick else self.rng.choice((1, 2, 2, 3, 3)), hour=9 if quick else 16)
        reason = matter.unhappy if matter and verdict == "unsatisfied" else None
        return self._step(CALLBACKS, RecordVerdict(verdict, reason and self.call.words.fill(reason)))

    def _content(self) -> str:
        objective = self.call.matter is not None and self.call.matter.outcome == "explained_objective"
        return "understanding" if self.rng.random() < (0.8 if objective else _UNDERSTAND) else "satisfied"

    # -- time ---------------------------------------------------------------------------------------------------

    def _step(self, by: str, command: Command) -> Step:
        return Step(self.at, by, command)

    def _pass(self, hours: int) -> None:
        """Let the hour change: what happens within one hour is written in one go, without an order."""
        full = self.at.replace(minute=0) + timedelta(hours=hours)
        self.at = full + timedelta(minutes=self.rng.randrange(60))

    def _work(self, days: int, hour: int) -> None:
        """Go on at an hour, `days` working days later; 0 is today if that hour is still to come and it is one."""
        on = self.at.date()
        if days == 0 and not (self.at.hour < hour <= _CLOSES and self.is_working(on)):
            days, hour = 1, hour if hour <= _CLOSES else 9
        for _ in range(days):
            on += timedelta(days=1)
            while not self.is_working(on):
                on += timedelta(days=1)
        self.at = self._moment(on, hour)

    def _moment(self, on: date, hour: int) -> datetime:
        return datetime(on.year, on.month, on.day, hour, self.rng.randrange(60), tzinfo=self.at.tzinfo)
