"""Clocks: which start at an event, which don't start again, what a reopening keeps, what becomes of each later."""

from dataclasses import replace

import pytest

from huying.data import rulebook_ids
from huying.rules.duration import Duration
from huying.rules.ruleset import Ruleset, WayIn
from huying.rules.state import CaseState, ClockState, Memory
from huying.rules.vocabulary import Complexity, Kind, Stage, StartEvent, Step, Urgency
from tests.rules.test_lifecycle import CALENDAR, HOUSING, at, opened, rules, rules_with, verified

TUESDAY = "Tue 03-10 09:15"


def bare(kind: Kind = Kind.PROBLEM, complexity: Complexity = Complexity.SIMPLE) -> CaseState:
    return CaseState(Stage.RECEIVED, kind, complexity, Urgency.NORMAL, at(TUESDAY), unit=HOUSING)


def started(under: Ruleset, *events: StartEvent, state: CaseState | None = None, when: str = TUESDAY) -> CaseState:
    return under.start(state or bare(), set(events), at(when))


def steps(state: CaseState) -> list[Step]:
    return [clock.step for clock in state.clocks]


# --- which terms there are


@pytest.mark.parametrize(
    ("rulebook", "event", "expected"),
    [
        ("bozhou", StartEvent.RECEIVED, [Step.REGISTER, Step.ASSIGN]),
        ("bozhou", StartEvent.FIRST_ASSIGNED, [Step.CONTACT, Step.RESOLVE]),
        ("bozhou", StartEvent.ASSIGNED, [Step.RETURN]),
        ("bozhou", StartEvent.REPORTED, [Step.CALLBACK]),
        ("nanning", StartEvent.RECEIVED, [Step.ASSIGN]),
        ("fengxian", StartEvent.RECEIVED, [Step.ASSIGN, Step.CONTACT]),
        ("fengxian", StartEvent.REPORTED, []),
        ("fengxian", StartEvent.CLOSED, [Step.CALLBACK]),  # the follow-up visit
        ("henan-xinfang", StartEvent.RECEIVED, [Step.REGISTER, Step.NOTIFY_ACCEPTANCE]),
        ("henan-xinfang", StartEvent.ACCEPTED, [Step.RESOLVE]),
        ("henan-xinfang", StartEvent.VERIFIED, [Step.REVIEW]),
        ("laixi", StartEvent.REPORTED, [Step.CALLBACK]),
        ("message-board", StartEvent.RECEIVED, [Step.RESOLVE]),
        ("message-board", StartEvent.FIRST_ASSIGNED, []),
    ],
)
def test_an_event_starts_the_terms_that_the_rulebook_says(
    rulebook: str, event: StartEvent, expected: list[Step]
) -> None:
    assert steps(started(rules(rulebook), event)) == expected


@pytest.mark.parametrize(
    ("kind", "complexity", "term"),
    [
        (Kind.PROBLEM, Complexity.SIMPLE, "5 working_days"),
        (Kind.PROBLEM, Complexity.COMPLEX, "15 working_days"),
        (Kind.CONSULTATION, Complexity.SIMPLE, "3 working_days"),
        (Kind.CONSULTATION, Complexity.COMPLEX, "3 working_days"),
    ],
)
def test_the_resolve_term_follows_kind_and_complexity(kind: Kind, complexity: Complexity, term: str) -> None:
    assert rules().term(Step.RESOLVE, bare(kind, complexity)) == Duration.parse(term)


@pytest.mark.parametrize(
    ("rulebook", "step"),
    [
        ("henan-xinfang", Step.CONTACT),
        ("message-board", Step.ASSIGN),
        ("fengxian", Step.RETURN),
        ("bozhou", Step.ACKNOWLEDGE),
        ("bozhou", Step.REVIEW),
        ("bozhou", Step.DISPATCH),  # of a case that nobody marked urgent
        ("bozhou", Step.TOTAL),
    ],
)
def test_a_step_that_a_rulebook_has_no_term_for_has_none(rulebook: str, step: Step) -> None:
    assert rules(rulebook).term(step, bare()) is None


def test_a_clock_says_why_it_is_due() -> None:
    [register, assign] = started(rules(), StartEvent.RECEIVED).clocks
    assert (assign.step, assign.cycle, assign.unit, assign.start_event) == (Step.ASSIGN, 1, HOUSING, "received")
    assert (assign.started_at, assign.due_at) == (at(TUESDAY), at("Wed 03-11 24:00"))
    assert (assign.term, assign.calendar_version, assign.provisional) == ("1 calendar_day", CALENDAR.version, False)
    assert [step["step"] for step in assign.why] == ["start", "count", "end"]
    assert assign.why[0].get("event") == "received"
    assert register.term == "1 working_day"


