"""登记督办、纪律要求: the ladder, faults, interviews, discipline. Every date was counted by hand."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from huying.rules.access import Actor, Role
from huying.rules.commands import (
    AnswerInstruction,
    Archive,
    Assign,
    CancelFault,
    Command,
    ComplainHandling,
    ConfirmFault,
    HandToDiscipline,
    HoldInterview,
    Instruct,
    Merge,
    ProposeFault,
    Recall,
    RecordVerdict,
    RecountTerms,
    Rectified,
    ScheduleInterview,
    StateFault,
    Suspend,
    TermEnded,
    TermPassed,
    Verify,
    Withdraw,
)
from huying.rules.lifecycle import Decision, Refused, decide
from huying.rules.vocabulary import Action, Fault, Flag, RefusalCode, Stage, Step
from tests.rules.test_lifecycle import (
    CITIZEN,
    CLOCK,
    DIVISION,
    HEATING,
    HOLDER,
    HOUSING,
    LEADER,
    OFFICE,
    REPORT,
    SUPERVISOR,
    Story,
    assigned,
    at,
    contacted,
    received,
    rules,
    rules_with,
    verified,
)

R = RefusalCode
SLOW = ProposeFault("slow_action", evidence="交办 9 天没有联系")
CALL_HEATING = ScheduleInterview(HEATING, "副市长甲", at("Tue 03-17 15:00"))
HELD = HoldInterview("副市长甲", "慢作为；限期与来电人沟通", at("Fri 03-27 24:00"))


# --- the ladder


def test_s31_no_contact_leads_from_a_reminder_to_discipline() -> None:
    story = assigned().by("Fri 03-13 23:59:59")
    assert not story.state.actions
    assert story.by("Fri 03-13 24:00").state.actions == (Action.REMIND,)
    assert story.by("Mon 03-16 24:00").state.actions == (Action.REMIND, Action.SUPERVISE)
    before = story.by("Wed 03-18 09:00").state.actions
    assert before == (Action.REMIND, Action.SUPERVISE, Action.REMIND)
    story.then("Wed 03-18 10:00", SUPERVISOR, HELD)
    assert (story.state.stage, story.state.actions) == (Stage.ASSIGNED, (*before, Action.INTERVIEW))

    supervised = (*before, Action.INTERVIEW, Action.SUPERVISE)
    assert story.by("Mon 04-13 23:59:59").state.actions == supervised
    assert story.by("Mon 04-13 24:00").state.actions == (*supervised, Action.DISCIPLINE)
    assert story.by("Thu 12-31 00:00").state.actions == (*supervised, Action.DISCIPLINE)


def test_what_was_put_right_in_time_leads_no_further() -> None:
    story = contacted().then("Mon 03-16 10:00", SUPERVISOR, HELD)
    story.then("Thu 03-26 10:00", SUPERVISOR, Rectified()).by("Thu 12-31 00:00")
    assert story.on_time(Step.RECTIFICATION, "Thu 03-26 10:00") is True
    assert Action.DISCIPLINE not in story.state.actions
    assert story.refusal("Fri 03-27 10:00", SUPERVISOR, Rectified()).code is R.WRONG_STATE


@pytest.mark.parametrize("verdict", ["satisfied", "unsatisfied"])
def test_neither_closing_nor_reopening_lets_a_unit_off_what_it_was_interviewed_for(verdict: str) -> None:
    story = verified().then("Tue 03-17 10:00", SUPERVISOR, HELD)
    story.then("Wed 03-18 10:00", OFFICE, RecordVerdict(verdict)).by("Mon 04-13 24:00")
    assert story.state.actions[-1] is Action.DISCIPLINE
    assert story.clock(Step.RECTIFICATION).rungs_fired == 1
    assert story.then("Tue 04-14 10:00", SUPERVISOR, Rectified()).state.runs(Step.RECTIFICATION) is False


@pytest.mark.parametrize(
    "command", [TermPassed(Step.CONTACT, 1), TermPassed(Step.REVIEW, 1), TermEnded(Step.SUSPENSION)]
)
def test_the_clock_does_nothing_before_its_time_or_to_a_term_that_is_not_there(command: Command) -> None:
    assert assigned().refusal("Fri 03-13 10:00", CLOCK, command) == Refused(R.WRONG_STATE)


def test_a_suspension_does_not_end_before_its_day_nor_a_callback_by_itself() -> None:
    story = contacted().then("Fri 03-13 10:00", OFFICE, Suspend("court", at("Fri 03-20 09:00")))
    assert story.refusal("Fri 03-20 08:59:59", CLOCK, TermEnded(Step.SUSPENSION)).code is R.WRONG_STATE
    assert verified().refusal("Tue 03-31 10:00", CLOCK, TermEnded(Step.CALLBACK)).code is R.WRONG_STATE


def test_what_a_leader_and_a_supervisor_have_set_goes_on_while_the_case_is_suspended() -> None:
    story = contacted().then("Fri 03-13 08:00", LEADER, Instruct("速办", HOUSING, at("Mon 03-16 18:00")))
    story.then("Fri 03-13 08:30", SUPERVISOR, SLOW).then("Fri 03-13 09:00", SUPERVISOR, HELD)
    story.then("Fri 03-13 10:00", OFFICE, Suspend("court", at("Thu 04-30 24:00")))
    paused = {clock.step for clock in story.state.clocks if clock.is_paused}
    assert paused.isdisjoint({Step.INSTRUCTION, Step.STATEMENT, Step.RECTIFICATION})
    story.then("Mon 03-16 17:00", HOLDER, AnswerInstruction("等法院")).by("Wed 04-29 00:00")
    assert story.on_time(Step.INSTRUCTION, "Wed 04-29 00:00")
    assert (story.state.stage, story.state.actions) == (Stage.SUSPENDED, (Action.INTERVIEW, Action.DISCIPLINE))


def test_terms_are_counted_anew_by_a_calendar_that_was_loaded() -> None:
    story = received("Mon 12-28 09:00").then("Mon 12-28 10:00", OFFICE, Assign(HOUSING))
    before = story.state
    story.then("Tue 12-29 10:00", CLOCK, RecountTerms(7))
    assert story.state == replace(before, calendar=7)


# --- faults


def test_a_fault_is_confirmed_after_the_unit_has_spoken_and_proposes_an_interview() -> None:
    story = contacted().then("Mon 03-16 10:00", SUPERVISOR, SLOW)
    assert story.due(Step.STATEMENT) == at("Thu 03-19 24:00")
    assert story.refusal("Mon 03-16 11:00", SUPERVISOR, ConfirmFault()) == Refused(R.WRONG_STATE)
    story.then("Mon 03-16 12:00", HOLDER, StateFault("已在路上")).then("Mon 03-16 13:00", SUPERVISOR, ConfirmFault())
    assert (story.state.confirmed, story.state.faults, story.state.actions) == ((Fault.SLOW_ACTION,), (), ())
    assert Flag.INTERVIEW_PROPOSED in story.state.flags
    story.then("Tue 03-17 10:00", SUPERVISOR, HELD)
    assert (story.state.actions, Flag.INTERVIEW_PROPOSED in story.state.flags) == ((Action.INTERVIEW,), False)


def test_a_unit_that_keeps_silent_has_three_working_days() -> None:
    story = contacted().then("Mon 03-16 10:00", SUPERVISOR, SLOW)
    assert story.refusal("Thu 03-19 23:59:59", SUPERVISOR, ConfirmFault()).code is R.WRONG_STATE
    assert story.then("Fri 03-20 00:00", SUPERVISOR, ConfirmFault()).state.confirmed == (Fault.SLOW_ACTION,)


@pytest.mark.parametrize("verdict", ["satisfied", "unsatisfied"])
def test_neither_closing_nor_reopening_takes_a_unit_its_time_to_speak(verdict: str) -> None:
    story = (
        verified().then("Tue 03-17 10:00", SUPERVISOR, SLOW).then("Wed 03-18 10:00", OFFICE, RecordVerdict(verdict))
    )
    assert story.refusal("Wed 03-18 11:00", SUPERVISOR, ConfirmFault()).code is R.WRONG_STATE
    story.then("Wed 03-18 12:00", HOLDER, StateFault("已在路上"))
    assert story.clock(Step.STATEMENT).done_at == at("Wed 03-18 12:00")
    assert story.then("Wed 03-18 13:00", SUPERVISOR, ConfirmFault()).state.faults == ()


def withdrawn(story: Story) -> Story:
    return story.then("Mon 03-16 11:00", CITIZEN, Withdraw("不用了"))


def merged(story: Story) -> Story:
    return story.then("Mon 03-16 11:00", OFFICE, Merge(5))


def archived(story: Story) -> Story:
    story.then("Mon 03-16 11:00", HOLDER, REPORT).then("Mon 03-16 11:10", OFFICE, Verify())
    return story.then("Mon 03-16 11:20", OFFICE, RecordVerdict("satisfied")).then(
        "Mon 03-16 12:00", OFFICE, Archive()
    )


ENDS = pytest.mark.parametrize("end", [withdrawn, merged, archived], ids=["withdrawn", "merged", "archived"])


@ENDS
def test_no_end_of_a_case_takes_a_unit_its_time_to_speak_nor_lets_it_off(end: Callable[[Story], Story]) -> None:
    story = end(contacted().then("Mon 03-16 10:00", SUPERVISOR, SLOW))
    assert story.refusal("Mon 03-16 13:00", SUPERVISOR, ConfirmFault()).code is R.WRONG_STATE
    story.then("Tue 03-17 10:00", HOLDER, StateFault("已在路上"))
    assert story.then("Tue 03-17 11:00", SUPERVISOR, ConfirmFault()).state.confirmed == (Fault.SLOW_ACTION,)
    story.then("Tue 03-17 12:00", SUPERVISOR, CALL_HEATING).then("Tue 03-17 15:30", SUPERVISOR, HELD)
    assert story.state.runs(Step.RECTIFICATION)


@ENDS
def test_what_was_not_put_right_leads_to_discipline_after_every_end(end: Callable[[Story], Story]) -> None:
    story = end(contacted().then("Mon 03-16 10:00", SUPERVISOR, HELD)).by("Thu 12-31 00:00")
    assert story.state.actions == (Action.INTERVIEW, Action.DISCIPLINE)
    assert story.then("Thu 12-31 10:00", SUPERVISOR, Rectified()).state.running.count(Step.RECTIFICATION) == 0


def test_what_discipline_takes_over_is_its_own_to_judge() -> None:
    story = contacted().then("Mon 03-16 10:00", SUPERVISOR, HELD).then("Mon 03-16 10:30", SUPERVISOR, SLOW)
    story.state = replace(story.state, confidential=True)
    story.then("Mon 03-16 11:00", Actor("user:8", Role.DISCIPLINE), HandToDiscipline())
    assert (story.state.running, story.state.faults) == ((), ())


def two_faults() -> Story:
    """Return a case with an open fault of its holder, and a later one of the unit above."""
    story = contacted().then("Mon 03-16 10:00", SUPERVISOR, SLOW)
    return story.then("Mon 03-16 11:00", SUPERVISOR, ProposeFault("perfunctory", HEATING, "回复照抄"))


def test_without_a_number_the_latest_open_fault_is_meant() -> None:
    story = two_faults().then("Mon 03-16 12:00", DIVISION, StateFault("不属实"))
    story.then("Mon 03-16 13:00", SUPERVISOR, CancelFault("情有可原"))
    assert (len(story.state.faults), story.state.confirmed) == (1, ())
    assert story.refusal("Mon 03-16 14:00", SUPERVISOR, ConfirmFault()).code is R.WRONG_STATE
    story.then("Mon 03-16 15:00", HOLDER, StateFault("已在路上")).then("Mon 03-16 16:00", SUPERVISOR, ConfirmFault())
    assert story.state.confirmed == (Fault.SLOW_ACTION,)


def test_each_unit_speaks_to_its_own_fault_within_a_term_of_its_own() -> None:
    story = two_faults()
    terms = [clock for clock in story.state.clocks if clock.step is Step.STATEMENT]
    assert [(clock.unit, clock.is_running) for clock in terms] == [(HOUSING, True), (HEATING, True)]
    story.then("Mon 03-16 12:00", HOLDER, StateFault("已在路上"))
    assert [(fault.number, fault.unit, fault.stated) for fault in story.state.faults] == [
        (1, HOUSING, True),
        (2, HEATING, False),
    ]
    terms = [clock for clock in story.state.clocks if clock.step is Step.STATEMENT]
    assert [clock.done_at for clock in terms] == [at("Mon 03-16 12:00"), None]
    assert story.refusal("Mon 03-16 12:30", HOLDER, StateFault("…", fault=2)) == Refused(R.FIELD_INVALID, "fault")
    story.then("Mon 03-16 13:00", SUPERVISOR, ConfirmFault(fault=1))
    assert [fault.number for fault in story.state.faults] == [2]
    assert story.refusal("Mon 03-16 14:00", SUPERVISOR, CancelFault("…", fault=1)) == Refused(
        R.FIELD_INVALID, "fault"
    )


def test_a_unit_with_two_faults_speaks_to_both() -> None:
    story = contacted().then("Mon 03-16 10:00", SUPERVISOR, SLOW)
    story.then("Mon 03-16 11:00", SUPERVISOR, ProposeFault("perfunctory", HOUSING, "回复照抄"))
    story.then("Mon 03-16 12:00", HOLDER, StateFault("已重写")).then(
        "Mon 03-16 13:00", HOLDER, StateFault("已在路上")
    )
    assert [fault.stated for fault in story.state.faults] == [True, True]


def test_no_fault_is_laid_to_the_unit_complained_about_which_could_never_read_it() -> None:
    story = contacted()
    story.state = replace(story.state, respondent=HEATING)
    fault = ProposeFault("perfunctory", HEATING, "回复照抄")
    assert story.refusal("Mon 03-16 11:00", SUPERVISOR, fault) == Refused(R.UNIT_IS_RESPONDENT, "unit")


@pytest.mark.parametrize("command", [ConfirmFault(), CancelFault("情有可原")])
def test_without_an_open_fault_there_is_none_to_confirm_or_cancel(command: Command) -> None:
    assert contacted().refusal("Mon 03-16 10:00", SUPERVISOR, command) == Refused(R.WRONG_STATE)


def test_a_city_says_which_faults_lead_to_what() -> None:
    ladder = [
        {"on": "fault", "faults": ["buck_passing"], "action": "circular"},
        {"on": "serious_fault", "action": "interview"},
    ]
    story = contacted(rules_with({"ladder": ladder})).then("Mon 03-16 10:00", SUPERVISOR, SLOW)
    story.then("Fri 03-20 10:00", SUPERVISOR, ConfirmFault())
    assert (story.state.actions, Flag.INTERVIEW_PROPOSED in story.state.flags) == ((), True)
    story.then("Mon 03-23 10:00", SUPERVISOR, ProposeFault("buck_passing", evidence="两次推给街道"))
    assert story.then("Fri 03-27 10:00", SUPERVISOR, ConfirmFault()).state.actions == (Action.CIRCULAR,)


@pytest.mark.parametrize(
    ("story", "command", "refused"),
    [
        (contacted(), ProposeFault(), Refused(R.FIELD_REQUIRED, "code")),
        (contacted(), ProposeFault("lazy", evidence="…"), Refused(R.FIELD_INVALID, "code")),
        (contacted(), ProposeFault("slow_action"), Refused(R.FIELD_REQUIRED, "evidence")),
        (received("Tue 03-10 09:15"), SLOW, Refused(R.FIELD_REQUIRED, "unit")),
        (contacted().then("Fri 03-13 09:00", SUPERVISOR, SLOW), CancelFault(), Refused(R.REASON_REQUIRED, "reason")),
        (contacted(), ScheduleInterview(HOUSING, None, at("Mon 03-16 15:00")), Refused(R.FIELD_REQUIRED, "person")),
        (contacted(), ScheduleInterview(HOUSING, "副市长甲"), Refused(R.FIELD_REQUIRED, "time")),
        (contacted(), ScheduleInterview(HOUSING, "甲", at("Fri 03-13 10:00")), Refused(R.FIELD_INVALID, "time")),
        (contacted(), replace(HELD, person=None), Refused(R.INTERVIEW_INCOMPLETE, "person")),
        (contacted(), replace(HELD, minutes=" "), Refused(R.INTERVIEW_INCOMPLETE, "minutes")),
        (contacted(), replace(HELD, rectify_by=None), Refused(R.INTERVIEW_INCOMPLETE, "rectify_by")),
        (contacted(), replace(HELD, rectify_by=at("Fri 03-13 10:00")), Refused(R.FIELD_INVALID, "rectify_by")),
    ],
)  # fmt: skip
def test_a_guard_refuses_with_its_code_and_field(story: Story, command: Command, refused: Refused) -> None:
    assert story.refusal("Fri 03-13 10:00", SUPERVISOR, command) == refused


def test_what_a_unit_says_to_a_fault_is_no_empty_text() -> None:
    story = contacted().then("Mon 03-16 10:00", SUPERVISOR, SLOW)
    assert story.refusal("Mon 03-16 11:00", HOLDER, StateFault(" ")) == Refused(R.FIELD_REQUIRED, "text")


# --- interviews and discipline


def test_an_interview_on_several_cases_is_scheduled_and_held_on_all_of_them() -> None:
    story = contacted()
    story.state = replace(story.state, id=5)
    plan = ScheduleInterview(HOUSING, "副市长甲", at("Tue 03-17 15:00"), "会议室", (5, 8, 9))
    decision = decide(story.state, plan, SUPERVISOR, at("Mon 03-16 10:00"), story.rules)
    assert isinstance(decision, Decision)
    assert decision.after.interview_with == (5, 8, 9)
    assert Flag.INTERVIEW_PROPOSED in decision.after.flags
    assert dict(decision.others) == {8: plan, 9: plan}
    again = decide(decision.after, plan, SUPERVISOR, at("Mon 03-16 10:00"), story.rules)
    assert isinstance(again, Decision)
    assert dict(again.others) == {}  # the others have the appointment already
    moved = replace(plan, time=at("Wed 03-18 15:00"))
    again = decide(decision.after, moved, SUPERVISOR, at("Mon 03-16 11:00"), story.rules)
    assert isinstance(again, Decision)
    assert dict(again.others) == {8: moved, 9: moved}

    held = decide(decision.after, HELD, SUPERVISOR, at("Tue 03-17 15:30"), story.rules)
    assert isinstance(held, Decision)
    assert dict(held.others) == {8: HELD, 9: HELD}
    assert (held.after.interview_with, held.after.actions) == ((), (Action.INTERVIEW,))


def test_an_interview_is_with_the_unit_that_is_called_wherever_the_case_lies_by_then() -> None:
    story = contacted().then("Mon 03-16 10:00", SUPERVISOR, CALL_HEATING).then("Tue 03-17 15:30", SUPERVISOR, HELD)
    assert story.clock(Step.RECTIFICATION).unit == HEATING
    assert story.state.interview_of is None

    story = assigned().then("Wed 03-11 10:00", SUPERVISOR, replace(CALL_HEATING, unit=None))
    story.then("Wed 03-11 11:00", OFFICE, Recall()).then("Wed 03-11 12:00", OFFICE, Assign(HEATING))
    story.then("Tue 03-17 15:30", SUPERVISOR, HELD)
    assert story.clock(Step.RECTIFICATION).unit == HOUSING


@pytest.mark.parametrize("passed_on", [(OFFICE, Recall()), (HOLDER, Assign(HEATING))])
def test_a_case_that_leaves_its_unit_is_on_no_interview_with_others_any_more(
    passed_on: tuple[Actor, Command],
) -> None:
    story = assigned()
    plan = ScheduleInterview(None, "副市长甲", at("Tue 03-17 15:00"), cases=(0, 8))
    story.then("Wed 03-11 10:00", SUPERVISOR, plan).then("Wed 03-11 11:00", *passed_on)
    held = decide(story.state, HELD, SUPERVISOR, at("Tue 03-17 15:30"), story.rules)
    assert isinstance(held, Decision)
    assert (story.state.interview_with, dict(held.others)) == ((0,), {})


def test_a_second_interview_sets_another_day() -> None:
    story = contacted().then("Mon 03-16 10:00", SUPERVISOR, HELD)
    story.then("Mon 03-30 10:00", SUPERVISOR, replace(HELD, rectify_by=at("Fri 04-10 24:00")))
    assert story.due(Step.RECTIFICATION) == at("Fri 04-10 24:00")
    assert [clock.step for clock in story.state.clocks if clock.is_running].count(Step.RECTIFICATION) == 1


def test_discipline_is_told_of_an_ordinary_case_which_goes_on() -> None:
    story = contacted().then("Mon 03-16 10:00", SUPERVISOR, HandToDiscipline())
    assert (story.state.stage, story.state.actions) == (Stage.CONTACTED, (Action.DISCIPLINE,))
    assert story.events[-1] == "discipline_informed"


def test_s33_a_confidential_case_is_disciplines_alone_once_it_is_handed_over() -> None:
    story = contacted()
    story.state = replace(story.state, confidential=True)
    discipline = Actor("user:8", Role.DISCIPLINE)
    story.then("Mon 03-16 10:00", discipline, HandToDiscipline())
    assert (story.state.stage, story.state.unit, story.state.running) == (Stage.REFERRED, None, ())
    assert story.events[-1] == "handed_to_discipline"


def test_a_citizen_complains_about_the_handling_even_of_what_has_ended() -> None:
    story = verified().then("Wed 03-18 10:00", OFFICE, RecordVerdict("satisfied"))
    before = story.state
    assert story.refusal("Thu 03-19 10:00", CITIZEN, ComplainHandling()) == Refused(R.FIELD_REQUIRED, "text")
    assert story.then("Thu 03-19 10:00", CITIZEN, ComplainHandling("没人来过")).state == before
    assert story.events[-1] == "handling_complained"


def test_the_rungs_of_a_decision_are_those_of_which_somebody_is_told() -> None:
    story = assigned()
    remind = decide(story.state, TermPassed(Step.CONTACT, 1, Action.REMIND), CLOCK, at("Fri 03-13 24:00"), rules())
    assert isinstance(remind, Decision)
    assert [rung.action for rung in remind.fired] == [Action.REMIND]
    told = TermPassed(Step.ACKNOWLEDGE, 1)
    assert Decision(told, ("escalated",), story.state).fired[0].tell == ("liaison",)
    assert Decision(SLOW, ("fault_proposed",), story.state).fired == ()
