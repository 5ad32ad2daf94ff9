"""交办: levels, returns, recalls, units that take part, what a leader directs. Every date was counted by hand."""

from dataclasses import replace

import pytest

from huying.rules.access import Actor, Role
from huying.rules.commands import (
    Acknowledge,
    AnswerInstruction,
    ApproveReturn,
    Assign,
    Command,
    Instruct,
    JoinUnit,
    MarkUrgent,
    Recall,
    RecordVerdict,
    RefuseReturn,
    RequestReturn,
)
from huying.rules.lifecycle import Refused
from huying.rules.vocabulary import Action, Flag, RefusalCode, Stage, Step
from tests.rules.test_lifecycle import (
    DIVISION,
    HEATING,
    HOLDER,
    HOUSING,
    LEADER,
    OFFICE,
    REPORT,
    SPOKEN,
    TOWNSHIP,
    Story,
    assigned,
    at,
    contacted,
    received,
    rules_with,
    verified,
)

R = RefusalCode
NOT_OURS = RequestReturn("不属于本单位职责", HEATING)
TAKEN = Acknowledge("何砚", "110")


def before_the_holidays() -> Story:
    """S12: received and assigned on Thu 30 April; 1 to 5 May are off, Sat 9 May is worked."""
    return received("Thu 04-30 09:00").then("Thu 04-30 10:00", OFFICE, Assign(HOUSING))


# --- return


def test_s12_a_return_in_time_that_is_approved_gives_the_office_one_more_period() -> None:
    story = before_the_holidays()
    assert story.due(Step.RETURN) == story.due(Step.CONTACT) == at("Wed 05-06 24:00")
    story.then("Wed 05-06 16:00", HOLDER, NOT_OURS)
    assert story.state.stage is Stage.RETURN_REQUESTED
    assert story.on_time(Step.RETURN, "Wed 05-06 16:00") is True
    assert story.clock(Step.CONTACT).is_running
    assert story.due(Step.OFFICE) == at("Sat 05-09 24:00")  # the office decides within 7, 8, 9 May

    story.then("Wed 05-06 17:00", OFFICE, ApproveReturn()).by("Thu 05-07 00:00")
    assert (story.state.stage, story.state.unit, story.state.level, story.state.returns) == ("received", None, 0, 1)
    assert story.state.running == (Step.ASSIGN,)
    assert (story.due(Step.ASSIGN), story.state.actions) == (at("Thu 05-07 24:00"), ())

    story.then("Thu 05-07 09:00", OFFICE, Assign(HEATING))
    assert story.on_time(Step.ASSIGN, "Thu 05-07 09:00") is True
    assert {step: story.due(step) for step in (Step.CONTACT, Step.RESOLVE, Step.RETURN)} == {
        Step.CONTACT: at("Mon 05-11 24:00"),  # from Sun 05-10
        Step.RESOLVE: at("Wed 05-13 24:00"),
        Step.RETURN: at("Fri 05-08 24:00"),
    }
    assert story.by("Tue 05-12 00:00").state.actions == (Action.REMIND,)


def test_s12_a_return_a_moment_too_late_is_refused() -> None:
    story = before_the_holidays()
    refused = story.refusal("Wed 05-06 24:00", HOLDER, NOT_OURS)
    assert refused == Refused(R.RETURN_TOO_LATE, None, "step.return.due")
    assert story.then("Wed 05-06 23:59:59", HOLDER, NOT_OURS).state.stage is Stage.RETURN_REQUESTED


def test_a_return_that_is_refused_leaves_the_case_and_its_clocks_with_the_unit() -> None:
    story = assigned()
    dues = story.dues
    story.then("Wed 03-11 09:00", HOLDER, NOT_OURS).then("Wed 03-11 10:00", OFFICE, RefuseReturn())
    assert (story.state.stage, story.state.unit, story.state.designated) == (Stage.ASSIGNED, HOUSING, False)
    assert {step: due for step, due in story.dues.items() if step in dues} == dues
    assert story.then("Wed 03-11 11:00", HOLDER, NOT_OURS).state.stage is Stage.RETURN_REQUESTED


