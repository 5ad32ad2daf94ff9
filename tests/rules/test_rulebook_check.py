"""What a check finds in a rulebook: what never fires or ends, is longer than its parent, has no source or term."""

from pathlib import Path

import pytest

from huying.data import rulebook_ids, rulebook_text
from huying.rules.duration import Duration, never_shorter
from huying.rules.rulebook import merged
from huying.rules.rulebook_check import Finding, Severity, check, findings
from huying.rules.vocabulary import Kind

SHARED = Path(__file__).parents[3] / "shared" / "rulebooks"
# A small rulebook in which nothing is wrong.
SOUND = """
[rulebook]
id = "x"
title = "x"
effective_from = 2026-01-01
[calendar]
id = "cn-state-council"
[intake]
required = ["content"]
pending_info_limit = "7 calendar_days"
[step.register]
due = "1 working_day"
[step.assign]
due = "1 working_day"
[step.return_call]
due = "1 working_day"
[step.contact]
due = "3 working_days"
[step.return]
due = "1 working_day"
[step.resolve]
due = { simple = "5 working_days", complex = "15 working_days" }
[step.callback]
due = "3 working_days"
[verdicts]
allowed = ["satisfied", "understanding", "unsatisfied", "unreachable"]
"""


def found(more: str = "", /, **overrides: object) -> list[Finding]:
    return findings(merged(SOUND + more, overrides, "some.toml"))


def keys(severity: Severity, more: str = "", /, **overrides: object) -> list[str]:
    return [one.key for one in found(more, **overrides) if one.severity is severity]


def errors(more: str = "", /, **overrides: object) -> list[str]:
    return keys(Severity.ERROR, more, **overrides)


def warnings(more: str = "", /, **overrides: object) -> list[str]:
    return keys(Severity.WARNING, more, **overrides)


def rung(**said: object) -> dict[str, object]:
    return {"ladder": [{"action": "remind", **said}]}


# --- the shipped ones and the sound one


@pytest.mark.parametrize("rulebook_id", rulebook_ids())
def test_a_shipped_rulebook_has_no_error_and_no_warning(rulebook_id: str) -> None:
    found = check(rulebook_text(rulebook_id), f"{rulebook_id}.toml")
    assert [one for one in found if one.severity is not Severity.NOTE] == []


@pytest.mark.skipif(not SHARED.is_dir(), reason="the founders' shared folder isn't here")
def test_the_examples_of_the_founders_have_no_error() -> None:
    for path in SHARED.glob("*.toml"):
        assert [one for one in check(path.read_text("utf-8"), path.name) if one.severity is Severity.ERROR] == []


def test_in_a_sound_rulebook_only_the_stages_without_a_term_are_noted() -> None:
    assert [(one.severity, one.key) for one in found()] == [
        (Severity.NOTE, "step.return"),
        (Severity.NOTE, "verdicts.max_reopen"),
    ]


def test_errors_come_first_and_what_has_no_source_is_noted() -> None:
    text = SOUND.replace('required = ["content"]', "").replace('"satisfied", "understanding", ', "")
    text += '[source]\n"step.contract.due" = "R: misspelt"\n'
    severities = [one.severity for one in check(text, "some.toml")]
    assert severities == sorted(severities, key=list(Severity).index)
    said = {one.key: one.en for one in check(text, "some.toml")}
    assert said["step.contact.due"] == "has no [source]"
    assert said["source.step.contract.due"] == "is the source of a key that isn't in the file"


def test_each_finding_is_told_in_both_languages() -> None:
    for one in [*found(verdicts={"allowed": ["unsatisfied"]}), *found(step={"resolve": {"due": "1 working_day"}})]:
        assert one.en.isascii()
        assert not one.zh.isascii()


# --- terms


