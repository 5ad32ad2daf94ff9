"""Rulebooks that are refused, and in which words."""

import copy
import datetime
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from huying.data import rulebook_text
from huying.rules.rulebook import (
    RulebookError,
    merged,
    parse,
)

from .test_rulebook import IDS, LEAST, days, problems, shipped

# --- what is refused, and how it is said

RUNG = '[[ladder]]\non = "contact_overdue"\naction = "remind"\n'


@pytest.mark.parametrize(
    ("more", "key", "sentence"),
    [
        ("x = 1", "calendar.x", "is not a key"),
        ("[step.contcat]\ndue = '1 hour'", "step.contcat", "is not a key"),
        ("[step.register]\ndue = '1 hour'\ndu = 1", "step.register.du", "is not a key"),
        ("[step.register_]\ndue = '1 hour'", "step.register_", "is not a key"),
        ("[[channels]]\nkind = 'sms'", "channels", "is not a key"),
        ("[step.register]", "step.register.due", "is missing"),
        ("[step.register]\ndue = '-1 hours'", "step.register.due", "'-1 hours' is not a duration"),
        ("[step.register]\ndue = '３ calendar_days'", "step.register.due", "'３ calendar_days' is not a duration"),
        ("[step.register]\ndue = '0 hours'", "step.register.due", "longer than 0"),
        ("[step.register]\ndue = 'soon'", "step.register.due", "'soon' is not a duration"),
        ("[step.register]\ndue = '3  days'", "step.register.due", "write N calendar_days"),
        ("[step.register]\ndue = 3", "step.register.due", "write it in quotes"),
        ("[step.resolve]\ndue = 3", "step.resolve.due", "write it in quotes"),
        ("[step.resolve]\ndue = { simple = '1 hour' }", "step.resolve.due.complex", "is missing"),
        (
            "[step.resolve]\ndue = { simple = 'x', complex = '1 hour' }",
            "step.resolve.due.simple",
            "is not a duration",
        ),
        ("[step.acknowledge]\ndue = { normal = '0 hours' }", "step.acknowledge.due.normal", "longer than 0"),
        ("[step.register]\ndue = '1 hour'\nstart = 'dawn'", "step.register.start", "is not one of 'received', "),
        ("[step.register]\ndue = '1 hour'\nroll = 'back'", "step.register.roll", "'next_working_day', 'none'"),
        ("[step.contact]\ndue = '1 hour'\nmethods = ['fax']", "step.contact.methods[1]", "'fax' is not one of"),
        ("[step.contact]\ndue = '1 hour'\nmethods = 'phone'", "step.contact.methods", "must be a list"),
        ("[step.contact]\ndue = '1 hour'\nmethods = []", "step.contact.methods", "must not be empty"),
        ("[step.contact]\ndue = '1 hour'\nattempts = 0", "step.contact.attempts", "must be at least 1"),
        ("[step.contact]\ndue = '1 hour'\nattempts = true", "step.contact.attempts", "a whole number"),
        ("[step.contact]\ndue = '1 hour'\nattempts = '3'", "step.contact.attempts", "a whole number"),
        ("[step.return]\ndue = '1 hour'\napprover = 'me'", "step.return.approver", "'me' is not one of 'office'"),
        ("[step.callback]\nevery = '1 hour'", "step.callback", "needs due"),
        ("[step.callback]\nstart = 'closed'", "step.callback", "needs due"),
        ("[step.office]\nstart = 'closed'", "step.office.start", "is not a key"),
        ("[step.daily_review]\nschedule = 'daily'\nscope = 'all'", "step.daily_review.schedule", "daily 17:00"),
        ("[step.report]\nrequired = ['photo']", "step.report.required[1]", "'text', 'outcome', 'basis'"),
        ("[intake]\nanonymous = 'yes'", "intake.anonymous", "must be true or false"),
        ("[intake]\nrequired = ['Name!']", "intake.required[1]", "a word of small letters"),
        ("[intake]\nrepeat_caller_priority = 'high'", "intake.repeat_caller_priority", "is not one of 'none'"),
        ("[intake.kinds]\nchat = { creates_case = true }", "intake.kinds.chat", "is not a key"),
        ("[intake.kinds]\nspam = { creates_case = 1 }", "intake.kinds.spam.creates_case", "true or false"),
        ("[intake.kinds]\nspam = true", "intake.kinds.spam", "must be a table"),
        ("[urgency.mild]", "urgency.mild", "is not a key"),
        ("[verdicts]\nallowed = ['fine']", "verdicts.allowed[1]", "'fine' is not one of 'satisfied'"),
        ("[verdicts]\nallowed = []", "verdicts.allowed", "must not be empty"),
        ("[verdicts]\nallowed = ['satisfied']\nmax_reopen = -1", "verdicts.max_reopen", "at least 0"),
        (
            "[verdicts]\nallowed = ['unsatisfied']\nclose_on = ['unsatisfied']",
            "verdicts",
            "close_on and reopen_on both name unsatisfied",
        ),
        ("[[ladder]]\non = 'fault'", "ladder[1]", "has neither action nor flag"),
        (f"{RUNG}{RUNG}[[ladder]]\non = 'fault'", "ladder[3]", "has neither action nor flag"),
        (f"{RUNG}after = 'later'", "ladder[1].after", "'later' is not a duration"),
        (f"{RUNG}after = '-1 hours'", "ladder[1].after", "is not a duration"),
        (f"{RUNG}times = 2", "ladder[1]", "counts times"),
        (f"{RUNG}faults = ['inaction']", "ladder[1]", "names faults"),
        ("[[ladder]]\non = 'never'\naction = 'remind'", "ladder[1].on", "'never' is not one of"),
        ("[[ladder]]\non = 'fault'\naction = 'shout'", "ladder[1].action", "'shout' is not one of 'remind'"),
        ("[[ladder]]\non = 'fault'\nflag = 'red'", "ladder[1].flag", "'red' is not one of"),
        ("[[channel]]\nkind = 3", "channel[1].kind", "must be a text in quotes"),
        ("[[channel]]\nkind = 'sms'\nhours = '9-5'", "channel[1].hours", "hours such as 08:00-22:00"),
        ("[[channel]]\nkind = 'sms'\nhours = '22:00-08:00'", "channel[1].hours", "ends before it begins"),
        (
            "[[channel]]\nkind = 'sms'\nhours = '8:00-12:00, 14:00-18:00'",
            "channel[1].hours",
            "or 08:30-12:00,14:30-17:30",
        ),
        ("[[channel]]\nkind = 'sms'\nhours = '14:00-18:00,08:00-12:00'", "channel[1].hours", "in their order"),
        ("[[channel]]\nkind = 'sms'\nhours = '08:00-12:00,11:59-18:00'", "channel[1].hours", "before it has closed"),
        ("[[channel]]\nkind = 'sms'\n[[channel]]\nkind = 'sms'", "channel", "has sms more than once"),
        ("[[channel]]\nkind = 'sms'\nparking = { kind = 'x' }", "channel[1].parking.spaces", "is missing"),
        ("[reports]\nmonthly = { on = 31, kind = 'x' }", "reports.monthly.on", "must be at most 28"),
        ("[reports]\nrates = { closed = 'closed' }", "reports.rates.closed", "a rate such as"),
        ("[source]\n'calendar.id' = 3", "source", "says nothing for calendar.id"),
        ("[source]\n'calendar.id' = ' '", "source", "says nothing for calendar.id"),
    ],
)
def test_a_mistake_is_refused_by_its_dotted_key(more: str, key: str, sentence: str) -> None:
    said = problems(LEAST + more)
    assert list(said) == [key]
    assert sentence in said[key]


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("effective_from", "2026-01-01", "a date such as 2026-01-31"),
        ("effective_from", datetime.datetime(2026, 1, 1), "a date such as"),  # noqa: DTZ001
        ("effective_to", datetime.date(2025, 12, 31), "effective_to lies before effective_from"),
        ("timezone", "Asia", "is no time zone"),
        ("timezone", "Mars/Base", "is no time zone"),
        ("timezone", "../etc", "is no time zone"),
        ("gb2260", "3416", "a place code of six digits"),
        ("id", "A b", "an id of small letters"),
        ("title", "", "it is empty"),
        ("audience", [], "must not be empty"),
    ],
)
def test_a_wrong_head_is_refused(key: str, value: object, sentence: str) -> None:
    ((place, said),) = problems(LEAST, rulebook={key: value}).items()
    assert place == ("rulebook" if key == "effective_to" else f"rulebook.{key}")
    assert sentence in said


