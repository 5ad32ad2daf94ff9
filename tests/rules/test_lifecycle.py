"""The loop at the level of `decide`: the worked examples of DOMAIN 4.9, and what the shipped rulebooks make of it.

`at`, `Story` and what stands beside them serve the other tests of the lifecycle too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Self
from zoneinfo import ZoneInfo

import pytest

from huying.data import calendar_text, rulebook_text
from huying.rules import terms
from huying.rules.access import Actor, Role
from huying.rules.calendar import Calendar
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
from huying.rules.escalation import next_watch
from huying.rules.lifecycle import Decision, Refused, decide
from huying.rules.rulebook import merged
from huying.rules.ruleset import Ruleset
from huying.rules.state import CaseState, ClockState
from huying.rules.vocabulary import ClosedAs, Complexity, Kind, RefusalCode, Stage, StartEvent, Step, Urgency

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = Calendar.parse(calendar_text("cn-state-council")).cut_to(2026)
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

HOUSING, HEATING, TOWNSHIP = 11, 12, 13
MAYOR = 21
CLOCK = Actor("clock", None)
OFFICE = Actor("user:1", Role.OFFICE)
OPERATOR = Actor("user:2", Role.OPERATOR)
LEADER = Actor("user:3", Role.LEADER, posts=frozenset({MAYOR}))
HOLDER = Actor("user:4", Role.UNIT, HOUSING)
DIVISION = Actor("user:5", Role.UNIT, HEATING)
SUPERVISOR = Actor("user:7", Role.SUPERVISOR)
CITIZEN = Actor.citizen(receipt=0)

SPOKEN = RecordContact("phone", "何砚", "0558-5552207", "已说明处理步骤和时间")
REPORT = SubmitReport("已修好，请诉求人看过。", "done", "办理规程第三条")
NO_ANSWER = CallbackAttempt("no_answer")


def at(written: str) -> datetime:
    """Return a local time such as `Tue 03-10 09:15` (of 2026); 24:00 may be written, a wrong weekday may not."""
    weekday, day, clock = written.split()
    on = date.fromisoformat(day if len(day) == len("2026-01-01") else f"2026-{day}")
    assert WEEKDAYS[on.weekday()] == weekday, f"{on} is a {WEEKDAYS[on.weekday()]}"
    if clock == "24:00":
        return datetime.combine(on + timedelta(days=1), time(), SHANGHAI)
    return datetime.combine(on, time.fromisoformat(clock), SHANGHAI)


def rules_with(overrides: Mapping[str, object], rulebook: str = "bozhou", calendar: Calendar = CALENDAR) -> Ruleset:
    return Ruleset(merged(rulebook_text(rulebook), overrides, f"{rulebook}.toml"), calendar)


@cache
def rules(rulebook: str = "bozhou") -> Ruleset:
    return rules_with({}, rulebook)


def opened(
    when: datetime, under: Ruleset, kind: Kind = Kind.PROBLEM, complexity: Complexity = Complexity.SIMPLE
) -> CaseState:
    """Return a case as door 1 opens it after a call to the mayor."""
    state = CaseState(Stage.RECEIVED, kind, complexity, Urgency.NORMAL, when, post=MAYOR)
    return under.start(state, {StartEvent.RECEIVED, StartEvent.COMPLETED}, when)


@dataclass
class Story:
    """One case under one rulebook, told step by step; `then` is a step that must be possible."""

    rules: Ruleset
    state: CaseState
    events: list[str] = field(default_factory=lambda: ["registered"])

    def then(self, when: str, actor: Actor, command: Command) -> Self:
        return self._done(command, actor, at(when))

    def by(self, when: str) -> Self:
        """Let the clock do what is due up to and including that moment, each thing at its own."""
        while (watched := next_watch(self.state, self.rules)) is not None and watched.at <= at(when):
            self._done(watched.command, CLOCK, watched.at)
        return self

    def _done(self, command: Command, actor: Actor, moment: datetime) -> Self:
        decision = decide(self.state, command, actor, moment, self.rules)
        assert isinstance(decision, Decision), decision
        self.state = decision.after
        self.events += decision.events
        return self

    def refusal(self, when: str, actor: Actor, command: Command) -> Refused:
        refused = decide(self.state, command, actor, at(when), self.rules)
        assert isinstance(refused, Refused), refused
        return refused

    def clock(self, step: Step) -> ClockState:
        clock = self.state.clock(step)
        assert clock is not None, f"no clock of {step}"
        return clock

    def due(self, step: Step) -> datetime:
        return self.clock(step).due_at

    def on_time(self, step: Step, now: str) -> bool | None:
        clock = self.clock(step)
        return terms.on_time(clock.due_at, clock.done_at, at(now))

    @property
    def dues(self) -> dict[Step, datetime]:
        """The dues of this cycle's clocks that are not void."""
        clocks = (self.state.clock(step) for step in Step)
        return {clock.step: clock.due_at for clock in clocks if clock is not None}


