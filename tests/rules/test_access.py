"""Who sees which case, row by row: 4 is the water group, 9 its eastern branch, 5 the housing bureau, all below 1."""

from dataclasses import replace

import pytest

from huying.rules.access import (
    CONFIDENTIAL,
    ORDINARY,
    Actor,
    CaseFacts,
    Role,
    may_call,
    may_register,
    may_see,
    oversees,
)

CITY, WATER, HOUSING, EAST = 1, 4, 5, 9
MAYOR, DEPUTY = 21, 22
SHEN, LU = 31, 32  # who hold these posts

OFFICE = Actor("user:1", Role.OFFICE)
OPERATOR = Actor("user:2", Role.OPERATOR)
SUPERVISOR = Actor("user:3", Role.SUPERVISOR)
DISCIPLINE = Actor("user:4", Role.DISCIPLINE)
ADMIN = Actor("user:5", Role.ADMIN)
OF_WATER = Actor("user:6", Role.UNIT, WATER, (CITY,))
OF_EAST = Actor("user:7", Role.UNIT, EAST, (CITY, WATER))
OF_HOUSING = Actor("user:8", Role.UNIT, HOUSING, (CITY,))
OF_NOTHING = Actor("user:9", Role.UNIT)
THE_MAYOR = Actor("user:10", Role.LEADER, person=SHEN, posts=frozenset({MAYOR}))
THE_DEPUTY = Actor("user:11", Role.LEADER, person=LU, posts=frozenset({DEPUTY}))
FOR_THE_MAYOR = Actor("user:12", Role.LIAISON, posts=frozenset({MAYOR}), acts_for=frozenset({SHEN}))
FOR_BOTH = Actor("user:13", Role.LIAISON, posts=frozenset({MAYOR, DEPUTY}), acts_for=frozenset({SHEN, LU}))
VIEWERS = {
    "office": OFFICE,
    "operator": OPERATOR,
    "supervisor": SUPERVISOR,
    "discipline": DISCIPLINE,
    "admin": ADMIN,
    "water": OF_WATER,
    "east": OF_EAST,
    "housing": OF_HOUSING,
    "no unit": OF_NOTHING,
    "mayor": THE_MAYOR,
    "deputy": THE_DEPUTY,
    "mayor's liaison": FOR_THE_MAYOR,
    "liaison of both": FOR_BOTH,
}
READ_ALL = {"office", "operator", "supervisor"}

RECEIVED = CaseFacts()
HELD_BY_WATER = CaseFacts(unit=WATER, branches=frozenset({CITY, WATER}))
HELD_BY_EAST = CaseFacts(unit=EAST, branches=frozenset({CITY, WATER, EAST}))
FOR_MAYOR = CaseFacts(post=MAYOR)


def see(case: CaseFacts) -> set[str]:
    """Return who of all these sees a case."""
    return {name for name, viewer in VIEWERS.items() if may_see(viewer, case)}


def letting_in(case: CaseFacts, *names: str, units: tuple[int, ...] = ()) -> CaseFacts:
    return replace(case, allowed=case.allowed | set(names), branches=case.branches | set(units))


def against(case: CaseFacts, *names: str) -> CaseFacts:
    return replace(case, denied=frozenset(names))


def secret(case: CaseFacts) -> CaseFacts:
    return replace(case, confidential=True)


def test_every_role_has_its_rows() -> None:
    assert set(ORDINARY) == set(CONFIDENTIAL) == set(Role)


def test_the_system_sees_everything_even_what_nobody_may() -> None:
    assert may_see(Actor.system(), against(secret(RECEIVED), "system"))


# -- ordinary cases ------------------------------------------------------------------------------------------------


def test_office_operator_and_supervisor_see_every_ordinary_case_and_nobody_else_does() -> None:
    assert see(RECEIVED) == READ_ALL


def test_a_unit_sees_what_it_holds() -> None:
    assert see(HELD_BY_WATER) == READ_ALL | {"water"}


def test_a_unit_sees_what_one_below_it_holds_and_not_what_one_above_it_does() -> None:
    assert see(HELD_BY_EAST) == READ_ALL | {"water", "east"}


def test_a_unit_sees_what_it_takes_part_in_or_gave_on_and_so_do_those_above_it() -> None:
    case = letting_in(
        CaseFacts(unit=HOUSING, branches=frozenset({CITY, HOUSING})), "unit:9", units=(CITY, WATER, EAST)
    )
    assert see(case) == READ_ALL | {"housing", "water", "east"}


def test_a_unit_that_is_neither_holder_nor_party_any_more_has_lost_sight() -> None:
    assert "water" not in see(CaseFacts(unit=HOUSING, branches=frozenset({CITY, HOUSING})))


def test_a_leader_and_the_liaisons_see_the_calls_to_their_posts() -> None:
    assert see(FOR_MAYOR) == READ_ALL | {"mayor", "mayor's liaison", "liaison of both"}


def test_a_leader_and_the_liaisons_see_what_an_instruction_of_their_post_is_about() -> None:
    assert see(letting_in(RECEIVED, "post:22")) == READ_ALL | {"deputy", "liaison of both"}


