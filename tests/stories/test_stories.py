"""Acceptance stories, ours and others', played through the doors under their own clock."""

from pathlib import Path

import pytest

from huying.cases.verification import broken_entries
from huying.data import rulebook_text
from huying.rehearsal.play import prepare, result
from huying.rehearsal.story import parse
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
