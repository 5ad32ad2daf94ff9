"""`huying transfer-post` and `huying reassign-unit`: what they say, do and refuse."""

from datetime import date
from typing import Any

import pytest

from huying.cases.models import Case
from huying.config.handing_over import reassign, transfer
from huying.config.house import Trouble
from huying.people.models import Unit
from huying.rules.commands import Assign
from tests.builders import at, case_of, clerk, do, post, received, unit

pytestmark = pytest.mark.django_db


def held(**given: Any) -> Case:
    answer = received(**given)
    do(answer, Assign(unit("housing").id), at(3, 10, 15), clerk())
    return case_of(answer)


def test_a_post_is_handed_over_with_its_open_cases(capsys: pytest.CaptureFixture[str]) -> None:
    case = case_of(received(post=post("mayor").id))
    post("vice")
    assert transfer("mayor", "vice", yes=True) == 0
    assert "1 open cases follow" in capsys.readouterr().out
    assert Case.objects.get(id=case.id).post == post("vice")


def test_a_unit_is_handed_over_and_abolished(capsys: pytest.CaptureFixture[str]) -> None:
    case, about = held(), held(respondent=unit("works").id)
    assert reassign("housing", "works", date(2026, 4, 1), yes=True) == 0
    assert f"{about.number} complains about housing or works" in capsys.readouterr().out
    assert Case.objects.get(id=case.id).unit == unit("works")
    assert Unit.objects.get(code="housing").abolished_on == date(2026, 4, 1)


def test_without_a_yes_nothing_moves() -> None:
    case = held()
    unit("works")
    with pytest.raises(Trouble, match="--yes"):
        reassign("housing", "works", None, yes=False)
    assert Case.objects.get(id=case.id).unit == unit("housing")


def test_a_unit_with_units_below_it_is_left_as_it_was() -> None:
    case = held()
    unit("repairs", "housing")
    unit("works")
    with pytest.raises(Trouble, match="hand them over first"):
        reassign("housing", "works", date(2026, 4, 1), yes=True)
    assert Case.objects.get(id=case.id).unit == unit("housing")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("nobody", "works", "there is no unit 'nobody'"),
        ("works", "works", "can't be handed over to itself"),
        ("city", "works", "handles no cases"),
        ("works", "gone", "was abolished on 2026-01-01"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(old: str, new: str, why: str) -> None:
    unit("works")
    gone = unit("gone")
    gone.abolished_on = date(2026, 1, 1)
    gone.save()
    with pytest.raises(Trouble, match=why):
        reassign(old, new, None, yes=True)