def test_discipline_sees_no_ordinary_case_unless_it_is_named() -> None:
    assert "discipline" not in see(HELD_BY_WATER)
    assert "discipline" in see(letting_in(HELD_BY_WATER, "user:4"))


@pytest.mark.parametrize("case", [RECEIVED, HELD_BY_EAST, FOR_MAYOR, letting_in(RECEIVED, "user:5")])
def test_an_admin_sees_no_case(case: CaseFacts) -> None:
    assert "admin" not in see(case) | see(secret(case))


def test_a_leader_or_clerk_of_a_unit_reads_nothing_because_of_that_unit() -> None:
    clerk, leader = replace(DISCIPLINE, unit=WATER), replace(THE_MAYOR, unit=WATER)
    assert not may_see(clerk, HELD_BY_WATER)
    assert not may_see(leader, letting_in(HELD_BY_WATER, "unit:4"))
    assert not may_see(replace(OFFICE, unit=WATER), secret(HELD_BY_WATER))


# -- confidential cases --------------------------------------------------------------------------------------------


def test_a_confidential_case_that_nobody_holds_is_disciplines_alone() -> None:
    assert see(secret(FOR_MAYOR)) == {"discipline"}


def test_of_the_units_only_the_very_holder_sees_a_confidential_case() -> None:
    assert see(secret(HELD_BY_EAST)) == {"discipline", "east"}


@pytest.mark.parametrize(
    ("party", "who"),
    [
        ("user:1", {"office"}),  # who registered or assigned it
        ("user:2", {"operator"}),
        ("user:3", {"supervisor"}),
        ("user:12", {"mayor's liaison"}),
        ("unit:4", {"water"}),
        ("person:31", {"mayor"}),
        ("post:21", set()),  # a post is no person
    ],
)
def test_whoever_is_named_on_a_confidential_case_sees_it_and_nobody_through_them(party: str, who: set[str]) -> None:
    assert see(letting_in(secret(FOR_MAYOR), party, units=(CITY, WATER))) == {"discipline"} | who


@pytest.mark.parametrize("party", ["user:10", "user:12", "person:31"])
@pytest.mark.parametrize("case", [RECEIVED, CaseFacts(post=DEPUTY)])
def test_what_a_leader_or_liaison_registered_for_a_post_they_read_as_long_as_they_serve_it(
    case: CaseFacts, party: str
) -> None:
    assert see(letting_in(secret(case), party)) == {"discipline"}
    assert not see(letting_in(case, party)) & {"mayor", "mayor's liaison"}


# -- respondents ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("confidential", [False, True])
@pytest.mark.parametrize(
    ("party", "blind"),
    [
        ("unit:4", {"water", "east"}),
        ("unit:9", {"east"}),
        ("unit:1", {"water", "east", "housing"}),
        ("person:31", {"mayor", "mayor's liaison", "liaison of both"}),
        ("post:21", {"mayor", "mayor's liaison", "liaison of both"}),
        ("user:1", {"office"}),
        ("user:4", {"discipline"}),
    ],
)
def test_a_respondent_those_below_and_their_delegates_see_nothing_whatever_else_lets_them_in(
    party: str, blind: set[str], confidential: bool
) -> None:
    everybody = [viewer.id for viewer in VIEWERS.values()]
    case = letting_in(replace(HELD_BY_EAST, post=MAYOR, confidential=confidential), *everybody)

    assert see(against(case, party)) == set(VIEWERS) - {"admin", "deputy"} - blind


def test_somebody_of_the_unit_complained_about_is_blind_in_every_role() -> None:
    case = against(RECEIVED, "unit:4")
    assert not any(may_see(replace(viewer, unit=EAST, above=(CITY, WATER)), case) for viewer in VIEWERS.values())


def test_whoever_stands_above_the_unit_complained_about_sees_the_case() -> None:
    assert "water" in see(against(HELD_BY_EAST, "unit:9"))


# -- who calls back -------------------------------------------------------------------------------------------------


def test_the_requester_is_called_by_the_office_the_very_holder_and_whoever_was_called() -> None:
    callers = {name for name, viewer in VIEWERS.items() if may_call(viewer, EAST, DEPUTY)}
    assert callers == {"office", "operator", "discipline", "east", "deputy", "liaison of both"}
    assert not may_call(OF_NOTHING, None, None)


def test_whom_a_case_is_about_is_read_above_the_units() -> None:
    assert {name for name, viewer in VIEWERS.items() if oversees(viewer)} == {"office", "supervisor", "discipline"}
    assert oversees(Actor.system())


# -- who takes something in -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("post", "registering"),
    [
        (DEPUTY, {"office", "operator", "discipline", "deputy", "liaison of both"}),
        (None, {"office", "operator", "discipline"}),
    ],
)
def test_a_leader_registers_what_came_to_an_own_post_and_the_office_everything(
    post: int | None, registering: set[str]
) -> None:
    assert {name for name, viewer in VIEWERS.items() if may_register(viewer, post)} == registering
    assert may_register(Actor.system(), post)
    assert may_register(Actor.citizen(), post)
