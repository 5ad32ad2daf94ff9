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
        ('do = "contact"', 'do = "contact"\nkind = "riddle"', "step[1].kind: 'riddle' is none of unsorted, "),
        (
            'do = "contact"',
            'do = "contact"\ncomplexity = "odd"',
            "step[1].complexity: 'odd' is none of simple",
        ),
        ('as = "c1"', "as = 7", "step[1].as: a text is needed"),
        ('as = "c1"', "fields = { name = 7 }", "step[1].fields: its values are texts"),
        ('as = "c1"', "attachments = true", "step[1].attachments: a number is needed"),
        ("at = 2026-03-10T09:15:00+08:00", "", "step[1].at: a time with an offset is needed"),
        ("2026-03-10T09", "1026-03-10T09", "step[1].at: a time of the years 1900 to 2999 is needed"),
        ('stage = "received"', "actions = [1]", "expect[1].actions: a list of texts is needed"),
        ('stage = "received"', 'messages = [{ contains = "x" }]', "expect[1].messages: unknown key"),
        ("clock.assign", "clock.lunch", "expect[1].clock.lunch: there is no such clock"),
        ("on_time = true", 'on_time = "yes"', "expect[1].clock.assign.on_time: true or false is needed"),
        ("[[step]]", '[[unit]]\nname = "某局"\n[[step]]', "unit[1].id: a text is needed"),
        ("[[step]]", '[[post]]\nname = "市长"\n[[step]]', "post[1].id: a text is needed"),
        ("[[step]]", '[[post]]\nid = "mayor"\n[[step]]', "post[1].name: a text is needed"),
        ("[[step]]", '[[unit]]\nid = "city"\nname = "市"\n[[step]]', "unit[1].id: 'city' is there already"),
        ("[[step]]", '[[unit]]\nid = "a"\nname = "甲"\nparent = "b"\n[[step]]', "unit[1].parent: the unit 'b' must"),
        (
            "[[step]]",
            '[[contact_point]]\nkind = "sms"\nvalue = "1"\n[[step]]',
            "contact_point[1].post: it",
        ),
        ("[[step]]", "[unit]\n[[step]]", "unit: write each one as [[unit]]"),
    ],
)
def test_what_cannot_be_read_is_named_by_file_and_dotted_key(right: str, wrong: str, told: str) -> None:
    assert right in STORY
    with pytest.raises(StoryError) as error:
        parse(STORY.replace(right, wrong, 1), "one.toml")
    assert str(error.value).startswith("one.toml: ")
    assert told in str(error.value)
