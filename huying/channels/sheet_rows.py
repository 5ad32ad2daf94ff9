"""The rows of a .csv or .xlsx file as bare cells, before anybody asks what they mean.

A bad row costs that row and no other. In particular a quote that is never closed, which makes a naive reader
swallow the rest of the file, rejects one physical line, and reading resumes on the next. A quote that is closed
after more text than a row may have is one broken row, and reading resumes behind it.
"""

import csv
import re
import zlib
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import IO
from zipfile import BadZipFile

MAX_TEXT = 100_000  # characters of one cell; the longest real message has about 10,000
MAX_ROW = 1_000_000  # characters of one row; more is a quote that was never closed, or no sheet of messages

ENDINGS = (".csv", ".xlsx")

REJECTED_HEADERS = ("line", "column", "reason")  # a file of rejected rows is known by these, in front of its own


class Fault(StrEnum):
    """Why a row is broken: a stable code, for translation."""

    CELL_COUNT = "cell_count"
    OPEN_QUOTE = "open_quote"
    STRAY_QUOTE = "stray_quote"
    ROW_TOO_LONG = "row_too_long"
    BAD_BYTES = "bad_bytes"
    SURROGATE = "surrogate"
    NUL = "nul"
    TOO_LONG = "too_long"
    NO_TEXT = "no_text"
    NO_DATE = "no_date"
    BAD_DATE = "bad_date"
    REPLY_WITHOUT_DATE = "reply_without_date"
    REPLY_BEFORE_MESSAGE = "reply_before_message"


REASONS: Mapping[Fault, str] = {
    Fault.CELL_COUNT: "The row has another number of cells than the header; put text with commas in quotes.",
    Fault.OPEN_QUOTE: 'A quote is opened and never closed; close it, or write " inside a text twice.',
    Fault.STRAY_QUOTE: 'Something follows a closing quote; write " inside a text twice.',
    Fault.ROW_TOO_LONG: f"The row has more than {MAX_ROW:,} characters; look for a quote that is not closed.",
    Fault.BAD_BYTES: "The cell has bytes that are not valid in the file's encoding; type the characters again.",
    Fault.SURROGATE: "The cell has half a character (a lone surrogate); type it again.",
    Fault.NUL: "The cell has a NUL character; delete it.",
    Fault.TOO_LONG: f"The cell has more than {MAX_TEXT:,} characters; shorten it.",
    Fault.NO_TEXT: "The message has neither text nor title; write one.",
    Fault.NO_DATE: "The time is missing; write it like 2026-01-31 09:30.",
    Fault.BAD_DATE: "This is not a date; write it like 2026-01-31 09:30.",
    Fault.REPLY_WITHOUT_DATE: "There is a reply but no time of it; write it like 2026-01-31 09:30.",
    Fault.REPLY_BEFORE_MESSAGE: "The reply is dated before the message; correct one of the two times.",
}


class SheetError(Exception):
    """The file as a whole can't be read, or its rejected rows can't be written; one line says what to do."""


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row before anybody asks what its cells mean; `fault` where the file's form is broken."""

    line: int
    cells: tuple[str, ...]
    dates: Mapping[int, datetime]  # real dates of a spreadsheet, by position
    fault: Fault | None = None


def headers(path: Path) -> tuple[str, ...]:
    """Return the headers as the file writes them. Raises SheetError."""
    with closing(raw_rows(path)) as rows:
        return next(rows).cells


def count_rows(path: Path) -> int | None:
    """Return about how many rows `path` has, for a progress bar; None if that isn't known cheaply.

    A .csv is scanned at disk speed: a line end counts where the quotes before it pair up, which is exact for a
    well-formed file.
    """
    with _reading(path):
        return _count_lines(path) if path.suffix.lower() == ".csv" and path.is_file() else None


def _count_lines(path: Path) -> int:
    count, quotes, last = 0, 0, b"\n"
    with path.open("rb") as file:
        while line := file.readline(MAX_ROW):
            quotes += line.count(b'"')
            count += quotes % 2 == 0 and line.endswith(b"\n") and line.strip(b"\r\n,") != b""
            last = line
    return max(0, count + (not last.endswith(b"\n")) - 1)


def raw_rows(path: Path) -> Generator[RawRow]:
    """Yield the header, then every row that isn't blank. Raises SheetError.

    A file of rejected rows is read as the cells were before they were defused.
    """
    with _reading(path), closing(_rows(path)) as rows:
        for raw in rows:
            if raw.fault or any(cell.strip() for cell in raw.cells):
                break
        else:
            raise SheetError(f"{path}: the file is empty")
        if raw.fault:
            raise SheetError(f"{path}: the header in line {raw.line} can't be read; {REASONS[raw.fault]}")
        was_rejected = raw.cells[: len(REJECTED_HEADERS)] == REJECTED_HEADERS
        yield _as_it_was(raw) if was_rejected else raw
        for raw in rows:
            if raw.fault or any(cell.strip() for cell in raw.cells):
                yield _as_it_was(raw) if was_rejected else raw


