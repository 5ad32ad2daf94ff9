"""The rows that a file of messages had and the register didn't take, written out for whoever can correct them."""

import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

from .sheet import BrokenRow
from .sheet_rows import REJECTED_HEADERS, SheetError, defused, headers

if TYPE_CHECKING:
    from _csv import Writer


class Rejects:
    """The file FILE.rejected.csv beside FILE: the rows that were not taken, with line, column and reason.

    It is made at the start, so that a folder without rights is noticed before anything is taken, and removed at
    the end if there was nothing to reject; one left by an earlier run is replaced. It is readable by its owner
    alone, since it holds citizens' words. Its cells stand under the original headers, so it can be corrected and
    read again. Raises SheetError where it can't be written.

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
        with self._writing():
            self.path.unlink(missing_ok=True)
            # O_EXCL: never through a link that somebody put there since.
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            # The mark tells Excel that it is UTF-8; bytes that no encoding explains are written as \udc80.
            self._file = os.fdopen(descriptor, "w", encoding="utf-8-sig", errors="backslashreplace", newline="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._writing():
            if self._file:
                self._file.close()
            if not self.count:
                self.path.unlink(missing_ok=True)

    def add(self, row: BrokenRow) -> None:
        with self._writing():
            if self._writer is None:
                self._writer = self._headed()
            self._writer.writerow([row.line, *map(defused, (row.column, row.reason, *row.cells))])
        self.count += 1

    def _headed(self) -> "Writer":
        if self._file is None:
            raise RuntimeError("rows are rejected inside `with` alone")
        writer = csv.writer(self._file)
        writer.writerow([*REJECTED_HEADERS, *map(defused, headers(self.source))])
        return writer

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or error
            raise SheetError(f"{self.path}: rejected rows can't be written there ({reason})") from error