@pytest.mark.parametrize("by", ["refusal", "assignment"])
def test_who_is_designated_may_not_give_a_case_back(by: str) -> None:
    if by == "refusal":
        story = assigned().then("Wed 03-11 09:00", HOLDER, NOT_OURS)
        story.then("Wed 03-11 10:00", OFFICE, RefuseReturn(designate=True))
    else:
        story = received("Tue 03-10 09:15").then("Tue 03-10 15:00", OFFICE, Assign(HOUSING, designate=True))
    assert story.state.designated
    assert story.refusal("Wed 03-11 11:00", HOLDER, NOT_OURS) == Refused(R.RETURN_DESIGNATED)


def test_returns_are_used_up_by_those_that_were_approved() -> None:
    story = assigned().then("Wed 03-11 09:00", HOLDER, NOT_OURS).then("Wed 03-11 10:00", OFFICE, ApproveReturn())
    story.then("Wed 03-11 11:00", OFFICE, Assign(HEATING))
    refused = story.refusal("Wed 03-11 12:00", DIVISION, RequestReturn("也不是我们的", HOUSING))
    assert refused == Refused(R.RETURN_USED_UP, None, "step.return.max")


def test_a_rulebook_without_a_limit_lets_units_return_again_and_one_without_a_section_never() -> None:
    story = received("Wed 06-17 10:00", "henan-xinfang").then("Wed 06-17 11:00", OFFICE, Assign(HOUSING))
    story.then("Thu 06-18 09:00", HOLDER, NOT_OURS).then("Thu 06-18 10:00", OFFICE, ApproveReturn())
    assert story.clock(Step.RESOLVE).is_running  # it began with the acceptance and runs on
    story.then("Thu 06-18 11:00", OFFICE, Assign(HEATING)).then("Mon 06-22 09:00", DIVISION, NOT_OURS)
    assert story.due(Step.RESOLVE) == at("Mon 08-17 24:00")
    refused = assigned("nanning").refusal("Wed 03-11 09:00", HOLDER, NOT_OURS)
    assert refused == Refused(R.NOT_IN_RULEBOOK, None, "step.return")


def test_a_return_needs_a_reason() -> None:
    assert assigned().refusal("Wed 03-11 09:00", HOLDER, RequestReturn()) == Refused(R.REASON_REQUIRED, "reason")


# --- recall


def test_a_recall_lets_the_term_of_assigning_run_on_as_if_it_had_never_stopped() -> None:
    story = assigned().then("Wed 03-11 09:00", OFFICE, Recall())
    assert (story.state.stage, story.state.unit, story.state.level) == (Stage.RECEIVED, None, 0)
    assert story.state.running == (Step.ASSIGN,)
    assert story.due(Step.ASSIGN) == at("Wed 03-11 24:00")
    assert story.by("Wed 03-11 24:00").state.actions == (Action.REMIND,)


def test_a_recall_after_the_term_of_assigning_is_late_at_once() -> None:
    story = assigned().then("Thu 03-12 09:00", OFFICE, Recall())
    assert story.on_time(Step.ASSIGN, "Thu 03-12 09:00") is False
    assert story.by("Thu 03-12 09:00").state.actions == (Action.REMIND,)
    story.then("Thu 03-12 10:00", OFFICE, Assign(HEATING))
    assert story.due(Step.CONTACT) == at("Mon 03-16 24:00")  # from Sun 03-15


def test_once_a_unit_has_taken_a_case_a_recall_needs_a_reason() -> None:
    story = assigned().then("Tue 03-10 16:00", HOLDER, TAKEN)
    assert story.refusal("Tue 03-10 17:00", OFFICE, Recall(" ")) == Refused(R.REASON_REQUIRED, "reason")
    assert story.then("Tue 03-10 17:00", OFFICE, Recall("派错")).state.stage is Stage.RECEIVED


def test_after_a_recall_nothing_of_the_first_unit_counts_for_the_second() -> None:
    story = (
        contacted().then("Thu 03-12 11:00", OFFICE, Recall("派错")).then("Thu 03-12 12:00", OFFICE, Assign(HEATING))
    )
    assert (story.state.contacted, story.state.handled_by) == (False, frozenset())
    assert story.refusal("Thu 03-12 13:00", DIVISION, REPORT).code is R.CONTACT_REQUIRED


