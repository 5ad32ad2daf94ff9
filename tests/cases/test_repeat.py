"""Who calls again: earlier matters are suggested, new facts open a case of their own, linked to the old one."""

from datetime import timedelta

import pytest

from huying.cases.doors import act
from huying.cases.dossier import dossier
from huying.cases.intake import Received, register
from huying.cases.models import Act, Case, Contact
from huying.cases.queries import Before, nuisance_ends_before, same_phone, visible_to
from huying.cases.verification import broken_entries
from huying.ledger.models import LedgerLine
from huying.people.actors import actor_of
from huying.rules.access import Actor, Role
from huying.rules.commands import GiveAnswer, MarkNuisance, ReviewNuisance
from huying.rules.lifecycle import Refused
from huying.rules.vocabulary import Kind, RefusalCode
from huying.vault.seals import phone_index
from tests.builders import NOW, PHONE, case_of, clerk, do, held_by, intake, into, post, received

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
LATER = NOW + DAY


def before(viewer: Actor | None = None, phone: str = PHONE) -> Before:
    return same_phone(viewer or clerk(), phone_index(phone), LATER)


def ended() -> Case:
    answer = received(kind=Kind.CONSULTATION)
    do(answer, GiveAnswer("周一到周五"), NOW, clerk())
    return case_of(answer)


def again(**given: object) -> Received | Refused:
    return register(intake("又漏了，这次是二楼", **given), LATER, into(LATER))


def test_what_came_from_the_same_phone_is_found_whatever_post_was_called() -> None:
    cases = {case_of(received(post=post(code).id)).number for code in ("mayor", "vice")}
    received(phone="13900000002")
    assert {case.number for case in before().cases} == cases


def test_a_contact_that_opened_no_case_is_found_too() -> None:
    received(kind=Kind.STANDBY)
    assert [contact.kind for contact in before().alone] == ["standby"]


def test_a_confidential_matter_is_never_suggested() -> None:
    secret = received(confidential=True)
    received(confidential=True, kind=Kind.STANDBY)
    assert visible_to(clerk()).filter(id=secret.case_id or 0).exists()
    assert not before()
    assert not before(Actor("user:8", Role.DISCIPLINE))


def test_what_is_older_than_two_years_is_not() -> None:
    received(NOW - 732 * DAY)
    assert not before()


def test_a_leader_is_told_of_own_matters_alone() -> None:
    leader = held_by(post("mayor"))
    own = case_of(received(post=post("mayor").id))
    received(post=post("vice").id)
    received(post=post("vice").id, kind=Kind.STANDBY)
    found = before(actor_of(leader, NOW))
    assert ([case.id for case in found.cases], found.alone) == ([own.id], [])


def test_without_a_phone_nobody_came_before() -> None:
    received()
    assert not same_phone(clerk(), None, LATER)


# -- new facts -------------------------------------------------------------------------------------------------------


def test_new_facts_about_an_ended_matter_open_a_linked_case() -> None:
    earlier = ended()
    answer = again(follows=earlier.number)
    assert isinstance(answer, Received)
    later = case_of(answer)
    assert later.follows == earlier
    old, new = dossier(visible_to(clerk()), earlier.number), dossier(visible_to(clerk()), later.number)
    assert old is not None
    assert new is not None
    assert (old.followed_by, new.follows) == ([later.number], earlier.number)


def test_the_ledger_vouches_for_the_link() -> None:
    answer = again(follows=ended().number)
    assert isinstance(answer, Received)
    assert not [*broken_entries()]
    Case.objects.filter(id=answer.case_id or 0).update(follows=None)
    assert [*broken_entries()]


@pytest.mark.parametrize("kind", [Kind.PROBLEM, Kind.STANDBY])
def test_what_still_goes_on_is_joined_and_not_followed(kind: Kind) -> None:
    case = case_of(received())
    assert again(follows=case.number, kind=kind) == Refused(RefusalCode.WRONG_STATE, "follows")


def test_a_number_that_nobody_has_is_not_followed() -> None:
    assert again(follows="YC-2026-999999") == Refused(RefusalCode.NOT_FOUND, "follows")


def test_whoever_may_not_see_a_case_cannot_follow_it() -> None:
    answer = register(intake(follows=ended().number), LATER, into(LATER, actor=Actor.citizen()))
    assert answer == Refused(RefusalCode.NOT_FOUND, "follows")


def test_what_opens_no_case_follows_none() -> None:
    assert again(follows=ended().number, kind=Kind.STANDBY) == Refused(RefusalCode.FIELD_INVALID, "follows")
    assert not Contact.objects.filter(kind="standby").exists()


def test_prior_attempts_are_kept_sealed_with_the_contact() -> None:
    fields = {"prior_attempts": "找过社区两次", "normal_channel": "yes"}
    case = case_of(received(fields=fields))
    found = dossier(visible_to(clerk()), case.number)
    assert found is not None
    assert {name: found.told(name) for name in fields} == fields
    assert "社区" not in str(LedgerLine.objects.values())


# -- nuisance --------------------------------------------------------------------------------------------------------


def marked() -> Received:
    answer = received()
    do(answer, MarkNuisance("一天四十次", LATER + 30 * DAY, "陈立新"), LATER, clerk())
    return answer


def test_a_decision_on_a_nuisance_is_kept_and_replays() -> None:
    answer = marked()
    do(answer, ReviewNuisance("changed", "申诉成立"), LATER + DAY, clerk())
    assert [act.verb for act in Act.objects.filter(chain=answer.case_id or 0).order_by("id")] == [
        "mark_nuisance",
        "review_nuisance",
    ]
    assert not [*broken_entries()]


def test_who_counts_as_a_nuisance_is_registered_as_ever() -> None:
    marked()
    answer = again()
    assert isinstance(answer, Received)
    assert case_of(answer).flags == []


def test_it_is_told_of_the_callers_other_matters_until_it_ends() -> None:
    marked()
    assert before().nuisance_until(LATER) == LATER + 30 * DAY
    assert before().nuisance_until(LATER + 30 * DAY) is None


def test_it_lies_before_the_office_a_week_before_its_end() -> None:
    answer = marked()
    due = [Case.objects.filter(nuisance_ends_before(LATER + days * DAY)).count() for days in (30, 31)]
    assert due == [0, 1]
    do(answer, ReviewNuisance("changed", "到期"), LATER + DAY, clerk())
    assert not Case.objects.filter(nuisance_ends_before(LATER + 31 * DAY)).exists()


def test_nobody_approves_an_own_decision() -> None:
    answer = received()
    refused = act(answer.case_id or 0, MarkNuisance("四十次", LATER + DAY, "user:1001"), LATER, LATER, clerk())
    assert refused == Refused(RefusalCode.SAME_PERSON, "approved_by")
