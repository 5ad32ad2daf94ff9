"""Whatever the rules can say has a word on the pages and a stage; who is told of it says test_notices."""

import ast
from collections.abc import Iterator, Mapping
from enum import StrEnum

import pytest
from django.utils.translation import override, trans_real

from huying.cases.closers import Stuck
from huying.cases.models import Delivery
from huying.cases.queries import Filter
from huying.cases.refusals import REFUSALS
from huying.cases.wording import Audience
from huying.data import rulebook_ids, rulebook_text
from huying.pages import labels
from huying.pages.desk import labels as desk
from huying.pages.translation import compile_catalogs
from huying.rules import names
from huying.rules.commands import VERBS, field_names
from huying.rules.escalation import TELLING
from huying.rules.rulebook import parse
from huying.rules.stages import STAGE_AFTER
from huying.rules.vocabulary import (
    CHANNELS,
    Action,
    ClosedAs,
    Fault,
    Flag,
    Kind,
    Method,
    Outcome,
    RefusalCode,
    Stage,
    Step,
    Trigger,
    Urgency,
    VerdictCode,
)
from tests.repo.files import CODE, modules

_ROWS = ("sorting", "assigning", "handling", "closing", "supervising")


def decided_events() -> Iterator[str]:
    """Yield the events that the rows of the table decide, and those of door 1."""
    for module in _ROWS:
        for node in ast.walk(ast.parse((CODE / "rules" / f"{module}.py").read_text("utf-8"))):
            if isinstance(node, ast.Call) and (place := _EVENTS_IN.get(getattr(node.func, "id", ""))) is not None:
                strings = (one.value for one in ast.walk(node.args[place]) if isinstance(one, ast.Constant))
                yield from (one for one in strings if isinstance(one, str))
    yield from ("registered", "registered_incomplete", "contact_received")


_EVENTS_IN = {"Decision": 1, "changed": 1, "noted": 0}
EVENTS = sorted({*decided_events(), "escalated", *TELLING.values()})


def test_the_events_were_found() -> None:
    assert {"assigned", "verdict_recorded", "reopened", "closed", "answered"} <= set(EVENTS)


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_has_a_word(event: str) -> None:
    assert event in labels.EVENTS


def test_no_word_or_stage_is_for_an_event_that_never_happens() -> None:
    known = set(EVENTS)
    assert set(labels.EVENTS) | set(STAGE_AFTER) <= known


@pytest.mark.parametrize(
    ("shown", "values"),
    [
        (labels.STAGES, Stage),
        (labels.STEPS, Step),
        (labels.NEXT, Step),
        (labels.KINDS, Kind),
        (labels.METHODS, Method),
        (labels.OUTCOMES, Outcome),
        (labels.VERDICTS, VerdictCode),
        *((words, listed) for listed, words in labels.LISTS.items()),
        (labels.ACTIONS, Action),
        (labels.FLAGS, Flag),
        (labels.ENDS, ClosedAs),
        (labels.FILTERS, Filter),
        (labels.ORDERS, Filter),
        (labels.MOMENTS, Filter),
        (labels.DELIVERIES, Delivery),
        (labels.AUDIENCES, Audience),
        (labels.STUCK, Stuck),
        (labels.REMEDIES, Stuck),
    ],
)
def test_every_value_that_a_page_can_show_has_a_word(shown: Mapping[str, object], values: type[StrEnum]) -> None:
    assert set(shown) == {value.value for value in values}


def test_every_command_has_a_button_an_answer_and_words_for_its_fields() -> None:
    assert set(desk.COMMANDS) == set(desk.DONE) == set(VERBS)
    assert sorted(verb for _, verbs in desk.GROUPS for verb in verbs.split()) == sorted(VERBS)
    for verb, command in VERBS.items():
        assert [name for name in field_names(command) if {name, f"{verb}.{name}"}.isdisjoint(desk.FIELDS)] == []


@pytest.mark.parametrize("rulebook", rulebook_ids())
def test_every_field_that_a_shipped_rulebook_asks_a_contact_for_has_a_word(rulebook: str) -> None:
    asked = parse(rulebook_text(rulebook), f"{rulebook}.toml").intake
    own = {"claim", "post_called", "title"}  # the text, the post and the title of an intake
    assert {*asked.required, *asked.optional} - own <= set(desk.FIELDS)


def test_every_refusal_has_a_sentence() -> None:
    assert set(REFUSALS) == set(RefusalCode)


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (names.NAMES, table)
        for table in (
            *(labels.STEPS, labels.VERDICTS, labels.URGENCIES, labels.ACTIONS, labels.FLAGS),
            *(labels.METHODS, labels.KINDS),
        )
    ]
    + [(names.CHANNEL_NAMES, labels.CHANNELS), (names.FAULT_NAMES, labels.FAULTS)],
)
def test_charts_and_comparisons_say_what_the_pages_say(
    names: Mapping[str, tuple[str, str]], shown: Mapping[str, object]
) -> None:
    compile_catalogs()
    trans_real._translations.clear()  # type: ignore[attr-defined]
    for n, language in enumerate(("zh-hans", "en")):
        with override(language):
            differing = {word: str(said) for word, said in shown.items() if word in names and names[word][n] != said}
            assert differing == {}


def test_whatever_a_rulebook_may_name_has_a_name() -> None:
    steps = {trigger.removesuffix("_overdue") for trigger in Trigger if trigger.endswith("_overdue")}
    assert {*VerdictCode, *Action, *Flag, *Method, *Kind, *steps} <= set(names.NAMES)
    assert set(names.CHANNEL_NAMES) == CHANNELS


def test_every_fault_has_a_name() -> None:
    assert set(names.FAULT_NAMES) == set(Fault)


def test_only_the_ordinary_urgency_goes_unsaid() -> None:
    assert set(Urgency) - set(labels.URGENCIES) == {Urgency.NORMAL}


@pytest.mark.parametrize("rulebook", rulebook_ids())
def test_every_channel_of_a_shipped_rulebook_has_a_word(rulebook: str) -> None:
    book = parse(rulebook_text(rulebook), f"{rulebook}.toml")
    assert {channel.kind for channel in book.channels} <= set(labels.CHANNELS)


def test_no_text_is_translated_inside_an_f_string() -> None:
    """The extractor doesn't look there: such a text would never get into the catalog, and nothing would say so."""
    hidden = []
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                calls = [call for call in ast.walk(node) if isinstance(call, ast.Call)]
                hidden += [path.name for call in calls if "gettext" in ast.dump(call.func)]
    assert hidden == []
