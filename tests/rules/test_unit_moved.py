"""What becomes of a case when the unit that holds it, or takes part, is merged into another or abolished."""

from dataclasses import replace
from typing import Any

import pytest

from huying.rules.access import Actor, Role
from huying.rules.commands import AnswerInstruction, Instruct, MoveUnit, ProposeFault, ScheduleInterview
from huying.rules.lifecycle import Decision, Refused, decide
from huying.rules.state import CaseState, ClockState, OpenFault
from huying.rules.vocabulary import Fault, RefusalCode, Stage, Step
from tests.rules.test_lifecycle import (
    HEATING,
    HOLDER,
    HOUSING,
    LEADER,
    OFFICE,
    TOWNSHIP,
    assigned,
    at,
    received,
    rules,
)
from tests.rules.test_nuisance import SUPERVISOR

WHEN = "Wed 03-11 10:00"
MOVE = MoveUnit(HOUSING, HEATING)


def clock_of(step: Step) -> ClockState:
    began = at("Tue 03-10 09:15")
    return ClockState(step, 1, HOUSING, "closed", began, "set", at("Fri 03-20 18:00"), False, [], "cn-2026")


def moved(state: CaseState) -> CaseState:
    decision = decide(state, MOVE, Actor.system(), at(WHEN), rules())
    assert isinstance(decision, Decision), decision
    assert decision.events == ("unit_moved",)
    return decision.after


def test_the_successor_holds_it_at_the_same_level_within_the_same_terms() -> None:
    before = assigned().state
    after = moved(before)
    assert (after.unit, after.level, after.stage, after.clocks) == (HEATING, 1, before.stage, before.clocks)


def test_the_successor_takes_part_and_owes_answers_where_the_unit_did() -> None:
    units = frozenset({HOUSING, TOWNSHIP})
    after = moved(replace(assigned().state, unit=14, co_units=units, instructed=units))
    expected = frozenset({HEATING, TOWNSHIP})
    assert (after.unit, after.co_units, after.instructed) == (14, expected, expected)


def test_who_takes_part_already_holds_it_alone_afterwards() -> None:
    after = moved(replace(assigned().state, co_units=frozenset({HEATING})))
    assert (after.unit, after.co_units) == (HEATING, frozenset())


def test_the_successor_speaks_to_what_the_unit_is_blamed_for() -> None:
    [fault] = moved(
        assigned().then("Tue 03-10 16:00", SUPERVISOR, ProposeFault("no_answer", HOUSING, "三次没人接")).state
    ).faults
    assert fault.unit == HEATING


def test_the_successor_is_called_to_the_interview_that_the_unit_was_called_to() -> None:
    plan = ScheduleInterview(HOUSING, "副市长甲", at("Tue 03-17 15:00"))
    assert moved(assigned().then("Tue 03-10 17:00", SUPERVISOR, plan).state).interview_of == HEATING


def test_a_case_that_nobody_holds_stays_so() -> None:
    assert moved(received("Tue 03-10 09:15").state).unit is None


def test_no_case_goes_to_the_unit_that_it_complains_about() -> None:
    state = replace(assigned().state, respondent=HEATING)
    assert decide(state, MOVE, Actor.system(), at(WHEN), rules()) == Refused(RefusalCode.UNIT_IS_RESPONDENT, "unit")


def test_the_successor_answers_what_the_unit_was_asked_and_its_answer_ends_the_term() -> None:
    asked = Instruct(text="速办", unit=HOUSING, due=at("Wed 03-18 18:00"))
    story = assigned().then("Tue 03-10 16:00", LEADER, asked)
    after = moved(story.state)
    assert [clock.unit for clock in after.clocks if clock.step is Step.INSTRUCTION] == [HEATING]

    unit = Actor("user:7", Role.UNIT, HEATING)
    answered = decide(after, AnswerInstruction("已办"), unit, at("Wed 03-11 11:00"), rules())
    assert isinstance(answered, Decision)
    assert not answered.after.runs(Step.INSTRUCTION)


def test_a_term_that_was_met_stays_with_who_met_it() -> None:
    story = assigned().then("Tue 03-10 16:00", LEADER, Instruct(text="速办", due=at("Wed 03-18 18:00")))
    after = moved(story.then("Tue 03-10 17:00", HOLDER, AnswerInstruction("已办")).state)
    assert [clock.unit for clock in after.clocks if clock.step is Step.INSTRUCTION] == [HOUSING]


def test_the_successor_records_on_behalf_where_the_unit_gave_the_case_on_and_the_unit_no_more() -> None:
    assert moved(replace(assigned().state, unit=TOWNSHIP, level=2, given_on=(HOUSING,))).given_on == (HEATING,)


OWED = {
    "a fault": {"faults": (OpenFault(Fault.NO_ANSWER, HOUSING, at(WHEN)),)},
    "an interview": {"interview_with": (1,)},
    "putting right": {"clocks": (clock_of(Step.RECTIFICATION),)},
    "a visit": {"clocks": (clock_of(Step.CALLBACK),)},
}


@pytest.mark.parametrize("owed", OWED.values(), ids=OWED)
def test_what_a_closed_case_still_owes_goes_on_with_the_successor(owed: dict[str, Any]) -> None:
    closed = replace(assigned().state, stage=Stage.CLOSED, ended_at=at(WHEN), clocks=())
    assert moved(replace(closed, **owed)).unit == HEATING


@pytest.mark.parametrize("stage", [Stage.CLOSED, Stage.DECLINED, Stage.ARCHIVED])
def test_what_has_ended_stays_with_who_had_it(stage: Stage) -> None:
    refused = decide(replace(assigned().state, stage=stage), MOVE, Actor.system(), at(WHEN), rules())
    assert refused == Refused(RefusalCode.WRONG_STATE)


def test_nobody_can_send_it() -> None:
    assert decide(assigned().state, MOVE, OFFICE, at(WHEN), rules()) == Refused(RefusalCode.FORBIDDEN)
