"""The office's own tables (units, posts) from a .csv or .xlsx file: cells by field, problems by line and column.

Unlike a file of messages such a table is taken whole or not at all, so every problem of it is collected first.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from .sheet import parse_time
from .sheet_rows import REASONS, Fault, RawRow, SheetError, raw_rows

MAX_CELL = 1_000  # characters; a name has fewer, a portfolio seldom more
# Whitespace, and what separates the codes of a list.
CODE = re.compile(r"[^\s、;；,，]{1,60}")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a table can't be taken; the column is named as the file names it (empty: the whole row)."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}, {f'column {self.column}: ' if self.column else ''}{self.reason}"


class BadTable(Exception):
    """A table has problems; nothing of it may be taken."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        self.problems = sorted(problems, key=lambda problem: (problem.line, problem.column))


@dataclass(frozen=True, slots=True)
class Change:
    """What a table would do to one unit or post, in words; `word` is new, changed, abolished or unchanged."""

    word: str
    code: str
    says: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the stripped text of each field that the table has, and the real dates of a spreadsheet."""

    line: int
    cells: Mapping[str, str]
    dates: Mapping[str, date]

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")


@dataclass
class Table:
    """The rows of a file whose form is sound, the headers of its fields as written, and the problems so far."""

    headers: Mapping[str, str]
    unread: tuple[str, ...]
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def has(self, name: str) -> bool:
        return name in self.headers

    def complain(self, row: Row, name: str, reason: str) -> None:
        self.problems.append(Problem(row.line, self.headers.get(name, name), reason))

    def day(self, row: Row, name: str) -> date | None:
        """Return the day that a cell says, None if it is blank; what is no day becomes a problem."""
        if name in row.dates or not row[name]:
            return row.dates.get(name)
        if (moment := parse_time(row[name])) is None:
            self.complain(row, name, f"{row[name]!r} is not a date; write it like 2026-01-31")
            return None
        return moment.date()

    def coded(self) -> Iterator[Row]:
        """Yield the rows that have a code of their own and a name; the others become problems."""
        seen: dict[str, int] = {}
        for row in self.rows:
            for name in ("code", "name"):
                if not row[name]:
                    self.complain(row, name, f"the {name} is missing")
            code = row["code"]
            if code and not CODE.fullmatch(code):
                self.complain(row, "code", f"{code!r} is no code: at most 60 characters, no space, comma, 、 or ;")
            elif code in seen:
                self.complain(row, "code", f"the code {code!r} is in line {seen[code]} already")
            elif code and row["name"]:
                yield row
            seen.setdefault(code, row.line)


def read_table(path: Path, fields: Mapping[str, Sequence[str]], required: Sequence[str]) -> Table:
    """Return the table in `path`; `fields` are the names that a field's header may have. Raises SheetError."""
    raws = raw_rows(path)
    header = next(raws).cells
    means = {_plain(name): known for known, names in fields.items() for name in names}
    at: dict[str, int] = {}
    for place, name in enumerate(header):
        if (known := means.get(_plain(name))) is None:
            continue
        if known in at:
            raise SheetError(f"{path}: the columns {header[at[known]]} and {name} mean the same; delete one")
        at[known] = place
    if missing := [name for name in required if name not in at]:
        wanted = ", ".join(" or ".join(dict.fromkeys(fields[name])) for name in missing)
        raise SheetError(f"{path}: a column is missing: {wanted}")
    unread = tuple(name for place, name in enumerate(header) if place not in at.values() and name.strip())
    table = Table({known: header[place].strip("\ufeff ") for known, place in at.items()}, unread)
    for raw in raws:
        if problem := _problem(raw, header, at):
            table.problems.append(problem)
        else:
            cells = {known: raw.cells[place].strip() for known, place in at.items()}
            dates = {known: raw.dates[place].date() for known, place in at.items() if place in raw.dates}
            table.rows.append(Row(raw.line, cells, dates))
    return table


def _plain(header: str) -> str:
    return re.sub(r"[\s_\ufeff]+", "", unicodedata.normalize("NFKC", header)).casefold()


def _problem(raw: RawRow, header: Sequence[str], at: Mapping[str, int]) -> Problem | None:
    if raw.fault:
        return Problem(raw.line, "", REASONS[raw.fault])
    if len(raw.cells) != len(header):
        return Problem(raw.line, "", REASONS[Fault.CELL_COUNT])
    for place in at.values():
        if reason := _unfit(raw.cells[place].strip()):
            return Problem(raw.line, header[place], reason)
    return None


def _unfit(cell: str) -> str | None:
    """Return why a cell can't be a name or a code: what can't be stored, or would play with a terminal."""
    kinds = {unicodedata.category(character) for character in cell}
    if "Cs" in kinds:
        return REASONS[Fault.BAD_BYTES]
    if "Cc" in kinds:
        return "the cell has a line break or another control character; delete it"
    if len(cell) > MAX_CELL:
        return f"the cell has more than {MAX_CELL:,} characters; shorten it"
    return None
