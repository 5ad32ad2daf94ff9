"""The measuring of `bench.loop`, to be imported once an installation is open."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from huying.cases.doors import Deed, act, act_all
from huying.cases.intake import Arrival, Intake, Received, Register, register_all
from huying.cases.models import RulebookVersion
from huying.cases.rulebooks import adopt
from huying.cases.sweep import sweep
from huying.data import rulebook_text
from huying.people.models import Unit
from huying.people.office import found_office, make_unit
from huying.rules.access import Actor, Role
from huying.rules.commands import Acknowledge, Assign, Command, RecordContact, RecordVerdict, SubmitReport, Verify
from huying.rules.state import CaseState
from huying.rules.vocabulary import Kind

WARM, ACTS, SWEPT = 10, 100, 1_000
RECEIVED = datetime(2026, 3, 10, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
OVERDUE = RECEIVED.replace(day=14, hour=0)  # the term of contacting ends on Friday the 13th
PHONE = "0500-555 2207"
OFFICE, CALLER = Actor("user:1", Role.OFFICE), Actor("user:2", Role.OPERATOR)


@dataclass
class Meter:
    """What something took that was done several times; seconds."""

    name: str
    times: int = 0
    wall: float = 0.0
    cpu: float = 0.0
    statements: int = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        with connection.execute_wrapper(self._count):
            yield
        self.wall += time.perf_counter() - wall
        self.cpu += time.process_time() - cpu

    def _count(self, execute: Callable[..., Any], *said: Any) -> Any:
        self.statements += 1
        return execute(*said)

    def __str__(self) -> str:
        wall, cpu = self.wall / self.times, self.cpu / self.times
        cost = f"{1000 * cpu:6.2f} ms CPU = {1 / cpu:6,.0f}/s of CPU"
        return f"{self.name:15} {1 / wall:6,.0f}/s, {cost}, {self.statements / self.times:5.2f} statements each"


def measure() -> None:
    found_office("公开电话办公室", "甲市（演练）", "BL")
    version = adopt("bozhou", rulebook_text("bozhou"), RECEIVED, Actor.system())
    unit = make_unit("unit", "承办单位", Unit.objects.get(code="city"))
    holder = Actor("user:3", Role.UNIT, unit.id, unit.above)
    cases = _received(version, WARM + ACTS)
    way: tuple[tuple[str, Command, Actor], ...] = (
        ("assign", Assign(unit.id), OFFICE),
        ("acknowledge", Acknowledge("何砚", PHONE), holder),
        ("record_contact", RecordContact("phone", "何砚", PHONE, "已说明处理步骤和时间"), holder),
        ("report", SubmitReport("已修好，请诉求人看过。", "done", "办理规程第三条"), holder),
        ("verify", Verify(), OFFICE),
        ("record_verdict", RecordVerdict("satisfied"), CALLER),
    )
    for hour, (verb, command, actor) in enumerate(way, 1):
        print(_acted(verb, cases, command, RECEIVED + timedelta(hours=hour), actor), flush=True)
    print(_swept(_received(version, SWEPT), Assign(unit.id)))


def _received(version: RulebookVersion, count: int) -> list[int]:
    into = Register(version, "BL", RECEIVED, OFFICE)
    intake = Intake("phone_mobile", Kind.PROBLEM, "小区供暖管道漏水，三天无人维修", phone="13900000001")
    answers = register_all([Arrival(intake, RECEIVED)] * count, into)
    return [answer.case_id or 0 for answer in answers if isinstance(answer, Received)]


def _acted(verb: str, cases: list[int], command: Command, at: datetime, actor: Actor) -> Meter:
    meter = Meter(verb, times=ACTS)
    for case in cases[:WARM]:
        assert isinstance(act(case, command, at, at, actor), CaseState)
    with meter.running():
        for case in cases[WARM:]:
            assert isinstance(act(case, command, at, at, actor), CaseState)
    return meter


def _swept(cases: list[int], assign: Command) -> Meter:
    at, meter = RECEIVED + timedelta(hours=1), Meter("swept term")
    act_all([Deed(case, assign, at) for case in cases], at, OFFICE)
    with meter.running():
        meter.times = sweep(OVERDUE)
    assert meter.times == len(cases)
    return meter
