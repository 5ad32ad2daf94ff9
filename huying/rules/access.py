"""Who may see which case: what ties a role to a case, as one table.

`may_see` reads it for one case, `cases.queries.visible_to` as SQL; a test holds both to the same answer.
What somebody may do to a case that is seen says `lifecycle`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto


class Role(StrEnum):
    """The role in which somebody signs in, or in which the system itself acts."""

    OFFICE = "office"
    UNIT = "unit"
    OPERATOR = "operator"
    LEADER = "leader"
    LIAISON = "liaison"
    SUPERVISOR = "supervisor"
    DISCIPLINE = "discipline"
    ADMIN = "admin"
    CITIZEN = "citizen"  # has no account: acts by number and code, and sees nothing by this role


STAFF = tuple(role for role in Role if role is not Role.CITIZEN)  # the roles of accounts and tokens
SYSTEM = "system"


# The names under which somebody is let in to a case, or shut out of it; a user's is the actor's id, `user:7`.


DISCIPLINE_PARTY = "role:discipline"  # is let in to an ordinary case that is handed over
UNITS_BEGIN = "unit:"  # how the name of every unit begins
PERSONS_BEGIN = "person:"


def unit_party(unit: int) -> str:
    return f"{UNITS_BEGIN}{unit}"


def person_party(person: int) -> str:
    return f"{PERSONS_BEGIN}{person}"


def post_party(post: int) -> str:
    return f"post:{post}"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does or reads something: an opaque id for the record (`user:7`, `system`), a role, and what ties to cases.

    Below `people` an actor is nothing more, so that the record outlives the account. Only somebody of role unit acts
    for `unit`; whoever has one is shut out where that unit, or one above it, is complained about.
    """

    id: str
    role: Role | None
    unit: int | None = None
    above: tuple[int, ...] = ()  # the units above `unit`, from the root down
    person: int | None = None
    posts: frozenset[int] = frozenset()  # those one holds, stands in for as a delegate, or serves as a liaison
    acts_for: frozenset[int] = frozenset()  # the persons who hold those that one doesn't hold oneself
    name: str = ""  # as somebody else would write it, to tell a second person from the first
    receipt: int | None = None  # the case of which a citizen holds number and code

    @classmethod
    def system(cls) -> "Actor":
        """Return the actor that replays history: what the file says happened, whoever did it."""
        return cls(SYSTEM, None)

    @classmethod
    def citizen(cls, receipt: int | None = None) -> "Actor":
        """Return whoever reports on the public pages, or holds the receipt of a case: the ledger names no citizen."""
        return cls("citizen", Role.CITIZEN, receipt=receipt)

    @property
    def names(self) -> frozenset[str]:
        """The parties as which this viewer is let in to a case, confidential or not."""
        own = {self.id}
        if self.person is not None:
            own.add(person_party(self.person))
        if self.role is Role.UNIT and self.unit is not None:
            own.add(unit_party(self.unit))
        if self.role is Role.DISCIPLINE:
            own.add(DISCIPLINE_PARTY)
        return frozenset(own)

    @property
    def post_names(self) -> frozenset[str]:
        return frozenset(map(post_party, self.posts))

    @property
    def shut_out_as(self) -> frozenset[str]:
        """The parties whose exclusion is also this viewer's: whoever stands above, and whoever is acted for."""
        units = self.above if self.unit is None else (*self.above, self.unit)
        return self.names | self.post_names | {*map(unit_party, units), *map(person_party, self.acts_for)}


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What decides who sees a case; the columns of its row and its parties."""

    confidential: bool = False
    unit: int | None = None
    post: int | None = None  # the one that was called
    branches: frozenset[int] = frozenset()  # the holder and the units that are let in, with all units above each
    allowed: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()  # the respondents


class Tie(Enum):
    """Why somebody sees a case."""

    ROLE = auto()  # the role reads them all
    HOLDER = auto()  # the viewer's very unit holds it
    BRANCH = auto()  # the viewer's unit, or one below it, holds it, takes part in it or gave it on
    POST = auto()  # one of the viewer's posts was called, or gave an instruction on it
    NAMED = auto()  # it lets in the user, the person or the viewer's very unit
    NAMED_AT_POST = auto()  # it lets in the user, who registered it for a post that is still one of the viewer's


# The roles in which somebody sees an ordinary case, and a confidential one. A respondent sees neither.
ORDINARY: Mapping[Role, tuple[Tie, ...]] = {
    Role.OFFICE: (Tie.ROLE,),
    Role.OPERATOR: (Tie.ROLE,),
    Role.SUPERVISOR: (Tie.ROLE,),
    Role.UNIT: (Tie.BRANCH, Tie.NAMED),
    Role.LEADER: (Tie.POST,),
    Role.LIAISON: (Tie.POST,),
    Role.DISCIPLINE: (Tie.NAMED,),
    Role.ADMIN: (),
    Role.CITIZEN: (),
}
CONFIDENTIAL: Mapping[Role, tuple[Tie, ...]] = {
    Role.OFFICE: (Tie.NAMED,),
    Role.OPERATOR: (Tie.NAMED,),
    Role.SUPERVISOR: (Tie.NAMED,),
    Role.UNIT: (Tie.HOLDER, Tie.NAMED),
    Role.LEADER: (Tie.NAMED_AT_POST,),
    Role.LIAISON: (Tie.NAMED_AT_POST,),
    Role.DISCIPLINE: (Tie.ROLE,),
    Role.ADMIN: (),
    Role.CITIZEN: (),
}
READS_ALL_ORDINARY_CASES = frozenset(role for role, ties in ORDINARY.items() if Tie.ROLE in ties)


def may_see(viewer: Actor, case: CaseFacts) -> bool:
    """Return whether `viewer` may see the case; being its respondent beats every tie."""
    if viewer.role is None:
        return True
    if viewer.shut_out_as & case.denied:
        return False
    ties = CONFIDENTIAL if case.confidential else ORDINARY
    return any(_HOLDS[tie](viewer, case) for tie in ties[viewer.role])


_HOLDS: Mapping[Tie, Callable[[Actor, CaseFacts], bool]] = {
    Tie.ROLE: lambda _viewer, _case: True,
    Tie.HOLDER: lambda viewer, case: viewer.unit is not None and viewer.unit == case.unit,
    Tie.BRANCH: lambda viewer, case: viewer.unit in case.branches,
    Tie.POST: lambda viewer, case: case.post in viewer.posts or bool(viewer.post_names & case.allowed),
    Tie.NAMED: lambda viewer, case: bool(viewer.names & case.allowed),
    Tie.NAMED_AT_POST: lambda viewer, case: case.post in viewer.posts and bool(viewer.names & case.allowed),
}


def may_call(viewer: Actor, unit: int | None, post: int | None) -> bool:
    """Return whether a viewer who sees a case may have its requester's name and phone in the clear: whoever takes
    calls or calls back, whoever holds the case, and whom the citizen called. Each look is logged.
    """
    if viewer.role in (Role.OFFICE, Role.OPERATOR, Role.DISCIPLINE):
        return True
    if viewer.role is Role.UNIT:
        return viewer.unit is not None and viewer.unit == unit
    return viewer.role in (Role.LEADER, Role.LIAISON) and post in viewer.posts


_OVERSEEING = frozenset({Role.OFFICE, Role.SUPERVISOR, Role.DISCIPLINE})


def oversees(viewer: Actor) -> bool:
    """Return whether a viewer who sees a case stands above those who handle it, and also reads whom it is about."""
    return viewer.role is None or viewer.role in _OVERSEEING


# -- who takes something in ------------------------------------------------------------------------------------------

_REGISTERS_ALL = frozenset({Role.OFFICE, Role.OPERATOR, Role.DISCIPLINE, Role.CITIZEN})
_REGISTERS_OWN = frozenset({Role.LEADER, Role.LIAISON})
REGISTERING = _REGISTERS_ALL | _REGISTERS_OWN


def may_register(actor: Actor, post: int | None) -> bool:
    """Return whether somebody may register a contact with that post, None being the office; a leader only his own."""
    if actor.role is None or actor.role in _REGISTERS_ALL:
        return True
    return actor.role in _REGISTERS_OWN and post in actor.posts