def test_what_must_be_there_is_asked_for() -> None:
    assert problems("") == {"rulebook": "is missing", "calendar": "is missing"}
    assert problems("source = 3\n" + LEAST) == {"source": "must be a table"}


def test_all_mistakes_are_told_at_once_one_line_each_with_the_name_of_the_file() -> None:
    with pytest.raises(RulebookError) as refused:
        parse(LEAST + "[step.contact]\ndue = 'x'\nspeed = 1", "bozhou.toml")
    assert refused.value.name == "bozhou.toml"
    assert str(refused.value).splitlines() == [
        "bozhou.toml: step.contact.due: 'x' is not a duration; write N calendar_days, working_days, hours or minutes",
        "bozhou.toml: step.contact.speed: is not a key of a rulebook",
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [("[rulebook]\nid = ", "last line"), ("[rulebook]\nid = x\n", "line 2"), ("a = 1\na = 2\n", "line 2")],
)
def test_broken_toml_is_refused_with_file_and_line(text: str, place: str) -> None:
    with pytest.raises(RulebookError, match=rf"^some\.toml: {place}: is not TOML: \w+"):
        parse(text, "some.toml")


@pytest.mark.parametrize(
    "text",
    ["a = " + "[" * 100_000, "a = " + "[" * 300 + "]" * 300, "source." + ".".join("a" * 5000) + " = 1"],
    ids=["never closed", "closed", "dotted"],
)
def test_what_is_nested_without_end_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(RulebookError) as refused:
        parse(text, "some.toml")
    assert str(refused.value) == "some.toml: the file: is nested more than 32 levels deep"


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    assert parse("\ufeff" + LEAST.replace("\n", "\r\n"), "x.toml") == parse(LEAST, "x.toml")