def received(
    when: str,
    under: Ruleset | str = "bozhou",
    kind: Kind = Kind.PROBLEM,
    complexity: Complexity = Complexity.SIMPLE,
) -> Story:
    ruleset = rules(under) if isinstance(under, str) else under
    return Story(ruleset, opened(at(when), ruleset, kind, complexity))


def assigned(under: Ruleset | str = "bozhou") -> Story:
    return received("Tue 03-10 09:15", under).then("Tue 03-10 15:00", OFFICE, Assign(HOUSING))


def contacted(under: Ruleset | str = "bozhou") -> Story:
    return assigned(under).then("Thu 03-12 10:00", HOLDER, SPOKEN)


def reported(under: Ruleset | str = "bozhou") -> Story:
    return contacted(under).then("Mon 03-16 16:00", HOLDER, REPORT)


def verified(under: Ruleset | str = "bozhou") -> Story:
    return reported(under).then("Mon 03-16 16:00", OFFICE, Verify())


# --- the worked examples of DOMAIN 4.9


def test_s01_a_call_to_the_mayor_is_closed_in_time() -> None:
    story = verified().then("Wed 03-18 10:00", OFFICE, RecordVerdict("satisfied"))

    assert story.dues == {
        Step.REGISTER: at("Wed 03-11 24:00"),
        Step.ASSIGN: at("Wed 03-11 24:00"),
        Step.CONTACT: at("Fri 03-13 24:00"),
        Step.RESOLVE: at("Tue 03-17 24:00"),
        Step.CALLBACK: at("Thu 03-19 24:00"),
    }
    assert all(story.on_time(step, "Fri 03-20 09:00") for step in story.dues)
    assert (story.state.stage, story.state.closed_as) == (Stage.CLOSED, ClosedAs.SATISFIED)
    assert story.state.ended_at == at("Wed 03-18 10:00")


def test_s02_three_days_before_the_national_day_end_after_it() -> None:
    story = received("Thu 09-24 17:40")
    assert story.due(Step.ASSIGN) == at("Mon 09-28 24:00")
    story.then("Mon 09-28 09:00", OFFICE, Assign(HOUSING))
    assert story.on_time(Step.ASSIGN, "Mon 09-28 09:00") is True
    assert story.due(Step.CONTACT) == at("Thu 10-08 24:00")


def test_s04_a_sunday_that_is_worked_ends_a_term() -> None:
    story = received("Fri 09-18 17:40")
    assert story.due(Step.ASSIGN) == at("Sun 09-20 24:00")
    story.then("Sun 09-20 11:00", OFFICE, Assign(HOUSING))
    assert story.on_time(Step.ASSIGN, "Sun 09-20 11:00") is True
    assert story.due(Step.CONTACT) == at("Wed 09-23 24:00")


