"""Who calls again and again: a nuisance by human decision alone, for a time, with two people and a review."""

from dataclasses import replace
from datetime import timedelta

import pytest

from huying.rules.access import Actor, Role
from huying.rules.commands import MarkNuisance, ReviewNuisance
from huying.rules.lifecycle import Refused
from huying.rules.vocabulary import Flag, RefusalCode, Stage
from tests.rules.test_lifecycle import HOLDER, OFFICE, OPERATOR, Story, assigned, at, received

WHEN = "Wed 03-11 10:00"
LATER = "Thu 03-12 10:00"
UNTIL = at("Fri 05-08 00:00")
MARK = MarkNuisance("一天来电四十次，无新的事实", UNTIL, "陈立新")
SUPERVISOR = Actor("user:7", Role.SUPERVISOR)


def marked() -> Story:
    return assigned().then(WHEN, OFFICE, MARK)


def test_a_nuisance_is_marked_for_a_time_and_flagged() -> None:
    state = marked().state
    assert (state.nuisance_until, state.flags) == (UNTIL, frozenset({Flag.NUISANCE_REVIEW}))


def test_neither_stage_nor_a_term_changes_by_it() -> None:
    before, after = assigned().state, marked().state
    assert (after.stage, after.clocks, after.urgency) == (before.stage, before.clocks, before.urgency)


@pytest.mark.parametrize(
    ("command", "refused"),
    [
        (MarkNuisance(None, UNTIL, "陈立新"), Refused(RefusalCode.REASON_REQUIRED, "reason")),
        (MarkNuisance("来电四十次", None, "陈立新"), Refused(RefusalCode.FIELD_REQUIRED, "until")),
        (MarkNuisance("来电四十次", at(WHEN), "陈立新"), Refused(RefusalCode.FIELD_INVALID, "until")),
        (
            MarkNuisance("来电四十次", at(WHEN) + timedelta(days=90, seconds=1), "陈立新"),
            Refused(RefusalCode.FIELD_INVALID, "until"),
        ),
        (MarkNuisance("来电四十次", UNTIL, None), Refused(RefusalCode.APPROVAL_REQUIRED, "approved_by")),
        (MarkNuisance("来电四十次", UNTIL, "user:1"), Refused(RefusalCode.SAME_PERSON, "approved_by")),
    ],
)
def test_it_needs_a_reason_an_end_within_ninety_days_and_a_second_person(
    command: MarkNuisance, refused: Refused
) -> None:
    assert assigned().refusal(WHEN, OFFICE, command) == refused


@pytest.mark.parametrize("who", [OPERATOR, HOLDER, SUPERVISOR])
def test_only_the_office_decides_on_it(who: Actor) -> None:
    assert assigned().refusal(WHEN, who, MARK).code is RefusalCode.FORBIDDEN


def test_who_is_marked_is_reviewed_and_not_marked_again() -> None:
    assert marked().refusal(LATER, OFFICE, MARK).code is RefusalCode.WRONG_STATE


def test_without_a_mark_there_is_nothing_to_review() -> None:
    refused = received("Tue 03-10 09:15").refusal(WHEN, OFFICE, ReviewNuisance("changed", "不是骚扰"))
    assert refused.code is RefusalCode.WRONG_STATE


@pytest.mark.parametrize("who", [OFFICE, SUPERVISOR])
def test_one_person_with_a_reason_ends_it_early(who: Actor) -> None:
    story = marked().then(LATER, who, ReviewNuisance("changed", "申诉成立：每次反映的是不同的事"))
    assert (story.state.nuisance_until, story.state.flags, story.events[-1]) == (None, frozenset(), "nuisance_ended")


def test_upheld_it_needs_a_new_end_and_a_second_person() -> None:
    upheld = marked()
    assert upheld.refusal(LATER, OFFICE, ReviewNuisance("upheld", "照旧", None, "陈立新")).field == "until"
    alone = ReviewNuisance("upheld", "照旧", UNTIL + timedelta(days=30))
    assert upheld.refusal(LATER, OFFICE, alone).code is RefusalCode.APPROVAL_REQUIRED
    upheld.then(LATER, OFFICE, ReviewNuisance("upheld", "照旧", alone.until, "陈立新"))
    assert (upheld.state.nuisance_until, upheld.events[-1]) == (alone.until, "nuisance_upheld")


def test_a_mark_that_was_not_reviewed_can_be_after_the_case_has_ended() -> None:
    story = marked()
    story.state = replace(story.state, stage=Stage.CLOSED, ended_at=at(LATER))
    story.then("Mon 05-11 10:00", OFFICE, ReviewNuisance("changed", "到期"))
    assert story.state.flags == frozenset()
