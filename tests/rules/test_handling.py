"""沟通办理: talks, tries, extensions, pauses, reports. Every date was counted by hand."""

from dataclasses import replace
from datetime import timedelta

import pytest

from huying.rules.access import Actor, Role
from huying.rules.commands import (
    Acknowledge,
    ApproveExtension,
    Assign,
    Attach,
    Command,
    ContactAttempt,
    ContactOnBehalf,
    CoReport,
    Instruct,
    JoinUnit,
    MarkUrgent,
    RecordContact,
    RefuseExtension,
    RejectReport,
    ReportOnBehalf,
    RequestExtension,
    Resume,
    Suspend,
    Verify,
)
from huying.rules.lifecycle import Refused
from huying.rules.vocabulary import Action, Flag, RefusalCode, Stage, Step
from tests.rules.test_lifecycle import (
    DIVISION,
    HEATING,
    HOLDER,
    HOUSING,
    LEADER,
    OFFICE,
    OPERATOR,
    REPORT,
    SPOKEN,
    TOWNSHIP,
    Story,
    assigned,
    at,
    contacted,
    received,
    reported,
    rules_with,
)

R = RefusalCode
NO_ANSWER = ContactAttempt("no_answer")
NOT_INFORMED = Refused(R.CITIZEN_NOT_INFORMED, "citizen_informed", "step.extension.must_inform_citizen")
THIRTY = RequestExtension("30 calendar_days", "需要外省协查", citizen_informed=True)
FIVE = RequestExtension("5 working_days", "等配件", citizen_informed=True)


def tried(times: int = 3) -> Story:
    story = assigned()
    for hour in ("Wed 03-11 09:00", "Wed 03-11 13:00", "Thu 03-12 09:00")[:times]:
        story.then(hour, HOLDER, NO_ANSWER)
    return story


# --- talks and tries


def test_a_unit_acknowledges_and_its_term_ends() -> None:
    story = assigned(rules_with({"step": {"acknowledge": {"due": "1 working_day"}}}))
    story.then("Wed 03-11 09:00", HOLDER, Acknowledge("何砚", "110"))
    assert (story.state.stage, story.state.handled_by) == (Stage.ACKNOWLEDGED, frozenset({HOLDER.id}))
    assert story.on_time(Step.ACKNOWLEDGE, "Wed 03-11 09:00") is True


def test_a_talk_ends_the_feedback_term_without_a_contact_step_too() -> None:
    story = received("Wed 06-17 10:00", "henan-xinfang").then("Wed 06-17 11:00", OFFICE, Assign(HOUSING))
    assert story.then("Wed 06-17 12:00", HOLDER, RecordContact("letter")).state.stage is Stage.CONTACTED


def test_s09_midnight_is_late_and_the_reminder_comes_at_midnight() -> None:
    story = assigned().by("Fri 03-13 23:59:59")
    assert not story.state.actions
    story.by("Fri 03-13 24:00").then("Sat 03-14 00:00", HOLDER, SPOKEN)
    assert story.state.actions == (Action.REMIND,)
    assert story.on_time(Step.CONTACT, "Sat 03-14 00:00") is False


def test_tries_to_reach_somebody_keep_their_distance() -> None:
    story = assigned().then("Wed 03-11 09:00", HOLDER, NO_ANSWER)
    early = story.refusal("Wed 03-11 12:59:59", OPERATOR, NO_ANSWER)
    assert early == Refused(R.ATTEMPT_TOO_SOON, None, "step.contact.attempt_spacing")
    story.then("Wed 03-11 13:00", OPERATOR, ContactAttempt("off"))
    assert (story.state.stage, len(story.state.contact_attempts)) == (Stage.ASSIGNED, 2)


@pytest.mark.parametrize(
    ("command", "refused"),
    [
        (ContactAttempt(), Refused(R.FIELD_REQUIRED, "result")),
        (ContactAttempt("refused"), Refused(R.FIELD_INVALID, "result")),
    ],
)
def test_a_try_says_how_it_ended(command: Command, refused: Refused) -> None:
    assert assigned().refusal("Wed 03-11 09:00", HOLDER, command) == refused