@pytest.mark.parametrize(
    ("contact", "due"),
    [
        ({}, "Mon 09-07 24:00"),  # the third calendar day is Sun 09-06
        ({"due": "3 working_days"}, "Tue 09-08 24:00"),
        ({"roll": "none"}, "Sun 09-06 24:00"),
    ],
)
def test_s07_a_rulebook_says_how_its_three_days_are_counted(contact: Mapping[str, object], due: str) -> None:
    story = received("Thu 09-03 09:00", rules_with({"step": {"contact": contact}}))
    assert story.then("Thu 09-03 09:30", OFFICE, Assign(HOUSING)).due(Step.CONTACT) == at(due)


@pytest.mark.parametrize(("when", "on_time"), [("Fri 03-13 23:59:59", True), ("Sat 03-14 00:00", False)])
def test_s09_a_second_before_midnight_is_in_time_and_midnight_is_late(when: str, on_time: bool) -> None:
    story = assigned().then(when, HOLDER, SPOKEN)
    assert story.on_time(Step.CONTACT, when) is on_time
    assert story.due(Step.CONTACT) == at("Fri 03-13 24:00")


@pytest.mark.parametrize(
    ("record", "code", "name"),
    [
        (RecordContact("phone", "何砚", None, "谈过"), RefusalCode.HANDLER_PHONE_REQUIRED, "handler_phone"),
        (RecordContact("phone", "何砚", "  ", "谈过"), RefusalCode.HANDLER_PHONE_REQUIRED, "handler_phone"),
        (RecordContact("email", "何砚", "0558-5552207", "谈过"), RefusalCode.METHOD_NOT_ALLOWED, "method"),
    ],
)
def test_s10_a_contact_that_does_not_count_leaves_the_clock_running(
    record: RecordContact, code: RefusalCode, name: str
) -> None:
    story = assigned()
    refused = story.refusal("Thu 03-12 09:00", HOLDER, record)
    assert (refused.code, refused.field) == (code, name)
    assert story.state.stage is Stage.ASSIGNED
    assert story.clock(Step.CONTACT).is_running


def test_s11_a_third_level_needs_an_approval_with_a_reason_and_no_level_buys_time() -> None:
    story = received("Fri 04-03 17:00").then("Fri 04-03 17:30", OFFICE, Assign(HOUSING))
    dues = story.dues
    assert dues[Step.ASSIGN] == at("Tue 04-07 24:00")  # 4 to 6 April are Qingming
    assert dues[Step.CONTACT] == at("Tue 04-07 24:00")  # the third calendar day is Mon 04-06, a holiday
    story.then("Fri 04-03 17:45", HOLDER, Assign(HEATING))

    refused = story.refusal("Fri 04-03 18:00", DIVISION, Assign(TOWNSHIP))
    assert refused == Refused(RefusalCode.LEVEL_LIMIT, "exceed_approved_by", "step.assign.max_levels")
    unexplained = Assign(TOWNSHIP, exceed_approved_by="分管副主任")
    assert story.refusal("Fri 04-03 18:00", DIVISION, unexplained).code is RefusalCode.REASON_REQUIRED

    story.then("Fri 04-03 18:00", DIVISION, Assign(TOWNSHIP, "分管副主任", "管线在镇区，只有镇里能进场"))
    assert (story.state.stage, story.state.level, story.state.unit) == (Stage.ASSIGNED, 3, TOWNSHIP)
    assert story.dues == dues


def test_s30_unsatisfied_begins_a_second_cycle_with_its_own_clocks() -> None:
    story = verified()
    first = story.then("Wed 03-18 10:00", OFFICE, RecordVerdict("unsatisfied")).state.clocks[:6]

    assert (story.state.stage, story.state.cycle, story.state.unit) == (Stage.ASSIGNED, 2, HOUSING)
    assert story.dues == {
        Step.CONTACT: at("Mon 03-23 24:00"),  # the third calendar day is Sat 03-21
        Step.RESOLVE: at("Wed 03-25 24:00"),
        Step.RETURN: at("Thu 03-19 24:00"),
    }
    story.then("Fri 03-20 10:00", HOLDER, SPOKEN).then("Tue 03-24 10:00", HOLDER, REPORT)
    assert story.due(Step.CALLBACK) == at("Fri 03-27 24:00")
    assert {clock.cycle for clock in first} == {1}
    assert story.state.clocks[:6] == first


