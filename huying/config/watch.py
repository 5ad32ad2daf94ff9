"""The sweep as a process of its own: `python -m huying.config.watch`. It wakes when the next rung is due."""

import logging
import os
import time
from datetime import datetime
from typing import TYPE_CHECKING

import django
from django.db import InterfaceError, OperationalError

from huying.config.processes import end_with_parent

if TYPE_CHECKING:
    from huying.cases.sweep import Sweeper

AT_LEAST_EVERY = 30.0  # seconds
_AT_MOST_EVERY = 0.1  # seconds; what is due may be in another sweeper's hands
_WHILE_AWAY = 1.0  # seconds
log = logging.getLogger(__name__)


def watch() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huying.config.settings")
    django.setup()
    from django.db import close_old_connections

    from huying.cases.sweep import Sweeper

    watcher = Watcher(Sweeper())
    while True:
        wait = watcher.look()
        close_old_connections()
        time.sleep(wait)


class Watcher:
    """One that sweeps, looks when to sweep again, and lives through what is wrong with the database meanwhile.

    What was due stays due. The first of a series of troubles of one kind is logged.
    """

    def __init__(self, sweeper: "Sweeper") -> None:
        self.sweeper = sweeper
        self.was_away: bool | None = None  # None: all was well the last time

    def look(self) -> float:
        """Sweep once and return how many seconds to wait."""
        from huying.cases.clock import now
        from huying.cases.sweep import is_away

        try:
            self.sweeper.sweep(now())
            wait = seconds_until(self.sweeper.next_instant(), now())
        except (OperationalError, InterfaceError) as failed:
            away = is_away(failed)
            if self.was_away is not away:
                log.exception("the database %s; the sweep tries again", "is away" if away else "refuses the sweep")
            self.was_away = away
            return _WHILE_AWAY if away else AT_LEAST_EVERY
        self.was_away = None
        return wait


def seconds_until(due: datetime | None, now: datetime) -> float:
    """Return how long to sleep until the next rung; never longer than AT_LEAST_EVERY, as cases come meanwhile."""
    wait = AT_LEAST_EVERY if due is None else (due - now).total_seconds()
    return min(max(wait, _AT_MOST_EVERY), AT_LEAST_EVERY)


if __name__ == "__main__":
    end_with_parent()
    watch()
