"""What the logs say of an exception: never what the database quotes of a row, which may be personal data."""

import logging
from collections.abc import Iterator
from types import TracebackType

import psycopg


class DiscreetFormatter(logging.Formatter):
    """Cuts an error of PostgreSQL down to its first line: "DETAIL: Failing row contains (…)" and what follows go."""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # another handler may have left it there in full
        return super().format(record)

    def formatException(  # noqa: N802  # the name is logging's
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        text = super().formatException(ei)
        for error in _chain(ei[1], set()):
            if isinstance(error, psycopg.Error) and error.diag.message_primary:
                # Django's errors repeat the text of the one that they wrap.
                text = text.replace(str(error), error.diag.message_primary)
        return text


def _chain(error: BaseException | None, seen: set[int]) -> Iterator[BaseException]:
    """Yield an exception and all that it came from; `seen`: by id, as the chain may close."""
    if error is None or id(error) in seen:
        return
    seen.add(id(error))
    yield error
    yield from _chain(error.__cause__, seen)
    yield from _chain(error.__context__, seen)