@pytest.mark.parametrize(
    ("one", "other", "rolls", "longer"),
    [
        ("4 working_days", "3 working_days", True, True),
        ("3 working_days", "3 working_days", True, False),
        ("4 calendar_days", "3 calendar_days", True, True),  # both roll to one Monday at times, never the other way
        (
            "4 working_days",
            "3 calendar_days",
            True,
            True,
        ),  # a working day that lies past the third day, or is its roll
        ("3 working_days", "3 calendar_days", True, False),
        ("20 calendar_days", "9 working_days", True, False),  # a holiday of ten days makes it shorter
        ("30 calendar_days", "9 working_days", True, True),  # at most 9 * 7 / 5 + 11 = 23.6 days
        ("25 hours", "24 hours", False, True),
        ("90 minutes", "1 hour", False, True),
        ("60 minutes", "1 hour", False, False),
        ("48 hours", "1 calendar_day", False, False),  # it may have begun at 00:00
        ("49 hours", "1 calendar_day", False, True),
        ("49 hours", "1 calendar_day", True, False),
        ("1 calendar_day", "2 hours", False, True),
        ("2 calendar_days", "48 hours", False, False),  # it may have begun at 23:59
        ("3 calendar_days", "48 hours", False, True),
    ],
)
def test_a_term_is_longer_only_where_no_calendar_makes_it_shorter(
    one: str, other: str, rolls: bool, longer: bool
) -> None:
    assert never_shorter(Duration.parse(one), Duration.parse(other), other_rolls=rolls) is longer


def test_where_the_day_ends_early_a_day_may_be_over_at_once() -> None:
    day, hours = Duration.parse("1 calendar_day"), Duration.parse("20 hours")
    assert never_shorter(day, hours, other_rolls=False)
    assert not never_shorter(day, hours, other_rolls=False, day_end_minute=17 * 60 + 30)


def test_a_contact_that_may_take_longer_than_the_reply_is_named_with_both_terms() -> None:
    [one] = [one for one in found(step={"contact": {"due": "6 working_days"}}) if one.severity is Severity.ERROR]
    assert one.key == "step.contact.due"
    assert one.zh == "6 个工作日，比 step.resolve.due.simple（5 个工作日）还长"
    assert one.en == "6 working days is longer than step.resolve.due.simple (5 working days)"


@pytest.mark.parametrize(
    ("step", "key"),
    [
        ({"return": {"due": "4 working_days"}}, "step.return.due"),
        ({"acknowledge": {"due": {"urgent": "1 hour", "normal": "9 working_days"}}}, "step.acknowledge.due.normal"),
        ({"register": {"due": "2 working_days"}}, "step.register.due"),
        ({"notify_acceptance": {"due": "2 hours"}}, "step.assign.due"),
        ({"resolve": {"due": {"simple": "16 working_days"}}}, "step.resolve.due.simple"),
    ],
)
def test_a_term_longer_than_what_waits_for_it_is_an_error(step: dict[str, object], key: str) -> None:
    assert set(errors(step=step)) == {key}


def test_a_consultation_or_an_extension_longer_than_the_longest_term_is_a_warning() -> None:
    due = {"consultation": "90 working_days", "simple": "5 working_days", "complex": "15 working_days"}
    assert warnings(step={"resolve": {"due": due}}) == ["step.resolve.due.consultation"]
    assert warnings(step={"extension": {"limit": "900 working_days"}}) == ["step.extension.limit"]
    assert warnings(step={"extension": {"limit": "15 working_days"}}) == []


@pytest.mark.parametrize(
    ("attempts", "spacing", "named"),
    [
        (5, "1 working_day", ["step.contact.due"]),
        (12, "1 working_day", ["step.contact.due", "step.resolve.due"]),
        (1, "30 working_days", []),
        (4, "1 working_day", []),  # the fourth is made on the third day
        (3, "4 hours", []),
    ],
)
def test_tries_that_take_longer_than_there_is_time_are_a_warning(
    attempts: int, spacing: str, named: list[str]
) -> None:
    contact = {"due": "3 working_days", "attempts": attempts, "attempt_spacing": spacing}
    said = [one for one in found(step={"contact": contact}) if one.key == "step.contact.attempts"]
    assert [one.severity for one in said] == [Severity.WARNING] * len(named)
    assert all(key in one.zh and key in one.en for one, key in zip(said, named, strict=True))


def test_terms_that_begin_at_different_events_are_not_compared() -> None:
    assert errors(step={"contact": {"start": "received", "due": "9 working_days"}}) == []


def test_an_urgent_matter_that_is_dispatched_after_its_feedback_is_an_error() -> None:
    assert errors(urgency={"critical": {"dispatch": "3 hours"}}) == ["urgency.critical.dispatch"]


# --- steps