def test_after_two_tries_nobody_reports_and_after_three_the_report_says_that_nobody_was_reached() -> None:
    assert tried(2).refusal("Thu 03-12 10:00", HOLDER, REPORT).code is R.CONTACT_REQUIRED
    story = tried().then("Thu 03-12 10:00", HOLDER, REPORT)
    assert (story.state.stage, Flag.CITIZEN_NOT_REACHED in story.state.flags) == (Stage.REPORTED, True)
    assert story.by("Tue 03-31 00:00").state.actions.count(Action.REMIND) == 1  # for the callback alone
    assert story.on_time(Step.CONTACT, "Sat 03-14 00:00") is False
    assert story.on_time(Step.CONTACT, "Fri 03-13 23:59") is None


def test_a_talk_after_all_takes_the_mark_away() -> None:
    story = tried().then("Thu 03-12 10:00", HOLDER, REPORT).then("Thu 03-12 11:00", OFFICE, RejectReport("再联系"))
    assert Flag.CITIZEN_NOT_REACHED in story.state.flags
    story.then("Mon 03-16 09:00", HOLDER, SPOKEN)
    assert story.state.flags == frozenset()
    assert story.on_time(Step.CONTACT, "Mon 03-16 09:00") is False


# --- extensions


def petition() -> Story:
    """S23: accepted on Wed 25 February under the rules of Henan; sixty days end on Sun 26 April."""
    story = received("Tue 02-10 10:00", "henan-xinfang").then("Wed 02-25 09:00", OFFICE, Assign(HOUSING))
    return story.then("Tue 03-03 10:00", HOLDER, RecordContact("phone"))


def test_s23_thirty_days_count_from_where_sixty_ended_before_they_rolled() -> None:
    story = petition()
    assert story.on_time(Step.NOTIFY_ACCEPTANCE, "Wed 02-25 09:00") is True
    assert story.due(Step.NOTIFY_ACCEPTANCE) == at("Wed 02-25 24:00")
    assert story.due(Step.RESOLVE) == at("Mon 04-27 24:00")
    story.then("Mon 04-20 10:00", HOLDER, THIRTY)
    assert (story.state.extension_asked, story.due(Step.RESOLVE)) == ("30 calendar_days", at("Mon 04-27 24:00"))
    story.then("Mon 04-20 11:00", OFFICE, ApproveExtension())
    assert (story.state.extension_asked, story.due(Step.RESOLVE)) == (None, at("Tue 05-26 24:00"))
    assert story.by("Tue 05-26 23:59:59").state.actions == ()
    assert story.by("Tue 05-26 24:00").state.actions == (Action.SUPERVISE,)


@pytest.mark.parametrize(
    ("command", "refused"),
    [
        (replace(THIRTY, citizen_informed=False), NOT_INFORMED),
        (replace(THIRTY, citizen_informed=None), NOT_INFORMED),
        (replace(THIRTY, term="31 calendar_days"), Refused(R.EXTENSION_OVER_LIMIT, "term", "step.extension.limit")),
        (replace(THIRTY, term="30 working_days"), Refused(R.EXTENSION_OVER_LIMIT, "term", "step.extension.limit")),
        (replace(THIRTY, term=None), Refused(R.FIELD_REQUIRED, "term")),
        (replace(THIRTY, term="a month"), Refused(R.FIELD_INVALID, "term")),
        (replace(THIRTY, term="0 calendar_days"), Refused(R.FIELD_INVALID, "term")),
        (replace(THIRTY, reason=None), Refused(R.REASON_REQUIRED, "reason")),
    ],
)  # fmt: skip
def test_an_extension_is_within_the_limit_and_told_to_the_citizen(command: Command, refused: Refused) -> None:
    story = petition()
    before = story.state
    assert story.refusal("Mon 04-20 09:00", HOLDER, command) == refused
    assert story.state == before


def test_an_extension_of_another_unit_is_measured_by_where_it_leads() -> None:
    assert petition().then("Mon 04-20 09:00", HOLDER, replace(THIRTY, term="15 working_days")).state.extension_asked


