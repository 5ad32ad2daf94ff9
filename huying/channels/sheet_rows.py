"""The rows of a .csv or .xlsx file as bare cells, before anybody asks what they mean.

A bad row costs that row and no other. In particular a quote that is never closed, which makes a naive reader
swallow the rest of the file, rejects one physical line, and reading resumes on the next.
"""

import csv
import re
import zlib
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import IO
from zipfile import BadZipFile

MAX_TEXT = 100_000  # characters of one cell; the longest real message has about 10,000
MAX_ROW = 1_000_000  # characters of one row; more is a quote that was never closed, or no sheet of messages

ENDINGS = (".csv", ".xlsx")


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
    """The file as a whole can't be read; the message is one line that says what to do."""


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
    if path.suffix.lower() != ".csv" or not path.is_file():
        return None
    count, quotes, last = 0, 0, b"\n"
    with path.open("rb") as file:
        while line := file.readline(MAX_ROW):
            quotes += line.count(b'"')
            count += quotes % 2 == 0 and line.endswith(b"\n") and line.strip(b"\r\n,") != b""
            last = line
    return max(0, count + (not last.endswith(b"\n")) - 1)


def raw_rows(path: Path) -> Generator[RawRow]:
    """Yield the header, then every row that isn't blank. Raises SheetError."""
    if not path.exists():
        raise SheetError(f"{path}: there is no such file")
    if not path.is_file():
        raise SheetError(f"{path}: this is not a file")
    match path.suffix.lower():
        case ".csv":
            rows = _csv_rows(path)
        case ".xlsx":
            rows = _xlsx_rows(path)
        case _:
            raise SheetError(f"{path}: unknown ending; save it as {' or '.join(ENDINGS)}")
    for raw in rows:
        if raw.fault or any(cell.strip() for cell in raw.cells):
            break
    else:
        raise SheetError(f"{path}: the file is empty")
    if raw.fault:
        raise SheetError(f"{path}: the header in line {raw.line} can't be read; {REASONS[raw.fault]}")
    yield raw
    yield from (raw for raw in rows if raw.fault or any(cell.strip() for cell in raw.cells))


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


class _Lines(Iterator[str]):
    """The physical lines of a file, which can be taken back: what the csv reader consumed is remembered."""

    def __init__(self, file: IO[str]) -> None:
        self.number = 0  # of the line read last
        self.consumed: list[str] = []
        self.too_long = False
        self._size = 0
        self._file = file
        self._again: deque[str] = deque()

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._file.readline(MAX_ROW + 1)
        if not line:
            raise StopIteration
        self.number += 1
        self.consumed.append(line)
        self._size += len(line)
        if self._size > MAX_ROW:
            self.too_long = True
            raise StopIteration  # the csv reader takes it for the end of the file
        return line

    def start_row(self) -> None:
        self.consumed, self.too_long, self._size = [], False, 0

    def take_back_all_but_first(self) -> str:
        """Put back what was consumed after the first line of the row, and return that line."""
        first = self.consumed[0]
        self._again.extendleft(reversed(self.consumed[1:]))
        self.number -= len(self.consumed) - 1
        return first

    def skip_rest_of_line(self) -> None:
        while (rest := self._file.readline(MAX_ROW)) and not rest.endswith(("\n", "\r")):
            pass


def _csv_rows(path: Path) -> Iterator[RawRow]:
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
            if lines.too_long or fault:
                yield _rejected_line(lines, start, fault)
            else:
                yield RawRow(start, tuple(cells or ()), {})


def _rejected_line(lines: _Lines, start: int, fault: Fault | None) -> RawRow:
    """Return the first physical line of a row that can't be parsed; reading resumes on the next one."""
    alone = len(lines.consumed) == 1
    first = lines.take_back_all_but_first()
    if alone and lines.too_long:
        fault = Fault.ROW_TOO_LONG
        if not first.endswith(("\n", "\r")):
            lines.skip_rest_of_line()
        first = first[:MAX_TEXT]
    elif lines.too_long:
        fault = Fault.OPEN_QUOTE
    return RawRow(start, (first.rstrip("\r\n"),), {}, fault or Fault.OPEN_QUOTE)


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


def _xlsx_rows(path: Path) -> Iterator[RawRow]:
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
