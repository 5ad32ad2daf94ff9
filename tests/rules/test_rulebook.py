"""Rulebooks: the shipped ones, what an absent key means, overrides, sources."""

import datetime
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.data import rulebook_ids, rulebook_text
from huying.rules import vocabulary
from huying.rules.duration import Duration
from huying.rules.rulebook import (
    Rulebook,
    RulebookError,
    merged,
    merged_text,
    numbers,
    parse,
    stray_sources,
    unsourced,
)
from huying.rules.rulebook_tables import Kinds
from huying.rules.vocabulary import (
    Complexity,
    Fault,
    Kind,
    Method,
    Roll,
    StartEvent,
    Step,
    Trigger,
    Urgency,
    VerdictCode,
)

SHARED = Path(__file__).parents[3] / "shared"
IDS = ["bozhou", "dongguan", "fengxian", "henan-xinfang", "laixi", "message-board", "nanning"]
LEAST = """
[rulebook]
id = "x"
title = "x"
effective_from = 2026-01-01
[calendar]
id = "cn-state-council"
"""


def shipped(rulebook_id: str) -> Rulebook:
    return parse(rulebook_text(rulebook_id), f"{rulebook_id}.toml")


def least(more: str = "", **overrides: object) -> Rulebook:
    return merged(LEAST + more, overrides, "least.toml")


def problems(text: str, **overrides: object) -> dict[str, str]:
    """Return what is wrong, by dotted key."""
    with pytest.raises(RulebookError) as refused:
        merged(text, overrides, "some.toml")
    return dict(refused.value.problems)


def days(n: int) -> Duration:
    return Duration.parse(f"{n} working_days")


# --- the shipped ones


def test_seven_rulebooks_are_shipped() -> None:
    assert rulebook_ids() == IDS


@pytest.mark.parametrize("rulebook_id", IDS)
def test_a_shipped_rulebook_loads_under_the_stem_of_its_file(rulebook_id: str) -> None:
    rulebook = shipped(rulebook_id)
    assert rulebook.id == rulebook_id
    assert rulebook.calendar_id == "cn-state-council"
    assert str(rulebook.zone) == "Asia/Shanghai"
    assert rulebook.calendar.day_end_minute == 24 * 60


@pytest.mark.skipif(not (SHARED / "rulebooks").is_dir(), reason="the founders' shared folder isn't here")
@pytest.mark.parametrize("rulebook_id", [i for i in IDS if i not in ("message-board", "dongguan")])
def test_a_shipped_rulebook_has_the_values_of_the_example_it_was_made_from(rulebook_id: str) -> None:
    example = tomllib.loads((SHARED / "rulebooks" / f"{rulebook_id}.toml").read_text("utf-8"))
    ours = tomllib.loads(rulebook_text(rulebook_id))
    del ours["source"]
    assert ours == example


@pytest.mark.parametrize("rulebook_id", IDS)
def test_every_number_of_a_shipped_rulebook_has_a_source(rulebook_id: str) -> None:
    assert numbers(rulebook_text(rulebook_id))
    assert unsourced(rulebook_text(rulebook_id)) == []


@pytest.mark.parametrize("rulebook_id", IDS)
def test_no_source_of_a_shipped_rulebook_names_a_key_that_is_not_there(rulebook_id: str) -> None:
    assert stray_sources(rulebook_text(rulebook_id)) == []


@pytest.mark.parametrize("rulebook_id", IDS)
def test_every_source_says_article_public_text_or_reconstruction(rulebook_id: str) -> None:
    for key, said in shipped(rulebook_id).source:
        assert re.match(r"(00[0-4]|P|R): ", said), (key, said)


@pytest.mark.skipif(not (SHARED / "stories").is_dir(), reason="the founders' shared folder isn't here")
def test_what_the_acceptance_stories_override_is_accepted() -> None:
    stories = sorted((SHARED / "stories").glob("*.toml"))
    assert stories
    for path in stories:
        story = tomllib.loads(path.read_text("utf-8"))
        rulebook_id = story["rulebook"]
        merged(rulebook_text(rulebook_id), story.get("override", {}), f"{rulebook_id}.toml")


