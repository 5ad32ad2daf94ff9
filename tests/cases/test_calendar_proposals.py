"""A change of the calendar takes two people: one proposes, another sees what it does and applies or rejects it."""

from datetime import date, time, timedelta
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.cases.calendars import cases_to_count, in_use, load
from huying.cases.days import Day
from huying.cases.models import CalendarProposal, CalendarVersion, Clock, Recount
from huying.cases.proposals import (
    Answer,
    apply,
    local_days,
    plan_local,
    plan_notice,
    plan_of,
    preview,
    propose,
    reason_of,
    reject,
)
from huying.cases.verification import broken_entries
from huying.channels.tasks import count_terms
from huying.config.postgres import Urls
from huying.rules.access import Actor, Role
from huying.rules.commands import Assign
from huying.rules.holiday_notice import NotANotice
from tests.builders import at, case_of, clerk, do, holder, received, unit, utc
from tests.rules.test_holiday_notice import INVENTED

in_one_transaction = pytest.mark.django_db
NOW = at(12, 30, 15)
SECOND = Actor("user:1003", Role.OFFICE)
MARCH_THIRD = date(2027, 4, 9)  # Fri; 壮族三月三, as a local day


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.channels.tasks.now", lambda: NOW + timedelta(hours=3))


def proposed() -> CalendarProposal:
    return propose(plan_notice(INVENTED, NOW), clerk(), NOW)


def applied(proposal: CalendarProposal, seen: int = 0, by: Actor = SECOND) -> Answer:
    return apply(proposal.id, seen, by, NOW)


def new_year_case(*, confidential: bool = False) -> str:
    """A case assigned Wed 30 December, its resolve due Thu 7 January 24:00 unless Sun 3 January is worked."""
    case = received(at(12, 30, 9), confidential=confidential)
    do(case, Assign(unit().id), at(12, 30, 10), clerk())
    return case_of(case).number


@in_one_transaction
def test_a_preview_says_what_would_differ_and_writes_nothing() -> None:
    public = new_year_case()
    new_year_case(confidential=True)

    shown = preview(plan_notice(INVENTED, NOW), NOW, clerk())

    changed = {f"{one.day:%m-%d}": one.works for one in shown.changed}
    assert changed["01-03"] is True  # Sun, make-up
    assert changed["02-12"] is False  # Fri, the end of Spring Festival
    assert "01-01" not in changed  # off by law anyway
    assert (shown.becomes_final, shown.cases, shown.terms, shown.earlier) == (True, 2, 4, 4)
    assert ([move.number for move in shown.named], shown.unnamed) == ([public, public], 2)
    assert (CalendarVersion.objects.count(), CalendarProposal.objects.count()) == (0, 0)


@in_one_transaction
def test_what_a_second_person_applies_counts_the_open_terms(noon: None) -> None:
    new_year_case()
    proposal = proposed()

    assert applied(proposal) is Answer.DONE

    assert not in_use(NOW).provisional_years(date(2027, 1, 1), date(2027, 12, 31))
    assert cases_to_count() == 1
    assert ProcrastinateJob.objects.get(task_name="count_open_terms").queue_name == "bulk"
    count_terms()
    assert cases_to_count() == 0
    assert Clock.objects.get(step="resolve").due_at == utc(at(1, 7, year=2027))  # Wed 24:00: 31, 3, 4, 5, 6
    proposal.refresh_from_db()
    assert (proposal.ended_as, proposal.ended_by) == ("applied", SECOND.id)
    assert proposal.version == CalendarVersion.objects.get()
    assert not list(broken_entries())


@in_one_transaction
@pytest.mark.parametrize("decide", [applied, lambda proposal, by: reject(proposal.id, "不对", by, NOW)])
def test_nobody_decides_alone(decide: object) -> None:
    proposal = proposed()
    assert callable(decide)
    assert decide(proposal, by=clerk()) is Answer.SAME_PERSON
    assert decide(proposal, by=holder(unit())) is Answer.FORBIDDEN
    assert CalendarProposal.objects.get().ended_as is None
    assert CalendarVersion.objects.count() == 0


@in_one_transaction
def test_the_database_wants_a_second_person_too() -> None:
    proposal = proposed()
    with pytest.raises(IntegrityError, match="calendar_proposal_second_person"), transaction.atomic():
        CalendarProposal.objects.filter(id=proposal.id).update(
            ended_as="applied", ended_by=proposal.proposed_by, ended_at=NOW
        )


