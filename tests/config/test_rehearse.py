"""`huying rehearse` as a command: its exit status, its lines of JSON, and that it leaves nothing behind."""

import json
import re
import signal
from pathlib import Path

import psycopg

from huying.config.postgres import running
from tests.config.installation import Installation
from tests.conftest import REPOSITORY, shared

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


def test_a_story_says_how_long_it_took(installation: Installation) -> None:
    status, out, _ = installation.command("rehearse", str(S10))
    assert (status, bool(re.fullmatch(r"ok   s10\.toml: S10 [^(]+ \([0-9.]+ s\)\n", out))) == (0, True), out


def test_a_folder_without_stories_is_told_and_ends_with_two(installation: Installation, tmp_path: Path) -> None:
    status, out, err = installation.command("rehearse", str(tmp_path))
    assert (status, out) == (2, "")
    assert f"{tmp_path}: there are no stories (*.toml) in this folder" in err


def test_every_story_of_others_holds(installation: Installation) -> None:
    folder = shared("stories")

    status, out, err = installation.command("rehearse", str(folder))

    assert (status, err) == (0, "")
    assert [line[:4] for line in out.splitlines()] == ["ok  "] * len(list(folder.glob("*.toml")))


def test_a_verb_that_no_door_has_yet_is_named(installation: Installation, tmp_path: Path) -> None:
    step = '[[step]]\nat = 2026-03-11T09:00:00+08:00\ndo = "audit"\noutcome = "busy"\n'
    (tmp_path / "audit.toml").write_text(S10.read_text("utf-8") + step, "utf-8")

    status, _, err = installation.command("rehearse", str(tmp_path))

    assert status == 2
    assert re.search(r"audit\.toml: step\[\d+\]\.do: audit isn't played yet", err)


def test_no_scratch_database_is_left_over_whatever_happens(installation: Installation, tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"{number}.toml").write_text(S10.read_text("utf-8"), "utf-8")
    (tmp_path / "0.toml").write_text("colour = 1", "utf-8")

    process = installation.start("rehearse", str(tmp_path))
    assert process.stdout is not None
    assert process.stdout.readline().startswith("ok  ")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    assert (process.returncode, "Traceback" in err, len(out.splitlines()) < 58) == (1, False, True)
    with running(installation.home, say=lambda _line: None) as urls, psycopg.connect(urls.owner) as owner:
        names = [name for (name,) in owner.execute("SELECT datname FROM pg_database")]
    assert not [name for name in names if name.startswith("rehearsal_")]
    assert len([name for name in names if name.startswith("huying_template_")]) == 1