# --- levels


def test_each_assignment_starts_the_return_anew_and_the_first_level_alone_the_rest() -> None:
    story = assigned()
    dues = story.dues
    story.then("Wed 03-11 09:00", HOLDER, Assign(HEATING))
    assert story.due(Step.RETURN) == at("Thu 03-12 24:00")
    assert story.dues | {Step.RETURN: dues[Step.RETURN]} == dues


def test_a_level_too_many_with_leave_is_flagged() -> None:
    story = assigned().then("Tue 03-10 16:00", HOLDER, Assign(HEATING))
    assert Flag.LEVEL_EXCEPTION not in story.state.flags
    story.then("Tue 03-10 17:00", DIVISION, Assign(TOWNSHIP, "分管副主任", "只有镇里能进场"))
    assert Flag.LEVEL_EXCEPTION in story.state.flags


def test_a_unit_above_its_respondent_may_give_it_to_anybody_but_them() -> None:
    story = assigned()
    story.state = replace(story.state, respondent=HEATING)
    refused = story.refusal("Tue 03-10 16:00", HOLDER, Assign(HEATING))
    assert refused == Refused(R.UNIT_IS_RESPONDENT, "unit")
    assert story.then("Tue 03-10 16:00", HOLDER, Assign(TOWNSHIP)).state.unit == TOWNSHIP


def test_an_urgent_case_that_is_taken_back_keeps_its_feedback_term() -> None:
    story = assigned().then("Tue 03-10 16:00", OFFICE, MarkUrgent("urgent", "周明"))
    story.then("Tue 03-10 17:00", OFFICE, Recall())
    assert story.due(Step.FEEDBACK) == at("Wed 03-11 16:00")


def test_a_reopening_is_an_assignment_of_the_same_unit() -> None:
    acknowledge = {"step": {"acknowledge": {"due": "1 working_day"}}}
    story = verified(rules_with(acknowledge)).then("Wed 03-18 10:00", OFFICE, RecordVerdict("unsatisfied"))
    assert story.due(Step.ACKNOWLEDGE) == story.due(Step.RETURN) == at("Thu 03-19 24:00")
    assert {Step.REGISTER, Step.ASSIGN}.isdisjoint(story.dues)


def test_a_reopened_case_that_is_taken_back_is_on_the_offices_desk() -> None:
    story = verified().then("Wed 03-18 10:00", OFFICE, RecordVerdict("unsatisfied"))
    assert story.then("Wed 03-18 11:00", OFFICE, Recall()).state.running == (Step.OFFICE,)


# --- units that take part, directives


def test_h08_a_lead_reports_once_every_unit_that_takes_part_has() -> None:
    story = contacted().then("Thu 03-12 11:00", OFFICE, JoinUnit(HEATING))
    assert story.state.co_units == {HEATING}
    assert story.refusal("Thu 03-12 12:00", HOLDER, REPORT) == Refused(R.CO_UNITS_PENDING)


@pytest.mark.parametrize("unit", [None, HOUSING, HEATING])
def test_neither_the_lead_nor_who_takes_part_already_is_joined(unit: int | None) -> None:
    story = contacted().then("Thu 03-12 11:00", OFFICE, JoinUnit(HEATING))
    code = R.FIELD_REQUIRED if unit is None else R.FIELD_INVALID
    assert story.refusal("Thu 03-12 12:00", OFFICE, JoinUnit(unit)) == Refused(code, "unit")


def test_a_leader_directs_the_holder_and_one_answer_is_the_answer_to_all() -> None:
    story = assigned().then("Tue 03-10 16:00", LEADER, Instruct("三日内办结", due=at("Fri 03-13 18:00")))
    story.then("Tue 03-10 17:00", LEADER, Instruct("并报我")).by("Fri 03-13 18:00")
    assert (story.state.instructed, story.due(Step.INSTRUCTION)) == (frozenset({HOUSING}), at("Fri 03-13 18:00"))
    story.then("Fri 03-13 19:00", HOLDER, AnswerInstruction("已到现场"))
    assert (story.state.instructed, story.on_time(Step.INSTRUCTION, "Fri 03-13 19:00")) == (frozenset(), False)
    assert story.refusal("Fri 03-13 20:00", HOLDER, AnswerInstruction("又及")).code is R.FORBIDDEN


