"""The guards: which refuses with which code, field and clause, and in which order."""

from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from huying.rules.access import SYSTEM, Actor, Role
from huying.rules.commands import (
    Acknowledge,
    Assign,
    CallbackAttempt,
    Command,
    GiveAnswer,
    RecordContact,
    RecordVerdict,
    RejectReport,
    SubmitReport,
)
from huying.rules.lifecycle import Decision, Refused, decide, valid_phone
from huying.rules.stages import stage_after
from huying.rules.vocabulary import Kind, RefusalCode, Stage, VerdictCode
from tests.rules.test_lifecycle import (
    HEATING,
    HOLDER,
    HOUSING,
    LEADER,
    NO_ANSWER,
    OFFICE,
    OPERATOR,
    REPORT,
    SPOKEN,
    Story,
    assigned,
    at,
    contacted,
    received,
    reported,
    rules_with,
    verified,
)


def with_state(story: Story, **changes: Any) -> Story:
    return Story(story.rules, replace(story.state, **changes))


ASSIGNED, CONTACTED, REPORTED, VERIFIED = assigned(), contacted(), reported(), verified()
AT_THE_LIMIT = with_state(ASSIGNED, level=2)
TRIED = verified().then("Thu 03-19 09:00", OFFICE, NO_ANSWER)
BY_HANDLER = with_state(VERIFIED, handled_by=frozenset({OPERATOR.id}))
TRIED_BY_HANDLER = with_state(TRIED, handled_by=frozenset({OPERATOR.id}))
GIVEN_UP = with_state(VERIFIED, verdict=VerdictCode.UNSATISFIED)
HENAN, HENAN_VERIFIED = assigned("henan-xinfang"), verified("henan-xinfang")
NAME_ONLY = assigned(rules_with({"step": {"contact": {"must_disclose": ["handler_name"]}}}))
PROBLEM, CONSULTATION = received("Tue 03-10 09:15"), received("Tue 03-10 09:15", kind=Kind.CONSULTATION)

R = RefusalCode
LEVELS, METHODS, DISCLOSE = "step.assign.max_levels", "step.contact.methods", "step.contact.must_disclose"
REQUIRED, SPACING, ATTEMPTS = "step.report.required", "step.callback.attempt_spacing", "step.callback.attempts"
ALLOWED, MAX_REOPEN, KINDS = "verdicts.allowed", "verdicts.max_reopen", "intake.kinds"
UNREACHABLE, NO_PHONE = RecordVerdict("unreachable"), RecordContact("phone", "何砚")


