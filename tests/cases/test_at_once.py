"""Two at the same moment: each gets a clear answer, nothing is overwritten, nobody waits for the other for ever."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from huying.cases.doors import act
from huying.cases.models import Act, Case, SupervisionAction
from huying.cases.sweep import sweep
from huying.cases.verification import broken_entries
from huying.config.postgres import Urls
from huying.ledger.models import LedgerLine
from huying.people.models import Unit
from huying.rules.access import Actor, Role
from huying.rules.commands import Assign, Command, HoldInterview, Merge, Note, ScheduleInterview, Unmerge
from huying.rules.deciding import Refused
from huying.rules.state import CaseState
from huying.rules.vocabulary import RefusalCode
from tests.builders import at, case_of, clerk, do, holder, received, spoken, unit
from tests.cases.test_idempotency import apart, at_once, wait_for_a_waiter

WHEN = at(3, 10, 15)
CHANGED = Refused(RefusalCode.CHANGED_MEANWHILE)
SUPERVISOR = Actor("user:1004", Role.SUPERVISOR)


def doing(
    case: int, command: Command, actor: Actor, when: datetime = WHEN, seen: int | None = None
) -> Callable[[], CaseState | Refused]:
    return lambda: act(case, command, when, when, actor, seen=seen)


def second_while_first_commits(
    database: Urls, first: Callable[[], CaseState | Refused], second: Callable[[], CaseState | Refused]
) -> CaseState | Refused:
    """Return the answer to the second, who asked while the first was done and waited for its lock."""
    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            assert isinstance(first(), CaseState)
            answer = thread.submit(apart, second)
            wait_for_a_waiter(database)
        return answer.result(10)


def cases(count: int) -> list[int]:
    return [received().case_id or 0 for _ in range(count)]


def test_of_two_clerks_who_read_the_same_page_one_is_told_that_it_has_changed(own_database: Urls) -> None:
    [case] = cases(1)
    colleague = Actor("user:1005", Role.OFFICE)

    answers = at_once(doing(case, Note("一"), clerk(), seen=1), doing(case, Note("二"), colleague, seen=1))

    assert [answer for answer in answers if isinstance(answer, Refused)] == [CHANGED]
    assert Act.objects.filter(chain=case).count() == 1
    assert not list(broken_entries())


@pytest.mark.parametrize("_", range(3))
def test_a_sweep_and_a_clerk_in_the_same_millisecond_let_each_rung_fire_once(own_database: Urls, _: int) -> None:
    case, housing = received(), unit()
    do(case, Assign(housing.id), WHEN, clerk())
    overdue = at(3, 14)

    at_once(lambda: sweep(overdue), doing(case.case_id or 0, spoken(), holder(housing), overdue))
    sweep(overdue)

    assert list(SupervisionAction.objects.values_list("step", "at")) == [("contact", overdue)]
    assert case_of(case).stage == "contacted"
    assert not list(broken_entries())


def test_a_sweep_passes_over_a_case_that_a_clerk_holds_and_comes_back(own_database: Urls) -> None:
    case, housing = received(), unit()
    do(case, Assign(housing.id), WHEN, clerk())

    with transaction.atomic():
        do(case, Note("在办"), at(3, 12), holder(housing))
        with ThreadPoolExecutor(1) as thread:
            assert thread.submit(apart, lambda: sweep(at(3, 14))).result(10) == 0

    assert sweep(at(3, 14)) == 1


def test_a_unit_that_is_abolished_between_page_and_press_is_named_as_wrong(own_database: Urls) -> None:
    [case], housing = cases(1), unit()
    before = Case.objects.values().get()

    def abolish() -> None:
        Unit.objects.filter(id=housing.id).update(abolished_on=WHEN.date())

    at_once(abolish)
    answer = act(case, Assign(housing.id), WHEN, WHEN, clerk(), seen=1)

    assert answer == Refused(RefusalCode.FIELD_INVALID, "unit")
    assert Case.objects.values().get() == before


def test_two_cases_merged_into_each_other_at_once_leave_one_of_them(own_database: Urls) -> None:
    for _ in range(5):
        one, other = cases(2)

        answers = at_once(doing(one, Merge(other), clerk()), doing(other, Merge(one), clerk()))

        assert [type(answer) for answer in answers].count(CaseState) == 1
        [refused] = [answer for answer in answers if isinstance(answer, Refused)]
        assert refused.code in (RefusalCode.WRONG_STATE, RefusalCode.FIELD_INVALID)
        assert sorted(Case.objects.filter(id__in=[one, other]).values_list("stage", "contacts")) == [
            ("merged", 1),
            ("received", 2),
        ]
    assert not list(broken_entries())


def test_who_undoes_a_merge_that_was_not_yet_there_is_told_to_look_again(own_database: Urls) -> None:
    younger, older = cases(2)
    undo = doing(younger, Unmerge(), clerk())

    answer = second_while_first_commits(own_database, doing(younger, Merge(older), clerk()), undo)

    assert answer == CHANGED
    assert Case.objects.get(id=older).contacts == 2
    assert isinstance(undo(), CaseState)
    assert Case.objects.get(id=older).contacts == 1
    assert not list(broken_entries())


def test_who_holds_an_interview_to_which_a_case_was_added_meanwhile_is_told_to_look_again(own_database: Urls) -> None:
    one, other = cases(2)
    when = WHEN + timedelta(days=1)
    schedule = ScheduleInterview(person="何砚", time=when, cases=(one, other))
    hold = doing(one, HoldInterview("何砚", "已当面说明", at(3, 20)), SUPERVISOR, when)

    answer = second_while_first_commits(own_database, doing(one, schedule, SUPERVISOR), hold)

    assert answer == CHANGED
    assert isinstance(hold(), CaseState)
    assert LedgerLine.objects.filter(event="interview_held").count() == 2
    assert not list(broken_entries())


@pytest.mark.django_db
def test_a_merge_below_another_one_is_undone_after_that() -> None:
    last, middle, first = cases(3)[::-1]
    assert isinstance(doing(last, Merge(middle), clerk())(), CaseState)
    assert isinstance(doing(middle, Merge(first), clerk())(), CaseState)

    assert doing(last, Unmerge(), clerk())() == Refused(RefusalCode.WRONG_STATE)
    assert isinstance(doing(middle, Unmerge(), clerk())(), CaseState)
    assert isinstance(doing(last, Unmerge(), clerk())(), CaseState)
    assert list(Case.objects.values_list("contacts", flat=True)) == [1, 1, 1]
