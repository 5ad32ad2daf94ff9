"""A complaint about a unit or a person: nobody complained about sees, counts or gets it, however it came in."""

from datetime import date
from typing import Any

import pytest

from huying.cases.doors import act
from huying.cases.intake import Received, Register, register
from huying.cases.models import Case, CaseParty, Contact, RulebookInForce
from huying.cases.queries import totals, visible_contacts, visible_to
from huying.cases.rulebooks import put_in_force
from huying.cases.verification import broken_entries
from huying.people.actors import actor_of
from huying.people.office import the_office
from huying.people.serving import name_delegate
from huying.rules.access import Actor
from huying.rules.commands import Assign, Command, NotACase, OpenCase, ReturnCall
from huying.rules.deciding import Refused
from huying.rules.vocabulary import Flag, Kind, RefusalCode
from tests.builders import (
    NOW,
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
    represented_by,
    version,
)
from tests.builders import unit as unit_of

pytestmark = pytest.mark.django_db

LATER = at(3, 10, 11)


def came(kind: Kind = Kind.UNSORTED, rulebook: str = "bozhou", **said: Any) -> int:
    """Return the contact of a message that opened no case."""
    the_office()
    if not RulebookInForce.objects.exists():
        put_in_force(version(rulebook), date(2026, 1, 5), at(1, 5), clerk())
    answer = register(intake(kind=kind, **said), NOW, Register.now_in_force(clerk(), NOW))
    assert isinstance(answer, Received)
    assert answer.case_id is None
    return answer.contact_id


def sorted_as(contact: int, command: Command) -> Case:
    state = act(contact, command, LATER, LATER, clerk())
    assert not isinstance(state, Refused), state
    assert list(broken_entries()) == []
    return Case.objects.get(id=contact)


def sees(viewer: Actor) -> set[int]:
    seen = set(visible_to(viewer).values_list("id", flat=True))
    return seen | set(visible_contacts(viewer).values_list("id", flat=True))


def test_who_holds_the_post_his_liaison_and_his_delegate_see_nothing_of_it() -> None:
    mayor, deputy = post("mayor"), post("deputy")
    leader, liaison, delegate = held_by(mayor), represented_by(mayor, deputy), held_by(deputy)
    name_delegate(mayor, delegate, date(2026, 3, 9), date(2026, 3, 12), "user:1", NOW)
    other = received(post=mayor.id).case_id

    about = received(post=deputy.id, respondent_post=mayor.id).case_id
    also = received(post=mayor.id, respondent_post=mayor.id).case_id

    for one in (leader, liaison, delegate):
        actor = actor_of(one, NOW)
        assert sees(actor) == {other}
        assert totals(actor, NOW).contacts_raw == 1
        refused = act(about or 0, Assign(unit_of().id), LATER, LATER, actor)
        assert refused == Refused(RefusalCode.NOT_FOUND)
    assert sees(clerk()) == {other, about, also}


def test_it_is_the_person_and_not_the_post() -> None:
    mayor = post("mayor")
    first, second = held_by(mayor, last=date(2026, 3, 31)), held_by(post("deputy"))
    received(post=mayor.id, respondent_post=mayor.id)
    second.person.tenures.create(post=mayor, days=(date(2026, 4, 1), None))  # type: ignore[union-attr]

    assert sees(actor_of(first, NOW)) == set()
    assert len(sees(actor_of(second, at(4, 2)))) == 1


def test_a_post_that_nobody_holds_is_refused() -> None:
    vacant = post("vacant")
    answer = register(intake(respondent_post=vacant.id), NOW, into())
    assert answer == Refused(RefusalCode.FIELD_INVALID, "respondent_post")
    assert register(intake(holder_of="nowhere"), NOW, into()) == answer
    refused = act(came(), OpenCase("complaint", respondent_post=vacant.id), LATER, LATER, clerk())
    assert refused == answer
    assert not Case.objects.exists()


def test_what_waits_and_is_about_a_leader_is_hidden_from_him_too() -> None:
    mayor = post("mayor")
    leader = held_by(mayor)
    contact = came(post=mayor.id, respondent_post=mayor.id)
    assert sees(actor_of(leader, NOW)) == set()
    assert act(contact, NotACase("praise"), LATER, LATER, actor_of(leader, NOW)) == Refused(RefusalCode.NOT_FOUND)

    sorted_as(contact, OpenCase("complaint"))

    assert sees(actor_of(leader, NOW)) == set()


@pytest.mark.parametrize("way", [Kind.UNSORTED, Kind.MISSED])
def test_whom_it_is_about_is_said_when_it_is_sorted(way: Kind) -> None:
    mayor, housing, east = post("mayor"), unit_of("housing"), unit_of("east", "housing")
    leader = held_by(mayor)
    contact = came(way, post=mayor.id, text="" if way is Kind.MISSED else "住建局不给办")

    if way is Kind.MISSED:
        case = sorted_as(contact, ReturnCall("reached", "complaint", "住建局不给办", housing.id, mayor.id))
    else:
        case = sorted_as(contact, OpenCase("complaint", None, housing.id, mayor.id))

    assert case.respondent_id == housing.id
    assert sees(actor_of(leader, NOW)) == sees(holder(housing)) == sees(holder(east)) == set()
    assert set(CaseParty.objects.filter(allow=False).values_list("party", flat=True)) == {
        f"unit:{housing.id}",
        f"person:{leader.person_id}",
    }
    refused = act(case.id, Assign(east.id), LATER, LATER, clerk())
    assert refused == Refused(RefusalCode.UNIT_IS_RESPONDENT, "unit")


def test_a_case_sorted_as_about_a_unit_is_marked_as_one_that_came_in_so() -> None:
    waited = sorted_as(came(rulebook="laixi", respondent=unit_of("housing").id), OpenCase("complaint"))
    later = sorted_as(came(rulebook="laixi"), OpenCase("complaint", respondent=unit_of("housing").id))
    at_once = case_of(received(NOW, "laixi", respondent=unit_of("housing").id))
    assert Flag.OBSTRUCTION in at_once.flags
    assert at_once.flags == waited.flags == later.flags


def test_a_request_that_is_sent_again_about_somebody_else_is_not_the_same() -> None:
    mayor = post("mayor")
    held_by(mayor)
    first = register(intake(external_id="7"), NOW, into(), key="k")
    assert isinstance(first, Received)
    again = register(intake(external_id="7", respondent_post=mayor.id), NOW, into(), key="k")
    assert again == Refused(RefusalCode.IDENTITY_REUSED, "Idempotency-Key")
    assert Contact.objects.count() == 1


def test_the_case_itself_can_be_acted_on_by_those_who_see_it() -> None:
    mayor = post("mayor")
    held_by(mayor)
    do(received(post=mayor.id, respondent_post=mayor.id), Assign(unit_of().id), LATER, clerk())
    assert list(broken_entries()) == []
