"""Random histories under every shipped rulebook, and some that a city might write: what holds whatever happens."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huying.data import rulebook_ids
from huying.rules.access import Actor, Role
from huying.rules.commands import (
    Acknowledge,
    Assign,
    CallbackAttempt,
    Command,
    GiveAnswer,
    RecordContact,
    RecordVerdict,
    RejectReport,
    SubmitReport,
    Verify,
)
from huying.rules.lifecycle import Decision, Refused, decide
from huying.rules.offers import possible
from huying.rules.ruleset import Ruleset
from huying.rules.stages import stage_after
from huying.rules.state import CaseState
from huying.rules.vocabulary import (
    CallbackResult,
    ClosedAs,
    Complexity,
    Kind,
    Method,
    Outcome,
    RefusalCode,
    Stage,
    VerdictCode,
)
from tests.rules.test_lifecycle import NO_ANSWER, REPORT, SPOKEN, at, opened, rules, rules_with

RULES = {rulebook: rules(rulebook) for rulebook in rulebook_ids()} | {
    "spaced by days": rules_with({"step": {"callback": {"attempt_spacing": "1 working_day"}}}),
    "closes on unsatisfied": rules_with({"verdicts": {"close_on": ["satisfied", "unsatisfied"], "reopen_on": []}}),
    "reopens on silence": rules_with({"verdicts": {"reopen_on": ["unsatisfied", "unreachable"], "max_reopen": 1}}),
    "other start events": rules_with({"step": {"callback": {"start": "received"}, "contact": {"start": "reopened"}}}),
}
UNITS = (11, 12, 13)
ENDED = {Stage.CLOSED, Stage.ANSWERED}
FIELD_CODES = set(tuple(RefusalCode)[tuple(RefusalCode).index(RefusalCode.METHOD_NOT_ALLOWED) :])
WHO_OR_STATE = {RefusalCode.FORBIDDEN, RefusalCode.WRONG_STATE}
SAID_TO_BE = {
    None: ClosedAs.NO_REVIEW,
    VerdictCode.SATISFIED: ClosedAs.SATISFIED,
    VerdictCode.BASICALLY_SATISFIED: ClosedAs.BASICALLY_SATISFIED,
    VerdictCode.UNDERSTANDING: ClosedAs.UNDERSTANDING,
    VerdictCode.UNSATISFIED: ClosedAs.UNSATISFIED,
    VerdictCode.UNREACHABLE: ClosedAs.UNREACHABLE,
    VerdictCode.DECLINED: ClosedAs.DECLINED_TO_SAY,
}

ACTORS: Sequence[Actor] = (
    Actor.system(),
    *(Actor(f"user:{role}", role) for role in Role if role is not Role.UNIT),
    *(Actor(f"user:{unit}", Role.UNIT, unit) for unit in (*UNITS, None)),
    Actor("user:11", Role.OFFICE),  # once of a unit, now of the office
)
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (90, 0, 1, 240, 60 * 24, 60 * 24 * 9))
GARBAGE = (None, "", "　", "\0", "满意", "SATISFIED", " phone ", "x" * 300)
UNSATISFIED = RecordVerdict("unsatisfied")
# The usual ways on; what leads further stands more than once.
USUAL: tuple[Command, ...] = (
    *(SPOKEN, REPORT, Verify(), UNSATISFIED) * 4,
    *(RecordVerdict(verdict) for verdict in VerdictCode),
    NO_ANSWER,
    RejectReport("没有结果"),
    Assign(11),
    Assign(12),
    Acknowledge("何砚", "110"),
    GiveAnswer("八点到十七点"),
)


def written(kind: Callable[..., Command], *fields: Iterable[object]) -> tuple[Command, ...]:
    """Return the commands with every choice of these words, or rubbish instead of one of them."""
    usual = [(*words,) for words in fields]
    spoilt = [[*usual[:i], GARBAGE, *usual[i + 1 :]] for i in range(len(usual))]
    return tuple(kind(*words) for choice in [usual, *spoilt] for words in product(*choice))


# By verb, so that one with many words isn't heard more often than the others.
ANYTHING: tuple[tuple[Command, ...], ...] = (
    tuple(Assign(unit, *said) for unit in (*UNITS, 0, -1, 2**63) for said in product(GARBAGE[:5], GARBAGE[:5])),
    written(Acknowledge, ["何砚"], ["110"]),
    written(RecordContact, Method, ["何砚"], ["0558-5552207"], ["谈过"]),
    written(SubmitReport, ["已修好"], Outcome, ["规程"]),
    written(RejectReport, ["没有结果"]),
    (Verify(),),
    written(CallbackAttempt, CallbackResult),
    written(RecordVerdict, VerdictCode, ["见录音"]),
    written(GiveAnswer, ["八点到十七点"]),
)


@dataclass(frozen=True)
class Move:
    """What somebody does after a pause, all of it decoded from one number, so that histories are cheap to draw."""

    n: int

    @property
    def pause(self) -> timedelta:
        return PAUSES[self.n % len(PAUSES)]

    def command_and_actor(self, state: CaseState) -> tuple[Command, Actor]:
        """Return three times in four a usual way on, else anything by anybody."""
        usual, n = self.n // 7 % 4, self.n // 31
        ways = ways_on(state) if usual else []
        if ways:
            return ways[n % len(ways)]
        verb = ANYTHING[n % len(ANYTHING)]
        return verb[n // 11 % len(verb)], ACTORS[n // 13 % len(ACTORS)]


def ways_on(state: CaseState) -> list[tuple[Command, Actor]]:
    actors = Actor("user:1", Role.OFFICE), Actor(f"user:{state.unit}", Role.UNIT, state.unit)
    return [(c, actor) for actor in actors for may in [possible(state, actor)] for c in USUAL if type(c) in may]


MOVES = st.lists(st.builds(Move, st.integers(0, 10**7)), min_size=25, max_size=60)


@dataclass(frozen=True)
class Moment:
    """One decision of a history: what was tried when, and the case before and after it."""

    rules: Ruleset
    when: datetime
    command: Command
    actor: Actor
    before: CaseState
    answer: Decision | Refused
    events: tuple[str, ...]  # all of them so far

    @property
    def after(self) -> CaseState:
        return self.answer.after if isinstance(self.answer, Decision) else self.before


def history(under: Ruleset, kind: Kind, complexity: Complexity, moves: Sequence[Move]) -> Iterator[Moment]:
    when = at("Thu 12-24 10:00")  # soon in a year without notice
    state = opened(when, under, kind, complexity)
    events: tuple[str, ...] = ("registered",)
    for move in moves:
        over = state.stage in ENDED
        when += move.pause
        command, actor = move.command_and_actor(state)
        answer = decide(state, command, actor, when, under)
        if isinstance(answer, Decision):
            events += answer.events
        moment = Moment(under, when, command, actor, state, answer, events)
        yield moment
        state = moment.after
        if over:
            return  # one try is enough to see that nothing moves it


# --- what holds at every moment


def the_same_question_gets_the_same_answer(it: Moment) -> None:
    assert decide(it.before, it.command, it.actor, it.when, it.rules) == it.answer


def whoever_may_is_refused_for_another_reason_than_who_or_when(it: Moment) -> None:
    refused = isinstance(it.answer, Refused) and it.answer.code in WHO_OR_STATE
    assert (type(it.command) in possible(it.before, it.actor)) is not refused


def a_refusal_of_a_field_names_it(it: Moment) -> None:
    if isinstance(it.answer, Refused) and it.answer.code in FIELD_CODES:
        assert it.answer.field is not None
        assert hasattr(it.command, it.answer.field)


def the_events_say_where_the_case_stands(it: Moment) -> None:
    assert stage_after(it.events) == (it.after.stage, it.after.cycle)


def a_step_has_one_clock_in_a_cycle(it: Moment) -> None:
    kept = Counter((clock.cycle, clock.step) for clock in it.after.clocks if clock.void_at is None)
    assert set(kept.values()) <= {1}


def nothing_ends_before_it_began(it: Moment) -> None:
    for clock in it.after.clocks:
        assert clock.done_at is None or clock.done_at >= clock.started_at
        assert clock.void_at is None or clock.void_at >= clock.started_at


def a_clock_keeps_its_start_and_its_due(it: Moment) -> None:
    assert [c.due_at for c in it.after.clocks[: len(it.before.clocks)]] == [c.due_at for c in it.before.clocks]
    assert all(clock.started_at == it.when for clock in it.after.clocks[len(it.before.clocks) :])


def an_earlier_cycle_has_nothing_running(it: Moment) -> None:
    assert not any(clock.is_running for clock in it.after.clocks if clock.cycle < it.after.cycle)


def a_case_ends_with_a_word_for_how_and_stands_still(it: Moment) -> None:
    ended = it.after.stage in ENDED
    assert (it.after.closed_as is not None) is (it.after.ended_at is not None) is ended
    if ended:
        assert it.after.next_due is None
    if it.before.stage in ENDED:
        assert isinstance(it.answer, Refused)


def a_case_is_closed_as_what_was_said(it: Moment) -> None:
    if it.after.stage is Stage.CLOSED:
        assert it.after.closed_as == (
            ClosedAs.NO_REVIEW if it.after.verdict is None else SAID_TO_BE[it.after.verdict]
        )


def a_cycle_more_is_a_verdict_that_reopens(it: Moment) -> None:
    assert it.after.cycle - it.before.cycle == (it.events[-1:] == ("reopened",) and isinstance(it.answer, Decision))
    assert it.after.cycle <= it.rules.rulebook.max_reopen + 1


INVARIANTS = (
    the_same_question_gets_the_same_answer,
    whoever_may_is_refused_for_another_reason_than_who_or_when,
    a_refusal_of_a_field_names_it,
    the_events_say_where_the_case_stands,
    a_step_has_one_clock_in_a_cycle,
    nothing_ends_before_it_began,
    a_clock_keeps_its_start_and_its_due,
    an_earlier_cycle_has_nothing_running,
    a_case_ends_with_a_word_for_how_and_stands_still,
    a_case_is_closed_as_what_was_said,
    a_cycle_more_is_a_verdict_that_reopens,
)


@pytest.mark.parametrize("rulebook", RULES)
@settings(max_examples=30, deadline=None)
@given(kind=st.sampled_from(Kind), complexity=st.sampled_from(Complexity), moves=MOVES)
def test_whatever_happens(rulebook: str, kind: Kind, complexity: Complexity, moves: list[Move]) -> None:
    for moment in history(RULES[rulebook], kind, complexity, moves):
        for holds in INVARIANTS:
            holds(moment)
