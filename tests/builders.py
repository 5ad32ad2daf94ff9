"""Builders with defaults: a city's rules, units, users, and cases that have come a certain way through the doors."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from psycopg.types.range import DateRange

from huying.cases.doors import act
from huying.cases.intake import Intake, Received, Register, register
from huying.cases.models import Case, RulebookVersion
from huying.cases.rulebooks import adopt, calendar
from huying.data import rulebook_text
from huying.people.models import Liaison, Person, Post, Tenure, Unit, User
from huying.people.office import ROOT, make_unit, the_office
from huying.rules.access import Actor, Role
from huying.rules.commands import Acknowledge, Assign, Command, RecordContact, SubmitReport, Verify
from huying.rules.lifecycle import Refused
from huying.rules.rulebook import parse
from huying.rules.ruleset import Ruleset
from huying.rules.state import CaseState
from huying.rules.vocabulary import Kind

ZONE = ZoneInfo("Asia/Shanghai")
PHONE = "13900000001"
HANDLER_PHONE = "0500-555 2207"


def at(month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, *, year: int = 2026) -> datetime:
    """Return a moment as the city's clocks show it."""
    return datetime(year, month, day, hour, minute, second, tzinfo=ZONE)


NOW = at(3, 10, 9, 15)


def rules(rulebook_id: str = "bozhou") -> Ruleset:
    book = parse(rulebook_text(rulebook_id), f"{rulebook_id}.toml")
    return Ruleset(book, calendar(book.calendar_id))


def unit(code: str = "housing", parent: str = ROOT) -> Unit:
    the_office()
    known = Unit.objects.filter(code=code).first()
    return known or make_unit(code, code, Unit.objects.get(code=parent))


def user(username: str = "clerk", role: Role = Role.OFFICE, of: Unit | None = None) -> User:
    made = User.objects.create_user(username, "a password of words", role=role, full_name=f"测试{username}")
    made.unit = of
    made.save()
    return made


def post(code: str = "mayor") -> Post:
    return Post.objects.get_or_create(code=code, defaults={"name": code})[0]


def held_by(of: Post, first: date = date(2026, 1, 1), last: date | None = None) -> User:
    """Return the leader who holds a post from one day up to and including another."""
    leader = user(f"leader-{of.code}", Role.LEADER)
    leader.person = Person.objects.create(name=f"测试{of.code}")
    leader.save()
    Tenure.objects.create(post=of, person=leader.person, days=DateRange(first, last, "[]" if last else "[)"))
    return leader


def represented_by(*posts: Post) -> User:
    """Return a liaison who acts for these posts."""
    liaison = user("liaison", Role.LIAISON)
    Liaison.objects.bulk_create(Liaison(user=liaison, post=one) for one in posts)
    return liaison


def clerk() -> Actor:
    return Actor("user:1001", Role.OFFICE)


def holder(of: Unit) -> Actor:
    return Actor("user:1002", Role.UNIT, of.id, of.above)


def version(rulebook_id: str = "bozhou") -> RulebookVersion:
    return adopt(rulebook_id, rulebook_text(rulebook_id), at(1, 5), Actor.system())


def intake(text: str = "小区供暖管道漏水，三天无人维修", **given: Any) -> Intake:
    return Intake(**{"channel": "phone_mobile", "kind": Kind.PROBLEM, "text": text, "phone": PHONE, **given})


def into(recorded_at: datetime = NOW, rulebook_id: str = "bozhou", actor: Actor | None = None) -> Register:
    the_office()
    return Register(version(rulebook_id), "YC", recorded_at, actor or clerk())


def received(when: datetime = NOW, rulebook_id: str = "bozhou", **given: Any) -> Received:
    answer = register(intake(**given), when, into(when, rulebook_id))
    assert isinstance(answer, Received), answer
    return answer


def case_of(answer: Received) -> Case:
    assert answer.case_id is not None
    return Case.objects.get(id=answer.case_id)


def do(answer: Received, command: Command, when: datetime, actor: Actor) -> CaseState:
    """Do a command that must be possible."""
    state = act(answer.case_id or 0, command, when, when, actor)
    assert not isinstance(state, Refused), state
    return state


def spoken(text: str = "已说明处理步骤和时间") -> RecordContact:
    return RecordContact("phone", "何砚", HANDLER_PHONE, text)


def reported(text: str = "已修好，请诉求人看过。") -> SubmitReport:
    return SubmitReport(text, "done", "办理规程第三条")


def verified_case(of: Unit) -> Received:
    """Return a case received on 10 March, reported on the 16th and verified an hour later (worked example S01)."""
    case = received()
    do(case, Assign(of.id), at(3, 10, 15), clerk())
    do(case, Acknowledge("何砚", HANDLER_PHONE), at(3, 11, 9), holder(of))
    do(case, spoken(), at(3, 12, 10), holder(of))
    do(case, reported(), at(3, 16, 16), holder(of))
    do(case, Verify(), at(3, 16, 17), clerk())
    return case


def utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