def unsatisfied_three_times() -> Story:
    story = verified().then("Wed 03-18 10:00", OFFICE, RecordVerdict("unsatisfied"))
    story.then("Fri 03-20 10:00", HOLDER, SPOKEN).then("Tue 03-24 10:00", HOLDER, REPORT)
    story.then("Tue 03-24 10:00", OFFICE, Verify()).then("Thu 03-26 10:00", OFFICE, RecordVerdict("unsatisfied"))
    story.then("Fri 03-27 10:00", HOLDER, SPOKEN).then("Mon 03-30 10:00", HOLDER, REPORT)
    return story.then("Mon 03-30 10:00", OFFICE, Verify()).then(
        "Wed 04-01 10:00", OFFICE, RecordVerdict("unsatisfied")
    )


def test_s30_unsatisfied_once_too_often_stays_verified() -> None:
    story = unsatisfied_three_times()
    assert (story.state.stage, story.state.cycle, story.state.closed_as) == (Stage.VERIFIED, 3, None)
    assert story.events[-1] == "verdict_recorded"
    assert story.dues == {
        Step.CONTACT: at("Mon 03-30 24:00"),  # from Thu 03-26; the third calendar day is Sun 03-29
        Step.RESOLVE: at("Thu 04-02 24:00"),
        Step.CALLBACK: at("Thu 04-02 24:00"),  # from Mon 03-30
        Step.RETURN: at("Fri 03-27 24:00"),
        Step.OFFICE: at("Tue 04-07 24:00"),  # it waits for a supervisor: 2, 3, 7 April
    }
    assert story.state.running == (Step.RETURN, Step.OFFICE)


@pytest.mark.parametrize("verdict", ["satisfied", "understanding", "declined", "unsatisfied"])
def test_s30_nobody_makes_a_satisfied_case_of_an_unsatisfied_one(verdict: str) -> None:
    refused = unsatisfied_three_times().refusal("Thu 04-02 10:00", OFFICE, RecordVerdict(verdict))
    assert refused == Refused(RefusalCode.VERDICT_NOT_ALLOWED, "verdict", "verdicts.max_reopen")


def test_s35_a_term_into_a_year_without_notice_is_provisional() -> None:
    story = received("Mon 12-28 09:00").then("Mon 12-28 10:00", OFFICE, Assign(HOUSING))
    assert story.due(Step.RESOLVE) == at("Tue 2027-01-05 24:00")
    assert story.clock(Step.RESOLVE).provisional
    assert not story.clock(Step.ASSIGN).provisional


def test_s35_the_notice_of_that_year_makes_it_final() -> None:
    days = (date(2027, 1, 1) + timedelta(days=n) for n in range(365))
    notice = {day: (CALENDAR.is_working(day), False) for day in days} | {date(2027, 1, 3): (True, False)}  # Sun
    under = rules_with({}, calendar=CALENDAR.with_days(notice))
    story = received("Mon 12-28 09:00", under).then("Mon 12-28 10:00", OFFICE, Assign(HOUSING))
    assert story.due(Step.RESOLVE) == at("Mon 2027-01-04 24:00")
    assert not story.clock(Step.RESOLVE).provisional
    assert story.clock(Step.RESOLVE).calendar_version != CALENDAR.version


# --- the way to the report


def test_the_first_talk_acknowledges() -> None:
    story = contacted()
    assert story.events == ["registered", "assigned", "contacted"]
    assert story.state.stage is Stage.CONTACTED


