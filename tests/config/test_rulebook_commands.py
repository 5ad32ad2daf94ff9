"""`huying rulebook check|diff|chart`: what they print, their exit status, and the one line that a mistake gets."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from huying.data import rulebook_ids, rulebook_text
from tests.config.installation import Installation


@pytest.fixture
def nowhere(tmp_path: Path) -> Installation:
    """A folder that must stay empty: what is asked of files needs no database."""
    return Installation(tmp_path / "home")


def changed(tmp_path: Path, old: str, new: str) -> Path:
    """Write Bozhou's rulebook with one place changed."""
    assert old in rulebook_text("bozhou")
    file = tmp_path / "city.toml"
    file.write_text(rulebook_text("bozhou").replace(old, new), "utf-8")
    return file


# -- check ----------------------------------------------------------------------------------------------------------


def test_a_shipped_rulebook_can_be_used_and_its_notes_are_told(nowhere: Installation) -> None:
    status, out, err = nowhere.command("rulebook", "check", "bozhou")
    assert (status, err) == (0, "")
    first, *notes = out.splitlines()
    assert first == "bozhou: can be used"
    assert {line.split()[0] for line in notes} == {"note"}
    assert not nowhere.home.exists()


def test_an_error_is_named_by_its_key_and_ends_with_1(nowhere: Installation, tmp_path: Path) -> None:
    file = changed(tmp_path, 'due = "3 calendar_days"\nroll', 'due = "30 working_days"\nroll')
    status, out, _ = nowhere.command("rulebook", "check", str(file))
    assert status == 1
    assert out.splitlines()[0] == f"{file}: has 3 errors"
    assert (
        "error    step.contact.due: 30 working days is longer than step.resolve.due.complex (15 working days)" in out
    )


def test_numbers_without_a_source_are_listed_as_before(nowhere: Installation, tmp_path: Path) -> None:
    file = changed(tmp_path, '"step.register.due" = "R: our reconstruction"\n', "")
    status, out, _ = nowhere.command("rulebook", "check", str(file))
    assert status == 0
    assert out.splitlines()[:2] == [f"{file}: can be used; 1 values have no [source]:", "  step.register.due"]


def test_an_id_that_nobody_ships_is_answered_with_those_there_are(nowhere: Installation) -> None:
    status, _, err = nowhere.command("rulebook", "check", "atlantis")
    assert status == 1
    assert err == (
        f"huying: there is no rulebook 'atlantis'; write a .toml file, or one of {', '.join(rulebook_ids())}\n"
    )


# -- diff -----------------------------------------------------------------------------------------------------------


def test_two_files_are_compared_in_words(nowhere: Installation, tmp_path: Path) -> None:
    file = changed(tmp_path, 'due = "3 calendar_days"\nroll', 'due = "3 working_days"\nroll')
    status, out, _ = nowhere.command("rulebook", "diff", "bozhou", str(file), "--language", "zh")
    assert status == 0
    assert out.split(maxsplit=1) == ["step.contact.due", "联系诉求人 期限：3 个自然日 → 3 个工作日\n"]
    _, out, _ = nowhere.command("rulebook", "diff", str(file), "bozhou", "--language", "en")
    assert "3 working days → 3 calendar days" in out


@pytest.mark.parametrize(("language", "said"), [("en", "they say the same\n"), ("zh", "两份规则说的一样\n")])
def test_nothing_that_differs_is_said_too(nowhere: Installation, language: str, said: str) -> None:
    assert nowhere.command("rulebook", "diff", "laixi", "laixi", "--language", language)[:2] == (0, said)


def test_a_version_that_was_adopted_is_compared_with_the_shipped_one(installation: Installation) -> None:
    """Loading a file has adopted `message-board` in this folder."""
    status, out, err = installation.command(
        "rulebook", "diff", "message-board@1", "message-board", "--language", "en"
    )
    assert (status, out, err) == (0, "they say the same\n", "")
    status, _, err = installation.command("rulebook", "diff", "message-board@7", "message-board")
    assert (status, err) == (1, "huying: message-board@7 was never adopted here; there is message-board@1\n")
    _, _, err = installation.command("rulebook", "diff", "bozhou", "bozhou@1")
    assert err == "huying: bozhou@1 was never adopted here; there is no version of it\n"


# -- chart ----------------------------------------------------------------------------------------------------------


def test_a_chart_is_printed_in_the_language_that_is_asked_for(nowhere: Installation) -> None:
    for language, word in (("zh", "办理工作流程图"), ("en", "How a request is handled")):
        status, out, _ = nowhere.command("rulebook", "chart", "bozhou", "--language", language)
        assert status == 0
        assert word in out
        assert ElementTree.fromstring(out).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314


def test_without_a_language_it_is_the_terminals(nowhere: Installation) -> None:
    assert "审核" in nowhere.command("rulebook", "chart", "bozhou", LC_ALL="zh_CN.UTF-8")[1]
    assert "审核" not in nowhere.command("rulebook", "chart", "bozhou", LC_ALL="C.UTF-8")[1]


def test_a_chart_is_written_to_a_file(nowhere: Installation, tmp_path: Path) -> None:
    file = tmp_path / "chart.svg"
    status, out, _ = nowhere.command("rulebook", "chart", "fengxian", "-o", str(file))
    assert (status, out) == (0, f"{file}: written\n")
    assert file.read_text("utf-8").startswith("<svg ")
    status, _, err = nowhere.command("rulebook", "chart", "fengxian", "-o", str(tmp_path / "no" / "chart.svg"))
    assert status == 1
    assert "can't be written" in err