def test_only_approved_extensions_are_used_up_and_one_waits_at_a_time() -> None:
    story = petition().then("Mon 04-20 09:00", HOLDER, THIRTY)
    assert story.refusal("Mon 04-20 09:30", HOLDER, THIRTY).code is R.WRONG_STATE
    assert story.refusal("Mon 04-20 10:00", OFFICE, RefuseExtension()) == Refused(R.REASON_REQUIRED, "reason")
    story.then("Mon 04-20 10:00", OFFICE, RefuseExtension("理由不足"))
    assert story.refusal("Mon 04-20 10:30", OFFICE, ApproveExtension()).code is R.WRONG_STATE
    story.then("Mon 04-20 11:00", HOLDER, THIRTY).then("Mon 04-20 12:00", OFFICE, ApproveExtension())
    used = story.refusal("Wed 05-20 09:00", HOLDER, replace(THIRTY, term="5 calendar_days"))
    assert used == Refused(R.EXTENSION_USED_UP, None, "step.extension.max")


def test_a_timely_request_is_enough_and_a_late_one_is_refused() -> None:
    story = contacted().then("Tue 03-17 23:59:59", HOLDER, FIVE).by("Wed 03-18 10:00")
    assert story.state.actions == (Action.REMIND,)
    story.then("Wed 03-18 10:00", OFFICE, ApproveExtension())
    assert story.due(Step.RESOLVE) == at("Tue 03-24 24:00")
    assert story.by("Wed 03-25 00:00").state.actions == (Action.REMIND,)  # no rung of a clock fires twice
    assert contacted().refusal("Wed 03-18 00:00", HOLDER, FIVE).code is R.EXTENSION_TOO_LATE


def test_a_rulebook_without_an_extension_or_a_term_to_extend_has_none() -> None:
    refused = contacted("nanning").refusal("Fri 03-13 10:00", HOLDER, FIVE)
    assert refused == Refused(R.NOT_IN_RULEBOOK, None, "step.extension")
    story = contacted()
    story.state = story.state.void(Step.RESOLVE, at=at("Fri 03-13 09:00"))
    assert story.refusal("Fri 03-13 10:00", HOLDER, FIVE) == Refused(R.NOT_IN_RULEBOOK, None, "step.resolve")


def test_a_city_may_ask_for_neither_a_notice_nor_a_maximum() -> None:
    extension = {"limit": "5 working_days", "must_inform_citizen": False, "max": 9}
    story = contacted(rules_with({"step": {"extension": extension}}))
    story.then("Fri 03-13 10:00", HOLDER, RequestExtension("5 working_days", "等配件"))
    assert story.state.extension_asked


# --- pauses (D8)


@pytest.mark.parametrize(
    ("back", "due"),
    [
        ("Fri 03-13 17:00", "Tue 03-17 24:00"),  # back on the same day
        ("Mon 03-16 09:00", "Wed 03-18 24:00"),  # one working day lost
        ("Fri 03-20 09:00", "Tue 03-24 24:00"),  # five
        ("Sun 03-15 09:00", "Tue 03-17 24:00"),  # a weekend costs nothing
    ],
)
def test_a_term_of_working_days_moves_by_those_it_lost(back: str, due: str) -> None:
    story = contacted().then("Fri 03-13 10:00", OFFICE, Suspend("season", at("Tue 03-31 24:00")))
    assert story.clock(Step.RESOLVE).is_paused
    assert story.state.next_due == story.clock(Step.SUSPENSION)
    assert story.then(back, OFFICE, Resume()).due(Step.RESOLVE) == at(due)
    assert (story.state.stage, story.on_time(Step.SUSPENSION, back)) == (Stage.CONTACTED, True)


def test_a_term_of_calendar_days_moves_by_the_days_between_and_rolls_then() -> None:
    story = petition().then("Mon 03-09 10:00", OFFICE, Suspend("court", at("Fri 04-10 09:00")))
    story.then("Thu 03-19 09:00", OFFICE, Resume())
    assert story.due(Step.RESOLVE) == at("Wed 05-06 24:00")  # ten days on: the unrolled 26 April and then 6 May


def test_a_pause_and_an_extension_both_count_from_the_end_that_has_not_rolled() -> None:
    story = petition().then("Mon 03-09 10:00", OFFICE, Suspend("court", at("Fri 04-10 09:00")))
    story.then("Tue 03-10 09:00", OFFICE, Resume()).then("Mon 04-20 10:00", HOLDER, THIRTY)
    assert story.due(Step.RESOLVE) == at("Mon 04-27 24:00")  # 61 days after 25 February
    assert story.then("Mon 04-20 11:00", OFFICE, ApproveExtension()).due(Step.RESOLVE) == at("Wed 05-27 24:00")


