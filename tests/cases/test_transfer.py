"""Posts and units change hands: what is open follows in its terms, and history survives."""

from datetime import date, datetime
from typing import Any

import pytest

from huying.cases.arrival import Arrival
from huying.cases.doors import act
from huying.cases.intake import Received, register, register_all
from huying.cases.models import Act, Case, CaseParty, Clock, Message
from huying.cases.queries import same_phone, visible_contacts, visible_to
from huying.cases.rulebooks import put_in_force
from huying.cases.transfer import BATCH, Moved, open_with_unit, reassign_all, transfer_post
from huying.cases.verification import broken_entries
from huying.directory.models import ContactPoint
from huying.people.actors import actor_of
from huying.people.models import User
from huying.people.office import abolish
from huying.people.serving import name_delegate
from huying.rules.access import Actor, Role, unit_party
from huying.rules.commands import (
    AnswerInstruction,
    Assign,
    GiveAnswer,
    Instruct,
    JoinUnit,
    Merge,
    OpenCase,
    ProposeFault,
    RecordVerdict,
    StateFault,
    Unmerge,
    Verify,
)
from huying.rules.lifecycle import Refused
from huying.rules.vocabulary import Kind, Stage
from huying.vault.seals import keys_of, phone_index, unseal
from tests.builders import (
    NOW,
    PHONE,
    at,
    case_of,
    clerk,
    do,
    held_by,
    holder,
    intake,
    into,
    post,
    received,
    reported,
    represented_by,
    spoken,
    unit,
    user,
    verified_case,
    version,
)

pytestmark = pytest.mark.django_db

LATER = at(3, 20, 10)


def is_whole() -> bool:
    return not [*broken_entries()]


def handed_over() -> tuple[Case, Case]:
    """Return an open and an ended case that came to the mayor, after the vice mayor took over."""
    mayor, vice = post("mayor"), post("vice")
    open_case = case_of(received(post=mayor.id))
    answered = received(post=mayor.id, kind="consultation")
    do(answered, GiveAnswer("周一到周五"), NOW, clerk())
    transfer_post(mayor.id, vice.id, LATER, clerk())
    return Case.objects.get(id=open_case.id), case_of(answered)


def test_open_cases_follow_the_post_and_ended_ones_stay() -> None:
    open_case, answered = handed_over()
    assert (open_case.post, answered.post) == (post("vice"), post("mayor"))


def test_former_leader_and_liaison_see_the_moved_cases_no_more() -> None:
    leader, liaison = held_by(post("mayor")), represented_by(post("mayor"))
    successor = held_by(post("vice"))
    open_case, _ = handed_over()
    seen = {
        who.username: visible_to(actor_of(who, LATER)).filter(id=open_case.id).exists()
        for who in (leader, liaison, successor)
    }
    assert seen == {leader.username: False, liaison.username: False, successor.username: True}


def test_earlier_cases_of_a_caller_are_found_after_a_change_of_leader() -> None:
    held_by(post("mayor"))
    open_case, answered = handed_over()
    found = same_phone(clerk(), phone_index(PHONE), LATER)
    assert {case.id for case in found.cases} == {open_case.id, answered.id}


def test_the_numbers_of_the_old_post_leave_the_directory_at_once() -> None:
    point = ContactPoint.objects.create(post=post("mayor"), kind="phone_mobile", value="0500-555 1000")
    handed_over()
    point.refresh_from_db()
    assert point.withdrawn_at == LATER
    assert not ContactPoint.objects.filter(withdrawn_at=None, post=post("mayor")).exists()


def test_a_withdrawn_number_can_be_published_for_the_successor() -> None:
    ContactPoint.objects.create(post=post("mayor"), kind="phone_mobile", value="0500-555 1000")
    handed_over()
    ContactPoint.objects.create(post=post("vice"), kind="phone_mobile", value="0500-555 1000")
    assert ContactPoint.objects.get(withdrawn_at=None, value="0500-555 1000").post == post("vice")


def by(who: User, **given: Any) -> Received:
    """Return what a leader, or who acts for one, took in for the mayor."""
    answer = register(intake(post=post("mayor").id, **given), NOW, into(actor=actor_of(who, NOW)))
    assert isinstance(answer, Received)
    return answer


