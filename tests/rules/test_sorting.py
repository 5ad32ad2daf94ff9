"""接电: what becomes of a contact, and of a case before a unit has it. Every date was counted by hand."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from huying.rules.access import Actor
from huying.rules.commands import (
    Acknowledge,
    Assign,
    Classify,
    Command,
    CompleteInfo,
    Correct,
    Decline,
    GiveBack,
    Group,
    JoinContact,
    MarkUrgent,
    Merge,
    MovePost,
    NotACase,
    Note,
    OpenCase,
    Refer,
    ReturnCall,
    Summarise,
    Suspend,
    TakeOver,
    Unmerge,
)
from huying.rules.lifecycle import Decision, Refused, decide
from huying.rules.ruleset import Ruleset
from huying.rules.state import CaseState
from huying.rules.vocabulary import (
    Action,
    ClosedAs,
    Complexity,
    Flag,
    Kind,
    RefusalCode,
    Stage,
    Step,
    Urgency,
)
from tests.rules.test_lifecycle import (
    CITIZEN,
    DIVISION,
    HEATING,
    HOLDER,
    HOUSING,
    LEADER,
    MAYOR,
    OFFICE,
    OPERATOR,
    REPORT,
    SPOKEN,
    Story,
    assigned,
    at,
    contacted,
    received,
    rules,
    rules_with,
)

R = RefusalCode
PROBLEM = OpenCase("problem")
CALLED_BACK = {"step": {"return_call": {"due": "1 working_day"}}}
URGENT = MarkUrgent("critical", "周明")


def waits(when: str, kind: Kind = Kind.UNSORTED, under: Ruleset | None = None, **facts: Any) -> Story:
    """Return a contact that opened no case yet, with the term of what it waits for."""
    under = under or rules()
    state = CaseState(Stage.WAITING, kind, Complexity.SIMPLE, Urgency.NORMAL, at(when), post=MAYOR, **facts)
    return Story(under, under.wait(state, at(when)), ["contact_received"])


def pending(rulebook: str = "henan-xinfang", *missing: str) -> Story:
    under, when = rules(rulebook), at("Wed 06-17 10:00")
    case = CaseState(Stage.RECEIVED, Kind.PROBLEM, Complexity.SIMPLE, Urgency.NORMAL, when, missing=missing)
    return Story(under, under.wait_for_info(case, when), ["registered_incomplete"])


# --- a contact becomes a case or not


def test_a_case_that_is_opened_later_keeps_the_time_of_its_contact() -> None:
    story = waits("Tue 03-10 09:15").then("Wed 03-11 10:00", OFFICE, OpenCase("complaint", "complex"))
    assert (story.state.stage, story.state.kind, story.state.complexity) == ("received", "complaint", "complex")
    assert story.state.received_at == at("Tue 03-10 09:15")
    assert story.due(Step.ASSIGN) == at("Wed 03-11 24:00")
    assert story.on_time(Step.REGISTER, "Wed 03-11 10:00") is True
    assert story.events[-1] == "case_opened"


def test_what_was_due_before_a_case_was_opened_follows_at_the_opening_in_order() -> None:
    ladder = [{"on": "register_overdue", "action": "supervise"}, {"on": "assign_overdue", "action": "remind"}]
    story = waits("Tue 03-10 09:15", under=rules_with({"ladder": ladder})).by("Fri 03-13 09:59")
    story.state = story.state.recorded(at("Tue 03-10 09:16"))
    assert not story.state.actions
    story.then("Fri 03-13 10:00", OFFICE, PROBLEM)
    assert list(story.state.actions) == [Action.SUPERVISE]
    story.state = story.state.recorded(at("Fri 03-13 10:00"))
    assert story.by("Fri 03-13 10:00").state.actions == (Action.SUPERVISE, Action.REMIND)
    assert story.on_time(Step.REGISTER, "Fri 03-13 10:00") is False


def test_without_a_term_of_registering_the_office_has_three_working_days_to_sort() -> None:
    story = waits("Tue 03-10 09:15", under=rules("nanning"))
    assert story.dues == {Step.OFFICE: at("Fri 03-13 24:00")}
    assert story.then("Wed 03-11 10:00", OFFICE, PROBLEM).dues == {
        Step.OFFICE: at("Fri 03-13 24:00"),
        Step.ASSIGN: at("Wed 03-11 24:00"),
    }
    assert story.clock(Step.OFFICE).done_at == at("Wed 03-11 10:00")


def test_a_contact_of_which_something_is_missing_becomes_a_case_that_waits_for_it() -> None:
    story = waits("Wed 06-17 10:00", under=rules("henan-xinfang"), missing=("id_number",))
    story.then("Thu 06-18 10:00", OFFICE, PROBLEM)
    assert (story.state.stage, story.events[-1]) == (Stage.PENDING_INFO, "case_opened_incomplete")
    assert story.due(Step.PENDING_INFO) == at("Wed 06-24 24:00")


def test_a_contact_that_is_no_matter_opens_no_case_and_is_sorted_once() -> None:
    story = waits("Tue 03-10 09:15").then("Tue 03-10 10:00", OFFICE, NotACase("verification"))
    assert (story.state.kind, story.state.ended_at) == (Kind.VERIFICATION, at("Tue 03-10 10:00"))
    assert story.state.running == ()
    assert story.refusal("Tue 03-10 11:00", OFFICE, PROBLEM).code is R.WRONG_STATE
    assert story.refusal("Tue 03-10 11:00", OFFICE, NotACase("spam")).code is R.WRONG_STATE


def test_a_missed_call_is_ended_by_reaching_the_caller_or_a_wrong_number_only() -> None:
    story = waits("Tue 03-10 22:15", Kind.MISSED, rules_with(CALLED_BACK))
    assert story.dues == {Step.RETURN_CALL: at("Wed 03-11 24:00")}
    story.then("Wed 03-11 09:00", OPERATOR, ReturnCall("no_answer"))
    assert story.clock(Step.RETURN_CALL).is_running
    for sorting in (PROBLEM, NotACase("spam")):
        assert story.refusal("Wed 03-11 09:00", OFFICE, sorting).code is R.WRONG_STATE
    story.then("Wed 03-11 10:00", LEADER, ReturnCall("wrong_number"))
    assert story.on_time(Step.RETURN_CALL, "Wed 03-11 10:00") is True
    assert story.refusal("Wed 03-11 11:00", OFFICE, ReturnCall("no_answer")).code is R.WRONG_STATE


def test_a_caller_who_is_reached_about_a_matter_gets_a_case_from_the_return_call_on() -> None:
    story = waits("Tue 03-10 22:15", Kind.MISSED, rules_with(CALLED_BACK))
    story.then("Thu 03-12 09:00", OPERATOR, ReturnCall("reached", "problem", "水管漏水"))
    assert (story.state.stage, story.state.received_at) == (Stage.RECEIVED, at("Thu 03-12 09:00"))
    assert story.due(Step.ASSIGN) == at("Fri 03-13 24:00")
    assert story.on_time(Step.RETURN_CALL, "Thu 03-12 09:00") is False


def test_what_was_due_before_somebody_called_back_follows_as_the_case_is_opened() -> None:
    ladder = [
        {"on": "return_call_overdue", "action": "remind"},
        {"on": "return_call_overdue", "after": "1 working_day", "action": "supervise"},
    ]
    for when, done in (
        ("Wed 03-11 23:59", []),
        ("Thu 03-12 09:00", ["remind"]),
        ("Fri 03-13 09:00", ["remind", "supervise"]),
    ):
        story = waits("Tue 03-10 22:15", Kind.MISSED, rules_with({**CALLED_BACK, "ladder": ladder})).by(when)
        assert story.state.actions == ()
        assert list(story.then(when, OPERATOR, ReturnCall("reached", "problem", "水管漏水")).state.actions) == done


def test_on_a_case_nobody_has_a_call_to_return() -> None:
    assert Step.RETURN_CALL not in received("Tue 03-10 09:15", rules_with(CALLED_BACK)).dues


def test_a_caller_who_only_wanted_to_know_whether_the_number_is_real_gets_none() -> None:
    story = waits("Tue 03-10 22:15", Kind.MISSED).then(
        "Wed 03-11 09:00", OFFICE, ReturnCall("reached", "verification")
    )
    assert (story.state.stage, story.state.kind) == (Stage.WAITING, Kind.VERIFICATION)
    assert (story.state.running, story.events[-1]) == ((), "called_back")


def test_a_missed_call_without_a_term_of_its_own_is_on_the_offices_desk() -> None:
    assert waits("Tue 03-10 22:15", Kind.MISSED).dues == {Step.OFFICE: at("Fri 03-13 24:00")}


# --- what is missing


def test_what_was_marked_as_urgent_before_it_was_complete_is_urgent_from_its_completion_on() -> None:
    told = CompleteInfo({"id_number": "11010519491231002X"})
    story = pending("henan-xinfang", "id_number").then("Thu 06-18 08:00", OFFICE, URGENT)
    assert set(story.state.running) == {Step.PENDING_INFO}
    story.then("Thu 06-18 10:00", CITIZEN, told)
    assert (story.due(Step.DISPATCH), story.due(Step.FEEDBACK)) == (at("Thu 06-18 11:00"), at("Thu 06-18 12:00"))
    ordinary = pending("henan-xinfang", "id_number").then("Thu 06-18 10:00", CITIZEN, told)
    assert ordinary.dues.keys().isdisjoint({Step.DISPATCH, Step.FEEDBACK})


def test_s21_the_terms_begin_when_nothing_is_missing_any_more() -> None:
    story = pending("henan-xinfang", "id_number", "name")
    assert story.dues == {Step.PENDING_INFO: at("Wed 06-24 24:00")}
    story.then("Sat 06-20 20:00", CITIZEN, CompleteInfo({"id_number": "110105194912310021", "name": "测试人甲"}))
    assert (story.state.stage, story.state.missing) == (Stage.PENDING_INFO, ("id_number",))
    assert story.events[-1] == "info_incomplete"

    story.then("Mon 06-22 09:00", CITIZEN, CompleteInfo({"id_number": "34160219800101123X"}))
    assert (story.state.stage, story.state.missing, story.state.received_at) == (
        Stage.RECEIVED,
        (),
        at("Wed 06-17 10:00"),
    )
    assert story.due(Step.NOTIFY_ACCEPTANCE) == at("Tue 07-07 24:00")
    assert story.on_time(Step.PENDING_INFO, "Mon 06-22 09:00") is True


def test_a_case_that_nobody_completes_is_declined_when_its_limit_ends() -> None:
    story = pending("henan-xinfang", "id_number").by("Wed 06-24 23:59:59")
    assert story.state.stage is Stage.PENDING_INFO
    story.by("Wed 06-24 24:00")
    assert (story.state.stage, story.state.closed_as) == (Stage.DECLINED, ClosedAs.INCOMPLETE)
    assert (story.state.ended_at, story.events[-1]) == (at("Wed 06-24 24:00"), "incomplete_declined")


def test_without_a_limit_the_office_looks_after_what_is_missing() -> None:
    assert pending("bozhou", "content").dues == {Step.OFFICE: at("Tue 06-23 24:00")}  # 18, 22, 23; Dragon Boat


# --- classifying, urgency


def test_a_new_complexity_counts_from_the_same_start() -> None:
    story = assigned().then("Thu 03-12 10:00", OFFICE, Classify(complexity="complex"))
    assert story.due(Step.RESOLVE) == at("Tue 03-31 24:00")
    assert story.clock(Step.RESOLVE).started_at == at("Tue 03-10 15:00")
    assert story.then("Fri 03-13 10:00", OFFICE, Classify("供水")).due(Step.RESOLVE) == at("Tue 03-31 24:00")
    assert (story.state.category, story.state.complexity) == ("供水", Complexity.COMPLEX)


def test_classifying_registers_and_a_term_that_was_met_stays() -> None:
    story = received("Tue 03-10 09:15").then("Tue 03-10 10:00", OFFICE, Classify("供水"))
    assert story.on_time(Step.REGISTER, "Tue 03-10 10:00") is True
    reported = contacted().then("Mon 03-16 16:00", HOLDER, REPORT)
    met = reported.clock(Step.RESOLVE)
    assert reported.then("Tue 03-17 10:00", OFFICE, Classify(complexity="complex")).clock(Step.RESOLVE) == met


def test_s16_an_open_manhole_is_dispatched_within_the_hour_on_a_holiday_night() -> None:
    story = received("Sat 10-03 02:30").then("Sat 10-03 02:30", OFFICE, URGENT)
    assert (story.due(Step.DISPATCH), story.due(Step.FEEDBACK)) == (at("Sat 10-03 03:30"), at("Sat 10-03 04:30"))
    assert not story.by("Sat 10-03 03:29:59").state.actions
    assert story.by("Sat 10-03 03:30").state.actions == (Action.REMIND,)
    story.then("Sat 10-03 03:40", OFFICE, Assign(HOUSING))
    assert story.on_time(Step.DISPATCH, "Sat 10-03 03:40") is False
    story.then("Sat 10-03 04:29:59", HOLDER, SPOKEN)
    assert story.on_time(Step.FEEDBACK, "Sat 10-03 04:29:59") is True


def test_an_urgent_case_that_a_unit_has_needs_feedback_and_no_dispatch() -> None:
    story = assigned().then("Tue 03-10 16:00", OFFICE, MarkUrgent("urgent", "周明"))
    assert story.due(Step.FEEDBACK) == at("Wed 03-11 16:00")
    assert story.state.clock(Step.DISPATCH) is None
    spoken = contacted().then("Thu 03-12 11:00", OFFICE, URGENT)
    assert spoken.state.clock(Step.FEEDBACK) is None


def test_marking_the_same_again_moves_no_term_and_another_urgency_counts_anew() -> None:
    story = received("Tue 03-10 09:15").then("Tue 03-10 10:00", OFFICE, URGENT)
    dues = story.dues
    assert story.then("Tue 03-10 10:30", OFFICE, URGENT).dues == dues
    story.then("Tue 03-10 10:40", OFFICE, MarkUrgent("urgent", "周明"))
    assert (story.due(Step.DISPATCH), story.due(Step.FEEDBACK)) == (at("Tue 03-10 12:40"), at("Wed 03-11 10:40"))
    story.then("Tue 03-10 10:50", OFFICE, MarkUrgent("normal"))
    assert {Step.DISPATCH, Step.FEEDBACK}.isdisjoint(story.dues)
    assert story.state.urgency is Urgency.NORMAL


def test_acknowledging_takes_the_term_of_the_urgency_from_the_marking_on() -> None:
    due = {"critical": "15 minutes", "urgent": "30 minutes", "normal": "1 working_day"}
    story = assigned(rules_with({"step": {"acknowledge": {"due": due}}}))
    assert story.due(Step.ACKNOWLEDGE) == at("Wed 03-11 24:00")
    story.then("Tue 03-10 16:00", OFFICE, URGENT)
    assert story.due(Step.ACKNOWLEDGE) == at("Tue 03-10 16:15")
    assert story.by("Tue 03-10 16:15").events[-3:] == ["liaison_told", "duty_phone_told", "head_told"]
    assert story.state.actions == ()  # whom the ledger names was told, which is no action
    story.then("Tue 03-10 16:20", HOLDER, Acknowledge("何砚", "110"))
    assert story.on_time(Step.ACKNOWLEDGE, "Tue 03-10 16:20") is False
    again = story.then("Tue 03-10 16:30", OFFICE, MarkUrgent("urgent", "周明"))
    assert again.clock(Step.ACKNOWLEDGE).done_at == at("Tue 03-10 16:20")


# --- other ends


@pytest.mark.parametrize(
    ("command", "stage"),
    [(Decline("已由法院受理", "人民法院"), Stage.DECLINED), (Refer("119"), Stage.REFERRED)],
)
def test_what_is_declined_or_referred_is_registered_and_leaves_nothing_running(
    command: Command, stage: Stage
) -> None:
    story = received("Sun 11-15 03:20").then("Sun 11-15 03:20", OFFICE, URGENT)
    story.then("Sun 11-15 03:20", OFFICE, command)
    assert (story.state.stage, story.state.ended_at, story.state.closed_as) == (stage, at("Sun 11-15 03:20"), None)
    assert story.on_time(Step.REGISTER, "Sun 11-15 03:20") is True
    assert story.state.running == ()
    assert story.by("Tue 12-15 00:00").state.actions == ()


# --- one matter, several contacts or cases


def test_who_comes_again_moves_no_term_and_is_marked_as_coming_again() -> None:
    story = assigned()
    before = story.state
    for hour in range(12):
        story.then(f"Wed 03-11 {hour:02}:00", OPERATOR, JoinContact())
    assert (story.state.contacts, story.state.flags) == (13, frozenset({Flag.REPEAT}))
    assert (story.state.clocks, story.state.next_due) == (before.clocks, before.next_due)


def both(story: Story, command: Command, when: str, other: CaseState) -> CaseState:
    """Let a story do something and return the other case as that leaves it."""
    decision = decide(story.state, command, OFFICE, at(when), story.rules)
    assert isinstance(decision, Decision)
    story.state = decision.after
    [(case, follows)] = decision.others.items()
    assert case == other.id
    answer = decide(other, follows, Actor.system(), at(when), story.rules)
    assert isinstance(answer, Decision)
    return answer.after


def test_h10_a_merged_case_stands_still_and_comes_back_whole() -> None:
    older = replace(assigned().state, id=1)
    younger = received("Tue 03-10 11:00")
    younger.state = replace(younger.state, id=2)
    before = younger.state

    merged = both(younger, Merge(1), "Tue 03-10 11:30", older)
    assert (younger.state.stage, younger.state.merged_into, younger.state.clocks) == ("merged", 1, before.clocks)
    assert (merged.contacts, merged.flags, merged.clocks) == (2, frozenset({Flag.REPEAT}), older.clocks)
    assert younger.by("Fri 03-13 00:00").state.actions == ()
    assert younger.refusal("Tue 03-10 12:00", OFFICE, Assign(HOUSING)).code is R.WRONG_STATE

    assert both(younger, Unmerge(), "Tue 03-10 16:00", merged) == older
    assert younger.state == before


def test_what_was_joined_besides_stays_with_the_older_case() -> None:
    story = assigned().then("Tue 03-10 16:00", OFFICE, JoinContact())
    story.then("Tue 03-10 17:00", Actor.system(), TakeOver(2, 1)).then(
        "Tue 03-10 18:00", Actor.system(), GiveBack(2, 1)
    )
    assert (story.state.contacts, story.state.flags) == (2, frozenset({Flag.REPEAT}))


def test_the_offices_own_term_waits_with_a_merged_case() -> None:
    story = pending("bozhou", "content")
    story.state = replace(story.state, id=2)
    before = story.state
    story.then("Wed 06-17 11:00", OFFICE, Merge(1)).then("Thu 06-18 11:00", OFFICE, Unmerge())
    assert story.state == before


def test_s14_a_group_goes_to_its_lead_and_who_is_there_keeps_its_terms() -> None:
    there = assigned()
    before = there.state
    assert there.then("Wed 03-11 10:00", OFFICE, Group("停水", HOUSING)).state == before
    assert there.events[-1] == "grouped"
    new = received("Tue 03-10 09:15").then("Wed 03-11 10:00", OFFICE, Group("停水", HOUSING))
    assert (new.state.stage, new.state.unit, new.state.level) == (Stage.ASSIGNED, HOUSING, 1)
    assert new.events[-2:] == ["grouped", "assigned"]
    assert (new.due(Step.CONTACT), new.on_time(Step.ASSIGN, "Wed 03-11 10:00")) == (at("Mon 03-16 24:00"), True)


def test_a_case_of_another_unit_begins_its_terms_when_the_lead_of_its_group_gets_it() -> None:
    story = assigned().then("Tue 03-10 16:00", HOLDER, Assign(HEATING)).then("Wed 03-11 09:00", DIVISION, SPOKEN)
    story.then("Thu 03-12 10:00", OFFICE, Group("停水", 14))
    assert (story.state.level, story.state.contacted, story.state.unit) == (1, False, 14)
    assert (story.due(Step.CONTACT), story.due(Step.RESOLVE)) == (at("Mon 03-16 24:00"), at("Thu 03-19 24:00"))


def test_a_case_follows_its_post_to_the_successor() -> None:
    story = received("Tue 03-10 09:15").then("Wed 04-01 00:00", Actor.system(), MovePost(22))
    assert (story.state.post, story.events[-1]) == (22, "post_moved")


# --- guards

UNSORTED, MISSED = waits("Tue 03-10 09:15"), waits("Tue 03-10 09:15", Kind.MISSED)
NEW, PENDING = received("Tue 03-10 09:15"), pending("bozhou", "contact_phone")
COMPLAINED = Story(NEW.rules, replace(NEW.state, respondent=HOUSING))
LONG = "一二三四五六七八九十" * 3


@pytest.mark.parametrize(
    ("story", "command", "refused"),
    [
        (UNSORTED, OpenCase(), Refused(R.FIELD_REQUIRED, "kind")),
        (UNSORTED, OpenCase("verification"), Refused(R.FIELD_INVALID, "kind", "intake.kinds")),
        (UNSORTED, OpenCase("问题"), Refused(R.FIELD_INVALID, "kind")),
        (UNSORTED, OpenCase("problem", "hard"), Refused(R.FIELD_INVALID, "complexity")),
        (UNSORTED, NotACase("problem"), Refused(R.FIELD_INVALID, "kind", "intake.kinds")),
        (UNSORTED, NotACase("unsorted"), Refused(R.FIELD_INVALID, "kind", "intake.kinds")),
        (UNSORTED, NotACase("问题"), Refused(R.FIELD_INVALID, "kind")),
        (UNSORTED, ReturnCall("reached", "problem"), Refused(R.WRONG_STATE)),
        (MISSED, ReturnCall(), Refused(R.FIELD_REQUIRED, "result")),
        (MISSED, ReturnCall("reached"), Refused(R.FIELD_REQUIRED, "kind")),
        (MISSED, ReturnCall("reached", "unsorted"), Refused(R.FIELD_INVALID, "kind")),
        (MISSED, ReturnCall("reached", "missed"), Refused(R.FIELD_INVALID, "kind")),
        (PENDING, CompleteInfo(), Refused(R.FIELD_REQUIRED, "fields")),
        (PENDING, CompleteInfo({"contact_phone": "  "}), Refused(R.FIELD_REQUIRED, "fields")),
        (PENDING, CompleteInfo({"contact_phone": "家里"}), Refused(R.FIELD_INVALID, "fields")),
        (NEW, Classify(), Refused(R.FIELD_REQUIRED, "category")),
        (NEW, Classify(LONG), Refused(R.FIELD_INVALID, "category")),
        (NEW, Classify(complexity="hard"), Refused(R.FIELD_INVALID, "complexity")),
        (NEW, MarkUrgent("critical"), Refused(R.LEGITIMACY_REQUIRED, "legitimate_by")),
        (NEW, MarkUrgent("now", "周明"), Refused(R.FIELD_INVALID, "urgency")),
        (NEW, Summarise(), Refused(R.FIELD_REQUIRED, "title")),
        (NEW, Summarise(LONG), Refused(R.FIELD_INVALID, "title")),
        (NEW, Correct("name", "测试人乙"), Refused(R.REASON_REQUIRED, "reason")),
        (NEW, Correct("contact_phone", "家里", "听错"), Refused(R.FIELD_INVALID, "value")),
        (NEW, Correct(None, "测试人乙", "听错"), Refused(R.FIELD_REQUIRED, "field")),
        (NEW, Note(" "), Refused(R.FIELD_REQUIRED, "text")),
        (NEW, Decline("已由法院受理"), Refused(R.FIELD_REQUIRED, "route")),
        (NEW, Refer(), Refused(R.FIELD_REQUIRED, "to")),
        (NEW, Merge(), Refused(R.FIELD_REQUIRED, "into")),
        (NEW, Merge(NEW.state.id), Refused(R.FIELD_INVALID, "into")),
        (NEW, Group("停水"), Refused(R.FIELD_REQUIRED, "lead")),
        (NEW, Group(None, HOUSING), Refused(R.FIELD_REQUIRED, "topic")),
        (COMPLAINED, Group("停水", HOUSING), Refused(R.UNIT_IS_RESPONDENT, "lead")),
        (COMPLAINED, Assign(HOUSING), Refused(R.UNIT_IS_RESPONDENT, "unit")),
        (NEW, Suspend("court", at("Fri 03-13 10:00")), Refused(R.WRONG_STATE)),
    ],
)  # fmt: skip
def test_a_guard_refuses_with_its_code_field_and_clause(story: Story, command: Command, refused: Refused) -> None:
    assert story.refusal("Tue 03-10 10:00", OFFICE, command) == refused


@pytest.mark.parametrize(
    ("command", "event"),
    [
        (Summarise("水管漏水"), "summarised"),
        (Summarise(summary="小区供水管道漏水"), "summarised"),
        (Correct("contact_phone", "13900000002", "听错"), "corrected"),
        (Note("已电话核实"), "noted"),
    ],
)
def test_what_is_only_written_down_leaves_the_case_as_it_was(command: Command, event: str) -> None:
    story = received("Tue 03-10 09:15")
    before = story.state
    assert story.then("Tue 03-10 10:00", OFFICE, command).state == before
    assert story.events[-1] == event


@pytest.mark.parametrize(("above", "refused"), [({HEATING: {HEATING, HOUSING}}, True), ({HEATING: {HEATING}}, False)])
def test_a_unit_below_the_one_complained_about_gets_nothing(above: Mapping[int, set[int]], refused: bool) -> None:
    lines = {unit: frozenset(line) for unit, line in above.items()}
    answer = decide(COMPLAINED.state, Assign(HEATING), OFFICE, at("Tue 03-10 10:00"), rules(), lines=lines)
    assert (answer == Refused(R.UNIT_IS_RESPONDENT, "unit")) is refused
