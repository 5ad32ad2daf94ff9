"""What waits to be told: each message goes one way, is somebody's, and ends once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from huying.cases.models import Delivery, Message
from huying.cases.outbox import (
    READ_WITHIN,
    Tried,
    calls_for,
    deliver,
    end_unread,
    mark_read,
    not_reached,
    notices_for,
    told,
)
from huying.cases.queries import visible_to
from huying.rules.access import Actor, Role
from huying.rules.commands import Assign, Command, Decline, Group, JoinUnit, Recall, Refer, Withdraw
from huying.vault.seals import keys_of, unseal
from tests.builders import NOW, PHONE, at, clerk, do, holder, post, received, unit

pytestmark = pytest.mark.django_db
DECLINED = at(3, 10, 10)
HOUR = timedelta(hours=1)


def declined() -> Message:
    """Return the message to somebody whose matter was not accepted, on its way."""
    case = received()
    do(case, Decline("不归政府管", "向法院起诉"), DECLINED, clerk())
    deliver(list(Message.objects.values_list("id", flat=True)), DECLINED)
    return Message.objects.get(case=case.case_id, event="declined", audience="citizen")


# -- the ways --------------------------------------------------------------------------------------------------------


def test_who_phoned_and_must_be_told_is_phoned_and_everything_else_stands_on_the_page() -> None:
    message = declined()

    assert (message.delivery, message.ended_at) == (Delivery.TO_CALL, None)
    registered = Message.objects.get(event="registered")
    assert (registered.delivery, registered.ended_at) == (Delivery.SHOWN, DECLINED)


@pytest.mark.parametrize(("channel", "phone"), [("web", PHONE), ("phone_mobile", None)])
def test_who_reported_online_or_left_no_phone_is_not_phoned(channel: str, phone: str | None) -> None:
    received(NOW, "message-board", channel=channel, phone=phone)
    Message.objects.update(must_reach=True)

    deliver(list(Message.objects.values_list("id", flat=True)), NOW)

    assert set(Message.objects.values_list("delivery", flat=True)) == {"shown"}


@pytest.mark.parametrize("channel", ["web", "phone_mobile"])
@pytest.mark.parametrize("to", ["119", "110报警台"])
def test_who_has_to_dial_an_emergency_number_is_phoned_at_once_whatever_the_channel(channel: str, to: str) -> None:
    case = received(NOW, "message-board", channel=channel)
    do(case, Refer(to), at(3, 10, 10), clerk())
    message = calls_for(clerk()).get()
    key = keys_of([message.case_id or 0])[message.case_id or 0]
    assert (unseal(message, key, "text") or "").startswith("情况紧急")


@pytest.mark.parametrize(("to", "phone"), [("人民法院 0500-1105500", PHONE), ("12110", PHONE), ("119", None)])
def test_no_other_number_is_an_emergency_and_nobody_without_a_phone_is_phoned(to: str, phone: str | None) -> None:
    case = received(NOW, "message-board", channel="web", phone=phone)
    do(case, Refer(to), at(3, 10, 10), clerk())
    deliver(list(Message.objects.values_list("id", flat=True)), DECLINED)
    assert not calls_for(clerk()).exists()


def test_what_was_said_of_a_contact_without_a_case_reaches_nobody() -> None:
    received(at(3, 10, 23), "bozhou", channel="sms")
    Message.objects.update(case=None)

    deliver(list(Message.objects.values_list("id", flat=True)), NOW)

    assert set(Message.objects.values_list("delivery", flat=True)) <= {"no_sender"}


# -- whose it is -----------------------------------------------------------------------------------------------------


def test_a_notice_lies_on_the_desk_of_its_unit_or_post_and_on_no_other() -> None:
    housing, mayor = unit("housing"), post("mayor")
    case = received(post=mayor.id)
    do(case, Assign(housing.id), at(3, 10, 15), clerk())

    leader = Actor("user:5", Role.LEADER, posts=frozenset({mayor.id}))
    other = Actor("user:6", Role.LEADER, posts=frozenset({post("deputy").id}))
    assert [notices_for(one).count() for one in (holder(housing), leader)] == [1, 1]
    assert [notices_for(one).count() for one in (holder(unit("water")), other, clerk())] == [0, 0, 0]


def test_who_lost_sight_of_a_case_reads_no_notice_of_it_and_it_ends_all_the_same() -> None:
    housing, case = unit(), received()
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    do(case, Recall(), at(3, 10, 16), clerk())
    assert not notices_for(holder(housing)).exists()

    assert end_unread(at(3, 10, 15) + READ_WITHIN - HOUR) == 0
    assert end_unread(at(3, 10, 15) + READ_WITHIN) == 1
    assert Message.objects.get(audience="unit").delivery == Delivery.UNREAD


@pytest.mark.parametrize("command", [Recall(), Group(topic="停水", lead=0)])
def test_a_unit_that_took_part_is_told_that_it_needs_to_no_more_and_sees_no_more(command: Command) -> None:
    water, case = unit("water"), received()
    do(case, Assign(unit().id), at(3, 10, 15), clerk())
    do(case, JoinUnit(water.id), at(3, 10, 16), clerk())
    if isinstance(command, Group):
        command = replace(command, lead=unit("works").id)
    do(case, command, at(3, 10, 17), clerk())
    assert [message.event for message in notices_for(holder(water))] in (["recalled"], ["grouped"])
    assert not visible_to(holder(water)).exists()


def test_a_unit_that_took_part_is_told_of_a_withdrawal_as_the_holder_is() -> None:
    units, case = (unit(), unit("water")), received()
    do(case, Assign(units[0].id), at(3, 10, 15), clerk())
    do(case, JoinUnit(units[1].id), at(3, 10, 16), clerk())
    do(case, Withdraw("已经好了"), at(3, 10, 17), Actor.system())
    assert [notices_for(holder(one)).filter(event="withdrawn").count() for one in units] == [1, 1]


def test_of_a_confidential_case_discipline_alone_phones() -> None:
    case = received(confidential=True)
    discipline = Actor("user:8", Role.DISCIPLINE)
    do(case, Decline("不归政府管", "向法院起诉"), DECLINED, discipline)
    deliver(list(Message.objects.values_list("id", flat=True)), DECLINED)

    assert calls_for(discipline).count() == 1
    assert not calls_for(Actor("user:9", Role.OPERATOR)).exists()


# -- how it ends -----------------------------------------------------------------------------------------------------


def test_a_notice_is_read_once_and_only_by_whom_it_is_for() -> None:
    housing, case = unit(), received()
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    message = Message.objects.get(audience="unit")

    assert mark_read(clerk(), [message.id], at(3, 10, 16)) == 0
    assert mark_read(holder(housing), [message.id], at(3, 10, 17)) == 1
    assert mark_read(holder(housing), [message.id], at(3, 10, 18)) == 0
    message.refresh_from_db()
    assert (message.delivery, message.ended_at, message.ended_by) == ("read", at(3, 10, 17), "user:1002")


def test_who_was_told_by_telephone_is_not_phoned_again() -> None:
    message = declined()

    assert told(clerk(), message.id, DECLINED + HOUR) is Tried.ENDED
    assert told(clerk(), message.id, DECLINED + HOUR) is Tried.GONE
    assert not_reached(clerk(), message.id, DECLINED + HOUR) is Tried.GONE
    message.refresh_from_db()
    assert (message.delivery, message.ended_by) == ("told", clerk().id)


def test_the_third_call_that_reaches_nobody_is_the_last_if_they_are_apart() -> None:
    message = declined()

    tries = [not_reached(clerk(), message.id, DECLINED + HOUR * hour) for hour in (1, 4, 5, 9)]

    assert tries == [Tried.AGAIN, Tried.TOO_SOON, Tried.AGAIN, Tried.ENDED]
    message.refresh_from_db()
    assert (message.delivery, len(message.tried_at)) == ("not_reached", 3)


def test_a_unit_phones_nobody_for_the_office() -> None:
    message = declined()

    assert told(holder(unit()), message.id, NOW) is Tried.GONE