def test_a_suspension_ends_by_itself_and_nothing_fires_meanwhile() -> None:
    story = contacted().then("Fri 03-13 10:00", OFFICE, Suspend("third_party", at("Fri 03-20 09:00")))
    assert story.by("Fri 03-20 08:59:59").state.stage is Stage.SUSPENDED
    story.by("Fri 03-20 09:00")
    assert (story.state.stage, story.events[-1], story.state.actions) == (Stage.CONTACTED, "resumed", ())
    assert story.due(Step.RESOLVE) == at("Tue 03-24 24:00")
    assert story.by("Wed 03-25 00:00").state.actions == (Action.REMIND,)


@pytest.mark.parametrize(
    ("command", "refused"),
    [
        (Suspend(None, at("Fri 03-20 09:00")), Refused(R.REASON_REQUIRED, "reason")),
        (Suspend("holiday", at("Fri 03-20 09:00")), Refused(R.FIELD_INVALID, "reason")),
        (Suspend("court"), Refused(R.FIELD_REQUIRED, "until")),
        (Suspend("court", at("Fri 03-13 10:00")), Refused(R.FIELD_INVALID, "until")),
    ],
)
def test_a_pause_needs_a_reason_of_the_list_and_a_day_to_come(command: Command, refused: Refused) -> None:
    assert contacted().refusal("Fri 03-13 10:00", OFFICE, command) == refused


def test_an_extension_that_was_asked_for_may_be_granted_during_a_pause() -> None:
    story = contacted().then("Fri 03-13 09:00", HOLDER, FIVE)
    story.then("Fri 03-13 10:00", OFFICE, Suspend("court", at("Tue 03-31 24:00")))
    story.then("Mon 03-16 10:00", OFFICE, ApproveExtension()).then("Tue 03-17 10:00", OFFICE, Resume())
    assert story.due(Step.RESOLVE) == at("Thu 03-26 24:00")  # 17, 18, 19 March, five more; two days lost


# --- joint handling and reports


def test_h08_who_takes_part_reports_and_then_the_lead() -> None:
    story = (
        contacted().then("Thu 03-12 11:00", OFFICE, JoinUnit(HEATING)).then("Thu 03-12 11:30", OFFICE, JoinUnit(13))
    )
    assert story.refusal("Thu 03-12 12:00", DIVISION, CoReport()) == Refused(R.FIELD_REQUIRED, "text")
    assert story.refusal("Thu 03-12 12:00", DIVISION, CoReport("好了", 13)) == Refused(R.FIELD_INVALID, "unit")
    story.then("Thu 03-12 12:00", DIVISION, CoReport("阀门已换")).then(
        "Thu 03-12 13:00", Actor.system(), CoReport("已清运", TOWNSHIP)
    )
    assert story.state.co_units == frozenset()
    assert story.refusal("Thu 03-12 14:00", DIVISION, CoReport("又及")).code is R.FORBIDDEN
    assert story.then("Fri 03-13 09:00", HOLDER, REPORT).state.stage is Stage.REPORTED


def test_a_report_with_a_claim_waits_for_the_office_and_cannot_be_verified() -> None:
    claim, proof = replace(REPORT, claim="out_of_power"), Attach("proof_of_handling", "三定.pdf", "a1", 2048, "b2")
    assert contacted().refusal("Mon 03-16 15:00", HOLDER, claim) == Refused(R.PROOF_REQUIRED)
    story = contacted().then("Mon 03-16 15:00", HOLDER, proof).then("Mon 03-16 16:00", HOLDER, claim)
    assert (story.state.claim, story.due(Step.OFFICE)) == ("out_of_power", at("Thu 03-19 24:00"))
    assert story.refusal("Mon 03-16 17:00", OFFICE, Verify()).code is R.WRONG_STATE
    assert contacted().refusal("Mon 03-16 16:00", HOLDER, replace(REPORT, claim="no")).field == "claim"


def test_a_report_takes_an_unanswered_request_for_more_time_with_it() -> None:
    story = contacted().then("Fri 03-13 09:00", HOLDER, FIVE).then("Fri 03-13 10:00", HOLDER, REPORT)
    assert story.state.extension_asked is None