@pytest.mark.parametrize(
    ("story", "actor", "command", "refused"),
    [
        (AT_THE_LIMIT, HOLDER, Assign(HEATING), Refused(R.LEVEL_LIMIT, "exceed_approved_by", LEVELS)),
        (AT_THE_LIMIT, HOLDER, Assign(HEATING, " ", "急"), Refused(R.LEVEL_LIMIT, "exceed_approved_by", LEVELS)),
        (AT_THE_LIMIT, HOLDER, Assign(HEATING, "主任", " "), Refused(R.REASON_REQUIRED, "reason")),
        (ASSIGNED, HOLDER, Assign(HOUSING), Refused(R.FIELD_INVALID, "unit")),
        (ASSIGNED, HOLDER, Acknowledge(None, "110"), Refused(R.HANDLER_NAME_REQUIRED, "handler")),
        (ASSIGNED, HOLDER, Acknowledge("何砚"), Refused(R.HANDLER_PHONE_REQUIRED, "handler_phone")),
        (ASSIGNED, HOLDER, Acknowledge("何砚", "见名片"), Refused(R.FIELD_INVALID, "handler_phone")),
        (ASSIGNED, HOLDER, replace(SPOKEN, method="email"), Refused(R.METHOD_NOT_ALLOWED, "method", METHODS)),
        (ASSIGNED, HOLDER, replace(SPOKEN, method="pigeon"), Refused(R.METHOD_NOT_ALLOWED, "method", METHODS)),
        (ASSIGNED, HOLDER, replace(SPOKEN, method=None), Refused(R.FIELD_REQUIRED, "method")),
        (HENAN, HOLDER, RecordContact("pigeon"), Refused(R.FIELD_INVALID, "method")),
        (HENAN, HOLDER, RecordContact("phone", handler_phone="?"), Refused(R.FIELD_INVALID, "handler_phone")),
        (ASSIGNED, HOLDER, replace(SPOKEN, handler=""), Refused(R.HANDLER_NAME_REQUIRED, "handler", DISCLOSE)),
        (ASSIGNED, HOLDER, NO_PHONE, Refused(R.HANDLER_PHONE_REQUIRED, "handler_phone", DISCLOSE)),
        (ASSIGNED, HOLDER, replace(SPOKEN, handler_phone="?"), Refused(R.FIELD_INVALID, "handler_phone")),
        (NAME_ONLY, HOLDER, RecordContact("phone"), Refused(R.HANDLER_NAME_REQUIRED, "handler", DISCLOSE)),
        (ASSIGNED, HOLDER, REPORT, Refused(R.CONTACT_REQUIRED, None, "step.contact")),
        (CONTACTED, HOLDER, replace(REPORT, text=" "), Refused(R.FIELD_REQUIRED, "text", REQUIRED)),
        (CONTACTED, HOLDER, replace(REPORT, outcome=None), Refused(R.FIELD_REQUIRED, "outcome", REQUIRED)),
        (CONTACTED, HOLDER, replace(REPORT, outcome="好"), Refused(R.FIELD_INVALID, "outcome")),
        (CONTACTED, HOLDER, replace(REPORT, basis=None), Refused(R.BASIS_REQUIRED, "basis", REQUIRED)),
        (REPORTED, OFFICE, RejectReport(" "), Refused(R.REASON_REQUIRED, "reason")),
        (HENAN_VERIFIED, OFFICE, NO_ANSWER, Refused(R.NOT_IN_RULEBOOK, None, "verdicts")),
        (TRIED, OFFICE, NO_ANSWER, Refused(R.ATTEMPT_TOO_SOON, None, SPACING)),
        (BY_HANDLER, OPERATOR, NO_ANSWER, Refused(R.SAME_PERSON)),
        (VERIFIED, OFFICE, CallbackAttempt(), Refused(R.FIELD_REQUIRED, "result")),
        (VERIFIED, OFFICE, CallbackAttempt("reached"), Refused(R.FIELD_INVALID, "result")),
        (HENAN_VERIFIED, OFFICE, RecordVerdict("satisfied"), Refused(R.NOT_IN_RULEBOOK, None, "verdicts")),
        (TRIED, OFFICE, UNREACHABLE, Refused(R.ATTEMPTS_NOT_EXHAUSTED, None, ATTEMPTS)),
        (TRIED, OFFICE, RecordVerdict(" unreachable "), Refused(R.ATTEMPTS_NOT_EXHAUSTED, None, ATTEMPTS)),
        (BY_HANDLER, OPERATOR, RecordVerdict("satisfied"), Refused(R.SAME_PERSON)),
        (GIVEN_UP, OFFICE, RecordVerdict("satisfied"), Refused(R.VERDICT_NOT_ALLOWED, "verdict", MAX_REOPEN)),
        (VERIFIED, OFFICE, RecordVerdict(), Refused(R.FIELD_REQUIRED, "verdict")),
        (VERIFIED, OFFICE, RecordVerdict("满意"), Refused(R.FIELD_INVALID, "verdict")),
        (VERIFIED, OFFICE, RecordVerdict("basically_satisfied"), Refused(R.VERDICT_NOT_ALLOWED, "verdict", ALLOWED)),
        (PROBLEM, LEADER, GiveAnswer("这就办"), Refused(R.NOT_A_CONSULTATION, None, KINDS)),
        (CONSULTATION, LEADER, GiveAnswer(" "), Refused(R.FIELD_REQUIRED, "text")),
    ],
)  # fmt: skip
def test_a_guard_refuses_with_its_code_field_and_clause(
    story: Story, actor: Actor, command: Command, refused: Refused
) -> None:
    assert story.refusal("Thu 03-19 10:00", actor, command) == refused


@pytest.mark.parametrize(
    ("story", "actor", "command", "code"),
    [
        # who before state, state before the rules of the case
        (VERIFIED, LEADER, Assign(HOUSING), R.FORBIDDEN),
        (CONSULTATION, HOLDER, REPORT, R.FORBIDDEN),
        (HENAN, OFFICE, RecordVerdict(), R.WRONG_STATE),
        (REPORTED, HOLDER, SubmitReport(), R.WRONG_STATE),
        # the rules of the case in the order of their codes, and before fields
        (AT_THE_LIMIT, HOLDER, Assign(HOUSING), R.LEVEL_LIMIT),
        (ASSIGNED, HOLDER, SubmitReport(), R.CONTACT_REQUIRED),
        (PROBLEM, LEADER, GiveAnswer(), R.NOT_A_CONSULTATION),
        (HENAN_VERIFIED, OFFICE, CallbackAttempt(), R.NOT_IN_RULEBOOK),
        (HENAN_VERIFIED, OFFICE, UNREACHABLE, R.NOT_IN_RULEBOOK),
        (TRIED_BY_HANDLER, OPERATOR, CallbackAttempt(), R.ATTEMPT_TOO_SOON),
        (TRIED_BY_HANDLER, OPERATOR, UNREACHABLE, R.ATTEMPTS_NOT_EXHAUSTED),
        (BY_HANDLER, OPERATOR, CallbackAttempt(), R.SAME_PERSON),
        (BY_HANDLER, OPERATOR, RecordVerdict("满意"), R.SAME_PERSON),
        (GIVEN_UP, OFFICE, RecordVerdict(), R.VERDICT_NOT_ALLOWED),
        # fields in the order of their codes
        (AT_THE_LIMIT, HOLDER, Assign(HOUSING, "主任"), R.REASON_REQUIRED),
        (ASSIGNED, HOLDER, RecordContact("email"), R.METHOD_NOT_ALLOWED),
        (ASSIGNED, HOLDER, RecordContact(), R.HANDLER_NAME_REQUIRED),
        (ASSIGNED, HOLDER, RecordContact(handler="何砚"), R.HANDLER_PHONE_REQUIRED),
        (ASSIGNED, HOLDER, RecordContact(handler="何砚", handler_phone="?"), R.FIELD_REQUIRED),
        (CONTACTED, HOLDER, SubmitReport(), R.BASIS_REQUIRED),
        (CONTACTED, HOLDER, SubmitReport(outcome="好", basis="规程"), R.FIELD_REQUIRED),
    ],
)
def test_of_several_refusals_the_first_in_the_order_of_the_codes_is_the_answer(
    story: Story, actor: Actor, command: Command, code: RefusalCode
) -> None:
    assert story.refusal("Thu 03-19 10:00", actor, command).code is code


