"""Who presses a button on a page that no longer holds is told so, with what was typed, and learns nothing else."""

from datetime import date

import pytest

from huying.cases.transfer import reassign_all
from huying.people.office import abolish
from huying.rules.access import Role
from huying.rules.commands import Assign, Recall
from tests.builders import HANDLER_PHONE, at, clerk, do, received, unit, user
from tests.pages.reading import browser, set_clock, words
from tests.pages.test_acting import path

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def thursday(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Thursday, 12 March 2026, 11:00."""
    set_clock(monkeypatch, at(3, 12, 11))


def test_a_case_that_was_recalled_meanwhile() -> None:
    case, housing = received(), unit("housing")
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    client = browser(user("holder", Role.UNIT, housing))
    do(case, Recall("先给供水"), at(3, 12, 10), clerk())
    form = {"verb": "acknowledge", "seen": "2", "handler": "何砚", "handler_phone": HANDLER_PHONE}
    here = client.post(path(case), form)
    nowhere = client.post("/desk/cases/YC-2026-999999/", form)
    assert here.status_code == nowhere.status_code == 404
    said = words(here.content.decode())
    assert said == words(nowhere.content.decode())
    assert "可能刚刚被收回、退回或者转走了" in said
    assert "何砚" in said
    assert client.get(path(case)).status_code == 404


def test_the_own_unit_was_abolished_meanwhile() -> None:
    case, housing, works = received(), unit("housing"), unit("works")
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    client = browser(user("holder", Role.UNIT, housing))
    reassign_all(housing.id, works.id, at(3, 12, 9), clerk())
    abolish(housing, date(2026, 3, 12))
    form = {"verb": "acknowledge", "seen": "2", "handler": "何砚", "handler_phone": HANDLER_PHONE}
    for answer in (client.post(path(case), form), client.get(path(case))):
        assert answer.status_code == 404
        said = words(answer.content.decode())
        assert "housing 已经在 2026-03-12 撤销，它的办件转给了接手的单位" in said


def test_a_form_that_is_none_of_ours_finds_nothing() -> None:
    client = browser(user())
    assert client.post("/desk/cases/YC-2026-999999/", {"verb": "explode"}).status_code == 404
    assert client.post("/desk/contacts/999/", {"verb": "open_case", "kind": "problem"}).status_code == 404