def test_a_directive_goes_to_another_unit_and_each_answers_for_itself() -> None:
    story = assigned().then("Tue 03-10 16:00", LEADER, Instruct("配合", HEATING, at("Fri 03-13 18:00")))
    story.then("Tue 03-10 16:30", LEADER, Instruct("牵头", None, at("Thu 03-12 18:00")))
    story.then("Wed 03-11 09:00", DIVISION, AnswerInstruction("已配合"))
    assert story.state.instructed == {HOUSING}
    running = [clock.unit for clock in story.state.clocks if clock.step is Step.INSTRUCTION and clock.is_running]
    assert running == [HOUSING]
    assert story.then("Wed 03-11 10:00", Actor.system(), AnswerInstruction("均已办")).state.instructed == frozenset()


def test_a_directive_on_a_case_that_nobody_holds_waits_for_the_unit_that_gets_it() -> None:
    story = received("Tue 03-10 09:15").then(
        "Tue 03-10 10:00", LEADER, Instruct("尽快交办", due=at("Wed 03-11 10:00"))
    )
    assert (story.events[-1], story.state.instructed, story.state.runs(Step.INSTRUCTION)) == (
        "instructed",
        frozenset(),
        False,
    )
    story.then("Tue 03-10 15:00", OFFICE, Assign(HOUSING))
    assert (story.state.instructed, story.due(Step.INSTRUCTION)) == (frozenset({HOUSING}), at("Wed 03-11 10:00"))
    story.then("Tue 03-10 16:00", HOLDER, AnswerInstruction("已到现场"))
    assert (story.state.instructed, story.state.runs(Step.INSTRUCTION)) == (frozenset(), False)


def test_a_directive_without_an_end_that_waited_is_owed_once() -> None:
    story = received("Tue 03-10 09:15").then("Tue 03-10 10:00", LEADER, Instruct("尽快交办"))
    story.then("Tue 03-10 15:00", OFFICE, Assign(HOUSING)).then("Tue 03-10 16:00", OFFICE, Recall())
    assert story.state.instructions == ()
    story.then("Tue 03-10 17:00", OFFICE, Assign(HEATING))
    assert (story.state.instructed, story.state.runs(Step.INSTRUCTION)) == (frozenset({HOUSING}), False)


def test_a_directive_outlives_a_reopening() -> None:
    story = verified().then("Tue 03-17 09:00", LEADER, Instruct("查清", due=at("Fri 03-20 18:00")))
    story.then("Wed 03-18 10:00", OFFICE, RecordVerdict("unsatisfied"))
    assert story.clock(Step.INSTRUCTION).is_running
    story.then("Thu 03-19 10:00", HOLDER, AnswerInstruction("已查清"))
    assert story.on_time(Step.INSTRUCTION, "Thu 03-19 10:00") is True


@pytest.mark.parametrize(
    ("command", "refused"),
    [
        (Instruct(), Refused(R.FIELD_REQUIRED, "text")),
        (Instruct("快", due=at("Tue 03-10 16:00")), Refused(R.FIELD_INVALID, "due")),
    ],
)
def test_a_directive_says_something_and_ends_in_the_future(command: Command, refused: Refused) -> None:
    assert assigned().refusal("Tue 03-10 16:00", LEADER, command) == refused


def test_nobody_below_the_unit_complained_about_is_directed_or_takes_part() -> None:
    story = contacted()
    story.state = replace(story.state, respondent=HEATING)
    for actor, command in ((LEADER, Instruct("快", HEATING)), (OFFICE, JoinUnit(HEATING))):
        assert story.refusal("Thu 03-12 11:00", actor, command) == Refused(R.UNIT_IS_RESPONDENT, "unit")


def test_a_unit_that_only_answers_to_a_directive_may_do_nothing_else() -> None:
    story = assigned().then("Tue 03-10 16:00", LEADER, Instruct("配合", HEATING))
    assert story.refusal("Tue 03-10 17:00", Actor("user:5", Role.UNIT, HEATING), SPOKEN).code is R.FORBIDDEN
