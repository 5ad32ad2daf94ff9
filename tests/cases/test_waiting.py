"""A contact that waits to be sorted: what is done to it before it becomes a case, if it does, isn't lost."""

from datetime import datetime
from typing import Any

import pytest

from huying.cases.doors import Deed, act, act_all, state_of
from huying.cases.intake import Received, Register, register
from huying.cases.models import Case, CaseText, Clock, Contact
from huying.cases.rulebooks import put_in_force
from huying.cases.verification import broken_entries
from huying.people.office import the_office
from huying.rules.access import Actor, Role
from huying.rules.commands import Command, Correct, Note, OpenCase, ReturnCall, Summarise
from huying.rules.state import CaseState
from huying.rules.vocabulary import Kind
from huying.vault.seals import keys_of, phone_index, unseal
from tests.builders import NOW, at, clerk, intake, post, version

pytestmark = pytest.mark.django_db
OTHER_PHONE = "13900000002"


def waiting(kind: Kind, rulebook: str = "bozhou", **said: Any) -> int:
    the_office()
    put_in_force(version(rulebook), at(1, 5).date(), at(1, 5), clerk())
    answer = register(intake(kind=kind, **said), NOW, Register.now_in_force(clerk(), NOW))
    assert isinstance(answer, Received)
    return answer.contact_id


def done(contact: int, command: Command, when: datetime) -> None:
    assert isinstance(act(contact, command, when, when, clerk()), CaseState)


def test_a_note_does_not_begin_the_offices_term_anew() -> None:
    contact = waiting(Kind.MISSED)
    due = Clock.objects.get(case=contact).due_at

    done(contact, Note("打过一次"), at(3, 11, 9))
    done(contact, ReturnCall("reached", "problem"), at(3, 11, 10))

    [office] = Clock.objects.filter(case=contact, step="office")
    assert (office.due_at, office.done_at) == (due, at(3, 11, 10))
    assert not list(broken_entries())


def test_a_phone_that_is_corrected_is_the_one_to_be_called() -> None:
    contact = waiting(Kind.MISSED)

    done(contact, Correct("contact_phone", OTHER_PHONE, "听错了"), at(3, 11, 9))

    requester = Contact.objects.select_related("requester").get(id=contact).requester
    assert requester is not None
    assert unseal(requester, keys_of([requester.id])[requester.id], "phone") == OTHER_PHONE
    assert bytes(requester.phone_index or b"") == phone_index(OTHER_PHONE)


def test_a_post_that_is_corrected_is_the_one_that_sees_it_and_that_the_case_is_for() -> None:
    mayor, deputy = post("mayor"), post("deputy")
    contact = waiting(Kind.UNSORTED, post=mayor.id)

    done(contact, Correct("post_called", "deputy", "拨错了"), at(3, 11, 9))

    assert state_of(contact).post == deputy.id
    liaison = Actor("user:8", Role.LIAISON, posts=frozenset({deputy.id}))
    assert isinstance(act(contact, Note("我来问"), at(3, 11, 10), at(3, 11, 10), liaison), CaseState)
    done(contact, OpenCase("problem"), at(3, 11, 11))
    assert Case.objects.get(id=contact).post_id == deputy.id
    assert not list(broken_entries())


def test_how_a_case_was_opened_stays_on_record_whatever_the_same_batch_does_to_it() -> None:
    contact, when = waiting(Kind.UNSORTED), at(3, 11, 9)

    act_all([Deed(contact, OpenCase("help", "complex"), when), Deed(contact, Summarise("漏水"), when)], when, clerk())

    assert CaseText.objects.get(case_id=contact).title == "漏水"
    assert not list(broken_entries())


def test_what_came_by_a_channel_that_is_off_waits_without_a_term_and_can_become_a_case() -> None:
    contact = waiting(Kind.UNSORTED, "henan-xinfang")  # where the mobile phone is off
    assert not Clock.objects.exists()

    done(contact, Note("要不要立件"), at(3, 11, 9))
    done(contact, OpenCase("help"), at(3, 11, 10))

    assert not list(broken_entries())
