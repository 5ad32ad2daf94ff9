"""The ladder: at which instant each rung fires, and which never do. Every date was counted by hand."""

from dataclasses import replace
from datetime import datetime

from huying.rules.commands import RecordVerdict, RequestReturn, TermPassed
from huying.rules.escalation import Watched, next_rung, next_watch, rungs_of, rungs_on_unsatisfied
from huying.rules.lifecycle import Decision, Refused, decide
from huying.rules.vocabulary import Action, Flag, RefusalCode, Step
from tests.rules.test_lifecycle import (
    CLOCK,
    HOLDER,
    OFFICE,
    SPOKEN,
    Story,
    assigned,
    at,
    received,
    reported,
    rules,
    rules_with,
    verified,
)


def ladder(story: Story, step: Step) -> list[tuple[int, datetime, Action | None]]:
    return [(due.number, due.at, due.rung.action) for due in rungs_of(story.clock(step), story.rules)]


def test_a_rung_after_working_days_counts_from_the_day_that_ended() -> None:
    """Contact: due Fri 13 24:00, supervised Mon 16 24:00; resolve: due Tue 17 24:00, supervised Fri 20 24:00."""
    assert ladder(assigned(), Step.CONTACT) == [
        (1, at("Sat 03-14 00:00"), Action.REMIND),
        (2, at("Tue 03-17 00:00"), Action.SUPERVISE),
    ]
    assert ladder(assigned(), Step.RESOLVE) == [
        (1, at("Wed 03-18 00:00"), Action.REMIND),
        (2, at("Sat 03-21 00:00"), Action.SUPERVISE),
    ]


def test_each_city_has_its_own_ladder() -> None:
    story = assigned("nanning")
    assert [due.rung.action for due in rungs_of(story.clock(Step.RESOLVE), story.rules)] == [
        Action.SUPERVISE,
        Action.DISCIPLINE_SECRETARY_NOTICE,
    ]
    assert rungs_of(story.clock(Step.RESOLVE), story.rules)[0].at == story.due(Step.RESOLVE)
    assert rungs_of(story.clock(Step.ASSIGN), story.rules) == []


def test_a_term_of_a_step_without_a_trigger_has_no_ladder() -> None:
    total = replace(assigned().clock(Step.CONTACT), step=Step.TOTAL)
    assert rungs_of(total, rules()) == []


def test_after_a_rung_comes_the_next_and_after_the_last_none() -> None:
    clock, under = assigned().clock(Step.CONTACT), rules()
    state = assigned().state
    left = [next_rung(replace(clock, rungs_fired=fired), state, under) for fired in range(3)]
    assert [due and due.number for due in left] == [1, 2, None]


def test_no_rung_from_before_its_recording_fires() -> None:
    clock, under = assigned().clock(Step.CONTACT), rules()
    moments = ["Sat 03-14 00:00", "Sat 03-14 00:01", "Tue 03-17 00:01"]
    state = assigned().state
    left = [next_rung(replace(clock, recorded_at=at(moment)), state, under) for moment in moments]
    assert [due and due.number for due in left] == [1, 2, None]


def test_a_term_that_was_met_fires_nothing() -> None:
    story = assigned().then("Thu 03-12 10:00", HOLDER, SPOKEN)
    assert next_rung(story.clock(Step.CONTACT), story.state, story.rules) is None
    remind = TermPassed(Step.RESOLVE, 1, Action.REMIND)
    assert next_watch(story.state, story.rules) == Watched(at("Tue 03-17 24:00"), remind)


def test_a_case_that_ended_is_not_watched() -> None:
    closed = verified().then("Wed 03-18 10:00", OFFICE, RecordVerdict("satisfied"))
    assert next_watch(closed.state, closed.rules) is None


def test_a_rung_that_fires_is_an_action_and_fires_once() -> None:
    story = assigned()
    passed = TermPassed(Step.CONTACT, 1, Action.REMIND)
    story.then("Fri 03-13 24:00", CLOCK, passed)
    assert (story.state.actions, story.clock(Step.CONTACT).rungs_fired) == ((Action.REMIND,), 1)
    assert story.events[-1] == "escalated"
    assert story.refusal("Fri 03-13 24:00", CLOCK, passed) == Refused(RefusalCode.WRONG_STATE)


ACKNOWLEDGED_BY = {"step": {"acknowledge": {"due": "1 working_day"}}}


def test_whom_a_rung_tells_is_an_event_each_beside_what_it_does() -> None:
    ladder = [{"on": "acknowledge_overdue", "action": "remind", "tell": ["liaison", "head"]}]
    story = assigned(rules_with({**ACKNOWLEDGED_BY, "ladder": ladder}))
    assert story.by("Wed 03-11 24:00").events[-3:] == ["escalated", "liaison_told", "head_told"]


def test_nobody_is_said_to_be_told_of_a_case_that_is_in_no_units_hands() -> None:
    story = assigned(rules_with(ACKNOWLEDGED_BY)).then("Tue 03-10 16:00", HOLDER, RequestReturn("不属于本单位职责"))
    assert story.by("Wed 03-11 24:00").events[-1] == "escalated"


def test_a_rung_before_its_instant_out_of_order_or_of_no_clock_is_refused() -> None:
    story = assigned()
    for command in (TermPassed(Step.CONTACT, 1), TermPassed(Step.CONTACT, 2), TermPassed(Step.REVIEW, 1)):
        assert story.refusal("Fri 03-13 23:59:59", CLOCK, command) == Refused(RefusalCode.WRONG_STATE)


def test_a_case_before_its_assignment_is_watched_too() -> None:
    story = received("Tue 03-10 09:15")
    remind = TermPassed(Step.ASSIGN, 1, Action.REMIND)
    assert next_watch(story.state, story.rules) == Watched(at("Wed 03-11 24:00"), remind)


def test_the_second_and_the_third_time_unsatisfied_set_off_a_rung() -> None:
    second, third = rungs_on_unsatisfied(2, rules()), rungs_on_unsatisfied(3, rules())
    assert [rung.action for rung in second] == [Action.SUPERVISE]
    assert [rung.flag for rung in third] == [Flag.INTERVIEW_PROPOSED]
    assert rungs_on_unsatisfied(1, rules()) == rungs_on_unsatisfied(4, rules()) == []


def test_unsatisfied_counts_over_all_cycles() -> None:
    story = verified()
    told = replace(story.state, unsatisfied=1)
    decision = decide(told, RecordVerdict("unsatisfied"), OFFICE, at("Wed 03-18 10:00"), story.rules)
    assert isinstance(decision, Decision)
    assert (decision.after.unsatisfied, decision.after.actions) == (2, (Action.SUPERVISE,))
    assert reported().state.unsatisfied == 0
