"""The measuring of `bench.pages`, to be imported once an installation is open."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client

from bench.acts import CALLER, OFFICE, PHONE, Meter
from bench.copying import copied
from huying.cases.clock import now
from huying.cases.doors import act
from huying.cases.intake import Arrival, Intake, Received, Register, register_all
from huying.cases.models import Case, RulebookVersion
from huying.cases.rulebooks import adopt, put_in_force
from huying.data import rulebook_text
from huying.people.models import Post, Unit
from huying.people.office import found_office, make_unit
from huying.rules.access import Actor, Role
from huying.rules.commands import Acknowledge, Assign, Command, RecordContact, RecordVerdict, SubmitReport, Verify
from huying.rules.state import CaseState
from huying.rules.vocabulary import Kind

REQUESTS = 20
PAGES = (
    *("/", "/report/", "/track/", "/directory/", "/directory/mayor/", "/rules/", "/rules/terms/", "/rules/counting/"),
    *("/privacy/", "/accessibility/", "/figures.json", "/directory.json"),
)


def measure(cases: int) -> None:
    at = now()
    found_office("公开电话办公室", "甲市（演练）", "BL")
    version = adopt("bozhou", rulebook_text("bozhou"), at - timedelta(days=400), Actor.system())
    put_in_force(version, (at - timedelta(days=400)).date(), at - timedelta(days=400), Actor.system())
    _some_of_each_way(version)
    copied(cases // Case.objects.count())
    print(f"{Case.objects.count():,} cases", flush=True)
    for path in PAGES:
        print(_asked(path), flush=True)


def _some_of_each_way(version: RulebookVersion) -> None:
    """Have cases stop on the way, most of them at its end; what is judged unsatisfied is open again."""
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
    intake = Intake(
        "phone_mobile", Kind.PROBLEM, "小区供暖管道漏水，三天无人维修", phone="13900000001", post=mayor.id
    )
    into = Register(version, "BL", start, OFFICE)
    for way, times in stops:
        answers = register_all([Arrival(intake, start)] * times, into)
        for case in [answer.case_id or 0 for answer in answers if isinstance(answer, Received)]:
            for hour, (command, actor) in enumerate(way, 1):
                when = start + timedelta(hours=hour)
                assert isinstance(act(case, command, when, when, actor), CaseState)


def _asked(path: str) -> str:
    client, took = Client(SERVER_NAME="localhost"), [0.0]

    def timed(execute: Callable[..., Any], *said: Any) -> Any:
        since = time.perf_counter()
        try:
            return execute(*said)
        finally:
            took[0] += time.perf_counter() - since

    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    meter = Meter(path, times=REQUESTS)
    with connection.execute_wrapper(timed), meter.running():
        for _ in range(REQUESTS):
            client.get(path)
    cpu, database = 1000 * meter.cpu / REQUESTS, 1000 * took[0] / REQUESTS
    statements, size = meter.statements / REQUESTS, len(answer.getvalue())
    return f"{path:18} {statements:4.1f} statements {cpu:7.2f} ms CPU, database {database:8.2f} ms {size:8,} bytes"
