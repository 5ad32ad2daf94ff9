"""What is offered is what would be decided: an offer promises nothing that `decide` refuses, and hides nothing."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import get_type_hints

import pytest

from huying.rules.access import Actor, Role
from huying.rules.commands import VERBS, WORDS, Assign, DecideReview, SubmitReport, command_of
from huying.rules.lifecycle import Decision, Refused, decide
from huying.rules.offers import Offer, natural_next, next_steps, offers, waiting, words_of
from huying.rules.state import CaseState
from huying.rules.vocabulary import Complexity, Kind, Outcome, RefusalCode, ReviewOutcome, Stage, Urgency
from tests.builders import at, rules

NOW = at(3, 11, 10)
BOOK = rules()
OFFICE, UNIT = Actor("user:1", Role.OFFICE), Actor("user:2", Role.UNIT, 7)
NEW = CaseState(
    stage=Stage.RECEIVED,
    kind=Kind.PROBLEM,
    complexity=Complexity.SIMPLE,
    urgency=Urgency.NORMAL,
    received_at=at(3, 10),
)
HELD = replace(NEW, stage=Stage.ACKNOWLEDGED, unit=7, level=1)
VERIFIED = replace(HELD, stage=Stage.VERIFIED, contacted=True)


def offer(verb: str, state: CaseState, actor: Actor) -> Offer | None:
    return next((one for one in offers(state, actor, NOW, BOOK) if one.verb == verb), None)


def filled(one: Offer) -> dict[str, object]:
    """Return a filled form: a word where one is taken, some digits elsewhere, tomorrow, another unit."""
    by_type: dict[object, object] = {
        str | None: "000",
        int | None: 99,
        bool | None: True,
        datetime | None: at(3, 12, 10),
        tuple[int, ...] | None: (8,),
        Mapping[str, str] | None: {"content": "000"},
    }
    said = {name: by_type[kind] for name, kind in get_type_hints(one.command).items()}
    said |= {name: next(word for word, why in words.items() if why is None) for name, words in one.words.items()}
    return said | ({"term": "1 hour"} if "term" in said else {})


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("actor", [OFFICE, UNIT, Actor("user:3", Role.OPERATOR)])
def test_an_offer_is_kept(stage: Stage, actor: Actor) -> None:
    state = replace(HELD, stage=stage)
    found = {one.verb: one for one in offers(state, actor, NOW, BOOK)}
    for verb in VERBS:
        if verb not in found:
            refused = decide(state, command_of(verb, {}), actor, NOW, BOOK)
            assert refused == Refused(RefusalCode.FORBIDDEN)
        elif found[verb].refused is None:
            assert isinstance(decide(state, command_of(verb, filled(found[verb])), actor, NOW, BOOK), Decision)


def test_a_field_is_required_where_leaving_it_empty_is_refused() -> None:
    talk = offer("record_contact", HELD, UNIT)
    assert talk is not None
    assert list(talk.required) == ["method", "handler", "handler_phone"]
    assert talk.required["handler_phone"].code is RefusalCode.HANDLER_PHONE_REQUIRED


def test_beyond_the_last_level_an_approval_and_a_reason_are_required() -> None:
    first, beyond = offer("assign", HELD, UNIT), offer("assign", replace(HELD, level=2), UNIT)
    assert first is not None
    assert beyond is not None
    assert list(first.required) == ["unit"]
    assert list(beyond.required) == ["unit", "exceed_approved_by", "reason"]


def test_a_word_that_the_rulebook_never_takes_is_left_out_and_one_that_must_wait_has_its_reason() -> None:
    verdict = offer("record_verdict", VERIFIED, OFFICE)
    assert verdict is not None
    words = verdict.words["verdict"]
    assert "basically_satisfied" not in words
    assert words["satisfied"] is None
    waits = words["unreachable"]
    assert waits is not None
    assert waits.code is RefusalCode.ATTEMPTS_NOT_EXHAUSTED


def test_a_unit_that_takes_part_is_offered_its_report() -> None:
    beside = Actor("user:4", Role.UNIT, 8)
    report = offer("co_report", replace(HELD, co_units=frozenset({8})), beside)
    assert report is not None
    assert report.refused is None
    assert list(report.required) == ["text"]


def test_what_hinders_a_command_is_the_refusal_that_it_would_get() -> None:
    report, tried = (
        offer("report", HELD, UNIT),
        offer("callback_attempt", replace(VERIFIED, callback_attempts=(NOW,)), OFFICE),
    )
    assert report is not None
    assert tried is not None
    assert report.refused == Refused(RefusalCode.CONTACT_REQUIRED, clause="step.contact")
    assert tried.refused is not None
    assert tried.refused.code is RefusalCode.ATTEMPT_TOO_SOON


@pytest.mark.parametrize(
    ("state", "actor", "verb"),
    [
        (NEW, OFFICE, "assign"),
        (replace(HELD, stage=Stage.ASSIGNED), UNIT, "acknowledge"),
        (HELD, UNIT, "record_contact"),
        (replace(HELD, stage=Stage.CONTACTED, contacted=True), UNIT, "report"),
        (replace(VERIFIED, stage=Stage.REPORTED), OFFICE, "verify"),
        (VERIFIED, OFFICE, "record_verdict"),
        (replace(HELD, stage=Stage.ASSIGNED, contacted=True), UNIT, "acknowledge"),  # sent back
        (VERIFIED, UNIT, None),
        (HELD, OFFICE, None),
    ],
)
def test_the_natural_next_step_moves_the_loop_on_by_the_least(
    state: CaseState, actor: Actor, verb: str | None
) -> None:
    step = natural_next(offers(state, actor, NOW, BOOK), state.stage)
    assert (step and step.verb) == verb


def test_every_closed_list_is_that_of_a_text_field_of_a_command() -> None:
    assert {get_type_hints(command)[name] for command, name in WORDS} == {str | None}
    assert words_of(DecideReview, "outcome") is ReviewOutcome
    assert words_of(SubmitReport, "outcome") is Outcome
    assert words_of(Assign, "unit") is None


def test_giving_a_case_up_is_nobodys_next_step() -> None:
    """In Henan a verified case waits for its window to pass; the requester could only withdraw it."""
    henan = rules("henan-xinfang")
    citizen = Actor.citizen(VERIFIED.id)
    verbs = {one.verb for one in offers(VERIFIED, citizen, NOW, henan) if one.refused is None}
    assert "withdraw" in verbs
    assert natural_next(offers(VERIFIED, citizen, NOW, henan), Stage.VERIFIED) is None


def test_what_only_time_ends_waits_for_nobody() -> None:
    assert Stage.VERIFIED not in next_steps(rules("henan-xinfang"))


def test_a_case_that_was_declined_has_no_next_step() -> None:
    assert natural_next(offers(replace(NEW, stage=Stage.DECLINED), OFFICE, NOW, BOOK), Stage.DECLINED) is None


def test_every_stage_that_waits_has_a_next_step() -> None:
    assert next_steps(BOOK) == {
        Stage.WAITING: "open_case",
        Stage.PENDING_INFO: "complete_info",
        Stage.RETURN_REQUESTED: "approve_return",
        Stage.RECEIVED: "assign",
        Stage.ASSIGNED: "acknowledge",
        Stage.ACKNOWLEDGED: "record_contact",
        Stage.SUSPENDED: "resume",
        Stage.CONTACTED: "report",
        Stage.REPORTED: "verify",
        Stage.VERIFIED: "record_verdict",
    }


@pytest.mark.parametrize(
    ("actor", "verbs"),
    [
        (UNIT, {"acknowledge", "record_contact", "report"}),
        (Actor("user:3", Role.OPERATOR), {"complete_info", "record_verdict"}),
        (Actor("user:4", Role.ADMIN), set()),
    ],
)
def test_a_case_waits_for_whoever_may_do_its_next_step(actor: Actor, verbs: set[str]) -> None:
    assert set(waiting(actor, BOOK)) == verbs