def test_a_unit_may_talk_again_and_the_first_talk_counts() -> None:
    story = contacted().then("Fri 03-13 10:00", HOLDER, SPOKEN)
    assert story.clock(Step.CONTACT).done_at == at("Thu 03-12 10:00")


def test_a_holder_may_report_without_acknowledging_where_no_talk_is_asked_for() -> None:
    story = assigned("message-board").then("Thu 03-12 10:00", HOLDER, SubmitReport("已答复"))
    assert story.events == ["registered", "assigned", "reported"]


def test_who_handed_a_case_down_no_longer_holds_it() -> None:
    story = assigned().then("Tue 03-10 16:00", HOLDER, Assign(HEATING))
    assert story.refusal("Tue 03-10 17:00", HOLDER, SPOKEN).code is RefusalCode.FORBIDDEN
    assert story.then("Tue 03-10 17:00", DIVISION, SPOKEN).state.stage is Stage.CONTACTED


def test_a_unit_may_hand_down_what_it_has_acknowledged() -> None:
    story = assigned().then("Tue 03-10 16:00", HOLDER, Acknowledge("何砚", "0558-5552207"))
    assert story.then("Tue 03-10 17:00", HOLDER, Assign(HEATING)).state.stage is Stage.ASSIGNED


def test_a_rejected_report_runs_on_towards_its_old_due() -> None:  # story h22
    story = received("Mon 08-10 09:00").then("Mon 08-10 10:00", OFFICE, Assign(HOUSING))
    story.then("Mon 08-10 11:00", HOLDER, Acknowledge("何砚", "0558-5552207"))
    story.then("Tue 08-11 10:00", HOLDER, SPOKEN).then("Thu 08-13 10:00", HOLDER, REPORT)
    assert story.on_time(Step.RESOLVE, "Thu 08-13 10:00") is True
    assert story.due(Step.CALLBACK) == at("Tue 08-18 24:00")

    story.then("Fri 08-14 10:00", OFFICE, RejectReport("只转交，没有结果"))
    assert (story.state.stage, story.state.cycle) == (Stage.ASSIGNED, 1)
    assert story.state.running == (Step.RETURN, Step.RESOLVE)
    assert story.due(Step.RESOLVE) == at("Mon 08-17 24:00")
    assert story.on_time(Step.RESOLVE, "Mon 08-17 23:59:59") is None
    assert story.on_time(Step.RESOLVE, "Tue 08-18 00:00") is False


def test_a_rejected_report_voids_its_callback_and_the_next_one_begins_another() -> None:  # story h22
    story = reported().then("Tue 03-17 10:00", OFFICE, RejectReport("没有结果"))
    assert story.state.clock(Step.CALLBACK) is None
    assert [clock.void_at for clock in story.state.clocks if clock.step is Step.CALLBACK] == [at("Tue 03-17 10:00")]

    story.then("Wed 03-18 09:00", HOLDER, REPORT)
    assert story.due(Step.CALLBACK) == at("Mon 03-23 24:00")
    assert story.on_time(Step.RESOLVE, "Wed 03-18 09:00") is False


def test_an_earlier_talk_suffices_after_a_rejected_report_but_not_in_the_next_cycle() -> None:
    rejected = reported().then("Tue 03-17 10:00", OFFICE, RejectReport("没有结果"))
    assert rejected.then("Wed 03-18 09:00", HOLDER, REPORT).state.stage is Stage.REPORTED
    reopened = verified().then("Wed 03-18 10:00", OFFICE, RecordVerdict("unsatisfied"))
    assert reopened.refusal("Thu 03-19 09:00", HOLDER, REPORT).code is RefusalCode.CONTACT_REQUIRED


# --- other ways round the loop


