"""云川市, a small invented city: its units, posts and people, and one case in every stage of the main line.

Everything passes through the two doors at the moments at which it would have happened, counted back from now.
Names, numbers and places are invented; nothing here can be sent, since no channel has a sender.
"""

import os
import secrets
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import transaction
from psycopg.types.range import DateRange

from huying.cases.doors import act
from huying.cases.intake import Intake, Received, Register, register
from huying.cases.models import RulebookVersion
from huying.cases.rulebooks import adopt, put_in_force, ruleset
from huying.data import demo_rows, rulebook_text
from huying.directory.models import ContactPoint
from huying.people.actors import actor_of
from huying.people.models import Office, Person, Post, Tenure, Unit, User
from huying.people.office import ROOT, found_office, make_unit
from huying.rules.access import Actor, Role
from huying.rules.commands import (
    Acknowledge,
    Assign,
    CallbackAttempt,
    Command,
    GiveAnswer,
    RecordContact,
    RecordVerdict,
    SubmitReport,
    Verify,
)
from huying.rules.lifecycle import Refused
from huying.rules.vocabulary import Complexity, Kind

RULEBOOK = "bozhou"
CITY = "云川市"
_CLERK, _SHOWN_UNIT = "clerk", "yunxi-housing"  # the two accounts that are told; every unit has one
_IN_OFFICE = timedelta(days=400)  # since when the invented officials hold their posts, and the rulebook is in force
# Working days before now at which a matter of each kind came in, so that its terms stand as they should.
_AGE = {"closed": 9, "reopened": 9, "verified": 7, "overdue": 8, "reported": 5, "contacted": 3, "acknowledged": 2}


def build(home: Path, now: datetime, progress: Callable[[int, int], object]) -> str:
    """Build the city where there is no office yet, and return the line that tells how to sign in."""
    account = home / "demo-account"
    if not Office.objects.exists():
        _build(account, now, progress)
    elif not account.exists():
        return f"  {home} has an office of its own: the invented city was not added\n"
    password = account.read_text("ascii").strip()
    return f"  Sign in as {_CLERK} (the office) or {_SHOWN_UNIT} (a unit) with the password {password}\n"


@transaction.atomic
def _build(account: Path, now: datetime, progress: Callable[[int, int], object]) -> None:
    password = "-".join(secrets.token_hex(2) for _ in range(3))
    _people(now.date(), password)
    version = adopt(RULEBOOK, rulebook_text(RULEBOOK), now, Actor.system())
    put_in_force(version, now.date() - _IN_OFFICE, now, Actor.system())
    matters = demo_rows("matters")
    for done, matter in enumerate(matters, 1):
        _Matter(matter, version, now).play()
        progress(done, len(matters))
    # Last, so that a city that was built has its password there, whenever the building is broken off.
    _keep(account, password)


