"""Random histories under every shipped rulebook, and some that a city might write: what holds whatever happens.

Each is one case with every verb, by everybody, with sense and without; before each step the clock does what is due.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huying.data import rulebook_ids
from huying.rules.access import Actor, Role
from huying.rules.commands import (
    VERBS,
    WORDS,
    Command,
    HandToDiscipline,
    JoinContact,
    Merge,
    MovePost,
    MoveUnit,
    OpenCase,
    RecountTerms,
    Resume,
    Suspend,
    TakeOver,
    TermEnded,
    TermPassed,
    Unmerge,
    command_of,
)
from huying.rules.escalation import next_watch
from huying.rules.lifecycle import Decision, Refused, decide
from huying.rules.offers import offers, possible
from huying.rules.ruleset import SET, Ruleset
from huying.rules.stages import OPEN_STAGES, stage_after
from huying.rules.state import OF_THE_CASE, OUTLIVING, SEVERAL, WINDOWS, CaseState, ClockState
from huying.rules.vocabulary import ClosedAs, Complexity, Kind, RefusalCode, Stage, Step, Urgency, VerdictCode
from tests.rules.test_lifecycle import CALENDAR, CLOCK, HOLDER, MAYOR, OFFICE, at, contacted, rules, rules_with

REVIEW = {"window": "2 calendar_days", "due": "5 working_days"}
RULES = {rulebook: rules(rulebook) for rulebook in rulebook_ids()} | {
    "spaced by days": rules_with({"step": {"callback": {"attempt_spacing": "1 working_day"}}}),
    "closes on unsatisfied": rules_with({"verdicts": {"close_on": ["satisfied", "unsatisfied"], "reopen_on": []}}),
    "reopens on silence": rules_with({"verdicts": {"reopen_on": ["unsatisfied", "unreachable"], "max_reopen": 1}}),
    "other start events": rules_with({"step": {"callback": {"start": "received"}, "contact": {"start": "reopened"}}}),
    "every step": rules_with(
        {
            "step": {
                "acknowledge": {"due": {"critical": "15 minutes", "normal": "1 working_day"}},
                "return_call": {"due": "4 hours"},
                "notify_acceptance": {"due": "15 calendar_days"},
                "review": REVIEW,
                "re_review": REVIEW,
            },
            "intake": {"pending_info_limit": "7 calendar_days"},
            "ladder": [
                {"on": f"{step}_overdue", "action": "remind"}
                for step in ("register", "assign", "contact", "resolve", "callback", "review", "office", "feedback")
            ],
        }
    ),
}
UNITS = (11, 12, 13)
HELD = OPEN_STAGES - {Stage.RECEIVED, Stage.PENDING_INFO}
ENDED = {Stage.CLOSED, Stage.ANSWERED, Stage.DECLINED, Stage.REFERRED, Stage.WITHDRAWN, Stage.ARCHIVED}
COUNTED = {Stage.CLOSED, Stage.ANSWERED}  # as what, says `closed_as`
FIELD_CODES = set(tuple(RefusalCode)[tuple(RefusalCode).index(RefusalCode.METHOD_NOT_ALLOWED) :])
SAID_TO_BE = {
    VerdictCode.SATISFIED: ClosedAs.SATISFIED,
    VerdictCode.BASICALLY_SATISFIED: ClosedAs.BASICALLY_SATISFIED,
    VerdictCode.UNDERSTANDING: ClosedAs.UNDERSTANDING,
    VerdictCode.UNSATISFIED: ClosedAs.UNSATISFIED,
    VerdictCode.UNREACHABLE: ClosedAs.UNREACHABLE,
    VerdictCode.DECLINED: ClosedAs.DECLINED_TO_SAY,
}
ACTORS: Sequence[Actor] = (
    Actor.system(),
    Actor.citizen(0),
    *(Actor(f"user:{role}", role, posts=frozenset({MAYOR})) for role in Role if role is not Role.UNIT),
    *(Actor(f"user:{unit}", Role.UNIT, unit) for unit in (*UNITS, None)),
    Actor("user:11", Role.OFFICE),  # once of a unit, now of the office
)
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (90, 0, 1, 240, 60 * 24, 60 * 24 * 9))
TEXTS = ("已办", None, "", "　", "\0", "满意", " phone ", "13900000001", "2 working_days", "x" * 300)
# What leads a case on; without these no history comes as far as a second cycle.
LEADING = frozenset(
    {
        "open_case",
        "complete_info",
        "assign",
        "record_contact",
        "report",
        "verify",
        "record_verdict",
        "request_review",
        "decide_review",
        "resume",
        "unmerge",
        "refuse_return",
    }
)
GIVING_UP = frozenset({"withdraw", "decline", "refer", "archive", "answer", "not_a_case"})


@dataclass(frozen=True)
class Move:
    """What somebody does after a pause, all of it decoded from one number, so that histories are cheap to draw."""

    n: int

    @property
    def pause(self) -> timedelta:
        return PAUSES[self.n % len(PAUSES)]

    def command_and_actor(self, state: CaseState, when: datetime) -> tuple[Command, Actor]:
        """Return mostly a verb that somebody may use now, well filled, and best one that leads on; else anything."""
        n = self.n // 31
        actor = ACTORS[n // 13 % len(ACTORS)]
        if self.n // 7 % 4 == 0:
            return self._anything(n, when), actor
        ways = [(verb, who) for who in _at_work(state) for verb in _open_to(state, who)]
        if not ways:
            return self._anything(n, when), actor
        leading = [way for way in ways if way[0] in LEADING]
        ways = leading if leading and n % 3 else ways
        verb, who = ways[n // 3 % len(ways)]
        return command_of(verb, self._filled(VERBS[verb], n // 101, when)), who

    def _anything(self, n: int, when: datetime) -> Command:
        unsent: tuple[Command, ...] = (
            JoinContact(),
            TakeOver(9, 2),
            MovePost(22),
            MoveUnit(11, 12),
            RecountTerms(7),
            *(TermPassed(step, 1) for step in (Step.ASSIGN, Step.CONTACT, Step.RECTIFICATION)),
            *(TermEnded(step) for step in (Step.SUSPENSION, Step.REVIEW, Step.PENDING_INFO)),
        )
        if n % 5 == 0:
            return unsent[n // 5 % len(unsent)]
        verb = [*VERBS][n // 5 % len(VERBS)]
        return command_of(verb, self._filled(VERBS[verb], n // 401, when, sensible=False))

    def _filled(self, kind: type[Command], n: int, when: datetime, *, sensible: bool = True) -> dict[str, object]:
        """Return a value for each field; a sensible one is a word of its list, a unit, a moment to come."""
        said: dict[str, object] = {}
        for place, (name, hint) in enumerate(get_type_hints(kind).items()):
            listed = WORDS.get((kind, name))
            choice: Sequence[object] = _POOLS[hint]
            if hint == datetime | None:
                choice = [when + timedelta(days=days) for days in (2, 9, -1, 0)]
            elif listed is not None:
                choice = [*listed]
            if sensible:
                choice = SENSIBLE.get(name, choice)
                said[name] = choice[(n + place) % min(len(choice), 1 if choice is TEXTS else 14)]
            else:
                rubbish = (*choice, *TEXTS) if str | None == hint else (*choice, None)
                said[name] = rubbish[(n // 3 + 7 * place) % len(rubbish)]
        return said


SENSIBLE: Mapping[str, Sequence[object]] = {
    "term": ["2 working_days", "1 calendar_day"],
    "handler_phone": ["110"],
    "method": ["phone"],
    "claim": [None, None, None, "untrue"],
    "citizen_informed": [True],
    "approved_by": ["周明"],
}
_POOLS: Mapping[object, Sequence[object]] = {
    str | None: TEXTS,
    int | None: (11, 12, 13, 0, -1, 2**63),
    bool | None: (True, False),
    tuple[int, ...] | None: ((), (0,), (5, 8)),
    Mapping[str, str] | None: ({"id_number": "11010519491231002X", "content": "漏水"}, {}, {"contact_phone": "家里"}),
    datetime | None: (),
}


def _at_work(state: CaseState) -> tuple[Actor, ...]:
    units = {state.unit, *state.co_units, *state.instructed} - {None}
    staff = (Actor("user:1", Role.OFFICE), Actor("user:7", Role.SUPERVISOR), Actor.citizen(0))
    leader = Actor("user:3", Role.LEADER, posts=frozenset({MAYOR}))
    return (*staff, leader, *(Actor(f"user:{unit}", Role.UNIT, unit) for unit in sorted(filter(None, units))))


def _open_to(state: CaseState, actor: Actor) -> list[str]:
    may = {*possible(state, actor)}
    return [verb for verb, command in VERBS.items() if command in may and verb not in GIVING_UP]


MOVES = st.lists(st.builds(Move, st.integers(0, 10**9)), min_size=25, max_size=60)


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

    @property
    def new(self) -> tuple[ClockState, ...]:
        return self.after.clocks[len(self.before.clocks) :]


START = at("Thu 12-24 10:00")  # soon in a year without notice


def begun(under: Ruleset, kind: Kind, complexity: Complexity, missing: tuple[str, ...]) -> tuple[CaseState, str]:
    """Return what door 1 makes of a contact, and the event that says so."""
    state = CaseState(Stage.RECEIVED, kind, complexity, Urgency.NORMAL, START, post=MAYOR, missing=missing)
    if kind in (Kind.UNSORTED, Kind.MISSED):
        return under.wait(replace(state, stage=Stage.WAITING), START), "contact_received"
    if missing:
        return under.wait_for_info(state, START), "registered_incomplete"
    return under.open(state, START), "registered"


def history(under: Ruleset, state: CaseState, event: str, moves: Sequence[Move]) -> Iterator[Moment]:
    when = START
    events: tuple[str, ...] = (event,)
    for move in moves:
        when += move.pause
        while (watched := next_watch(state, under)) is not None and watched.at <= when:
            moment = _moment(under, watched.at, watched.command, CLOCK, state, events)
            assert isinstance(moment.answer, Decision), moment
            yield moment
            state, events = moment.after, moment.events
        moment = _moment(under, when, *move.command_and_actor(state, when), state, events)
        yield moment
        state, events = moment.after, moment.events


def _moment(
    under: Ruleset, when: datetime, command: Command, actor: Actor, state: CaseState, events: tuple[str, ...]
) -> Moment:
    answer = decide(state, command, actor, when, under)
    said = answer.events if isinstance(answer, Decision) else ()
    return Moment(under, when, command, actor, state, answer, (*events, *said))


# --- what holds at every moment


def the_same_question_gets_the_same_answer(it: Moment) -> None:
    assert decide(it.before, it.command, it.actor, it.when, it.rules) == it.answer


def who_may_not_or_not_now_is_refused_for_that(it: Moment) -> None:
    refused = it.answer.code if isinstance(it.answer, Refused) else None
    if type(it.command) in possible(it.before, it.actor):
        assert refused is not RefusalCode.FORBIDDEN
    else:
        assert refused in (RefusalCode.FORBIDDEN, RefusalCode.WRONG_STATE)


def a_refusal_of_a_field_names_it(it: Moment) -> None:
    if isinstance(it.answer, Refused) and it.answer.code in FIELD_CODES:
        assert it.answer.field is not None
        assert hasattr(it.command, it.answer.field)


def the_events_say_where_the_case_stands(it: Moment) -> None:
    assert stage_after(it.events) == (it.after.stage, it.after.cycle)


def no_open_case_is_without_a_running_term(it: Moment) -> None:
    beside = WINDOWS | OF_THE_CASE
    if it.after.stage in OPEN_STAGES:
        assert set(it.after.running) - beside, it.after.stage
    if it.after.stage is Stage.SUSPENDED:
        assert Step.SUSPENSION in it.after.running
    if it.after.stage is Stage.WAITING and it.after.ended_at is None:
        assert it.after.running


def a_case_has_one_holder_or_is_the_offices(it: Moment) -> None:
    if it.after.stage in HELD:
        assert it.after.unit is not None
        assert it.after.level >= 1
    if it.after.stage in (Stage.RECEIVED, Stage.PENDING_INFO, Stage.WAITING):
        assert (it.after.unit, it.after.level) == (None, 0)


def a_step_has_one_running_clock_in_a_cycle(it: Moment) -> None:
    running = Counter((clock.cycle, clock.step) for clock in it.after.clocks if clock.is_running)
    assert {n for (_, step), n in running.items() if step not in SEVERAL} <= {1}


def nothing_ends_before_it_began(it: Moment) -> None:
    for clock in it.after.clocks:
        assert clock.done_at is None or clock.done_at >= clock.started_at
        assert clock.void_at is None or clock.void_at >= clock.started_at
        assert clock.due_at >= clock.started_at


def a_clock_keeps_its_start_and_begins_when_something_happens(it: Moment) -> None:
    kept = it.after.clocks[: len(it.before.clocks)]
    assert [(c.step, c.cycle, c.started_at) for c in kept] == [
        (c.step, c.cycle, c.started_at) for c in it.before.clocks
    ]
    if not isinstance(it.command, OpenCase):
        # What a leader has instructed before anybody had the case counts from then.
        new = [clock for clock in it.new if clock.step is not Step.INSTRUCTION]
        assert all(clock.started_at == it.when for clock in new)


def an_earlier_cycle_has_nothing_running_but_what_was_set_for_the_case(it: Moment) -> None:
    old = {clock.step for clock in it.after.clocks if clock.cycle < it.after.cycle and clock.is_running}
    assert old <= OF_THE_CASE


def an_ended_case_says_as_what_and_has_only_visits_and_supervision_left(it: Moment) -> None:
    if it.after.stage in ENDED:
        assert it.after.ended_at is not None
        assert set(it.after.running) <= {Step.CALLBACK, Step.STATEMENT, Step.RECTIFICATION}
    if it.after.stage in OPEN_STAGES:
        assert (it.after.ended_at, it.after.closed_as) == (None, None)
    if it.after.stage in COUNTED:
        assert it.after.closed_as is not None


def a_case_is_closed_as_what_was_said(it: Moment) -> None:
    if isinstance(it.answer, Decision) and it.answer.events == ("verdict_recorded", "closed"):
        assert it.after.verdict is not None
        assert it.after.closed_as is SAID_TO_BE[it.after.verdict]


def a_cycle_more_is_a_reopening(it: Moment) -> None:
    reopened = isinstance(it.answer, Decision) and "reopened" in it.answer.events
    assert it.after.cycle - it.before.cycle == reopened


def whoever_comes_again_changes_no_term_and_no_place_in_the_queue(it: Moment) -> None:
    assert it.after.contacts >= 1
    if isinstance(it.command, JoinContact | TakeOver):
        assert (it.after.clocks, it.after.next_due) == (it.before.clocks, it.before.next_due)
        assert (it.after.urgency, it.after.stage) == (it.before.urgency, it.before.stage)


def a_merged_case_stands_still(it: Moment) -> None:
    if isinstance(it.command, Merge | Unmerge):
        assert it.after.clocks == it.before.clocks
    if it.after.stage is Stage.MERGED and (watched := next_watch(it.after, it.rules)) is not None:
        assert watched.command.step is Step.RECTIFICATION


def no_end_lets_a_unit_off_what_supervision_asks_of_it(it: Moment) -> None:
    if isinstance(it.answer, Decision) and not isinstance(it.command, HandToDiscipline):
        for old, new in zip(it.before.clocks, it.after.clocks, strict=False):
            assert old.step not in OUTLIVING or new.void_at == old.void_at


def a_rung_fires_once_and_in_order(it: Moment) -> None:
    for old, new in zip(it.before.clocks, it.after.clocks, strict=False):
        assert new.rungs_fired - old.rungs_fired in (0, 1)


INVARIANTS = (
    the_same_question_gets_the_same_answer,
    who_may_not_or_not_now_is_refused_for_that,
    a_refusal_of_a_field_names_it,
    the_events_say_where_the_case_stands,
    no_open_case_is_without_a_running_term,
    a_case_has_one_holder_or_is_the_offices,
    a_step_has_one_running_clock_in_a_cycle,
    nothing_ends_before_it_began,
    a_clock_keeps_its_start_and_begins_when_something_happens,
    an_earlier_cycle_has_nothing_running_but_what_was_set_for_the_case,
    an_ended_case_says_as_what_and_has_only_visits_and_supervision_left,
    a_case_is_closed_as_what_was_said,
    a_cycle_more_is_a_reopening,
    whoever_comes_again_changes_no_term_and_no_place_in_the_queue,
    a_merged_case_stands_still,
    no_end_lets_a_unit_off_what_supervision_asks_of_it,
    a_rung_fires_once_and_in_order,
)
MISSING = st.sampled_from([(), (), ("content",), ("id_number", "content")])


@pytest.mark.parametrize("rulebook", RULES)
@settings(max_examples=25, deadline=None)
@given(kind=st.sampled_from(Kind), complexity=st.sampled_from(Complexity), missing=MISSING, moves=MOVES)
def test_whatever_happens(
    rulebook: str, kind: Kind, complexity: Complexity, missing: tuple[str, ...], moves: list[Move]
) -> None:
    under = RULES[rulebook]
    for moment in history(under, *begun(under, kind, complexity, missing), moves):
        for holds in INVARIANTS:
            holds(moment)


@pytest.mark.parametrize("rulebook", ["bozhou", "henan-xinfang", "every step"])
@settings(max_examples=15, deadline=None)
@given(
    kind=st.sampled_from(Kind),
    moves=MOVES,
    free=st.sets(st.dates(date(2026, 12, 25), date(2026, 12, 31)), min_size=1),
)
def test_no_term_ends_earlier_because_a_holiday_was_added(
    rulebook: str, kind: Kind, moves: list[Move], free: set[date]
) -> None:
    under = RULES[rulebook]
    more = Ruleset(under.rulebook, CALENDAR.with_days(dict.fromkeys(free, (False, False))))
    *_, last = history(under, *begun(under, kind, Complexity.SIMPLE, ()), moves)
    for clock in last.after.clocks:
        if clock.term != SET:
            assert more.derived(clock).due_at >= under.derived(clock).due_at


@settings(max_examples=60, deadline=None)
@given(
    off=st.datetimes(at("Thu 03-12 10:01").replace(tzinfo=None), at("Tue 03-17 23:59").replace(tzinfo=None)),
    length=st.timedeltas(timedelta(), timedelta(days=3)),
)
def test_a_pause_without_working_time_changes_no_term_of_working_days(off: datetime, length: timedelta) -> None:
    since = off.replace(tzinfo=START.tzinfo)
    until = since + length
    story = contacted()
    suspended = decide(story.state, Suspend("court", until + timedelta(days=1)), OFFICE, since, story.rules)
    assert isinstance(suspended, Decision)
    resumed = decide(suspended.after, Resume(), OFFICE, until, story.rules)
    assert isinstance(resumed, Decision)
    lost = CALENDAR.working_days_between(since.date(), until.date())
    before, after = story.clock(Step.RESOLVE), resumed.after.clock(Step.RESOLVE)
    assert after is not None
    assert CALENDAR.working_days_between(before.started_at.date(), (after.due_at - timedelta(seconds=1)).date()) == (
        5 + lost
    )
    assert (after.due_at == before.due_at) is (lost == 0)


@settings(max_examples=25, deadline=None)
@given(moves=MOVES, kind=st.sampled_from(Kind))
def test_what_is_offered_can_be_offered_at_every_moment(moves: list[Move], kind: Kind) -> None:
    under = RULES["every step"]
    *_, last = history(under, *begun(under, kind, Complexity.SIMPLE, ()), moves)
    for actor in (OFFICE, HOLDER):
        for one in offers(last.after, actor, last.when, under):
            assert one.refused is None or one.refused.code is not RefusalCode.FORBIDDEN