@in_one_transaction
def test_a_decision_is_made_once() -> None:
    proposal = proposed()
    assert applied(proposal) is Answer.DONE
    assert applied(proposal) is Answer.ENDED_BEFORE
    assert reject(proposal.id, "不对", SECOND, NOW) is Answer.ENDED_BEFORE
    assert apply(proposal.id + 99, 0, SECOND, NOW) is Answer.ENDED_BEFORE
    assert CalendarVersion.objects.count() == 1


@in_one_transaction
def test_a_rejection_has_a_reason_and_changes_no_day() -> None:
    proposal = proposed()
    assert reject(proposal.id, "  ", SECOND, NOW) is Answer.REASON_REQUIRED
    assert reject(proposal.id, " 端午和原文不一样 ", SECOND, NOW) is Answer.DONE
    assert reason_of(CalendarProposal.objects.get()) == "端午和原文不一样"
    assert CalendarVersion.objects.count() == 0
    assert proposed().id != proposal.id  # the year may be proposed again


@in_one_transaction
def test_a_year_is_proposed_once_at_a_time() -> None:
    assert proposed() == proposed()
    assert propose(plan_notice(INVENTED, NOW), SECOND, NOW).proposed_by == clerk().id


@in_one_transaction
def test_what_was_loaded_since_the_preview_has_to_be_looked_at() -> None:
    proposal = proposed()
    seen = preview(plan_of(proposal), NOW, SECOND).seen
    load({date(2026, 12, 24): Day(works=False)}, NOW, Actor.system())

    assert applied(proposal, seen) is Answer.CHANGED_MEANWHILE
    assert CalendarProposal.objects.get().ended_as is None
    assert CalendarVersion.objects.count() == 1

    assert applied(proposal, preview(plan_of(proposal), NOW, SECOND).seen) is Answer.DONE


@in_one_transaction
def test_a_year_that_became_final_meanwhile_is_not_applied_again() -> None:
    proposal = proposed()
    load(plan_of(proposal).days, NOW, Actor.system())
    assert applied(proposal, preview(plan_of(proposal), NOW, SECOND).seen) is Answer.FINAL_YEAR
    with pytest.raises(NotANotice, match="final already"):
        plan_notice(INVENTED, NOW)


@in_one_transaction
def test_a_local_day_goes_the_same_way_and_a_notice_leaves_it() -> None:
    local = plan_local(MARCH_THIRD, works=False, until=None, source="自治区通知（演练）")
    assert [(one.day, one.works) for one in preview(local, NOW, SECOND).changed] == [(MARCH_THIRD, False)]
    assert applied(propose(local, clerk(), NOW)) is Answer.DONE
    assert list(local_days()) == [MARCH_THIRD]

    notice = plan_notice(INVENTED, NOW)
    shown = preview(notice, NOW, SECOND)
    assert (shown.kept, shown.becomes_final) == ([MARCH_THIRD], True)
    assert applied(propose(notice, clerk(), NOW), shown.seen) is Answer.DONE

    assert not in_use(NOW).is_working(MARCH_THIRD)
    assert not in_use(NOW).provisional_years(date(2027, 1, 1), date(2027, 12, 31))


@in_one_transaction
def test_a_local_half_day_is_a_change_of_its_own() -> None:
    eve = date(2026, 12, 31)
    half = plan_local(eve, works=True, until=time(12), source="市政府办公室（演练）")
    [changed] = preview(half, NOW, SECOND).changed
    assert (changed.day, changed.works, changed.until) == (eve, True, time(12))
    assert applied(propose(half, clerk(), NOW)) is Answer.DONE
    assert in_use(NOW).worked_until(eve) == time(12)


def test_of_two_who_apply_at_once_one_is_told(own_database: Urls) -> None:
    proposal = proposed()
    start, answers = Barrier(2), []

    def decide(number: int) -> None:
        start.wait()
        answers.append(apply(proposal.id, 0, Actor(f"user:{number}", Role.OFFICE), NOW))
        connection.close()

    both = [Thread(target=decide, args=[number]) for number in (2001, 2002)]
    for one in both:
        one.start()
    for one in both:
        one.join()

    assert sorted(answers) == [Answer.DONE, Answer.ENDED_BEFORE]
    assert CalendarVersion.objects.count() == 1
    assert Recount.objects.count() == 0