@pytest.mark.parametrize(
    ("override", "key"),
    [
        ({"step": {"acknowledge": {"due": {}}}}, "step.acknowledge.due"),
        ({"step": {"re_review": {"window": "1 calendar_day", "due": "1 calendar_day"}}}, "step.re_review"),
        ({"step": {"contact": {"start": "closed"}}}, "step.contact.start"),
        ({"step": {"contact": {"start": "verified"}}}, "step.contact.start"),
        ({"step": {"contact": {"start": "reported"}}}, "step.contact.start"),
        ({"step": {"resolve": {"start": "verified"}}}, "step.resolve.start"),
        ({"step": {"assign": {"start": "assigned"}}}, "step.assign.start"),
        ({"step": {"assign": {"start": "reopened"}}}, "step.assign.start"),
        ({"step": {"register": {"start": "accepted"}}}, "step.register.start"),
        ({"step": {"return_call": {"start": "completed"}}}, "step.return_call.start"),
        (
            {"verdicts": {"reopen_on": []}, "step": {"contact": {"start": "reopened"}}},
            "step.contact.start",
        ),
    ],
)
def test_a_step_that_never_comes_is_an_error(override: dict[str, object], key: str) -> None:
    assert errors(**override) == [key]


def test_a_second_review_after_a_final_one_is_an_error() -> None:
    review = {"window": "30 calendar_days", "due": "30 calendar_days"}
    assert errors(step={"review": review, "re_review": review}) == []
    assert errors(step={"review": {**review, "final": True}, "re_review": review}) == ["step.re_review"]


def test_an_extension_of_nothing_is_an_error() -> None:
    without = SOUND.replace("[step.resolve]\ndue = { simple", "[step.extension]\nlimit = '1 working_day'\n#")
    assert [one.key for one in check(without, "x.toml") if one.severity is Severity.ERROR] == ["step.extension"]
    assert "step.resolve" in [one.key for one in check(without, "x.toml")]


def test_a_callback_without_verdicts_is_an_error() -> None:
    without = SOUND[: SOUND.index("[verdicts]")]
    assert [one.key for one in check(without, "x.toml") if one.severity is Severity.ERROR] == ["step.callback"]


def test_a_rulebook_under_which_nothing_is_a_case_is_an_error() -> None:
    assert errors(intake={"kinds": {kind: {"creates_case": False} for kind in Kind}}) == ["intake.kinds"]


@pytest.mark.parametrize(
    ("override", "key"),
    [
        ({"channel": [{"kind": "sms", "enabled": False}]}, "channel"),
        (
            {"step": {"daily_review": {"schedule": "daily 17:00", "scope": "channel:hotline"}}},
            "step.daily_review.scope",
        ),
        (
            {"step": {"callback": {"attempts": 2}}, "verdicts": {"unreachable_closes_after": 3}},
            "verdicts.unreachable_closes_after",
        ),
    ],
)
def test_what_is_likely_not_meant_is_a_warning(override: dict[str, object], key: str) -> None:
    assert errors(**override) == []
    assert warnings(**override) == [key]


def test_a_channel_that_is_on_and_a_review_of_all_are_sound() -> None:
    review = {"daily_review": {"schedule": "daily 17:00", "scope": "all"}}
    assert warnings(channel=[{"kind": "sms"}], step=review) == []
    assert warnings(step={"callback": {"attempts": 3}}, verdicts={"unreachable_closes_after": 3}) == []


def test_one_level_is_noted() -> None:
    assert "step.assign.max_levels" in keys(Severity.NOTE, step={"assign": {"max_levels": 1}})


# --- verdicts


def test_verdicts_that_close_nothing_are_an_error() -> None:
    assert errors(verdicts={"allowed": ["unsatisfied"]}) == ["verdicts.allowed"]


def test_closing_on_silence_alone_is_an_error() -> None:
    assert errors(verdicts={"allowed": ["unsatisfied", "unreachable"]}) == ["verdicts.close_on"]


@pytest.mark.parametrize(
    ("verdicts", "key"),
    [
        ({"close_on": ["satisfied", "understanding", "basically_satisfied"]}, "verdicts.close_on"),
        ({"reopen_on": ["unsatisfied", "declined"]}, "verdicts.reopen_on"),
        ({"close_on": ["satisfied"]}, "verdicts.allowed"),  # understanding leaves the case where it is
        (
            {"allowed": ["satisfied", "understanding", "unsatisfied"]},
            "verdicts.allowed",
        ),  # nobody reached: open for ever
    ],
)
def test_verdicts_that_lead_nowhere_are_a_warning(verdicts: dict[str, object], key: str) -> None:
    assert errors(verdicts=verdicts) == []
    assert warnings(verdicts=verdicts) == [key]


