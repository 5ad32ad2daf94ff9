"""A calendar from a file: of each date whether it is worked, who says so, and whether that may still change."""

import re
from datetime import date, time
from pathlib import Path

from huying.cases.days import Day
from huying.rules.rulebook_values import HHMM

from .table import BadTable, Row, Table, read_table

FIELDS = {
    "date": ("date", "日期"),
    "is_working": ("is_working", "是否上班", "是否工作日"),
    "source": ("source", "来源", "依据"),
    "provisional": ("provisional", "暂定"),
    "until": ("until", "上班到"),
}
_YES = frozenset({"true", "1", "yes", "是"})
_NO = frozenset({"false", "0", "no", "否"})
# Whoever means another century has mistyped the year.
_FIRST, _LAST = date(2000, 1, 1), date(2099, 12, 31)


def read_days(path: Path) -> dict[date, Day]:
    """Return the days of a table with the columns date, is_working and, if need be, source, provisional and until.

    Raises SheetError, BadTable.
    """
    table = read_table(path, FIELDS, ("date", "is_working"))
    days: dict[date, Day] = {}
    lines: dict[date, int] = {}
    for row in table.rows:
        day, works = _date(table, row), _bool(table, row, "is_working")
        provisional = _bool(table, row, "provisional", absent=False)
        until = _until(table, row, works=works)
        if day is None:
            continue
        if day in lines:
            table.complain(row, "date", f"{day} is in line {lines[day]} already")
        lines[day] = row.line
        days[day] = Day(works, provisional, row["source"], until)
    if table.problems:
        raise BadTable(table.problems)
    return days


def _date(table: Table, row: Row) -> date | None:
    day = table.day(row, "date")
    if day is None and not row["date"]:
        table.complain(row, "date", "the date is missing")
    if day is not None and not _FIRST <= day <= _LAST:
        table.complain(row, "date", f"{day} lies outside {_FIRST.year} to {_LAST.year}; check the year")
    return day


def _bool(table: Table, row: Row, name: str, absent: bool | None = None) -> bool:
    """Return what a cell says; what says neither yes nor no becomes a problem."""
    said = row[name].casefold()
    if said in _YES or said in _NO:
        return said in _YES
    if said or absent is None:
        table.complain(row, name, f"{row[name]!r} is neither true nor false")
    return bool(absent)


def _until(table: Table, row: Row, *, works: bool) -> time | None:
    """Return until when a half day is worked: 12:00."""
    said = row["until"]
    if not said:
        return None
    if re.fullmatch(rf"{HHMM}(:00)?", said) is None or said.startswith("00:00"):
        table.complain(row, "until", f"{said!r} is no time of day; write it like 12:00")
        return None
    if not works:
        table.complain(row, "until", "a day off has no working hours; leave it empty or set is_working to true")
    return time.fromisoformat(said)