def test_message_board_asks_for_a_text_and_has_one_term() -> None:
    board = shipped("message-board")
    assert board.required_fields == ("content",)
    assert board.step.report.required == ("text",)
    assert [step for step in Step if board.section(step)] == [Step.RESOLVE, Step.OFFICE]
    assert board.starting_at(StartEvent.RECEIVED) == (Step.RESOLVE,)
    assert board.resolve_term(Kind.PROBLEM, Complexity.SIMPLE) == days(3)
    assert board.resolve_term(Kind.PROBLEM, Complexity.COMPLEX) == days(10)
    assert board.verdicts is None
    assert all(board.opens_case(kind) for kind in Kind if kind not in ("missed", "spam", "fraud_report"))


# --- the values of the examples, as the code reads them


def test_bozhou_reads_as_its_articles_say() -> None:
    bozhou = shipped("bozhou")
    assert bozhou.step.assign is not None
    assert str(bozhou.step.assign.due) == "1 calendar_day"
    assert bozhou.step.contact is not None
    assert bozhou.step.contact.methods == (Method.FACE_TO_FACE, Method.PHONE)
    assert bozhou.step.contact.must_disclose == ("handler_name", "handler_phone")
    assert bozhou.step.return_ is not None
    assert bozhou.step.return_.max == 1
    assert bozhou.required_fields == ("contact_phone", "content")
    assert [rung.on for rung in bozhou.ladder][-2:] == [Trigger.FAULT, Trigger.NOT_RECTIFIED]
    assert bozhou.ladder[9].faults == tuple(Fault)
    assert bozhou.callback_attempts == 3
    assert bozhou.rulebook.effective_from == datetime.date(2022, 2, 8)


def test_steps_start_where_the_rulebook_or_the_default_says() -> None:
    bozhou, feng, henan = shipped("bozhou"), shipped("fengxian"), shipped("henan-xinfang")
    assert bozhou.starting_at(StartEvent.RECEIVED) == (Step.REGISTER, Step.ASSIGN)
    assert bozhou.starting_at(StartEvent.ASSIGNED) == (Step.RETURN,)
    assert bozhou.starting_at(StartEvent.FIRST_ASSIGNED) == (Step.CONTACT, Step.RESOLVE)
    assert feng.starting_at(StartEvent.RECEIVED) == (Step.ASSIGN, Step.CONTACT)
    assert feng.starting_at(StartEvent.CLOSED) == (Step.CALLBACK,)
    assert henan.starting_at(StartEvent.ACCEPTED) == (Step.RESOLVE,)
    assert henan.starting_at(StartEvent.VERIFIED) == (Step.REVIEW,)


def test_feng_visits_after_the_close_and_the_others_call_before() -> None:
    feng = shipped("fengxian")
    assert feng.has_follow_up_visits
    assert feng.step.callback is not None
    assert (str(feng.step.callback.every), feng.step.callback.times) == ("30 calendar_days", 2)
    assert feng.step.daily_review is not None
    assert feng.step.daily_review.at_minute == 17 * 60
    assert not shipped("bozhou").has_follow_up_visits
    assert not shipped("henan-xinfang").has_follow_up_visits


def test_nanning_is_open_from_eight_to_ten_at_night_on_every_day() -> None:
    phone = shipped("nanning").channel("phone")
    assert phone is not None
    assert phone.is_open(datetime.time(8, 0), working_day=False)
    assert phone.is_open(datetime.time(21, 59, 30), working_day=False)
    assert not phone.is_open(datetime.time(22, 0), working_day=False)
    assert not phone.is_open(datetime.time(7, 59, 59), working_day=True)


@pytest.mark.parametrize(
    ("clock", "is_open"),
    [("08:29", False), ("08:30", True), ("11:59", True), ("12:00", False), ("14:29", False), ("14:30", True),
     ("17:29", True), ("17:30", False)],
)  # fmt: skip
def test_a_channel_may_close_over_noon(clock: str, is_open: bool) -> None:
    phone = least("[[channel]]\nkind = 'phone'\nhours = '08:30-12:00,14:30-17:30'").channel("phone")
    assert phone is not None
    assert phone.is_open(datetime.time.fromisoformat(clock), working_day=True) is is_open


