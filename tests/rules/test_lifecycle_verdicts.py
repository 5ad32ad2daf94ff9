"""The end of the loop: attempts to call back, verdicts, what they close and what they reopen."""

import pytest

from huying.rules.commands import CallbackAttempt, RecordVerdict, Verify
from huying.rules.lifecycle import Refused
from huying.rules.vocabulary import ClosedAs, RefusalCode, Stage, Step
from tests.rules.test_lifecycle import HOLDER, NO_ANSWER, OFFICE, OPERATOR, REPORT, SPOKEN, at, rules_with, verified


def test_callback_attempts_keep_their_distance_and_unreachable_needs_all_of_them() -> None:  # story h26
    unreachable = RecordVerdict("unreachable")
    story = verified().then("Tue 03-17 09:00", OFFICE, NO_ANSWER)
    early = story.refusal("Tue 03-17 12:59:59", OFFICE, NO_ANSWER)
    assert early == Refused(RefusalCode.ATTEMPT_TOO_SOON, None, "step.callback.attempt_spacing")
    story.then("Tue 03-17 13:00", OPERATOR, CallbackAttempt("wrong_person"))
    two = story.refusal("Tue 03-17 13:30", OFFICE, unreachable)
    assert two == Refused(RefusalCode.ATTEMPTS_NOT_EXHAUSTED, None, "step.callback.attempts")

    story.then("Tue 03-17 17:00", OFFICE, CallbackAttempt("refused"))
    assert story.clock(Step.CALLBACK).is_running
    assert story.then("Tue 03-17 17:01", OFFICE, unreachable).state.closed_as is ClosedAs.UNREACHABLE


def test_a_verdict_needs_no_distance_from_an_attempt() -> None:  # story h26
    story = verified().then("Thu 03-19 23:59", OFFICE, NO_ANSWER)
    assert story.then("Thu 03-19 23:59:59", OFFICE, RecordVerdict("satisfied")).on_time(
        Step.CALLBACK, "Fri 03-20 00:00"
    )


@pytest.mark.parametrize(
    ("spacing", "early", "soonest"),
    [
        ("90 minutes", "Fri 03-20 11:29:59", "Fri 03-20 11:30"),
        ("1 calendar_day", "Fri 03-20 23:59:59", "Sat 03-21 00:00"),
        ("1 working_day", "Sun 03-22 23:59:59", "Mon 03-23 00:00"),
        ("2 calendar_days", "Sat 03-21 23:59:59", "Sun 03-22 00:00"),  # a distance doesn't roll
    ],
)
def test_a_rulebook_may_space_its_attempts_in_any_unit(spacing: str, early: str, soonest: str) -> None:
    story = verified(rules_with({"step": {"callback": {"attempt_spacing": spacing}}}))
    story.then("Fri 03-20 10:00", OFFICE, NO_ANSWER)
    assert story.refusal(early, OFFICE, NO_ANSWER).code is RefusalCode.ATTEMPT_TOO_SOON
    assert len(story.then(soonest, OFFICE, NO_ANSWER).state.callback_attempts) == 2


def test_the_attempts_of_one_cycle_do_not_count_in_the_next() -> None:
    story = verified().then("Tue 03-17 09:00", OFFICE, NO_ANSWER).then("Tue 03-17 13:00", OFFICE, NO_ANSWER)
    story.then("Tue 03-17 17:00", OFFICE, RecordVerdict("unsatisfied"))
    story.then("Wed 03-18 09:00", HOLDER, SPOKEN).then("Wed 03-18 10:00", HOLDER, REPORT)
    story.then("Wed 03-18 11:00", OFFICE, Verify()).then("Wed 03-18 11:01", OFFICE, NO_ANSWER)
    refused = story.refusal("Wed 03-18 12:00", OFFICE, RecordVerdict("unreachable"))
    assert refused.code is RefusalCode.ATTEMPTS_NOT_EXHAUSTED


@pytest.mark.parametrize(
    ("rulebook", "verdict", "closed_as"),
    [
        ("bozhou", "satisfied", ClosedAs.SATISFIED),
        ("bozhou", "understanding", ClosedAs.UNDERSTANDING),
        ("bozhou", "declined", ClosedAs.DECLINED_TO_SAY),
        ("bozhou", " satisfied\n", ClosedAs.SATISFIED),
        ("nanning", "satisfied", ClosedAs.SATISFIED),
        ("nanning", "basically_satisfied", ClosedAs.BASICALLY_SATISFIED),
        ("fengxian", "satisfied", ClosedAs.SATISFIED),
        ("laixi", "understanding", ClosedAs.UNDERSTANDING),
    ],
)
def test_a_verdict_closes_the_case_as_what_it_says(rulebook: str, verdict: str, closed_as: ClosedAs) -> None:
    story = verified(rulebook).then("Wed 03-18 10:00", OFFICE, RecordVerdict(verdict))
    assert (story.state.stage, story.state.closed_as) == (Stage.CLOSED, closed_as)
    assert story.events[-2:] == ["verdict_recorded", "closed"]


@pytest.mark.parametrize(
    ("rulebook", "verdict"),
    [("bozhou", "basically_satisfied"), ("nanning", "understanding"), ("fengxian", "declined")],
)
def test_a_rulebook_says_which_verdicts_there_are(rulebook: str, verdict: str) -> None:
    refused = verified(rulebook).refusal("Wed 03-18 10:00", OFFICE, RecordVerdict(verdict))
    assert refused == Refused(RefusalCode.VERDICT_NOT_ALLOWED, "verdict", "verdicts.allowed")


def test_a_verdict_that_neither_closes_nor_reopens_ends_the_callback_and_waits_for_another() -> None:
    allowed = ["satisfied", "basically_satisfied", "unsatisfied"]
    story = verified(rules_with({"verdicts": {"allowed": allowed}}))
    story.then("Wed 03-18 10:00", OFFICE, RecordVerdict("basically_satisfied"))
    assert (story.state.stage, story.state.verdict) == (Stage.VERIFIED, "basically_satisfied")
    assert story.clock(Step.CALLBACK).done_at == at("Wed 03-18 10:00")
    assert story.then("Thu 03-19 10:00", OFFICE, RecordVerdict("satisfied")).state.closed_as is ClosedAs.SATISFIED


def test_a_city_that_closes_on_unsatisfied_counts_it_as_unsatisfied() -> None:
    verdicts = {"close_on": ["satisfied", "unsatisfied"], "reopen_on": []}
    story = verified(rules_with({"verdicts": verdicts})).then("Wed 03-18 10:00", OFFICE, RecordVerdict("unsatisfied"))
    assert (story.state.stage, story.state.closed_as) == (Stage.CLOSED, ClosedAs.UNSATISFIED)


def test_a_city_may_allow_no_reopening_at_all() -> None:
    story = verified(rules_with({"verdicts": {"max_reopen": 0}}))
    story.then("Wed 03-18 10:00", OFFICE, RecordVerdict("unsatisfied"))
    assert (story.state.stage, story.state.cycle) == (Stage.VERIFIED, 1)


def test_a_verdict_stays_to_be_seen_until_the_next_report_is_verified() -> None:
    story = verified().then("Wed 03-18 10:00", OFFICE, RecordVerdict("unsatisfied"))
    story.then("Fri 03-20 10:00", HOLDER, SPOKEN).then("Tue 03-24 10:00", HOLDER, REPORT)
    assert story.state.verdict == "unsatisfied"
    assert story.then("Tue 03-24 11:00", OFFICE, Verify()).state.verdict is None