def test_verdicts_that_nobody_asks_for_are_a_warning() -> None:
    without = SOUND.replace('[step.callback]\ndue = "3 working_days"\n', "")
    assert [one.key for one in check(without, "x.toml") if one.severity is Severity.WARNING] == ["verdicts"]


# --- ladder


@pytest.mark.parametrize(
    "rung_",
    [
        {"on": "acknowledge_overdue"},
        {"on": "return_overdue"},  # a window: nobody is late because nobody sent a case back
        {"on": "review_overdue"},
        {"on": "unsatisfied", "times": 4},  # two reopenings let somebody be unsatisfied three times
    ],
)
def test_a_rung_that_can_never_fire_is_an_error(rung_: dict[str, object]) -> None:
    assert errors(**rung(**rung_)) == ["ladder[1]"]


@pytest.mark.parametrize(
    "rung_",
    [
        {"on": "contact_overdue"},
        {"on": "dispatch_overdue"},
        {"on": "feedback_overdue"},
        {"on": "office_overdue"},
        {"on": "unsatisfied", "times": 3},
        {"on": "fault"},
        {"on": "serious_fault"},
    ],
)
def test_a_rung_that_can_fire_is_sound(rung_: dict[str, object]) -> None:
    assert errors(**rung(**rung_)) == []


def test_a_rung_on_unsatisfied_needs_that_verdict_and_somebody_who_asks() -> None:
    ladder = {"ladder": [{"on": "unsatisfied", "action": "supervise"}]}
    assert errors(verdicts={"allowed": ["satisfied", "unreachable"]}, **ladder) == ["ladder[1]"]
    text = SOUND.replace('[step.callback]\ndue = "3 working_days"\n', "")
    assert [one.key for one in findings(merged(text, ladder, "x.toml")) if one.severity is Severity.ERROR] == [
        "ladder[1]"
    ]


def test_unsatisfied_that_never_reopens_may_be_said_again_and_again() -> None:
    ladder = [{"on": "unsatisfied", "times": 9, "action": "supervise"}]
    assert errors(verdicts={"reopen_on": []}, ladder=ladder) == []


def test_a_rung_that_is_there_twice_is_an_error() -> None:
    one = {"on": "contact_overdue", "after": "1 working_day", "action": "supervise"}
    assert errors(ladder=[one, {**one, "after": "2 working_days"}, {**one, "after": "1 working_days"}]) == [
        "ladder[3]"
    ]


def test_a_rung_on_not_rectified_wants_one_that_leads_to_an_interview() -> None:
    after = {"on": "not_rectified", "action": "discipline"}
    assert warnings(ladder=[after]) == ["ladder"]
    assert warnings(ladder=[after, {"on": "fault", "action": "interview"}]) == []
    assert warnings(ladder=[after, {"on": "fault", "flag": "interview_proposed"}]) == []


# --- stages


def test_every_stage_without_a_term_of_its_own_is_noted_with_the_offices() -> None:
    bare = SOUND[: SOUND.index("[intake]")]
    notes = {one.key: one.en for one in findings(merged(bare, {"intake": {"required": ["content"]}}, "bare.toml"))}
    assert list(notes) == [
        "step.return",
        "verdicts.reopen_on",
        "step.register",
        "step.return_call",
        "intake.pending_info_limit",
        "step.assign",
        "step.resolve",
        "step.callback",
    ]
    assert (
        notes["step.resolve"] == "a case in a unit's hands has no term of its own: the office's runs (3 working days)"
    )


def test_with_follow_up_visits_nobody_has_a_term_until_the_verdict() -> None:
    feng = [one.zh for one in check(rulebook_text("fengxian"), "fengxian.toml") if one.key == "step.callback"]
    assert [said[:8] for said in feng] == ["反馈后等审核的件", "审核后等评价的件"]


def test_a_stage_that_is_never_reached_is_noted() -> None:
    kinds = {"consultation": {"creates_case": False}}
    notes = [one.en for one in found(intake={"required": [], "kinds": kinds})]
    assert "no field is required: pending_info is never reached" in notes
    assert "no kind may be answered on the spot: answered is never reached" in notes
