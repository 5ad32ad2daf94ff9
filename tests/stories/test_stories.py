"""Acceptance stories, ours and others', played through the doors under their own clock."""

from pathlib import Path

import pytest

from huying.cases.verification import broken_entries
from huying.data import rulebook_text
from huying.rehearsal.play import prepare, result
from huying.rehearsal.story import parse
from huying.rules.commands import VERBS
from tests.conftest import SHARED

OURS = sorted(Path(__file__).parent.glob("*.toml"))
OTHERS = sorted((SHARED / "stories").glob("*.toml"))


@pytest.mark.django_db
@pytest.mark.parametrize("path", [*OURS, *OTHERS], ids=lambda path: path.stem)
def test_the_story_holds(path: Path) -> None:
    if not path.exists():
        pytest.skip("the stories of others aren't beside this clone of the repository")
    story = parse(path.read_text("utf-8"), path.name)
    player = prepare(story, rulebook_text(story.rulebook), story.rulebook, path.parent)

    player.play()

    assert result(player)["failures"] == []
    assert list(broken_entries()) == []


# Recording from a scan needs the scan, and a story has no files: tests/cases/test_attachments.py tells those.
WITHOUT_STORY = {"contact_on_behalf", "report_on_behalf"}


def test_every_verb_of_the_loop_is_done_in_some_story_of_ours() -> None:
    stories = [parse(path.read_text("utf-8"), path.name) for path in OURS]
    done = {step.do for story in stories for step in story.steps if not step.refused}
    assert set(VERBS) - done == WITHOUT_STORY