def test_feng_closes_on_the_verdict_and_has_no_callback_clock_before() -> None:
    story = received("Mon 08-24 10:00", "fengxian")
    assert story.dues == {Step.ASSIGN: at("Tue 08-25 24:00"), Step.CONTACT: at("Thu 08-27 24:00")}
    story.then("Mon 08-24 11:00", OFFICE, Assign(HOUSING)).then("Tue 08-25 09:00", HOLDER, SPOKEN)
    story.then("Wed 08-26 09:00", HOLDER, REPORT).then("Wed 08-26 10:00", OFFICE, Verify())
    assert story.state.running == (Step.OFFICE,)
    assert Step.CALLBACK not in story.dues
    story.then("Thu 08-27 09:00", OFFICE, RecordVerdict("satisfied"))
    assert story.state.stage is Stage.CLOSED
    assert story.due(Step.CALLBACK) == at("Mon 09-28 24:00")  # the thirtieth day is Sat 09-26, Mid-Autumn


def test_in_feng_a_reopening_starts_the_contact_term_that_began_with_the_receipt() -> None:
    story = verified("fengxian").then("Wed 03-18 10:00", OFFICE, RecordVerdict("unsatisfied"))
    assert story.dues == {Step.CONTACT: at("Mon 03-23 24:00"), Step.RESOLVE: at("Wed 03-25 24:00")}


@pytest.mark.parametrize("command", [RecordVerdict("satisfied"), NO_ANSWER])
def test_henan_asks_nobody_for_a_verdict_and_stays_verified_while_a_review_may_be_asked_for(command: Command) -> None:
    story = received("Wed 06-17 10:00", "henan-xinfang").then("Thu 06-18 10:00", OFFICE, Assign(HOUSING))
    assert story.dues == {
        Step.REGISTER: at("Thu 06-18 24:00"),
        Step.NOTIFY_ACCEPTANCE: at("Thu 07-02 24:00"),
        Step.RETURN: at("Fri 06-26 24:00"),  # 19 to 21 June are Dragon Boat
        Step.RESOLVE: at("Mon 08-17 24:00"),  # the sixtieth day is Sun 08-16
    }
    story.then("Wed 07-01 10:00", HOLDER, REPORT).then("Thu 07-02 10:00", OFFICE, Verify())
    assert (story.state.stage, story.state.ended_at) == (Stage.VERIFIED, None)
    refused = story.refusal("Fri 07-03 10:00", OFFICE, command)
    assert refused == Refused(RefusalCode.NOT_IN_RULEBOOK, None, "verdicts")


@pytest.mark.parametrize(
    ("complexity", "due"), [(Complexity.SIMPLE, "Thu 08-27 24:00"), (Complexity.COMPLEX, "Mon 09-07 24:00")]
)
def test_a_message_board_asks_for_a_text_and_closes_when_it_is_verified(complexity: Complexity, due: str) -> None:
    story = received("Mon 08-24 10:00", "message-board", complexity=complexity)
    assert story.dues == {Step.RESOLVE: at(due)}
    story.then("Mon 08-24 11:00", OFFICE, Assign(HOUSING)).then("Tue 08-25 09:00", HOLDER, SubmitReport("已答复"))
    story.then("Tue 08-25 10:00", OFFICE, Verify())
    assert (story.state.stage, story.state.closed_as) == (Stage.CLOSED, ClosedAs.NO_REVIEW)
    assert story.events[-2:] == ["verified", "closed"]
    assert story.state.verdict is None


def test_in_nanning_a_handler_tells_a_phone_and_no_name() -> None:
    story = received("Thu 06-18 10:00", "nanning")
    assert story.due(Step.ASSIGN) == at("Mon 06-22 24:00")  # 19 to 21 June are Dragon Boat
    story.then("Thu 06-18 11:00", OFFICE, Assign(HOUSING))
    refused = story.refusal("Mon 06-22 09:00", HOLDER, RecordContact("wechat"))
    assert refused == Refused(RefusalCode.HANDLER_PHONE_REQUIRED, "handler_phone", "step.contact.must_disclose")
    story.then("Mon 06-22 09:00", HOLDER, RecordContact("wechat", handler_phone="0771-5552207"))
    assert story.on_time(Step.CONTACT, "Mon 06-22 09:00") is True


