"""A small city in which anything may happen: who acts, what they say, and what the register looks like.

What happens at a step follows from one number (`Dice`), so that a history is cheap to draw and to shorten.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar, get_type_hints

from django.db import connection
from django.db.models import Model
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.cases.doors import CLOCK
from huying.cases.intake import Intake
from huying.cases.models import Case, CaseParty, CaseText, Clock, Message, Origin, Requester
from huying.cases.opened import clock_state, state_in, waiting
from huying.cases.records import RECORDS
from huying.ledger.models import LedgerLine
from huying.rules.access import Actor, Role
from huying.rules.commands import CASES, POSTS, UNITS, VERBS, WORDS, Command, command_of, field_names
from huying.rules.offers import possible
from huying.rules.state import CaseState
from huying.rules.vocabulary import Complexity, Kind, Stage, Urgency
from tests.builders import HANDLER_PHONE, PHONE, held_by, post, unit

T = TypeVar("T")
ID_NUMBER = "11010519491231002X"  # the example of GB 11643
PAUSES = tuple(
    timedelta(minutes=minutes) for minutes in (60, 0, 1, 240, 24 * 60, 3 * 24 * 60, 9 * 24 * 60, 40 * 24 * 60)
)
CHANNELS = ("phone_mobile", "sms", "phone", "phone_office", "wechat_personal", "web", "hotline")
KINDS = (Kind.PROBLEM, Kind.CONSULTATION, Kind.UNSORTED, Kind.MISSED, Kind.COMPLAINT, *Kind)
MAIN_LINE = (
    "open_case",
    "complete_info",
    "assign",
    "acknowledge",
    "record_contact",
    "report",
    "verify",
    "record_verdict",
)
# What stands in a field by mistake; ids that are none, words of no list, what can't be kept.
RUBBISH: Mapping[type, Sequence[object]] = {
    str: ("", "　", "\0", "满意", "x" * 300, "\ud83d", None),
    int: (0, -1, 2**63, 999_999, True, None),
}
_GOOD: Mapping[str, Sequence[object]] = {
    "term": ("3 working_days", "90 calendar_days", "5 hours", "0 working_days", "三天"),
    "field": ("contact_phone", "name", "place", "post_called"),
    "value": (PHONE, "deputy", "何砚"),
    "category": ("A1", "B2"),
    "handler_phone": (HANDLER_PHONE,),
    "approved_by": ("市长", "1001"),
}


class Dice:
    """Choices that follow from one number, each as likely as the others."""

    def __init__(self, n: int) -> None:
        self.chance = Random(n)

    def of(self, options: Sequence[T]) -> T:
        return self.chance.choice(options)

    def once_in(self, times: int) -> bool:
        return self.chance.randrange(times) == 0


class Cast:
    """Who there is: a bureau with an office below it, another bureau, two posts, and everybody who acts."""

    def __init__(self) -> None:
        self.units = [unit("bureau"), unit("water"), unit("bureau-east", "bureau")]
        self.posts = [post("mayor"), post("deputy")]
        bureau, water, _ = self.units
        mayor = held_by(self.posts[0]).person_id
        calls = frozenset({self.posts[0].id})
        self.office = Actor("user:1001", Role.OFFICE)
        self.supervisor = Actor("user:1004", Role.SUPERVISOR)
        self.staff = (
            self.office,
            *(Actor(f"user:{1010 + n}", Role.UNIT, of.id, of.above) for n, of in enumerate(self.units)),
            self.supervisor,
            Actor("user:1003", Role.OPERATOR),
            Actor("user:1005", Role.OFFICE),
            Actor("user:1006", Role.LEADER, person=mayor, posts=calls),
            Actor("user:1007", Role.LIAISON, posts=calls, acts_for=frozenset({mayor or 0})),
            Actor("user:1008", Role.DISCIPLINE),
            Actor("user:1009", Role.ADMIN),
            Actor("user:1010", Role.UNIT, water.id, water.above),
            Actor("user:1014", Role.UNIT, bureau.id, bureau.above),
            Actor("user:1015", Role.UNIT),
            Actor("user:1016", Role.LEADER),
        )
        self.registering = (self.office, self.staff[5], Actor.citizen(), self.staff[7], *self.staff)

    def actors(self, case_id: int) -> tuple[Actor, ...]:
        """Return who may come to act on a case: the staff, whoever holds its receipt, anybody, and history."""
        return (*self.staff, Actor.citizen(case_id), Actor.citizen(), Actor.system())

    # -- what somebody does

    def way_on(self, dice: Dice, state: CaseState, verbs: Collection[str] = VERBS) -> tuple[str, Actor] | None:
        """Return a verb that has a row for somebody now, and such a one; None where nobody can do any of these."""
        names = {VERBS[verb]: verb for verb in verbs}
        ways: dict[str, list[Actor]] = {}
        for actor in self.actors(state.id)[:-1]:
            for command in possible(state, actor):
                if command in names:
                    ways.setdefault(names[command], []).append(actor)
        if not ways:
            return None
        verb = dice.of(sorted(ways, key=list(VERBS).index))
        return verb, dice.of(ways[verb])

    def command(
        self, dice: Dice, verb: str, at: datetime, state: CaseState | None, cases: Sequence[int], *, spoilt: bool
    ) -> Command:
        """Return a command of that verb as somebody would fill it in; spoilt, with rubbish in one of its fields."""
        kind = VERBS[verb]
        hints = get_type_hints(kind)
        said = {name: self._said(dice, kind, name, hints[name], at, state, cases) for name in field_names(kind)}
        if spoilt and said:
            name = dice.of(sorted(said))
            if choices := [rubbish for type_, rubbish in RUBBISH.items() if hints[name] == type_ | None]:
                said[name] = dice.of(choices[0])
        return command_of(verb, said)

    def _said(
        self,
        dice: Dice,
        kind: type[Command],
        name: str,
        hint: object,
        at: datetime,
        state: CaseState | None,
        cases: Sequence[int],
    ) -> object:
        if (kind, name) in WORDS:
            return dice.of([word.value for word in WORDS[kind, name]])
        if dice.once_in(25):
            return None
        if name in CASES:
            return dice.of(cases) if hint == int | None else (dice.of(cases), dice.of(cases))
        if name in UNITS | POSTS:
            return dice.of([one.id for one in (self.units if name in UNITS else self.posts)])
        if hint == bool | None:
            return dice.of((True, False))
        if hint == datetime | None:
            return at + dice.of([timedelta(days=2), *PAUSES])
        if name == "fields":
            missing = () if state is None else state.missing
            told = {field: _told(field) for field in missing or ("contact_phone",)}
            return dict(list(told.items())[dice.of((0, 1)) :]) or told
        return dice.of(_GOOD.get(name, ("已经说明",)))

    # -- what comes in

    def intake(self, dice: Dice, required: Collection[str], numbers: Sequence[str]) -> Intake:
        complete = not dice.once_in(4)
        told = {name: _told(name) for name in required if complete or dice.once_in(2)}
        return Intake(
            kind=dice.of(KINDS),
            channel=dice.of(CHANNELS),
            text="小区供暖管道漏水，三天无人维修",
            phone=dice.of((PHONE, PHONE, None)),
            name=dice.of(("何一", None)) if complete else None,
            fields=told,
            confidential=dice.of((None, None, True, False)),
            respondent=dice.of((None, None, None, *(one.id for one in self.units))),
            post=dice.of((None, *(one.id for one in self.posts))),
            complexity=dice.of(list(Complexity)),
            anonymous=dice.once_in(6),
            urgency_claimed=dice.of((None, *Urgency)),
            joins=dice.of(numbers) if numbers and dice.once_in(4) else None,
            external_id=dice.of(("1", "2", "3")) if dice.once_in(6) else None,
            account=dice.of(("w1", "w2")) if dice.once_in(6) else None,
            origin=Origin.IMPORT if dice.once_in(12) else Origin.LIVE,
        )


def _told(field: str) -> str:
    return {"id_number": ID_NUMBER, "contact_phone": PHONE}.get(field, "已经说明")


# -- what the register says ------------------------------------------------------------------------------------------

_BESIDE = (Case, CaseParty, CaseText, Clock, LedgerLine, Message, Requester, ProcrastinateJob)
_WATCHED: tuple[type[Model], ...] = (*RECORDS, *_BESIDE)
_DIGEST = " UNION ALL ".join(
    f"SELECT '{model.__name__}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM \"{table}\" t"  # noqa: S608
    for model in _WATCHED
    for table in [model._meta.db_table]
)


def digest() -> dict[str, str]:
    """Return a hash of every table that a command may change but that of refusals, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_DIGEST)
        return dict(cursor.fetchall())


def state_now(case_id: int) -> CaseState:
    """Return a case, or a contact that waits, as it stands in the register."""
    case = Case.objects.filter(id=case_id).first()
    if case is not None:
        clocks = Clock.objects.filter(case=case_id, cycle=case.cycle).order_by("id")
        return state_in(case, tuple(map(clock_state, clocks)))
    state = waiting({case_id}, CLOCK)[case_id].state
    assert state is not None
    return state


def bare(state: CaseState) -> CaseState:
    """Return a state with the clocks of its cycle alone, and without what storing adds to them or leaves out."""
    clocks = (replace(one, id=None, recorded_at=None) for one in state.clocks if one.cycle == state.cycle)
    if state.stage is Stage.WAITING:
        state = replace(state, flags=frozenset(), ended_at=state.ended_at and state.received_at)
    return replace(state, clocks=tuple(clocks))
