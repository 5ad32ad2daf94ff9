"""Whatever a story says, it is played or refused in words that name the place; it never ends in a traceback."""

import copy
import json
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huying.data import rulebook_text
from huying.rehearsal.play import prepare, result
from huying.rehearsal.scratch import on_an_empty_register
from huying.rehearsal.story import KEYS, StoryError, told_by
from huying.rules.rulebook import RulebookError
from tests.conftest import REPOSITORY

STORIES = REPOSITORY / "tests" / "stories"
NAMES = ("s02", "s09b_first_second", "s10", "s30", "s35")
TOLD = {name: tomllib.loads((STORIES / f"{name}.toml").read_text("utf-8")) for name in NAMES}
ODD = st.one_of(
    st.none(),  # the key is taken away
    st.booleans(),
    st.sampled_from([0, -1, 7, 2**70, 1.5, float("nan"), "", " ", "x" * 300, "\0", "../", "2099"]),
    st.sampled_from(["city", "mayor", "c1", "housing", "office", "unit", "admin", *sorted(KEYS)]),
    st.sampled_from([[], [1], [{}], {}, {"a": 1}, date(2026, 3, 10), time(9, 15)]),
    st.sampled_from(["2026-03-10T09:15:00+08:00", "1999-01-01T00:00:00+08:00", "2999-12-31T23:00:00-12:00"]).map(
        datetime.fromisoformat
    ),
)


def places(told: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every value of a story."""
    for key, value in told.items() if isinstance(told, dict) else enumerate(told):
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


def changed(told: Any, path: tuple[Any, ...], value: Any) -> Any:
    told = copy.deepcopy(told)
    *way, last = path
    at = told
    for key in way:
        at = at[key]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return told


@pytest.mark.django_db
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_story_in_which_anything_was_changed_holds_or_not_or_says_what_is_wrong(data: st.DataObject) -> None:
    told = TOLD[data.draw(st.sampled_from(sorted(TOLD)))]
    for _ in range(data.draw(st.integers(1, 2))):
        told = changed(told, data.draw(st.sampled_from(list(places(told)))), data.draw(ODD))

    with on_an_empty_register(), suppress(StoryError, RulebookError):
        story = told_by(told, "fuzz.toml")
        player = prepare(story, rulebook_text("bozhou"), "bozhou", STORIES)
        player.play()
        json.dumps(result(player), default=str)