def test_laixi_counts_every_method_and_makes_nobody_disclose_a_phone() -> None:
    assert assigned("laixi").then("Wed 03-11 09:00", HOLDER, RecordContact("letter")).state.contacted


@pytest.mark.parametrize("actor", [OFFICE, OPERATOR, LEADER])
def test_a_consultation_is_answered_on_the_spot(actor: Actor) -> None:
    story = received("Tue 03-10 09:15", kind=Kind.CONSULTATION).then(
        "Tue 03-10 09:20", actor, GiveAnswer("八点到十七点")
    )
    assert (story.state.stage, story.state.closed_as) == (Stage.ANSWERED, ClosedAs.ANSWERED)
    assert story.state.ended_at == at("Tue 03-10 09:20")
    assert {clock.done_at for clock in story.state.clocks} == {at("Tue 03-10 09:20")}
    assert set(story.dues) == {Step.REGISTER, Step.ASSIGN}


def test_an_answer_ends_the_terms_that_began_with_the_receipt() -> None:
    story = received("Tue 03-10 09:15", "fengxian", Kind.CONSULTATION)
    story.then("Tue 03-10 09:20", LEADER, GiveAnswer("八点到十七点"))
    assert story.on_time(Step.CONTACT, "Tue 03-10 09:20") is True


def test_a_consultation_takes_its_own_term_whatever_its_complexity() -> None:
    story = received("Tue 03-10 09:15", kind=Kind.CONSULTATION, complexity=Complexity.COMPLEX)
    assert story.then("Tue 03-10 15:00", OFFICE, Assign(HOUSING)).due(Step.RESOLVE) == at("Fri 03-13 24:00")


def test_a_complex_problem_takes_the_long_term() -> None:
    story = received("Tue 03-10 09:15", complexity=Complexity.COMPLEX)
    assert story.then("Tue 03-10 15:00", OFFICE, Assign(HOUSING)).due(Step.RESOLVE) == at("Tue 03-31 24:00")


@pytest.mark.parametrize(
    ("start", "steps_done", "started"),
    [
        ("assigned", 1, "Tue 03-10 15:00"),
        ("accepted", 1, "Tue 03-10 15:00"),
        ("reported", 3, "Mon 03-16 16:00"),
        ("verified", 4, "Tue 03-17 10:00"),
        ("reopened", 5, "Wed 03-18 10:00"),
    ],
)
def test_a_term_starts_at_the_event_that_the_rulebook_names(start: str, steps_done: int, started: str) -> None:
    story = received("Tue 03-10 09:15", rules_with({"step": {"callback": {"start": start}}}))
    way: list[tuple[str, Actor, Command]] = [
        ("Tue 03-10 15:00", OFFICE, Assign(HOUSING)),
        ("Thu 03-12 10:00", HOLDER, SPOKEN),
        ("Mon 03-16 16:00", HOLDER, REPORT),
        ("Tue 03-17 10:00", OFFICE, Verify()),
        ("Wed 03-18 10:00", OFFICE, RecordVerdict("unsatisfied")),
    ]
    for step in way[: steps_done - 1]:
        assert Step.CALLBACK not in story.then(*step).dues
    assert story.then(*way[steps_done - 1]).clock(Step.CALLBACK).started_at == at(started)


def test_an_ended_case_has_no_running_clock() -> None:
    # No shipped rulebook leaves a term open that an end doesn't meet; this one runs its callback from the receipt.
    story = received("Tue 03-10 09:15", rules_with({"step": {"callback": {"start": "received"}}}), Kind.CONSULTATION)
    story.then("Tue 03-10 09:20", LEADER, GiveAnswer("八点到十七点"))
    assert story.state.next_due is None
    assert [clock.step for clock in story.state.clocks if clock.void_at == at("Tue 03-10 09:20")] == [Step.CALLBACK]