@given(st.lists(st.integers(0, 1440), unique=True, max_size=8), st.times())
def test_a_channel_is_open_within_its_intervals_alone(bounds: list[int], local: datetime.time) -> None:
    ends = sorted(bounds)
    pairs = list(zip(ends[::2], ends[1::2], strict=False)) or [(0, 1440)]
    hours = ",".join("-".join(f"{end // 60:02}:{end % 60:02}" for end in pair) for pair in pairs)
    phone = least(f"[[channel]]\nkind = 'phone'\nhours = '{hours}'").channel("phone")
    assert phone is not None
    minute = local.hour * 60 + local.minute
    assert phone.is_open(local, working_day=False) is any(minute in range(*pair) for pair in pairs)


def test_what_is_open_on_working_days_closes_when_a_half_day_ends() -> None:
    landline, always = shipped("henan-xinfang").channel("phone_office"), shipped("nanning").channel("phone")
    assert landline is not None
    assert always is not None
    noon = datetime.time(12)
    assert landline.is_open(datetime.time(11, 59), working_day=True, until=noon)
    assert not landline.is_open(noon, working_day=True, until=noon)
    assert always.is_open(noon, working_day=True, until=noon)


def test_henan_has_its_landline_on_working_days_and_its_mobile_off() -> None:
    henan = shipped("henan-xinfang")
    landline, mobile = henan.channel("phone_office"), henan.channel("phone_mobile")
    assert landline is not None
    assert mobile is not None
    assert landline.is_open(datetime.time(9, 0), working_day=True)
    assert not landline.is_open(datetime.time(9, 0), working_day=False)
    assert not mobile.is_open(datetime.time(9, 0), working_day=True)
    assert henan.channel("email") is None


# --- what an absent key means


def test_the_least_rulebook_has_the_defaults_of_the_stories() -> None:
    rulebook = least()
    assert rulebook.required_fields == ()
    assert rulebook.max_levels == 2
    assert rulebook.max_reopen == 2
    assert rulebook.callback_attempts == 3
    assert str(rulebook.callback_spacing) == "4 hours"
    assert rulebook.step.office.due == days(3)
    assert rulebook.step.report.required == ("text", "outcome", "basis")
    assert rulebook.calendar.roll is Roll.NEXT_WORKING_DAY
    assert not rulebook.intake.anonymous
    assert not rulebook.intake.confidential
    assert rulebook.allowed == rulebook.close_on == rulebook.reopen_on == frozenset()
    assert rulebook.resolve_term(Kind.PROBLEM, None) is None
    assert rulebook.acknowledge_term(Urgency.NORMAL) is None


@pytest.mark.parametrize(
    ("step", "start"),
    [
        ("register", "received"),
        ("assign", "received"),
        ("acknowledge", "assigned"),
        ("return", "assigned"),
        ("contact", "first_assigned"),
        ("resolve", "first_assigned"),
        ("callback", "reported"),
        ("return_call", "received"),
        ("notify_acceptance", "received"),
    ],
)
def test_a_step_without_start_begins_at_its_own_event(step: str, start: str) -> None:
    rulebook = least(f'[step.{step}]\ndue = "1 hour"')
    assert rulebook.starting_at(StartEvent(start)) == (Step(step),)


def test_a_review_begins_when_the_report_is_verified() -> None:
    review = 'window = "5 working_days"\ndue = "5 working_days"\n'
    rulebook = least(f"[step.review]\n{review}[step.re_review]\n{review}")
    assert rulebook.starting_at(StartEvent.VERIFIED) == (Step.REVIEW,)


def test_a_contact_step_allows_three_attempts_four_hours_apart_by_any_method() -> None:
    contact = least('[step.contact]\ndue = "1 hour"').step.contact
    assert contact is not None
    assert (contact.attempts, str(contact.attempt_spacing)) == (3, "4 hours")
    assert contact.methods == tuple(Method)
    assert contact.must_disclose == ()


