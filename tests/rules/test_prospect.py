"""What a receipt promises: steps that haven't begun, and by when at the latest."""

from datetime import datetime

from huying.rules.prospect import Ahead, ahead
from huying.rules.state import CaseState
from huying.rules.vocabulary import Complexity, Kind, Stage, StartEvent, Step, Urgency
from tests.builders import at, rules


def case(kind: Kind = Kind.PROBLEM, complexity: Complexity = Complexity.SIMPLE) -> CaseState:
    return CaseState(Stage.RECEIVED, kind, complexity, Urgency.NORMAL, at(9, 24, 17, 40))


def to_come(state: CaseState, assigned_by: datetime | None, rulebook: str = "bozhou") -> dict[Step, Ahead]:
    return {one.step: one for one in ahead(rules(rulebook), state, {Step.REGISTER, Step.ASSIGN}, assigned_by)}


def test_what_begins_with_the_assignment_is_bounded_by_the_last_moment_of_assigning() -> None:
    """Due Mon 28 Sep 24:00: three days end on a holiday, rolled to Thu 8 Oct; five working days on Sat 10 Oct."""
    come = to_come(case(), at(9, 29))
    assert list(come) == [Step.CONTACT, Step.RESOLVE, Step.CALLBACK]
    latest = {step: one.latest.at for step, one in come.items() if one.latest}
    assert latest == {Step.CONTACT: at(10, 9), Step.RESOLVE: at(10, 11)}


def test_what_begins_with_the_report_has_a_term_and_no_date() -> None:
    callback = to_come(case(), at(9, 29))[Step.CALLBACK]
    assert (callback.start, str(callback.term), callback.latest) == (StartEvent.REPORTED, "3 working_days", None)


def test_without_an_assignment_in_sight_nothing_is_promised_for_a_day() -> None:
    assert [one.latest for one in to_come(case(), None).values()] == [None, None, None]


def test_the_term_of_the_answer_follows_kind_and_complexity() -> None:
    assert str(to_come(case(complexity=Complexity.COMPLEX), None)[Step.RESOLVE].term) == "15 working_days"
    assert str(to_come(case(kind=Kind.CONSULTATION), None)[Step.RESOLVE].term) == "3 working_days"


def test_a_step_that_the_rulebook_lacks_is_not_promised() -> None:
    assert Step.CONTACT not in to_come(case(), None, "message-board")
