"""What nobody may do alone: it waits for a second account, which stands above the units, and then is done once."""

from itertools import count

import pytest
from django.db import IntegrityError, transaction

from huying.cases.approvals import approve, awaiting, refuse, submit, waiting_in
from huying.cases.doors import act, state_of
from huying.cases.intake import Received
from huying.cases.models import Act, Approval
from huying.people.actors import actor_of
from huying.people.models import User
from huying.rules.access import Actor, Role
from huying.rules.commands import (
    Assign,
    Attach,
    DecideClaim,
    MarkNuisance,
    Note,
    ReviewNuisance,
    SubmitReport,
)
from huying.rules.lifecycle import Refused
from huying.rules.state import CaseState
from huying.rules.vocabulary import RefusalCode, Stage
from tests.builders import at, case_of, do, holder, received, spoken, unit, user

pytestmark = pytest.mark.django_db
R = RefusalCode
TUESDAY, WEDNESDAY = at(3, 17, 10), at(3, 18, 10)
LEAVES = DecideClaim(accepted=True, reason="不在职权内")


_NAMES = count()


def account(role: Role = Role.OFFICE) -> User:
    return user(f"{role}-{next(_NAMES)}", role)


def clerk_of(role: Role = Role.OFFICE) -> Actor:
    return actor_of(account(role), TUESDAY)


def contacted() -> Received:
    case, housing = received(), unit("housing")
    do(case, Assign(housing.id), at(3, 10, 15), clerk_of())
    do(case, spoken(), at(3, 11, 10), holder(housing))
    return case


def claimed() -> int:
    """Return a case of which the unit claims that it is out of its power."""
    case, housing = contacted(), unit("housing")
    claim = SubmitReport("不归我们管", "done", "规程第三条", None, "out_of_power")
    do(case, Attach("proof_of_handling", "三定.pdf", "a1", 9, "b2"), at(3, 12, 10, 20), holder(housing))
    do(case, claim, at(3, 12, 10, 30), holder(housing))
    return case.case_id or 0


def asked(case: int, by: Actor, command: DecideClaim = LEAVES) -> Approval:
    waits = submit(case, command, TUESDAY, by)
    assert isinstance(waits, Approval), waits
    return waits


def test_a_claim_is_decided_once_a_second_account_approves() -> None:
    case, one, other = claimed(), clerk_of(), clerk_of()
    waits = asked(case, one)
    assert state_of(case).stage is Stage.REPORTED
    done = approve(waits.id, WEDNESDAY, other)
    assert isinstance(done, CaseState)
    assert (done.stage, done.closed_as) == (Stage.CLOSED, "not_counted")
    line = Act.objects.get(chain=case, verb="decide_claim")
    assert (line.actor, line.at) == (one.id, WEDNESDAY)
    waits.refresh_from_db()
    assert (waits.ended_as, waits.ended_by, waits.ended_at) == ("approved", other.id, WEDNESDAY)


def test_whoever_asks_can_neither_approve_nor_name_somebody_who_did() -> None:
    case, one = claimed(), clerk_of()
    named = DecideClaim(accepted=True, reason="不在职权内", approved_by="秦岚")
    waits = asked(case, one, named)
    assert approve(waits.id, WEDNESDAY, one) == Refused(R.SAME_PERSON)
    assert state_of(case).stage is Stage.REPORTED
    assert waiting_in(case) == [waits]


def test_neither_a_unit_nor_an_operator_approves_and_a_stranger_finds_nothing() -> None:
    case = claimed()
    waits = asked(case, clerk_of())
    assert approve(waits.id, WEDNESDAY, clerk_of(Role.OPERATOR)) == Refused(R.FORBIDDEN)
    assert approve(waits.id, WEDNESDAY, holder(unit("housing"))) == Refused(R.FORBIDDEN)
    assert approve(waits.id, WEDNESDAY, holder(unit("heating"))) == Refused(R.NOT_FOUND)
    assert [one.id for one in awaiting(clerk_of(Role.SUPERVISOR))] == [waits.id]
    assert not awaiting(clerk_of(Role.OPERATOR)).exists()


def test_a_form_that_is_sent_twice_asks_once_and_is_done_once() -> None:
    case, one, other = claimed(), clerk_of(), clerk_of()
    waits, again = asked(case, one), asked(case, one)
    assert waits.id == again.id
    assert isinstance(approve(waits.id, WEDNESDAY, other), CaseState)
    assert approve(waits.id, WEDNESDAY, other) == Refused(R.CHANGED_MEANWHILE)


def test_nobody_is_asked_about_what_could_not_be_done() -> None:
    case = contacted().case_id or 0
    assert submit(case, LEAVES, TUESDAY, clerk_of()) == Refused(R.WRONG_STATE)
    case = claimed()
    assert submit(case, DecideClaim(accepted=True), TUESDAY, clerk_of()) == Refused(R.REASON_REQUIRED, "reason")
    assert not Approval.objects.exists()