def test_whoever_took_something_in_for_the_post_reads_it_no_more_and_the_offices_clerks_do() -> None:
    put_in_force(version(), date(2026, 1, 5), at(1, 5), clerk())
    mayor, office = post("mayor"), user("clerk")
    delegate = held_by(post("third"))
    name_delegate(mayor, delegate, date(2026, 3, 9), date(2026, 3, 31), "user:1", at(3, 9))
    served = (held_by(mayor), represented_by(mayor), delegate)
    for who in (*served, office):
        by(who, confidential=True)
        by(who, confidential=True, kind=Kind.UNSORTED)

    def read(when: datetime) -> list[tuple[int, int]]:
        viewers = [actor_of(who, when) for who in (*served, office)]
        return [(visible_to(one).count(), visible_contacts(one).count()) for one in viewers]

    assert read(NOW) == [(1, 1)] * 4
    transfer_post(mayor.id, post("vice").id, LATER, clerk())
    assert read(LATER) == [(0, 0)] * 3 + [(1, 1)]


def test_what_waits_to_be_sorted_or_called_back_follows_and_becomes_a_case_of_the_successor() -> None:
    put_in_force(version(), date(2026, 1, 5), at(1, 5), clerk())
    successor = held_by(post("vice"))
    unsorted = received(post=post("mayor").id, kind=Kind.UNSORTED)
    received(post=post("mayor").id, kind=Kind.MISSED, text="")

    transfer_post(post("mayor").id, post("vice").id, LATER, clerk())

    assert visible_contacts(actor_of(successor, LATER)).count() == 2
    opened = act(unsorted.contact_id, OpenCase("problem"), LATER, LATER, clerk())
    assert not isinstance(opened, Refused)
    assert Case.objects.get(id=unsorted.contact_id).post == post("vice")
    assert is_whole()


def test_a_merged_case_comes_back_at_the_successors_post() -> None:
    older, merged = received(), received(post=post("mayor").id)
    do(merged, Merge(older.case_id or 0), NOW, clerk())
    transfer_post(post("mayor").id, post("vice").id, LATER, clerk())
    do(merged, Unmerge(), LATER, clerk())
    assert case_of(merged).post == post("vice")


def test_a_closed_case_with_a_visit_to_come_follows() -> None:
    visited, over = closed("fengxian", post=post("mayor").id), closed("bozhou", post=post("mayor").id)
    assert transfer_post(post("mayor").id, post("vice").id, LATER, clerk()) == 1
    assert (case_of(visited).post, case_of(over).post) == (post("vice"), post("mayor"))


# -- units -----------------------------------------------------------------------------------------------------------


def held(**given: Any) -> Case:
    answer = received(**given)
    do(answer, Assign(unit("housing").id), at(3, 10, 15), clerk())
    return case_of(answer)


def reassigned() -> Moved:
    return reassign_all(unit("housing").id, unit("works").id, LATER, clerk())


def test_a_successor_unit_holds_every_open_case_at_its_level_in_its_terms() -> None:
    case = held()
    before = list(Clock.objects.filter(case=case).values_list("step", "unit", "due_at").order_by("id"))
    assert reassigned() == Moved(1)
    moved = Case.objects.get(id=case.id)
    assert (moved.unit, moved.level, moved.stage) == (unit("works"), 1, Stage.ASSIGNED)
    after = list(Clock.objects.filter(case=case).values_list("step", "unit", "due_at").order_by("id"))
    assert after[: len(before)] == before


def test_each_moved_case_has_an_act_a_line_and_a_message_and_replays() -> None:
    case = held()
    reassigned()
    assert Act.objects.get(chain=case.id).verb == "move_unit"
    assert Message.objects.filter(case=case, event="unit_moved", unit=unit("works")).count() == 1
    assert is_whole()


def test_more_cases_than_a_batch_move() -> None:
    arrivals = [Arrival(intake(f"第 {n} 件"), NOW) for n in range(BATCH + 3)]
    for answer in register_all(arrivals, into()):
        assert not isinstance(answer, Refused)
        do(answer, Assign(unit("housing").id), NOW, clerk())
    assert reassigned().count == BATCH + 3
    assert not open_with_unit(unit("housing").id).exists()


def test_the_successor_takes_part_where_the_unit_did() -> None:
    answer = received()
    do(answer, Assign(unit("water").id), at(3, 10, 15), clerk())
    do(answer, JoinUnit(unit("housing").id), at(3, 10, 16), clerk())
    reassigned()
    assert case_of(answer).memory["co_units"] == [unit("works").id]
    seen = {
        code: visible_to(holder(unit(code))).filter(id=answer.case_id or 0).exists() for code in ("works", "housing")
    }
    assert seen == {"works": True, "housing": False}
    assert is_whole()