def _rows(path: Path) -> Generator[RawRow]:
    if not path.exists():
        raise SheetError(f"{path}: there is no such file")
    if not path.is_file():
        raise SheetError(f"{path}: this is not a file")
    path.open("rb").close()  # without rights to it the reason is that, not that a spreadsheet is damaged
    match path.suffix.lower():
        case ".csv":
            return _csv_rows(path)
        case ".xlsx":
            return _xlsx_rows(path)
        case _:
            raise SheetError(f"{path}: unknown ending; save it as {' or '.join(ENDINGS)}")


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SheetError(f"{path}: the file can't be read ({error.strerror or error})") from error


# A spreadsheet runs a cell that begins with one of these as a formula (CWE-1236).
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def defused(cell: str) -> str:
    """Return the cell so that no spreadsheet runs it: with ' in front, also where it has one or more already.

    So the way back is unambiguous.
    """
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _as_it_was(raw: RawRow) -> RawRow:
    """Return a row of a rejected file without what `defused` put in; a line that can't be parsed stays as it is."""
    if raw.fault:
        return raw
    cells = (cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell for cell in raw.cells)
    return replace(raw, cells=tuple(cells))


def _encoding(path: Path) -> str:
    """Return the encoding of a .csv, judged by all lines that have more than ASCII.

    A few bad lines must not turn a UTF-8 file into GB18030, where nearly every pair of bytes is a character;
    Chinese in GB18030 on the other hand is hardly ever valid UTF-8.
    """
    valid = invalid = 0
    with path.open("rb") as file:
        if (start := file.read(4)).startswith((b"\xff\xfe", b"\xfe\xff")):
            raise SheetError(f"{path}: the file is UTF-16; save it as CSV UTF-8")
        if start.startswith(b"\xef\xbb\xbf"):
            return "utf-8-sig"
        if start.startswith(b"PK\x03\x04"):
            raise SheetError(f"{path}: this is a spreadsheet, not text; rename it to .xlsx")
        file.seek(0)
        while line := file.readline(MAX_ROW):
            if not line.isascii():
                try:
                    line.decode()
                    valid += 1
                except UnicodeDecodeError:
                    invalid += 1
    return "utf-8" if valid >= invalid else "gb18030"


class _At(StrEnum):
    """Where in a row a csv reader stands."""

    START = "start of a cell"
    BARE = "in a cell without quotes"
    QUOTED = "in a cell in quotes"
    QUOTE = "behind a quote in such a cell"
    END = "end of the row"
    STRAY = "behind what may not follow a closing quote"


_TOKEN = re.compile(r'[",\r\n]|[^",\r\n]+')
_BEHIND: Mapping[_At, Mapping[str, _At]] = {
    _At.START: {'"': _At.QUOTED, ",": _At.START, "\r": _At.END, "\n": _At.END},
    _At.BARE: {",": _At.START, "\r": _At.END, "\n": _At.END},
    _At.QUOTED: {'"': _At.QUOTE},
    _At.QUOTE: {'"': _At.QUOTED, ",": _At.START, "\r": _At.END, "\n": _At.END},
}
_BEHIND_TEXT = {_At.START: _At.BARE, _At.BARE: _At.BARE, _At.QUOTED: _At.QUOTED, _At.QUOTE: _At.STRAY}


def _closes(pieces: Iterable[str]) -> bool:
    """Say whether the row that the pieces begin ends well, and consume them as far as that needs.

    It reads as the csv module does, but stores nothing, so a cell may be of any length.
    """
    at = _At.START
    for piece in pieces:
        if at is _At.QUOTED and '"' not in piece:
            continue
        for token in _TOKEN.finditer(piece):
            at = _BEHIND[at].get(token[0], _BEHIND_TEXT[at])
            if at in (_At.END, _At.STRAY):
                return at is _At.END
    return at is not _At.QUOTED


class _Lines(Iterator[str]):
    """The physical lines of a file, which can be taken back: what the csv reader consumed is remembered."""

    def __init__(self, file: IO[str]) -> None:
        self.number = 0  # of the line read last
        self.consumed: list[str] = []
        self.too_long = False
        self._size = 0
        self._file = file
        self._again: deque[str] = deque()
        self._last = "\n"  # the piece read last

    def __next__(self) -> str:
        line = self._next_piece()
        if not line:
            raise StopIteration
        self.consumed.append(line)
        self._size += len(line)
        if self._size > MAX_ROW:
            self.too_long = True
            raise StopIteration  # the csv reader takes it for the end of the file
        return line

    def _next_piece(self) -> str:
        """Return the next line, of one that is longer than a row may be the next piece; at the end nothing."""
        piece = self._again.popleft() if self._again else self._file.readline(MAX_ROW + 1)
        if piece == "\n" and self._last.endswith("\r"):
            piece = self._file.readline(MAX_ROW + 1)  # that was the second half of a CR LF, cut by the limit
        self.number += bool(piece) and self._last.endswith(("\n", "\r"))
        self._last = piece or self._last
        return piece

    def start_row(self) -> None:
        self.consumed, self.too_long, self._size = [], False, 0

    def take_back_all_but_first(self) -> None:
        """Put back what was consumed after the first line of the row."""
        self._again.extendleft(reversed(self.consumed[1:]))
        self.number -= len(self.consumed) - 1
        self._last = self.consumed[0]

    def pass_over_row(self) -> bool:
        """Go on behind a row that is too long; where that is, is known only if its quotes are closed.

        If they aren't, only its first line is passed over, and the answer is False.
        """
        number, last, again, position = self.number, self._last, self._again.copy(), self._file.tell()
        if _closes(chain(self.consumed, iter(self._next_piece, ""))):
            return True
        self._file.seek(position)
        self.number, self._last, self._again = number, last, again
        self.take_back_all_but_first()
        while not self._last.endswith(("\n", "\r")) and self._next_piece():
            pass
        return False