def test_what_is_refused_stays_as_it_was_and_says_why() -> None:
    case, one, other = claimed(), clerk_of(), clerk_of()
    waits = asked(case, one)
    assert refuse(waits.id, " ", WEDNESDAY, other) == Refused(R.REASON_REQUIRED, "reason")
    assert refuse(waits.id, "照片看不清", WEDNESDAY, other) is None
    assert state_of(case).stage is Stage.REPORTED
    again = asked(case, one)
    assert again.id != waits.id
    assert refuse(again.id, "", WEDNESDAY, one) is None  # whoever asked takes it back without a reason
    again.refresh_from_db()
    assert again.ended_as == "taken_back"


def test_while_one_question_waits_another_of_its_kind_is_not_asked() -> None:
    case, one, other = claimed(), clerk_of(), clerk_of()
    asked(case, one)
    contrary = DecideClaim(accepted=False, reason="照片里灯是坏的")
    assert submit(case, contrary, TUESDAY, other) == Refused(R.CHANGED_MEANWHILE)
    assert submit(case, contrary, TUESDAY, one) == Refused(R.CHANGED_MEANWHILE)


def test_what_was_asked_of_one_report_does_not_decide_another() -> None:
    case, one, other = claimed(), clerk_of(), clerk_of()
    waits, decided = asked(case, one), DecideClaim(accepted=False, reason="先补照片", approved_by="秦岚")
    assert isinstance(act(case, decided, WEDNESDAY, WEDNESDAY, one), CaseState)
    claim = SubmitReport("查无此事", "done", "规程第三条", None, "untrue")
    assert isinstance(act(case, claim, WEDNESDAY, WEDNESDAY, holder(unit("housing"))), CaseState)
    assert approve(waits.id, WEDNESDAY, other) == Refused(R.CHANGED_MEANWHILE)
    assert state_of(case).claim == "untrue"


def test_a_note_or_another_call_does_not_have_it_asked_anew() -> None:
    case, one, other = claimed(), clerk_of(), clerk_of()
    waits = asked(case, one)
    assert isinstance(act(case, Note("又来问过"), TUESDAY, TUESDAY, other), CaseState)
    assert isinstance(approve(waits.id, WEDNESDAY, other), CaseState)


def test_what_can_no_longer_be_done_is_not_done_and_stays_to_be_taken_back() -> None:
    case, one, other = contacted().case_id or 0, clerk_of(), clerk_of()
    waits = submit(case, MarkNuisance("一天五十次", at(3, 18, 9)), TUESDAY, one)
    assert isinstance(waits, Approval)
    assert approve(waits.id, WEDNESDAY, other) == Refused(R.FIELD_INVALID, "until")
    assert waiting_in(case) == [waits]
    assert refuse(waits.id, "", WEDNESDAY, one) is None


def test_whose_account_has_ended_gets_nothing_done_any_more() -> None:
    case, gone = claimed(), account()
    waits = asked(case, actor_of(gone, TUESDAY))
    gone.is_active = False
    gone.save()
    assert approve(waits.id, WEDNESDAY, clerk_of()) == Refused(R.FORBIDDEN)
    assert waiting_in(case) == [waits]


def test_one_person_can_neither_mark_a_nuisance_nor_uphold_it() -> None:
    case, one, other = contacted().case_id or 0, clerk_of(), clerk_of()
    until = at(4, 10)
    waits = submit(case, MarkNuisance("一天五十次", until), TUESDAY, one)
    assert isinstance(waits, Approval)
    assert state_of(case).nuisance_until is None
    assert isinstance(approve(waits.id, TUESDAY, other), CaseState)
    upheld = submit(case, ReviewNuisance("upheld", "还是一天五十次", at(5, 10)), WEDNESDAY, one)
    assert isinstance(upheld, Approval)
    assert state_of(case).nuisance_until == until
    ended = submit(case, ReviewNuisance("changed", "不再来电"), WEDNESDAY, one)  # to end it takes one
    assert isinstance(ended, CaseState)
    assert ended.nuisance_until is None


def test_a_further_level_waits_for_the_office_and_what_needs_nobody_is_done_at_once() -> None:
    case = received()
    bureau, division, town, village = unit("bureau"), unit("division"), unit("town"), unit("village")
    do(case, Assign(bureau.id), at(3, 10, 10), clerk_of())
    assert isinstance(submit(case.case_id or 0, Assign(division.id), at(3, 10, 11), holder(bureau)), CaseState)
    waits = submit(case.case_id or 0, Assign(town.id, reason="只有镇里有人"), TUESDAY, holder(division))
    assert submit(case.case_id or 0, Assign(village.id), TUESDAY, holder(division)) == Refused(
        R.REASON_REQUIRED, "reason"
    )
    assert isinstance(waits, Approval)
    assert case_of(case).level == 2
    assert isinstance(submit(case.case_id or 0, Note("等批"), TUESDAY, clerk_of()), CaseState)


def test_the_database_lets_nobody_approve_his_own() -> None:
    waits = asked(claimed(), clerk_of())
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.filter(id=waits.id).update(ended_as="approved", ended_by=waits.asked_by, ended_at=WEDNESDAY)
