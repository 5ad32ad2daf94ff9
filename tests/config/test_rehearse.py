"""`huying rehearse` as a command: its exit status, its lines of JSON, and that it leaves nothing behind."""

import json
from pathlib import Path

from tests.config.installation import Installation
from tests.conftest import REPOSITORY

S10 = REPOSITORY / "tests" / "stories" / "s10.toml"


def test_a_folder_is_played_and_each_story_has_its_line(installation: Installation, tmp_path: Path) -> None:
    right, wrong = S10.read_text("utf-8"), S10.read_text("utf-8").replace('stage = "assigned"', 'stage = "closed"')
    (tmp_path / "a.toml").write_text(right, "utf-8")
    (tmp_path / "b.toml").write_text(wrong, "utf-8")

    status, out, err = installation.command("rehearse", "--json", str(tmp_path))

    first, second = map(json.loads, out.splitlines())
    assert (status, err) == (1, "")
    assert (first["passed"], first["failures"], first["cases"]["c1"]["stage"]) == (True, [], "assigned")
    assert first["cases"]["c1"]["clock"]["contact"]["due"].startswith("2026-03-1")
    assert (second["passed"], second["failures"]) == (
        False,
        [{"expect": 1, "step": None, "key": "stage", "want": "closed", "got": "assigned"}],
    )


def test_a_story_that_cannot_be_read_ends_with_two_and_the_others_are_played(
    installation: Installation, tmp_path: Path
) -> None:
    (tmp_path / "bad.toml").write_text("colour = 1", "utf-8")

    status, out, err = installation.command("rehearse", str(tmp_path / "bad.toml"), str(tmp_path / "none"), str(S10))

    assert status == 2
    assert "colour: unknown key" in err
    assert str(tmp_path / "none") in err
    assert out.startswith("ok  ")
