import pytest

from huying.rules.access import Role
from tests.api.asking import Clock, Program, open_office, program


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def office(db: None, clock: Clock) -> Program:
    """The office's program, in an office that works under Bozhou's rulebook."""
    open_office()
    return program(Role.OFFICE)