def _csv_rows(path: Path) -> Generator[RawRow]:
    with path.open(encoding=_encoding(path), errors="surrogateescape", newline="") as file:
        lines = _Lines(file)
        while True:
            lines.start_row()
            start = lines.number + 1
            try:
                with _field_limit(MAX_ROW + 1):
                    # A reader for each row: after an error its state is not to be trusted.
                    cells = next(csv.reader(lines, strict=True), None)
                fault = None
            except csv.Error as error:
                cells, fault = [], _fault(error, len(lines.consumed))
            if not lines.consumed:
                return
            if lines.too_long:
                yield _rejected_long_row(lines, start)
            elif fault:
                lines.take_back_all_but_first()
                yield RawRow(start, (lines.consumed[0].rstrip("\r\n"),), {}, fault)
            else:
                yield RawRow(start, tuple(cells or ()), {})


def _rejected_long_row(lines: _Lines, start: int) -> RawRow:
    """Return the beginning of the row's first line: all of the row where that is closed, else that line alone."""
    first, is_one_line = lines.consumed[0], len(lines.consumed) == 1
    if lines.pass_over_row() or is_one_line:
        return RawRow(start, (first[:MAX_TEXT].rstrip("\r\n"),), {}, Fault.ROW_TOO_LONG)
    return RawRow(start, (first.rstrip("\r\n"),), {}, Fault.OPEN_QUOTE)


def _fault(error: csv.Error, lines_consumed: int) -> Fault:
    """Return what the csv module complains about; it knows no classes of errors.

    Where an open quote ran on until it met a quote of a later row, the csv module sees a stray one there.
    """
    is_open = "unexpected end" in str(error) or lines_consumed > 1
    return Fault.OPEN_QUOTE if is_open else Fault.STRAY_QUOTE


@contextmanager
def _field_limit(characters: int) -> Iterator[None]:
    """Raise the csv module's limit (131,072), which is one for the whole process, and put it back."""
    before = csv.field_size_limit(characters)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _xlsx_rows(path: Path) -> Generator[RawRow]:
    """Yield the rows of the first sheet, all as wide as the first row that isn't blank.

    Formulas count with the value that the spreadsheet stored.
    """
    # Web processes import this module and must not carry openpyxl (ARCHITECTURE 5), so only here.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    # What openpyxl lets through for a damaged archive, damaged XML (a ParseError is a SyntaxError), a file that
    # is something else, and a book without a sheet of cells.
    unreadable = (BadZipFile, zlib.error, InvalidFileException, SyntaxError, OSError, EOFError)
    unforeseen = (AttributeError, IndexError, KeyError, TypeError, ValueError)
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        with closing(book):
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # some programs write A1:A1 whatever the sheet holds
            width = 0
            for line, values in enumerate(sheet.iter_rows(values_only=True), start=1):
                raw = _xlsx_row(line, values, width)
                width = width or len(raw.cells)
                yield raw
    except (*unreadable, *unforeseen) as error:
        raise SheetError(f"{path}: the file is damaged or no .xlsx; save it again as .xlsx") from error


def _xlsx_row(line: int, values: Sequence[object], width: int) -> RawRow:
    cells = [_written(value) for value in values]
    while len(cells) > width and not cells[-1].strip():
        cells.pop()
    cells += [""] * (width - len(cells))
    dates = {at: _midnight(value) for at, value in enumerate(values) if isinstance(value, date)}
    return RawRow(line, tuple(cells), dates)


def _midnight(value: date) -> datetime:
    return value if isinstance(value, datetime) else datetime.combine(value, time())


# How .xlsx writes what XML can't hold (ECMA-376, ST_Xstring); Excel does so with the CR of a line end.
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def _written(value: object) -> str:
    """Return a cell's value as a person would write it: 13900006021.0 has no decimals, a date is ISO."""
    match value:
        case None:
            return ""
        case datetime():
            return value.isoformat(sep=" ")
        case str():
            return _ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), value)
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)