def test_six_kinds_open_no_case_where_the_rulebook_says_nothing() -> None:
    closed = {"unsorted", "verification", "standby", "missed", "spam", "fraud_report"}
    assert {kind for kind in Kind if not least().opens_case(kind)} == closed


def test_the_rulebook_wins_over_what_kinds_mean_by_default() -> None:
    rulebook = least("[intake.kinds]\nspam = { creates_case = true }\nhelp = { creates_case = false }")
    assert rulebook.opens_case(Kind.SPAM)
    assert not rulebook.opens_case(Kind.HELP)


def test_only_a_consultation_is_answered_on_the_spot_unless_the_rulebook_says_otherwise() -> None:
    assert [kind for kind in Kind if least().may_answer_on_spot(kind)] == ["consultation"]
    told = least(
        "[intake.kinds]\nconsultation = { may_answer_on_spot = false }\npraise = { may_answer_on_spot = true }"
    )
    assert [kind for kind in Kind if told.may_answer_on_spot(kind)] == ["praise"]
    assert least("[intake.kinds]\nconsultation = { creates_case = true }").may_answer_on_spot(Kind.CONSULTATION)
    assert least("[intake.kinds]\nspam = { counts_as_call = false }").opens_case(Kind.SPAM) is False


@pytest.mark.parametrize(
    ("kind", "complexity", "n"),
    [
        (Kind.CONSULTATION, None, 3),
        (Kind.CONSULTATION, Complexity.COMPLEX, 3),
        (Kind.PROBLEM, None, 5),
        (Kind.PROBLEM, Complexity.SIMPLE, 5),
        (Kind.HELP, Complexity.COMPLEX, 15),
    ],
)
def test_a_consultation_has_its_own_term_and_no_complexity_is_simple(
    kind: Kind, complexity: Complexity | None, n: int
) -> None:
    assert shipped("bozhou").resolve_term(kind, complexity) == days(n)


def test_one_resolve_term_holds_for_every_kind() -> None:
    sixty = Duration.parse("60 calendar_days")
    assert shipped("henan-xinfang").resolve_term(Kind.CONSULTATION, Complexity.COMPLEX) == sixty


def test_a_table_without_consultation_gives_it_the_term_of_its_complexity() -> None:
    rulebook = least('[step.resolve]\ndue = { simple = "5 working_days", complex = "9 working_days" }')
    assert rulebook.resolve_term(Kind.CONSULTATION, None) == days(5)
    assert rulebook.resolve_term(Kind.CONSULTATION, Complexity.COMPLEX) == days(9)


def test_acknowledging_may_be_quicker_for_what_is_urgent() -> None:
    table = least('[step.acknowledge]\ndue = { critical = "30 minutes", urgent = "2 hours" }')
    assert [str(table.acknowledge_term(urgency)) for urgency in Urgency] == ["30 minutes", "2 hours", "None"]
    one = least('[step.acknowledge]\ndue = "4 hours"')
    assert {str(one.acknowledge_term(urgency)) for urgency in Urgency} == {"4 hours"}


def test_urgent_matters_have_hours_under_every_rulebook() -> None:
    assert [str(least().dispatch_term(urgency)) for urgency in Urgency] == ["1 hour", "2 hours", "None"]
    assert [str(least().feedback_term(urgency)) for urgency in Urgency] == ["2 hours", "24 hours", "None"]
    quicker = least('[urgency.critical]\ndispatch = "30 minutes"')
    assert str(quicker.dispatch_term(Urgency.CRITICAL)) == "30 minutes"
    assert str(quicker.feedback_term(Urgency.CRITICAL)) == "2 hours"


@pytest.mark.parametrize("calendar", ["next_working_day", "none"])
@pytest.mark.parametrize("step", ["next_working_day", "none", None])
def test_the_roll_of_a_step_wins_over_that_of_the_calendar(calendar: str, step: str | None) -> None:
    assign = {"due": "1 calendar_day"} | ({} if step is None else {"roll": step})
    rulebook = least(calendar={"roll": calendar}, step={"assign": assign})
    assert rulebook.rolls(Step.ASSIGN) is ((step or calendar) == "next_working_day")
    assert rulebook.rolls() is rulebook.rolls(Step.CONTACT) is (calendar == "next_working_day")
    assert not any(rulebook.rolls(hours) for hours in (Step.DISPATCH, Step.FEEDBACK, Step.TOTAL))