def test_what_has_ended_stays_with_who_had_it() -> None:
    verified = verified_case(unit("housing"))
    Case.objects.filter(id=verified.case_id or 0).update(stage=Stage.ARCHIVED, closed_at=LATER, closed_as="satisfied")
    assert reassigned() == Moved(0)
    assert case_of(verified).unit == unit("housing")


def test_a_case_about_the_successor_stays_for_the_office_to_give_away() -> None:
    case = held(respondent=unit("works").id)
    assert reassigned() == Moved(0, (case.number,))
    assert Case.objects.get(id=case.id).unit == unit("housing")


def test_whoever_was_shut_out_in_the_old_unit_is_in_the_new_one() -> None:
    about = received(respondent=unit("housing").id)
    do(about, Assign(unit("works").id), at(3, 10, 15), clerk())
    number = case_of(about).number
    assert reassigned() == Moved(0, (number,))
    assert CaseParty.objects.filter(case=about.case_id or 0, party=unit_party(unit("works").id), allow=False).exists()
    assert not visible_to(holder(unit("works"))).filter(id=about.case_id or 0).exists()


def test_an_abolished_unit_is_given_no_case() -> None:
    abolish(unit("housing"), NOW.date())
    answer = received()
    refused = act(answer.case_id or 0, Assign(unit("housing").id), LATER, LATER, clerk())
    assert isinstance(refused, Refused)
    assert refused.field == "unit"


def test_a_unit_with_living_units_below_it_is_not_abolished() -> None:
    unit("housing")
    unit("repairs", "housing")
    with pytest.raises(ValueError, match="hand them over first"):
        abolish(unit("housing"), NOW.date())


def told(case: Case, of: str) -> list[str]:
    """Return what a unit reads of a case because units changed."""
    key = keys_of([case.id])[case.id]
    messages = Message.objects.filter(case=case, event="unit_moved", unit=unit(of)).order_by("id")
    return [unseal(message, key, "text") or "" for message in messages]


def test_whoever_takes_part_answers_or_speaks_to_a_fault_instead_is_told_so() -> None:
    called, housing = post("mayor"), unit("housing")
    answer = received(post=called.id)
    do(answer, Assign(unit("water").id), at(3, 10, 15), clerk())
    do(answer, JoinUnit(housing.id), at(3, 10, 16), clerk())
    leader = Actor("user:901", Role.LEADER, posts=frozenset({called.id}))
    do(answer, Instruct(text="速办", unit=housing.id, due=at(3, 25, 18)), at(3, 10, 17), leader)
    supervisor = Actor("user:900", Role.SUPERVISOR)
    do(answer, ProposeFault(code="slow_action", unit=housing.id, evidence="三天没有回音"), at(3, 10, 18), supervisor)

    reassign_all(housing.id, unit("works").id, at(3, 11, 10), clerk())

    case = case_of(answer)
    assert [text.removeprefix(f"{case.number} 因机构调整")[:2] for text in told(case, "works")] == [
        "由您",
        "，领",
        "，有",
    ]
    do(answer, AnswerInstruction("已办"), at(3, 11, 11), holder(unit("works")))
    do(answer, StateFault("已说明"), at(3, 11, 12), holder(unit("works")))
    running = Clock.objects.filter(case=case, step__in=["instruction", "statement"], done_at=None)
    assert not running.exists()
    assert is_whole()


def test_a_closed_case_with_a_visit_to_come_or_a_fault_goes_to_the_successor_and_to_nobody_else() -> None:
    housing, supervisor = unit("housing"), Actor("user:900", Role.SUPERVISOR)
    visited, blamed, over = (closed("fengxian"), closed("bozhou", blamed_by=supervisor), closed("bozhou"))

    assert reassigned() == Moved(2)

    assert [case_of(one).unit for one in (visited, blamed, over)] == [unit("works"), unit("works"), housing]
    assert is_whole()


def closed(rulebook: str, blamed_by: Actor | None = None, **given: Any) -> Received:
    housing, case = unit("housing"), received(rulebook_id=rulebook, **given)
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    do(case, spoken(), at(3, 11, 9), holder(housing))
    do(case, reported(), at(3, 12, 9), holder(housing))
    do(case, Verify(), at(3, 12, 10), clerk())
    if blamed_by is not None:
        do(case, ProposeFault(code="slow_action", evidence="三天没有回音"), at(3, 12, 11), blamed_by)
    do(case, RecordVerdict("satisfied"), at(3, 12, 12), clerk())
    return case
