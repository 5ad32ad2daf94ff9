"""A story that can't be read says where: the file, the dotted key, and what is wrong with it."""

import pytest

from huying.rehearsal.story import StoryError, parse

STORY = """
title = "one call"
rulebook = "bozhou"
[[step]]
at = 2026-03-10T09:15:00+08:00
do = "contact"
as = "c1"
[[expect]]
at = 2026-03-10T10:00:00+08:00
case = "c1"
stage = "received"
clock.assign = { on_time = true }
"""


def test_a_story_is_read_with_its_numbers() -> None:
    story = parse(STORY, "one.toml")
    assert (story.title, story.rulebook, story.steps[0].number, story.expects[0].case) == (
        "one call",
        "bozhou",
        1,
        "c1",
    )


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ('title = "one call"', 'title = "one call"\ncolour = 1', "colour: unknown key"),
        ('as = "c1"', 'as = "c1"\ncolour = 1', "step[1].colour: unknown key"),
        ('as = "c1"', 'case = "c1"', "step[1].case: unknown key"),
        ('stage = "received"', "colour = 1", "expect[1].colour: unknown key"),
        ("{ on_time", "{ colour = 1, on_time", "expect[1].clock.assign.colour: unknown key"),
        ("09:15:00+08:00", "09:15:00", "step[1].at: a time with an offset is needed"),
        ("10:00:00+08:00", "10:00:00", "expect[1].at: a time with an offset is needed"),
        ('do = "contact"', 'do = "dance"', "step[1].do: 'dance' is not a verb"),
        ('rulebook = "bozhou"', "", "rulebook: a text is needed"),
        ('title = "one call"', "title = one call", "Invalid value"),
    ],
)
def test_what_cannot_be_read_is_named_by_file_and_dotted_key(right: str, wrong: str, told: str) -> None:
    assert right in STORY
    with pytest.raises(StoryError) as error:
        parse(STORY.replace(right, wrong, 1), "one.toml")
    assert str(error.value).startswith("one.toml: ")
    assert told in str(error.value)