def test_tries_before_unreachable_are_those_of_the_callback_then_of_the_verdicts() -> None:
    verdicts: dict[str, object] = {"allowed": ["satisfied"], "unreachable_closes_after": 5}
    callback: dict[str, object] = {"due": "3 working_days"}
    assert least(verdicts=verdicts).callback_attempts == 5
    assert least(verdicts=verdicts, step={"callback": callback}).callback_attempts == 5
    both = least(verdicts=verdicts, step={"callback": callback | {"attempts": 2, "attempt_spacing": "1 hour"}})
    assert both.callback_attempts == 2
    assert str(both.callback_spacing) == "1 hour"
    assert least(verdicts={"allowed": ["satisfied"]}).callback_attempts == 3


def test_satisfied_and_understanding_close_by_default_as_far_as_they_are_allowed() -> None:
    assert shipped("laixi").close_on == {VerdictCode.SATISFIED, VerdictCode.UNDERSTANDING}
    assert shipped("fengxian").close_on == {VerdictCode.SATISFIED}
    assert shipped("nanning").close_on == {VerdictCode.SATISFIED, VerdictCode.BASICALLY_SATISFIED}
    assert shipped("laixi").reopen_on == {VerdictCode.UNSATISFIED}
    assert shipped("bozhou").max_reopen == 2


def test_no_answer_and_no_wish_to_say_close_too() -> None:
    closing = {verdict for verdict in VerdictCode if shipped("bozhou").closes(verdict)}
    assert closing == {"satisfied", "understanding", "unreachable", "declined"}
    assert {v for v in VerdictCode if shipped("fengxian").closes(v)} == {"satisfied", "unreachable"}
    strict = least(verdicts={"allowed": ["satisfied", "unreachable"], "reopen_on": ["unreachable"]})
    assert not strict.closes(VerdictCode.UNREACHABLE)


def test_a_rung_without_after_is_due_at_once() -> None:
    ladder = least('[[ladder]]\non = "serious_fault"\naction = "interview"').ladder
    assert str(ladder[0].after) == "0 hours"
    assert (ladder[0].times, ladder[0].faults) == (1, tuple(Fault))


def test_preferred_channels_and_confidential_intake_are_read() -> None:
    tips = least('[intake]\nanonymous = true\nconfidential = true\n[[channel]]\nkind = "sms"\npreferred = true')
    sms = tips.channel("sms")
    assert sms is not None
    assert sms.preferred
    assert tips.intake.anonymous
    assert tips.intake.confidential


def test_every_kind_may_have_an_entry_in_the_rulebook() -> None:
    assert list(Kinds.model_fields) == list(Kind)


def test_every_step_of_a_rulebook_has_a_rung_that_answers_when_it_is_overdue() -> None:
    of_no_section = list(Step)[list(Step).index(Step.TOTAL) :]
    assert {f"{step}_overdue" for step in Step if step not in of_no_section} <= set(Trigger)


def test_the_words_of_each_list_are_the_wire_names_and_none_is_there_twice() -> None:
    lists = [value for value in vars(vocabulary).values() if isinstance(value, type) and value.__doc__]
    assert len(lists) > 20
    for words in lists:
        for name, word in getattr(words, "__members__", {}).items():
            assert name == word.upper(), (words, name)


STEP = LEAST + '[step.contact]\ndue = "3 calendar_days"\n'


# --- overrides


def test_an_override_changes_one_value_and_keeps_its_neighbours() -> None:
    changed = merged(rulebook_text("bozhou"), {"step": {"contact": {"due": "3 working_days"}}}, "bozhou.toml")
    assert changed.id == "bozhou"
    assert changed.step.contact is not None
    assert changed.step.contact.due == days(3)
    assert changed.step.contact.methods == (Method.FACE_TO_FACE, Method.PHONE)
    assert changed.step.assign == shipped("bozhou").step.assign


