"""The rows that a file of messages had and the register didn't take, written out for whoever can correct them."""

import csv
import os
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

from .sheet import BrokenRow
from .sheet_rows import headers

if TYPE_CHECKING:
    from _csv import Writer

# A spreadsheet runs a cell that begins with one of these as a formula (CWE-1236).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Rejects:
    """The file FILE.rejected.csv beside FILE: the rows that were not taken, with line, column and reason.

    It is made with the first rejected row, readable by its owner alone, since it holds citizens' words; one left
    by an earlier run is removed at the start. Its cells stand under the original headers, so it can be corrected
    and read again.

    >>> with Rejects(path) as rejects:
    ...     for row in read(path, with_replies=False):
    ...         if isinstance(row, BrokenRow):
    ...             rejects.add(row)
    """

    def __init__(self, path: Path) -> None:
        self.source = path
        self.path = path.with_name(path.name + ".rejected.csv")
        self.count = 0
        self._file: IO[str] | None = None
        self._writer: Writer | None = None

    def __enter__(self) -> Self:
        self.path.unlink(missing_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()

    def add(self, row: BrokenRow) -> None:
        if self._writer is None:
            self._writer = self._open()
        self._writer.writerow([row.line, *map(_defused, (row.column, row.reason, *row.cells))])
        self.count += 1

    def _open(self) -> "Writer":
        # O_EXCL: never through a link that somebody put there since the start.
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        # The mark tells Excel that it is UTF-8; bytes that no encoding explains are written as \udc80.
        self._file = os.fdopen(descriptor, "w", encoding="utf-8-sig", errors="backslashreplace", newline="")
        writer = csv.writer(self._file)
        writer.writerow(["line", "column", "reason", *map(_defused, headers(self.source))])
        return writer


def _defused(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