def _keep(path: Path, password: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(password + "\n")


def _people(today: date, password: str) -> None:
    found_office("云川市公开电话办公室", CITY, "YC")
    _user(_CLERK, password, Role.OFFICE, "秦桑", Unit.objects.get(code=ROOT))
    for row in demo_rows("units"):
        unit = make_unit(row["code"], row["name"], Unit.objects.get(code=row["parent"]))
        if row["handler"]:
            _user(unit.code, password, Role.UNIT, row["handler"], unit)
    for row in demo_rows("posts"):
        post = Post.objects.create(code=row["code"], name=row["name"])
        person = Person.objects.create(name=row["person"])
        Tenure.objects.create(post=post, person=person, days=DateRange(today - _IN_OFFICE, None))
        ContactPoint.objects.create(
            post=post, kind="phone_mobile", value=row["phone"], answer_mode=row["answer_mode"], hours=row["hours"]
        )


def _user(username: str, password: str, role: Role, full_name: str, unit: Unit) -> None:
    user = User.objects.create_user(username, password, role=role, full_name=full_name)
    user.unit = unit
    user.save(update_fields=["unit"])


class _Matter:
    """One row of the city's matters on its way through the doors."""

    def __init__(self, row: dict[str, str], version: RulebookVersion, now: datetime) -> None:
        self.row = row
        self.version = version
        self.now = now
        self.goal = row["stops_at"]
        self.clerk = actor_of(User.objects.get(username=_CLERK), now)

    def play(self) -> None:
        received = self._receive()
        if received.case_id is None or self.goal == "received":
            return
        if self.goal == "answered":
            self._do(
                received.case_id, GiveAnswer("带户口簿、居住证和疫苗本，8 月 1 日起在网上报名。"), self.clerk, 0, 10
            )
            return
        for command, actor, day, hour in self._steps():
            self._do(received.case_id, command, actor, day, hour)

    def _receive(self) -> Received:
        row, at = self.row, self._at(0, 9)
        post = Post.objects.get(code=row["post"])
        intake = Intake(
            channel="phone_mobile",
            kind=Kind(row["kind"]),
            text=row["text"],
            phone=row["phone"],
            name=row["name"] or None,
            post=post.id,
            contact_point=post.contact_points.get().id,
            complexity=Complexity(row["complexity"]),
        )
        result = register(intake, at, Register(self.version, "YC", at, self.clerk))
        if isinstance(result, Refused):
            raise TypeError(f"the demo's own data was refused: {result}")
        return result

    def _steps(self) -> list[tuple[Command, Actor, int, int]]:
        """Return what happens to the matter, with working day and hour, as far as its goal."""
        unit = Unit.objects.filter(code=self.row["unit"]).first()
        if unit is None:
            return []
        [told] = [row for row in demo_rows("units") if row["code"] == unit.code]
        handler = User.objects.get(username=unit.code)
        office, holder = self.clerk, actor_of(handler, self.now)
        spoke = RecordContact("phone", told["handler"], told["phone"], "已说明处理步骤和时间")
        report = SubmitReport("已到现场处理，并请诉求人看过。", "done", "办理规程第三条")
        way: list[tuple[Command, Actor, int, int]] = [
            (Assign(unit.id), office, 0, 15),
            (Acknowledge(told["handler"], told["phone"]), holder, 1, 9),
            (spoke, holder, 1, 10),
            (report, holder, 4, 16),
            (Verify(), office, 4, 17),
            (CallbackAttempt("no_answer"), office, 5, 9),
        ]
        lengths = {"assigned": 1, "overdue": 3, "acknowledged": 2, "contacted": 3, "reported": 4, "verified": 6}
        if self.goal == "closed":
            return [*way, (RecordVerdict("satisfied"), office, 5, 15)]
        if self.goal == "reopened":
            return [
                *way,
                (RecordVerdict("unsatisfied", "只贴了告示，车照样停"), office, 5, 15),
                (spoke, holder, 6, 10),
            ]
        return way[: lengths[self.goal]]

    def _do(self, case_id: int, command: Command, actor: Actor, day: int, hour: int) -> None:
        at = self._at(day, hour)
        result = act(case_id, command, at, at, actor)
        if isinstance(result, Refused):
            raise TypeError(f"the demo's own step was refused: {self.goal}, {command}, {result}")

    def _at(self, day: int, hour: int) -> datetime:
        """Return the hour of the `day`-th working day after the matter came in; never later than now."""
        rules = ruleset(self.version)
        zone, calendar = rules.rulebook.zone, rules.calendar
        first = self.now.astimezone(zone).date()
        for _ in range(_AGE.get(self.goal, 1)):
            first = _working_day_before(first, calendar.is_working)
        on = calendar.add_working_days(first, day)
        moment = datetime(on.year, on.month, on.day, hour, 10, tzinfo=zone)
        return min(moment, self.now - timedelta(minutes=60 - 2 * day - hour))


def _working_day_before(day: date, is_working: Callable[[date], bool]) -> date:
    day -= timedelta(days=1)
    while not is_working(day):
        day -= timedelta(days=1)
    return day