@pytest.mark.parametrize("command", [RecordContact("phone", "何砚"), RecordContact("phone", "何砚", "110")])
def test_a_rulebook_may_ask_for_the_name_alone(command: RecordContact) -> None:
    decision = decide(NAME_ONLY.state, command, HOLDER, at("Thu 03-12 10:00"), NAME_ONLY.rules)
    assert isinstance(decision, Decision)


def test_history_may_say_that_one_person_did_both() -> None:
    both = with_state(VERIFIED, handled_by=frozenset({SYSTEM}))
    assert both.then("Wed 03-18 10:00", Actor.system(), RecordVerdict("satisfied")).state.stage is Stage.CLOSED


def test_a_handler_is_whoever_acknowledged_talked_or_reported() -> None:
    acknowledged = assigned().then("Wed 03-11 09:00", HOLDER, Acknowledge("何砚", "110"))
    assert acknowledged.state.handled_by == CONTACTED.state.handled_by == {HOLDER.id}
    other = Actor("user:12", Role.UNIT, HOUSING)
    assert contacted().then("Mon 03-16 16:00", other, REPORT).state.handled_by == {HOLDER.id, other.id}


def test_a_city_may_let_a_problem_be_answered_on_the_spot() -> None:
    under = rules_with({"intake": {"kinds": {"problem": {"may_answer_on_spot": True}}}})
    story = received("Tue 03-10 09:15", under).then("Tue 03-10 09:20", LEADER, GiveAnswer("已通知抢修"))
    assert story.state.stage is Stage.ANSWERED


@pytest.mark.parametrize(
    ("written", "valid"),
    [
        ("110", True),
        ("13900000001", True),
        ("+86 139 0000 0001", True),
        ("(0558) 555-2207", True),
        ("0558-5552207转8", True),
        ("0558-5552207 ext. 123456", True),
        ("0558-5552207X12", True),
        ("12345678901234567890", True),
        ("", False),
        ("12", False),
        ("1-2-", False),
        ("123456789012345678901", False),
        ("0558-5552207转1234567", False),
        ("0558-5552207转", False),
        ("转8", False),
        ("见名片", False),
        ("13900000001;", False),
    ],
)
def test_a_phone_is_what_can_be_dialled(written: str, valid: bool) -> None:
    assert valid_phone(written) is valid


@pytest.mark.parametrize(
    ("events", "stage", "cycle"),
    [
        ([], None, 1),
        (["registered_incomplete"], Stage.PENDING_INFO, 1),
        (["registered", "answered"], Stage.ANSWERED, 1),
        (["registered", "assigned", "contacted", "reported", "report_rejected"], Stage.ASSIGNED, 1),
        (["verified", "callback_attempted"], Stage.VERIFIED, 1),
        (["verified", "verdict_recorded", "reopened", "verdict_recorded", "reopened"], Stage.ASSIGNED, 3),
        (["verified", "verdict_recorded", "closed"], Stage.CLOSED, 1),
    ],
)
def test_events_say_where_a_case_stands(events: list[str], stage: Stage | None, cycle: int) -> None:
    assert stage_after(events) == (stage, cycle)


@pytest.mark.parametrize(
    "value", [VERIFIED.state, REPORT, Refused(R.FORBIDDEN), OFFICE, VERIFIED.state.clocks[0], VERIFIED.rules]
)
def test_what_the_rules_are_given_and_give_back_cannot_be_changed(value: object) -> None:
    name = next(iter(vars(type(value))["__dataclass_fields__"]))
    with pytest.raises(FrozenInstanceError):
        setattr(value, name, None)