def test_a_value_where_a_table_belongs_is_refused() -> None:
    assert problems(LEAST, step=3) == {"step": "must be a table"}
    assert problems(LEAST, ladder=3) == {"ladder": "must be a list"}
    assert problems(LEAST, ladder=["remind"]) == {"ladder[1]": "must be a table"}


# --- frozen


def test_nothing_of_a_rulebook_can_be_changed() -> None:
    bozhou = shipped("bozhou")
    with pytest.raises(ValidationError, match="frozen"):
        setattr(bozhou, "ladder", ())  # noqa: B010
    with pytest.raises(ValidationError, match="frozen"):
        setattr(bozhou.step.office, "due", days(1))  # noqa: B010
    assert isinstance(bozhou.ladder, tuple)
    assert isinstance(bozhou.source, tuple)


def test_equal_rulebooks_are_equal_keys() -> None:
    assert {shipped("bozhou"): 1}[shipped("bozhou")] == 1
    assert shipped("bozhou") != shipped("laixi")
    assert parse(LEAST, "a.toml") != parse(LEAST, "b.toml")


# --- whatever is added or spoilt anywhere


def tables_of(value: object, key: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every table of a rulebook but [source], by dotted key; the tables may be changed in place."""
    if isinstance(value, dict):
        yield key, value
        for name, below in value.items():
            if name != "source":
                yield from tables_of(below, f"{key}.{name}".removeprefix("."))
    elif isinstance(value, list):
        for n, below in enumerate(value, start=1):
            yield from tables_of(below, f"{key}[{n}]")


TABLES = [tomllib.loads(rulebook_text(rulebook_id)) for rulebook_id in IDS]
VALUES: st.SearchStrategy[object] = st.none() | st.booleans() | st.integers() | st.text() | st.just({}) | st.just([])


@settings(deadline=None)
@given(st.data())
def test_a_single_unknown_key_anywhere_is_refused_by_name(data: st.DataObject) -> None:
    tables = copy.deepcopy(data.draw(st.sampled_from(TABLES)))
    place, table = data.draw(st.sampled_from(list(tables_of(tables))))
    unknown = data.draw(st.from_regex(r"zz_[a-z]{0,8}", fullmatch=True) | st.just("register_"))
    table[unknown] = data.draw(VALUES)
    with pytest.raises(RulebookError) as refused:
        merged("", tables, "x.toml")
    ((key, sentence),) = refused.value.problems
    assert (key, sentence) == (f"{place}.{unknown}".removeprefix("."), "is not a key of a rulebook")


@settings(deadline=None)
@given(st.data())
def test_a_value_of_another_type_anywhere_is_refused(data: st.DataObject) -> None:
    tables = copy.deepcopy(data.draw(st.sampled_from(TABLES)))
    place, table = data.draw(st.sampled_from([entry for entry in tables_of(tables) if entry[0]]))
    name = data.draw(st.sampled_from(sorted(table)))
    table[name] = data.draw(st.sampled_from([1.5, datetime.time(9), {1.5: 1.5}, [[]]]))
    with pytest.raises(RulebookError) as refused:
        merged("", tables, "x.toml")
    assert all(key.startswith(f"{place}.{name}") for key, _ in refused.value.problems)
