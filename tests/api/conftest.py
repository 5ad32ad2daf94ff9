import pytest

from huying.people.models import Unit
from huying.rules.access import Role
from tests.api.asking import Clock, Program, open_office, program
from tests.builders import unit


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def office(db: None, clock: Clock) -> Program:
    """The office's program, in an office that works under Bozhou's rulebook."""
    open_office()
    return program(Role.OFFICE)


@pytest.fixture
def housing(office: Program) -> Unit:
    return unit("housing")


@pytest.fixture
def holder(housing: Unit) -> Program:
    return program(Role.UNIT, unit=housing)


@pytest.fixture
def number(office: Program) -> str:
    return str(office.contact().json["case"])


@pytest.fixture
def held(office: Program, holder: Program, number: str, clock: Clock) -> str:
    """A case that a unit has acknowledged."""
    clock.set(3, 10, 15)
    assert office.do(number, "assign", unit="housing").status == 200
    assert holder.do(number, "acknowledge", handler="何砚", handler_phone="0500-555 2207").status == 200
    return number
