"""One writer at a time over all web processes: who reads doesn't wait behind a crowd that posts.

Threads share an interpreter and processes the same few cores, so many that write at once are together hardly faster
than one after the other, and make every page several times as slow.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from threading import Lock
from typing import Any

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_PATIENCE = 2.0  # seconds; then it goes on beside the others: whoever has the turn may wait for something itself
_POLL = 0.001
_IN_MEMORY, _LARGEST = 2**20, 2**28  # bytes of a body: ten files of 20 MB and their form; more is refused unread


class OneWriterAtATime:
    """A WSGI application behind which requests that write take turns; the file is what processes share."""

    def __init__(self, application: Application, file: Path) -> None:
        self._application, self._thread = application, Lock()
        file.parent.mkdir(parents=True, exist_ok=True)
        # Each process opens it for itself: of one that was inherited all would hold the lock together.
        self._file = os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in _READS:
            return self._application(environ, start_response)
        if not _may_be_taken_in(environ):
            return self._application(environ, start_response)
        with SpooledTemporaryFile(_IN_MEMORY) as body:
            # Read before the turn: nobody waits for a slow sender.
            copyfileobj(environ["wsgi.input"], body)
            body.seek(0)
            with self._turn():
                return self._application(environ | {"wsgi.input": body}, start_response)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait until nobody else writes, but not for ever. A process that dies gives its turn up."""
        until = time.monotonic() + _PATIENCE
        mine = self._thread.acquire(timeout=_PATIENCE)
        try:
            while mine and not self._locked() and time.monotonic() < until:
                time.sleep(_POLL)
            yield
        finally:
            if mine:
                fcntl.flock(self._file, fcntl.LOCK_UN)
                self._thread.release()

    def _locked(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _may_be_taken_in(environ: Environ) -> bool:
    length = environ.get("CONTENT_LENGTH") or "0"
    return length.isdecimal() and int(length) <= _LARGEST
