"""The measuring of `bench.pages`, to be imported once an installation is open."""

import statistics
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client
from psycopg.types.range import DateRange

from bench.acts import CALLER, OFFICE, PHONE, Meter
from bench.copying import copied
from huying.cases.clock import now
from huying.cases.doors import act
from huying.cases.intake import Arrival, Intake, Received, Register, register_all
from huying.cases.models import Case, RulebookVersion
from huying.cases.rulebooks import adopt, put_in_force
from huying.data import rulebook_text
from huying.directory.models import ContactPoint
from huying.people.models import Person, Post, Tenure, Unit
from huying.people.office import found_office, make_unit
from huying.rules.access import Actor, Role
from huying.rules.commands import Acknowledge, Assign, Command, RecordContact, RecordVerdict, SubmitReport, Verify
from huying.rules.state import CaseState
from huying.rules.vocabulary import Kind

ROUNDS, REQUESTS, CALLER_PHONE = 10, 20, "13900000001"
PAGES = (
    *("/", "/report/", "/track/", "/check/", "/directory/", "/directory/mayor/", "/rules/", "/rules/terms/"),
    *("/rules/counting/", "/privacy/", "/accessibility/", "/figures.json", "/directory.json", "/notices.atom"),
)
POSTS, OF_A_UNIT = 200, 10  # two full pages of the directory


def measure(cases: int) -> None:
    at = now()
    found_office("公开电话办公室", "甲市（演练）", "BL")
    version = adopt("bozhou", rulebook_text("bozhou"), at - timedelta(days=400), Actor.system())
    put_in_force(version, (at - timedelta(days=400)).date(), at - timedelta(days=400), Actor.system())
    number, code = _some_of_each_way(version)
    _directory()
    copied(cases // Case.objects.count())
    print(f"{Case.objects.count():,} cases, {Post.objects.count()} posts", flush=True)
    pages = [Asked(path) for path in PAGES]
    pages.append(Asked("/track/", {"number": number, "code": code, "digits": CALLER_PHONE[-4:]}))
    for _ in range(ROUNDS):
        for page in pages:
            page.ask()
    paces = sorted(own for page in pages for *_, own in page.rounds)
    print(f"a loop of plain Python took {1000 * paces[0]:.1f} to {1000 * paces[-1]:.1f} ms of CPU beside them")
    for page in pages:
        print(page.said(paces[0]), flush=True)


def _directory() -> None:
    """Fill two pages of the directory: each post has a holder and two numbers, with their hours."""
    city = Unit.objects.get(code="city")
    units = [make_unit(f"bureau-{n}", f"某某区住房和城乡建设局{n}", city) for n in range(POSTS // OF_A_UNIT)]
    others = (Post(code=f"post-{n}", name="副局长", unit=units[n // OF_A_UNIT]) for n in range(1, POSTS))
    posts = [Post.objects.get(code="mayor"), *Post.objects.bulk_create(others)]
    people = Person.objects.bulk_create(Person(name=f"官员{n}") for n in range(POSTS))
    days = DateRange(now().date() - timedelta(days=400), None)
    held = zip(posts, people, strict=True)
    Tenure.objects.bulk_create(Tenure(post=post, person=person, days=days) for post, person in held)
    ContactPoint.objects.bulk_create(
        ContactPoint(post=post, kind=kind, value=f"0500-{way}{n:06d}", hours="工作日 12:00–14:00、18:00–21:00")
        for n, post in enumerate(posts)
        for way, kind in enumerate(("phone_mobile", "sms"), 5)
    )


def _some_of_each_way(version: RulebookVersion) -> tuple[str, str]:
    """Have cases stop on the way, most of them at its end; what is judged unsatisfied is open again.

    Return number and query code of one that has gone the whole way.
    """
    unit = make_unit("unit", "承办单位", Unit.objects.get(code="city"))
    holder = Actor("user:3", Role.UNIT, unit.id, unit.above)
    start = now() - timedelta(days=1)
    done: tuple[tuple[Command, Actor], ...] = (
        (Assign(unit.id), OFFICE),
        (Acknowledge("何砚", PHONE), holder),
        (RecordContact("phone", "何砚", PHONE, "已说明处理步骤和时间"), holder),
        (SubmitReport("已修好，请诉求人看过。", "done", "办理规程第三条"), holder),
        (Verify(), OFFICE),
    )
    judged = {"satisfied": 20, "understanding": 6, "unsatisfied": 2}
    stops = [(done[:length], 1) for length in (0, 1, 3, 4)]
    stops += [((*done, (RecordVerdict(one, "还在漏"), CALLER)), times) for one, times in judged.items()]
    mayor = Post.objects.create(code="mayor", name="市长")
    intake = Intake("phone_mobile", Kind.PROBLEM, "小区供暖管道漏水，三天无人维修", phone=CALLER_PHONE, post=mayor.id)
    into = Register(version, "BL", start, OFFICE)
    for way, times in stops:
        answers = [one for one in register_all([Arrival(intake, start)] * times, into) if isinstance(one, Received)]
        for case in [answer.case_id or 0 for answer in answers]:
            for hour, (command, actor) in enumerate(way, 1):
                when = start + timedelta(hours=hour)
                assert isinstance(act(case, command, when, when, actor), CaseState)
    return answers[0].number or "", answers[0].code or ""


class Asked:
    """A page that is asked for, or what is typed into its form sent to it, again and again."""

    def __init__(self, path: str, typed: Mapping[str, str] | None = None) -> None:
        self.path, self.typed = path, typed
        self.client = Client(SERVER_NAME="localhost")
        self.rounds: list[tuple[Meter, float, float]] = []  # with the seconds of the database, and the pace
        self.size = 0
        self._answer()

    def ask(self) -> None:
        """Measure one round."""
        took = [0.0]

        def timed(execute: Callable[..., Any], *said: Any) -> Any:
            since = time.perf_counter()
            try:
                return execute(*said)
            finally:
                took[0] += time.perf_counter() - since

        meter, before = Meter(self.path, times=REQUESTS), pace()
        with connection.execute_wrapper(timed), meter.running():
            for _ in range(REQUESTS):
                self._answer()
        self.rounds.append((meter, took[0], (before + pace()) / 2))

    def _answer(self) -> None:
        answer = self.client.get(self.path) if self.typed is None else self.client.post(self.path, self.typed)
        assert answer.status_code == 200, (self.path, answer.status_code)
        self.size = len(answer.content)

    def said(self, best: float) -> str:
        """Return what the page took at the `best` pace, and as it was measured: the median round of each."""
        as_measured = statistics.median(1000 * meter.cpu / REQUESTS for meter, *_ in self.rounds)
        at_best = statistics.median(1000 * meter.cpu / REQUESTS * best / own for meter, _, own in self.rounds)
        database = min(1000 * took / REQUESTS for _, took, _ in self.rounds)
        statements = self.rounds[0][0].statements / REQUESTS
        name = self.path if self.typed is None else f"POST {self.path}"
        cpu = f"{at_best:6.2f} ms CPU ({as_measured:6.2f} as measured)"
        return f"{name:18} {statements:4.1f} statements {cpu}, database {database:7.2f} ms {self.size:8,} bytes"


def pace() -> float:
    """Return the seconds of CPU that a loop of plain Python takes now: neighbours make this machine half as fast."""
    since, sum_ = time.process_time(), 0
    for n in range(100_000):
        sum_ += n * n % 7
    return time.process_time() - since