def test_a_rulebook_counts_by_its_own_zone_roll_and_end_of_day() -> None:
    under = rules_with({"calendar": {"day_end": "17:30"}, "step": {"contact": {"roll": "none"}}})
    contact, assign = under.counting(Step.CONTACT), under.counting(Step.ASSIGN)
    assert (contact.roll, assign.roll, assign.day_end, str(assign.zone)) == (False, True, "17:30", "Asia/Shanghai")
    [_, clock] = started(under, StartEvent.RECEIVED).clocks
    assert clock.due_at == at("Wed 03-11 17:30")


# --- which start again


def test_a_term_that_runs_does_not_start_again() -> None:
    once = started(rules(), StartEvent.RECEIVED)
    assert started(rules(), StartEvent.RECEIVED, state=once, when="Thu 03-12 10:00") == once


def test_a_term_that_was_met_does_not_start_again() -> None:
    met = started(rules(), StartEvent.RECEIVED).finish(Step.REGISTER, Step.ASSIGN, at=at("Tue 03-10 15:00"))
    assert started(rules(), StartEvent.RECEIVED, state=met, when="Thu 03-12 10:00") == met


def test_a_void_term_starts_again_beside_the_old_one() -> None:
    void = started(rules(), StartEvent.REPORTED).void(Step.CALLBACK, at=at("Wed 03-11 09:00"))
    again = started(rules(), StartEvent.REPORTED, state=void, when="Thu 03-12 10:00")
    assert [clock.due_at for clock in again.clocks] == [at("Fri 03-13 24:00"), at("Tue 03-17 24:00")]
    assert again.clocks[0] == void.clocks[0]


@pytest.mark.parametrize("rulebook", rulebook_ids())
def test_a_reopening_is_an_assignment_and_no_new_receipt(rulebook: str) -> None:
    under = rules(rulebook)
    again = under.reopen(opened(at(TUESDAY), under), at("Wed 03-18 10:00"))
    assert {Step.REGISTER, Step.ASSIGN}.isdisjoint(again.running)
    assert set(again.running) == {
        step
        for event in StartEvent
        if event not in (StartEvent.COMPLETED, StartEvent.REPORTED, StartEvent.VERIFIED, StartEvent.CLOSED)
        for step in under.rulebook.starting_at(event)
        if step not in (Step.REGISTER, Step.ASSIGN, Step.NOTIFY_ACCEPTANCE)
    }


def test_a_reopening_keeps_unit_and_level_and_forgets_who_did_what() -> None:
    before = replace(
        verified().state, level=2, callback_attempts=(at("Tue 03-17 09:00"),), handled_by=frozenset({"user:4"})
    )
    after = rules().reopen(before, at("Wed 03-18 10:00"))
    assert (after.cycle, after.unit, after.level) == (2, HOUSING, 2)
    assert (after.contacted, after.callback_attempts, after.handled_by) == (False, (), frozenset())


def test_a_reopening_voids_what_still_ran_and_leaves_what_was_done() -> None:
    before = verified().state
    assert before.running == (Step.RETURN, Step.CALLBACK)
    old = rules().reopen(before, at("Wed 03-18 10:00")).clocks[: len(before.clocks)]
    voided = {clock.step: clock.void_at for clock in old if clock.void_at is not None}
    assert voided == dict.fromkeys(before.running, at("Wed 03-18 10:00"))
    done = [clock for clock in before.clocks if clock.done_at is not None]
    assert [clock for clock in old if clock.void_at is None] == done


# --- the case and its clocks


def clock(step: Step, due: str) -> ClockState:
    return ClockState(step, 1, HOUSING, "received", at(TUESDAY), "1 hour", at(due), False, [], CALENDAR.version)


CONTACT, RESOLVE = clock(Step.CONTACT, "Fri 03-13 24:00"), clock(Step.RESOLVE, "Tue 03-17 24:00")
LATER = at("Thu 03-12 10:00")


def with_clocks(*clocks: ClockState, cycle: int = 1) -> CaseState:
    return replace(bare(), clocks=clocks, cycle=cycle)


def test_the_clock_of_a_step_is_that_of_this_cycle_which_is_not_void() -> None:
    void = replace(CONTACT, void_at=LATER)
    second = replace(CONTACT, cycle=2)
    state = with_clocks(void, CONTACT, second)
    assert state.clock(Step.CONTACT) is CONTACT
    assert replace(state, cycle=2).clock(Step.CONTACT) is second
    assert with_clocks(void).clock(Step.CONTACT) is None
    assert state.clock(Step.RESOLVE) is None