def test_an_override_may_add_a_section_and_replaces_a_list_as_a_whole() -> None:
    overrides = {
        "step": {"acknowledge": {"due": {"normal": "1 working_day"}}, "resolve": {"due": "60 calendar_days"}},
        "ladder": [{"on": "acknowledge_overdue", "action": "remind"}],
    }
    changed = merged(rulebook_text("bozhou"), overrides, "bozhou.toml")
    assert changed.acknowledge_term(Urgency.NORMAL) == days(1)
    assert str(changed.resolve_term(Kind.CONSULTATION, None)) == "60 calendar_days"
    assert len(changed.ladder) == 1


def test_an_overridden_value_loses_its_source_and_may_bring_its_own() -> None:
    overrides: dict[str, object] = {
        "step": {"contact": {"due": "1 hour"}},
        "ladder": [],
        "source": {"step.contact.due": "R: tried out"},
    }
    said = dict(merged(rulebook_text("bozhou"), overrides, "bozhou.toml").source)
    assert said["step.contact.due"] == "R: tried out"
    assert said["step.assign.due"] == "003: 在当日或次日交办"
    assert not [key for key in said if key.startswith("ladder")]
    assert "intake.kinds" not in dict(
        merged(rulebook_text("bozhou"), {"intake": {"kinds": {"help": {"creates_case": True}}}}, "x").source
    )


def test_an_override_is_validated_like_the_file() -> None:
    said = problems(rulebook_text("bozhou"), step={"contact": {"due": "0 hours", "dew": 1}})
    assert list(said) == ["step.contact.due", "step.contact.dew"]


def test_a_merged_rulebook_can_be_kept_as_text() -> None:
    overrides = {"step": {"contact": {"due": "1 hour"}}, "rulebook": {"title": 'a "b"\n\x7f\\ 呼'}}
    for rulebook_id in IDS:
        text = merged_text(rulebook_text(rulebook_id), overrides, "x.toml")
        assert parse(text, "x.toml") == merged(rulebook_text(rulebook_id), overrides, "x.toml")
    with pytest.raises(RulebookError):
        merged_text(LEAST, {"x": 1}, "x.toml")


# --- numbers and sources


def test_numbers_are_told_by_their_dotted_keys() -> None:
    text = LEAST + (
        "[[channel]]\nkind = 'sms'\nnumber = '962518'\nhours = '08:00-22:00'\nenabled = true\n"
        "[step.resolve]\ndue = { simple = '5 working_days', complex = '1 calendar_day' }\n"
        "[[ladder]]\non = 'unsatisfied'\ntimes = 2\naction = 'remind'\n"
        "[reports]\ndaily_brief = { at = '08:30', to = ['office'] }\n[source]\n'x' = '5 hours'"
    )
    assert numbers(text) == {
        "rulebook.effective_from": datetime.date(2026, 1, 1),
        "channel[1].hours": "08:00-22:00",
        "step.resolve.due.simple": "5 working_days",
        "step.resolve.due.complex": "1 calendar_day",
        "ladder[1].times": 2,
        "reports.daily_brief.at": "08:30",
    }


def test_what_has_no_source_is_listed_and_so_is_a_source_of_nothing() -> None:
    text = STEP + "[source]\n'step.contact.due' = '003: 3'\n'step.contact.dew' = 'R: x'\n"
    assert unsourced(text) == ["rulebook.effective_from"]
    assert stray_sources(text) == ["step.contact.dew"]
    assert unsourced(STEP) == ["rulebook.effective_from", "step.contact.due"]


def test_sources_may_be_nested_or_quoted() -> None:
    nested, quoted = "[source]\nstep.contact.due = 'R: x'\n", "[source]\n'step.contact.due' = 'R: x'\n"
    assert parse(STEP + nested, "x.toml") == parse(STEP + quoted, "x.toml")
    assert unsourced(STEP + nested) == unsourced(STEP + quoted) == ["rulebook.effective_from"]
