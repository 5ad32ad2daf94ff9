"""Bozhou's first twenty days at their full volume, generated: what article 003 reports of them (S29).

Stated (亳州新闻网, 2022-03-14): from 8 to 27 February 2022, 3,534 calls and SMS without repeats, 1,577 matters of the
fifteen city leaders, 46.2 % of them closed, of these 58.4 % satisfied and 13.9 % understanding; 728, 425 and 101
follow. Ours: the 66 contacts about a matter that was there already, how the other 202 ended, and what happened when:
the days follow `curve`, and older cases are more likely to be closed. Everything passes through the two doors, and
the ladder through the sweep, day by day; words and numbers are invented.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from huying.cases.doors import Deed, act_all
from huying.cases.intake import Arrival, Intake, Received, Register, register_all
from huying.cases.rulebooks import adopt
from huying.cases.sweep import sweep
from huying.data import rulebook_text
from huying.people.models import Post, Unit
from huying.people.office import ROOT, found_office, make_unit
from huying.reports.figures import Chosen, Figures, figures
from huying.rules.access import Actor, Role
from huying.rules.commands import Assign, CallbackAttempt, Command, RecordContact, RecordVerdict, SubmitReport, Verify
from huying.rules.lifecycle import Refused
from huying.rules.state import CaseState
from huying.rules.vocabulary import Kind

from .curve import DAYS, cases_per_day, contacts_per_day

ZONE = ZoneInfo("Asia/Shanghai")
FIRST = datetime(2022, 2, 8, tzinfo=ZONE)
AS_OF = FIRST + timedelta(days=DAYS)  # 24:00 on 27 February
CONTACTS, JOINED, CASES, LEADERS, UNITS = 3_534, 66, 1_577, 15, 6
ENDS = {"satisfied": 425, "understanding": 101, "declined": 120, "unreachable": 82}

_SEED, _PREFIX, _RULEBOOK = "亳州", "BZ", "bozhou"
_OFFICE, _CALLBACKS = Actor("user:office", Role.OFFICE), Actor("user:callbacks", Role.OPERATOR)
_SHORTEST = 4  # days from receipt to verdict: assigned, contacted, reported and verified, called back
_ATTEMPTS = (9, 14, 19)  # each more than four hours after the one before
_MATTERS = (
    "路灯不亮已有一周",
    "小区供暖管道漏水",
    "工地夜间施工太吵",
    "补贴还没有到账",
    "公交车很久不来",
    "村口的路坑洼难走",
)
_ASKING = ("请问这个号码是不是领导本人接听", "先存一下号码，备着")

Progress = Callable[[int, int], object]
Result = TypeVar("Result", Received, CaseState)


@dataclass(frozen=True, slots=True)
class _Task:
    """Somebody does something to case number `case` on a day, within an hour of it."""

    day: int
    hour: int
    by: Actor
    case: int
    command: Command


def live_through(progress: Progress) -> None:
    """Have the twenty days happen in an empty register."""
    _FirstDays().live(progress)


def counted() -> Figures:
    """Return what the register says of the twenty days, as their office counts it."""
    return figures(_OFFICE, AS_OF, Chosen(since=FIRST, until=AS_OF))


class _FirstDays:
    def __init__(self) -> None:
        self.rng = Random(_SEED)  # noqa: S311  # the same days every time
        found_office("市公开电话办公室", "亳州市（生成）", _PREFIX)
        self.version = adopt(_RULEBOOK, rulebook_text(_RULEBOOK), FIRST, Actor.system())
        root = Unit.objects.get(code=ROOT)
        units = [make_unit(f"unit-{n}", f"承办单位 {n}", root) for n in range(1, UNITS + 1)]
        self.holders = [Actor(f"user:{unit.code}", Role.UNIT, unit.id, unit.above) for unit in units]
        posts = [Post(code=f"leader-{n}", name=f"市领导 {n}", unit=root) for n in range(1, LEADERS + 1)]
        self.posts = [post.id for post in Post.objects.bulk_create(posts)]
        self.received_on = [day for day, count in enumerate(cases_per_day(CASES, CONTACTS)) for _ in range(count)]
        self.closed_on: dict[int, int] = {}
        self.tasks: dict[int, list[_Task]] = defaultdict(list)
        for task in self._tasks():
            self.tasks[task.day].append(task)
        self.cases: list[Received] = []

    def live(self, progress: Progress) -> None:
        joined = sorted(self.rng.choices(range(1, DAYS), k=JOINED))
        for day, (contacts, cases) in enumerate(
            zip(contacts_per_day(CONTACTS), cases_per_day(CASES, CONTACTS), strict=True)
        ):
            self._take_in(day, cases, contacts - cases, joined.count(day))
            self._act(sorted(self.tasks[day], key=lambda task: (task.hour, task.by.id)))
            sweep(FIRST + timedelta(days=day + 1))
            progress(day + 1, DAYS)

    # -- what comes in ---------------------------------------------------------------------------------------------

    def _take_in(self, day: int, cases: int, alone: int, joined: int) -> None:
        """Register a day's contacts: those that open a case, that only ask, and about a case of before."""
        into = Register(self.version, _PREFIX, FIRST + timedelta(days=day + 1), _OFFICE)
        before = [case for case in range(len(self.cases)) if self.closed_on.get(case, DAYS) > day]
        opening = [self._intake(Kind.PROBLEM, self.rng.choice(_MATTERS)) for _ in range(cases)]
        asking = [self._intake(Kind.VERIFICATION, self.rng.choice(_ASKING)) for _ in range(alone)]
        again = [
            self._intake(Kind.PROBLEM, "还是那件事，想问办得怎样了", self.cases[case].number)
            for case in self.rng.sample(before, joined)
        ]
        arrivals = [
            Arrival(intake, self._moment(day, self.rng.randrange(7, 23))) for intake in (*opening, *asking, *again)
        ]
        self.cases += _all_done(register_all(arrivals, into))[:cases]

    def _intake(self, kind: Kind, text: str, joins: str | None = None) -> Intake:
        phone = f"0500-555 {self.rng.randrange(3000, 10_000)}"
        return Intake("phone_mobile", kind, text, phone=phone, post=self.rng.choice(self.posts), joins=joins)

    # -- what becomes of it ----------------------------------------------------------------------------------------

    def _tasks(self) -> Iterator[_Task]:
        """Yield what happens to all cases within the twenty days."""
        ends = [end for end, count in ENDS.items() for _ in range(count)]
        self.rng.shuffle(ends)
        possible = [case for case, day in enumerate(self.received_on) if day + _SHORTEST < DAYS]
        aged = sorted(possible, key=lambda case: self.received_on[case] + self.rng.uniform(0, 12))
        ending = dict(zip(aged, ends, strict=False))
        for case, day in enumerate(self.received_on):
            holder, end = self.rng.choice(self.holders), ending.get(case)
            if end is not None:
                self.closed_on[case] = self.rng.randrange(day + _SHORTEST, min(DAYS, day + 3 * _SHORTEST))
                yield from self._ended(case, self.closed_on[case], holder, end)
            yield from (task for task in self._handled(case, day, holder) if task.day < DAYS)

    def _handled(self, case: int, day: int, holder: Actor) -> Iterator[_Task]:
        """Yield the assignment on the next day and the contact the day after, of one in ten five days later."""
        yield _Task(day + 1, 9, _OFFICE, case, Assign(holder.unit))
        contact = RecordContact("phone", "何砚", "0500-555 2207", "已说明处理步骤和时间")
        on = day + 2 + 5 * (self.rng.random() < 0.1)
        if case in self.closed_on:
            on = min(on, self.closed_on[case] - 1)  # before the report of that day
        yield _Task(on, 10, holder, case, contact)

    def _ended(self, case: int, day: int, holder: Actor, end: str) -> Iterator[_Task]:
        outcome = "explained_objective" if end == "understanding" else "done"
        yield _Task(day - 1, 15, holder, case, SubmitReport("已办理，请诉求人看过。", outcome, "办理规程第三条"))
        yield _Task(day - 1, 17, _OFFICE, case, Verify())
        if end == "unreachable":
            yield from (_Task(day, hour, _CALLBACKS, case, CallbackAttempt("no_answer")) for hour in _ATTEMPTS)
        yield _Task(day, 20, _CALLBACKS, case, RecordVerdict(end))

    def _act(self, tasks: Sequence[_Task]) -> None:
        """Do a day's tasks, in a batch for each hour and each who does them."""
        batches: dict[tuple[int, Actor], list[_Task]] = defaultdict(list)
        for task in tasks:
            batches[task.hour, task.by].append(task)
        for (hour, by), batch in batches.items():
            deeds = [Deed(self.cases[t.case].case_id or 0, t.command, self._moment(t.day, hour)) for t in batch]
            _all_done(act_all(deeds, self._moment(batch[0].day, hour + 1, 0), by))

    def _moment(self, day: int, hour: int, minute: int | None = None) -> datetime:
        return FIRST + timedelta(days=day, hours=hour, minutes=self.rng.randrange(60) if minute is None else minute)


def _all_done(results: Sequence[Result | Refused]) -> list[Result]:
    done = []
    for result in results:
        if isinstance(result, Refused):
            raise TypeError(f"a generated step was refused: {result}")
        done.append(result)
    return done
