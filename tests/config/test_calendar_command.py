"""`huying calendar load` as a command: a preview, a question, and what it says of a file that can't be used."""

from datetime import date, time
from pathlib import Path

import pytest

from huying.cases.calendars import in_use
from huying.cases.clock import now
from huying.cases.models import CalendarVersion
from huying.channels.calendar_file import read_days
from huying.channels.table import BadTable
from huying.config.calendar_commands import load_calendar, paste_notice
from huying.config.house import Trouble
from huying.rules.commands import Assign
from tests.builders import at, clerk, do, received, unit
from tests.config.installation import Installation
from tests.rules.test_holiday_notice import INVENTED

HEAD = "date,is_working,source,provisional\n"


def test_it_says_what_would_change_and_loads_only_what_was_confirmed(
    installation: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "2027.csv"
    file.write_text(f"{HEAD}2027-01-03,true,演练,false\n2027-01-04,是,演练,\n", "utf-8")

    status, looked, _ = installation.command("calendar", "load", str(file), "--dry-run")
    assert status == 0
    assert "2027.csv: 2 days from 2027-01-03 to 2027-01-04" in looked
    assert "2027-01-03 Sun  worked, so far off" in looked
    assert "2027-01-04 " not in looked.replace("to 2027-01-04", "")
    assert "2027 stays provisional" in looked
    assert looked.endswith("Only looked at: nothing was loaded.\n")

    status, _, err = installation.command("calendar", "load", str(file))
    assert (status, err) == (1, "huying: nothing was loaded; look at the list above and add --yes\n")

    status, out, err = installation.command("calendar", "load", str(file), "--yes")
    assert (status, "Loaded as version 1." in out) == (0, True), err
    status, again, _ = installation.command("calendar", "load", str(file), "--yes")
    assert (status, "All of these days had been loaded before." in again) == (0, True)

    status, _, err = installation.command("ledger", "verify")
    assert status == 0, err


def test_a_file_that_cannot_be_used_is_told_by_line_and_column(installation: Installation, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    rows = ("2027-01-03,vielleicht,,", "2027-01-03,true,,", "morgen,true,,", ",true,,", "1970-01-01,true,,perhaps")
    file.write_text(HEAD + "\n".join(rows) + "\n", "utf-8")

    status, out, err = installation.command("calendar", "load", str(file), "--yes")

    assert (status, out) == (1, "")
    for told in (
        "line 2, column is_working: 'vielleicht' is neither true nor false",
        "line 3, column date: 2027-01-03 is in line 2 already",
        "line 4, column date: 'morgen' is not a date; write it like 2026-01-31",
        "line 5, column date: the date is missing",
        "line 6, column date: 1970-01-01 lies outside 2000 to 2099; check the year",
        "line 6, column provisional: 'perhaps' is neither true nor false",
        "6 problems; nothing was loaded",
    ):
        assert told in err


@pytest.mark.django_db
def test_a_half_day_is_read_from_a_fifth_column(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "half.csv"
    file.write_text("date,is_working,source,provisional,until\n2026-12-31,true,演练,false,12:00\n", "utf-8")

    assert load_calendar(file, dry_run=False, yes=True) == 0

    assert "  2026-12-31 Thu  worked until 12:00, so far worked\n" in capsys.readouterr().out
    assert in_use(now()).worked_until(date(2026, 12, 31)) == time(12)
    assert in_use(now()).worked_until(date(2026, 12, 30)) is None


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("2026-12-31,true,,,noon", "column until: 'noon' is no time of day; write it like 12:00"),
        ("2026-12-31,true,,,00:00", "column until: '00:00' is no time of day"),
        ("2026-12-31,false,,,12:00", "column until: a day off has no working hours"),
    ],
)
def test_a_half_day_that_cannot_be_is_refused(tmp_path: Path, row: str, told: str) -> None:
    file = tmp_path / "half.csv"
    file.write_text(f"date,is_working,source,provisional,until\n{row}\n", "utf-8")
    with pytest.raises(BadTable) as refused:
        read_days(file)
    assert told in str(refused.value.problems[0])


def test_a_file_without_days_or_columns_is_refused(installation: Installation, tmp_path: Path) -> None:
    for text, told in ((HEAD, "there are no days in it"), ("day,worked\n", "a column is missing"), ("", "")):
        file = tmp_path / "odd.csv"
        file.write_text(text, "utf-8")
        status, _, err = installation.command("calendar", "load", str(file), "--yes")
        assert (status, told in err, "Traceback" in err) == (1, True, False), err


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_pasted_notice_is_only_looked_at(tmp_path: Path, capsys: pytest.CaptureFixture[str], encoding: str) -> None:
    file = tmp_path / "notice.txt"
    file.write_text(INVENTED, encoding)

    assert paste_notice(file) == 0

    said = capsys.readouterr().out
    assert said.startswith("国务院办公厅关于2027年部分节假日安排的通知（国办发明电〔2026〕99号）\n")
    assert "  2027-01-03 Sun  worked, so far off\n" in said
    assert "  2027 is final\n" in said
    assert "0 open terms of 0 cases would move." in said
    assert CalendarVersion.objects.count() == 0


@pytest.mark.django_db
def test_a_file_that_is_no_notice_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="No such file"):
        paste_notice(tmp_path / "notice.txt")
    file = tmp_path / "notice.txt"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Trouble, match=r"can't be taken over:\n  line 1.*: this is no holiday notice"):
        paste_notice(file)


@pytest.mark.django_db
def test_terms_of_confidential_cases_are_counted_and_not_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = [received(confidential=secret) for secret in (True, False)]
    for case in cases:
        do(case, Assign(unit().id), at(3, 10, 15), clerk())
    file = tmp_path / "2026.csv"
    file.write_text(f"{HEAD}2026-03-14,true,演练,false\n", "utf-8")

    for yes in (False, True):
        assert load_calendar(file, dry_run=not yes, yes=yes) == 0
        said = capsys.readouterr().out
        assert f"2 open terms of 2 cases {'moved' if yes else 'would move'}:" in said
        assert "  and 1 of confidential cases\n" in said
        assert [str(case.number) in said for case in cases] == [False, True]