def test_a_report_without_a_talk_ends_feedback_where_none_is_asked_for() -> None:
    story = received("Wed 06-17 10:00", "henan-xinfang").then("Wed 06-17 11:00", OFFICE, Assign(HOUSING))
    story.then("Wed 06-17 11:00", OFFICE, MarkUrgent("critical", "周明"))
    story.then("Wed 06-17 12:00", HOLDER, REPORT)
    assert story.clock(Step.FEEDBACK).done_at == at("Wed 06-17 12:00")
    assert Flag.CITIZEN_NOT_REACHED not in story.state.flags


# --- no gap


def test_a_reported_case_waits_on_the_offices_desk_only_where_no_callback_runs() -> None:
    assert Step.OFFICE not in reported().dues
    assert reported("fengxian").due(Step.OFFICE) == at("Thu 03-19 24:00")


def test_each_stage_has_an_office_term_of_its_own() -> None:
    story = reported("fengxian")
    first = story.clock(Step.OFFICE)
    story.then("Wed 03-18 10:00", OFFICE, Verify())
    assert story.due(Step.OFFICE) == at("Mon 03-23 24:00")
    done = [clock.done_at for clock in story.state.clocks if clock.step is Step.OFFICE]
    assert done == [at("Wed 03-18 10:00"), None]
    assert first.started_at == at("Mon 03-16 16:00")


def test_a_directive_or_a_window_is_no_term_of_a_case() -> None:
    story = reported("fengxian").then("Tue 03-17 10:00", LEADER, Instruct("快办", due=at("Fri 03-20 10:00")))
    assert story.clock(Step.OFFICE).is_running
    assert story.clock(Step.OFFICE).due_at - story.clock(Step.OFFICE).started_at > timedelta(days=3)


def test_what_stands_in_a_term_of_a_statutory_holiday_is_said() -> None:
    story = received("Thu 09-24 17:40").then("Mon 09-28 09:00", OFFICE, Assign(HOUSING))
    assert Flag.HOLIDAY_BETWEEN in story.state.flags
    assert Flag.HOLIDAY_BETWEEN not in assigned().state.flags


def test_a_unit_that_has_nothing_to_do_with_a_case_asks_for_nothing() -> None:
    assert contacted().refusal("Fri 03-13 09:00", Actor("user:9", Role.UNIT, 99), FIVE).code is R.FORBIDDEN


# --- what somebody signed on paper


def attached(story: Story, kind: str, when: str) -> Story:
    return story.then(when, OFFICE, Attach(kind, "扫描件.jpg", "a1", 2048, "b2"))


def test_what_a_township_signed_on_paper_is_recorded_by_the_unit_above_from_a_scan() -> None:
    story = assigned().then("Tue 03-10 16:00", HOLDER, Assign(HEATING))
    talk = ContactOnBehalf("phone", "何砚", "0558-5552207", "已说明")
    assert story.refusal("Wed 03-11 09:00", HOLDER, talk) == Refused(R.PROOF_REQUIRED)
    attached(story, "proof_of_contact", "Wed 03-11 09:10").then("Wed 03-11 09:20", HOLDER, talk)
    assert (story.state.stage, story.on_time(Step.CONTACT, "Wed 03-11 09:20")) == (Stage.CONTACTED, True)
    assert Flag.RECORDED_ON_BEHALF in story.state.flags

    report = ReportOnBehalf("已修好", "done", "办理规程第三条")
    assert story.refusal("Thu 03-12 09:00", OFFICE, report) == Refused(R.PROOF_REQUIRED)
    attached(story, "proof_of_handling", "Thu 03-12 09:10").then("Thu 03-12 09:20", OFFICE, report)
    assert (story.state.stage, story.state.claim) == (Stage.REPORTED, None)


@pytest.mark.parametrize(
    ("command", "refused"),
    [
        (Attach(None, "a.jpg", "a1", 1), Refused(R.FIELD_REQUIRED, "kind")),
        (Attach("photo", "a.jpg", "a1", 1), Refused(R.FIELD_INVALID, "kind")),
        (Attach("identity", None, "a1", 1), Refused(R.FIELD_REQUIRED, "name")),
        (Attach("identity", "a.jpg", None, 1), Refused(R.FIELD_REQUIRED, "file")),
        (Attach("identity", "a.jpg", "a1"), Refused(R.FIELD_REQUIRED, "size")),
    ],
)
def test_a_file_has_a_kind_a_name_and_a_size(command: Command, refused: Refused) -> None:
    assert contacted().refusal("Fri 03-13 09:00", OFFICE, command) == refused