def test_the_next_due_is_that_of_the_running_clock_which_ends_first() -> None:
    assert with_clocks(RESOLVE, CONTACT).next_due is CONTACT
    assert with_clocks(RESOLVE, replace(CONTACT, done_at=LATER)).next_due is RESOLVE
    assert with_clocks(RESOLVE, replace(CONTACT, void_at=LATER)).next_due is RESOLVE
    assert with_clocks().next_due is None


def test_finishing_ends_a_running_clock_once() -> None:
    done = with_clocks(CONTACT, RESOLVE).finish(Step.CONTACT, at=LATER)
    assert done.clocks == (replace(CONTACT, done_at=LATER), RESOLVE)
    assert done.running == (Step.RESOLVE,)
    assert done.finish(Step.CONTACT, at=at("Fri 03-13 10:00")) == done


def test_resuming_lets_a_clock_run_towards_its_old_due() -> None:
    done = with_clocks(CONTACT).finish(Step.CONTACT, at=LATER)
    assert done.resume(Step.CONTACT) == with_clocks(CONTACT)


def test_a_void_clock_neither_ends_nor_runs_again() -> None:
    void = with_clocks(CONTACT).void(Step.CONTACT, at=LATER)
    assert void.clocks == (replace(CONTACT, void_at=LATER),)
    assert void.running == ()
    later = at("Fri 03-13 10:00")
    assert (
        void == void.finish(Step.CONTACT, at=later) == void.resume(Step.CONTACT) == void.void(Step.CONTACT, at=later)
    )


def test_nothing_changes_a_clock_of_an_earlier_cycle() -> None:
    state = with_clocks(CONTACT, cycle=2)
    assert state.finish(Step.CONTACT, at=LATER) == state.void(Step.CONTACT, at=LATER) == state


# --- what a contact must say


def missing(under: Ruleset, said: dict[str, str], *, anonymous: bool = False) -> tuple[str, ...]:
    return under.missing(said.get, anonymous=anonymous)


def test_a_contact_is_asked_for_what_it_did_not_say_in_the_order_of_the_rulebook() -> None:
    said = {"name": "测试人甲", "home_address": " ", "id_number": "110105194912310021", "claim": "补发工资"}
    assert missing(rules("henan-xinfang"), said) == ("work_unit", "home_address", "id_number")
    valid = said | {"id_number": " 34160219800101123X "}
    assert missing(rules("henan-xinfang"), valid) == ("work_unit", "home_address")


def test_who_stays_unnamed_need_not_say_who_where_the_rulebook_allows_it() -> None:
    tips = rules_with({"intake": {"anonymous": True}})
    assert missing(tips, {"content": "有人赌博"}, anonymous=True) == ()
    assert missing(tips, {"content": "有人赌博"}) == ("contact_phone",)
    assert missing(rules(), {"content": "有人赌博"}, anonymous=True) == ("contact_phone",)


def test_what_the_rules_remember_of_a_case_can_be_told_apart() -> None:
    assert verified().state.memory == Memory(contacted=True, handled_by=frozenset({"user:4"}))


# --- ways in


@pytest.mark.parametrize(
    ("rulebook", "channel", "when", "way"),
    [
        ("nanning", "phone", "Thu 06-18 21:59:30", WayIn.OPEN),
        ("nanning", "phone", "Thu 06-18 22:00", WayIn.CALL_BACK),
        ("nanning", "phone", "Fri 06-19 08:00", WayIn.OPEN),  # Dragon Boat: the line works every day
        ("nanning", "sms", "Thu 06-18 10:00", WayIn.OFF),
        ("henan-xinfang", "phone_office", "Wed 06-17 08:30", WayIn.OPEN),
        ("henan-xinfang", "phone_office", "Wed 06-17 17:30", WayIn.OFF),  # what is recorded then is kept
        ("henan-xinfang", "phone_office", "Fri 06-19 10:00", WayIn.OFF),
        ("henan-xinfang", "phone_mobile", "Wed 06-17 10:00", WayIn.OFF),
        ("bozhou", "letter", "Sun 03-15 03:00", WayIn.OPEN),  # not named
    ],
)
def test_a_channel_takes_contacts_at_its_hours(
    rulebook: str, channel: str, when: str, way: WayIn
) -> None:  # S18, S22
    assert rules(rulebook).way_in(channel, at(when)) is way


def test_who_comes_by_a_channel_that_is_off_is_told_what_the_rulebook_says() -> None:
    assert "8:00-22:00" in (rules("nanning").reply("sms") or "")
    assert rules("nanning").reply("letter") is None
