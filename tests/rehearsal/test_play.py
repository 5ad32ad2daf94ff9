"""What a step says that nobody can do: refused where a door refuses it, else named by its dotted key."""

import pytest

from huying.data import rulebook_text
from huying.rehearsal.play import Player, prepare
from huying.rehearsal.scratch import on_an_empty_register
from huying.rehearsal.story import StoryError, parse
from tests.conftest import REPOSITORY

STORIES = REPOSITORY / "tests" / "stories"
S10 = (STORIES / "s10.toml").read_text("utf-8")
pytestmark = pytest.mark.django_db


def played(text: str) -> Player:
    story = parse(text, "told.toml")
    with on_an_empty_register():
        player = prepare(story, rulebook_text(story.rulebook), story.rulebook, STORIES)
        player.play()
    return player


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ('channel = "phone_mobile"', 'channel = "pigeon"', "step[1].channel: there is no channel 'pigeon'"),
        ('to = "mayor"', 'to = "emperor"', "step[1].to: there is no post or line 'emperor'"),
        ('kind = "problem"', 'kind = "problem"\nrespondent = "no"', "step[1].respondent: there is no unit 'no'"),
        ('unit = "housing"', 'unit = "nowhere"', "step[2].unit: there is no unit 'nowhere'"),
        ('unit = "housing"', 'unit = "housing"\nby = "nobody"', "step[2].by: nobody is called 'nobody'"),
        ('calendar = "cn-2026"', 'calendar = "mars"', "calendar: there is no calendar 'mars'"),
        ('calendar = "cn-2026"', 'calendar = "cn-0000"', "calendar: there is no calendar 'cn-0000'"),
        ('case = "c1"\nstage', 'case = "c2"\nstage', "expect[1].case: no contact was named 'c2' before"),
        ('do = "assign"\ncase = "c1"\nunit = "housing"', 'do = "load_calendar"\nfile = "none.csv"', "step[2].file: "),
    ],
)
def test_what_cannot_be_played_is_named_by_its_dotted_key(right: str, wrong: str, told: str) -> None:
    assert right in S10
    with pytest.raises(StoryError) as error:
        played(S10.replace(right, wrong, 1))
    assert str(error.value).startswith(told)


def test_a_verb_without_its_keys_is_refused_by_its_door() -> None:
    story = S10.replace('unit = "housing"\n', 'refused = "field_required"\n', 1)
    assert [(one.step, one.key) for one in played(story).failures if one.step == 2] == []


def test_of_several_refusals_the_first_holds_also_without_a_key() -> None:
    story = S10.replace('unit = "housing"\n', 'by = "leader"\nrefused = "forbidden"\n', 1)
    assert [(one.step, one.key) for one in played(story).failures if one.step == 2] == []
