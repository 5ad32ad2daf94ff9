"""What becomes of a case when the unit that holds it, or takes part, is merged into another or abolished."""

from dataclasses import replace

import pytest

from huying.rules.access import Actor
from huying.rules.commands import Instruct, MoveUnit, ProposeFault, ScheduleInterview
from huying.rules.lifecycle import Decision, Refused, decide
from huying.rules.state import CaseState
from huying.rules.vocabulary import RefusalCode, Stage, Step
from tests.rules.test_lifecycle import HEATING, HOUSING, LEADER, OFFICE, TOWNSHIP, assigned, at, received, rules
from tests.rules.test_nuisance import SUPERVISOR

WHEN = "Wed 03-11 10:00"
MOVE = MoveUnit(HOUSING, HEATING)


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


def test_the_successor_answers_in_the_terms_that_the_unit_was_set() -> None:
    story = assigned().then("Tue 03-10 16:00", LEADER, Instruct("速办", HOUSING, at("Fri 03-13 18:00")))
    plan = ScheduleInterview(HOUSING, "副市长甲", at("Tue 03-17 15:00"))
    after = moved(story.then("Tue 03-10 17:00", SUPERVISOR, plan).state)
    assert ([clock.unit for clock in after.clocks if clock.step is Step.INSTRUCTION], after.interview_of) == (
        [HEATING],
        HEATING,
    )


def test_a_case_that_nobody_holds_stays_so() -> None:
    assert moved(received("Tue 03-10 09:15").state).unit is None


def test_no_case_goes_to_the_unit_that_it_complains_about() -> None:
    state = replace(assigned().state, respondent=HEATING)
    assert decide(state, MOVE, Actor.system(), at(WHEN), rules()) == Refused(RefusalCode.UNIT_IS_RESPONDENT, "unit")


@pytest.mark.parametrize("stage", [Stage.CLOSED, Stage.DECLINED, Stage.ARCHIVED])
def test_what_has_ended_stays_with_who_had_it(stage: Stage) -> None:
    refused = decide(replace(assigned().state, stage=stage), MOVE, Actor.system(), at(WHEN), rules())
    assert refused == Refused(RefusalCode.WRONG_STATE)


def test_nobody_can_send_it() -> None:
    assert decide(assigned().state, MOVE, OFFICE, at(WHEN), rules()) == Refused(RefusalCode.FORBIDDEN)
