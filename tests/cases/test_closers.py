"""The closers find what must never be: each time a row is damaged on purpose, and a sound register is silent."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from huying.cases.closers import Stuck, checks, idle_contacts, look_over, stuck
from huying.cases.intake import Received
from huying.cases.models import Case, Clock, Message
from huying.cases.queries import visible_to
from huying.people.models import Unit
from huying.rules.access import Actor, Role
from huying.rules.commands import Assign, RecordVerdict
from huying.rules.vocabulary import Kind
from tests.builders import NOW, at, case_of, clerk, do, received, unit, verified_case

pytestmark = pytest.mark.django_db
SOON = at(3, 10, 16)


def assigned() -> Received:
    case = received()
    do(case, Assign(unit().id), at(3, 10, 15), clerk())
    Message.objects.filter(delivery="queued").update(delivery="shown", ended_at=NOW)
    return case


def found(when: datetime = SOON) -> dict[str, list[str]]:
    """Return the numbers of the cases that each check finds."""
    seen = visible_to(Actor.system())
    numbers = {name: [case.number for case in seen.filter(check)] for name, check in checks(when).items()}
    return {name: cases for name, cases in numbers.items() if cases}


DAMAGE: list[tuple[Stuck, Callable[[Case], object]]] = [
    (Stuck.NO_CLOCK, lambda case: Clock.objects.filter(case=case).update(void_at=NOW)),
    (Stuck.NO_HOLDER, lambda case: Case.objects.filter(id=case.id).update(unit=None)),
    (Stuck.HELD_TOO_EARLY, lambda case: Case.objects.filter(id=case.id).update(stage="received")),
    (Stuck.ABOLISHED, lambda _: Unit.objects.filter(code="housing").update(abolished_on=date(2026, 3, 10))),
    (Stuck.NOT_WATCHED, lambda case: Case.objects.filter(id=case.id).update(watch_at=SOON - timedelta(hours=2))),
    (
        Stuck.QUEUED,
        lambda case: Message.objects.filter(case=case, audience="citizen").update(
            delivery="queued", ended_at=None, created_at=SOON - timedelta(hours=25)
        ),
    ),
    (
        Stuck.NOT_CALLED,
        lambda case: Message.objects.filter(case=case, audience="citizen").update(
            delivery="to_call", ended_at=None, created_at=SOON - timedelta(days=4)
        ),
    ),
    (
        Stuck.NOT_READ,
        lambda case: Message.objects.filter(case=case, audience="unit").update(created_at=SOON - timedelta(days=8)),
    ),
]


@pytest.mark.parametrize(("check", "damage"), DAMAGE, ids=[check for check, _ in DAMAGE])
def test_what_is_wrong_with_a_case_is_found_and_nothing_else(check: Stuck, damage: Callable[[Case], object]) -> None:
    sound, bad = assigned(), assigned()
    assert found() == {}

    damage(case_of(bad))

    wrong = {bad.number, sound.number} if check is Stuck.ABOLISHED else {bad.number}  # both are with that unit
    assert {name: set(numbers) for name, numbers in found().items()} == {check: wrong}
    assert look_over(SOON)[check] == len(wrong)


def test_every_check_has_its_damage() -> None:
    assert [check for check, _ in DAMAGE] == list(Stuck)


def test_a_case_in_which_only_a_window_runs_has_no_term() -> None:
    case = assigned()
    Clock.objects.exclude(step="return").update(void_at=NOW)
    assert found() == {Stuck.NO_CLOCK: [case.number]}


def test_a_review_that_nobody_asked_for_presses_nobody_unless_the_case_closes_when_its_window_has_passed() -> None:
    case = Case.objects.filter(id=verified_case(unit()).case_id or 0)
    Message.objects.update(delivery="shown", ended_at=NOW)
    Clock.objects.exclude(step="callback").update(void_at=NOW)
    Clock.objects.filter(step="callback").update(step="review")

    case.update(watch_at=None)
    assert [*found(at(3, 17, 10))] == [Stuck.NO_CLOCK]

    case.update(watch_at=at(4, 15))
    assert found(at(3, 17, 10)) == {}

    case.update(watch_at=None, memory={"review": "review"})
    assert found(at(3, 17, 10)) == {}


def test_what_has_ended_needs_neither_term_nor_holder() -> None:
    case = verified_case(unit())
    do(case, RecordVerdict("satisfied"), at(3, 18, 10), clerk())
    Message.objects.update(delivery="shown", ended_at=NOW)

    assert found(at(12, 1)) == {}


def test_a_contact_that_waits_without_a_term_is_found_by_who_reads_it() -> None:
    received(kind=Kind.UNSORTED)
    assert not idle_contacts(clerk()).exists()

    Clock.objects.update(void_at=NOW)

    assert idle_contacts(clerk()).count() == idle_contacts(Actor.system()).count() == look_over(SOON)["contacts"] == 1
    assert not idle_contacts(Actor("user:8", Role.DISCIPLINE)).exists()
    assert not idle_contacts(Actor("user:2", Role.UNIT, unit().id)).exists()


def test_a_case_is_counted_once_however_much_is_wrong_with_it_and_a_confidential_one_only_for_discipline() -> None:
    case = assigned()
    Clock.objects.update(void_at=NOW)
    Case.objects.filter(number=case.number).update(unit=None)
    assert stuck(clerk(), SOON).count() == 1

    Case.objects.filter(number=case.number).update(confidential=True)
    assert stuck(clerk(), SOON).count() == 0
    assert stuck(Actor("user:8", Role.DISCIPLINE), SOON).count() == 1
