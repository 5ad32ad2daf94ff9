"""The sweep as a process of its own: `python -m huying.config.watch`. It wakes when the next rung is due."""

import os
import time
from datetime import datetime

import django

from huying.config.processes import end_with_parent

AT_LEAST_EVERY = 30.0  # seconds
_AT_MOST_EVERY = 0.1  # seconds; what is due may be in another sweeper's hands


def watch() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huying.config.settings")
    django.setup()
    from django.db import InterfaceError, OperationalError, close_old_connections

    from huying.cases.clock import now
    from huying.cases.sweep import Sweeper

    sweeper = Sweeper()
    while True:
        try:
            sweeper.sweep(now())
            wait = seconds_until(sweeper.next_instant(), now())
        except (OperationalError, InterfaceError):  # the database restarts; what was due stays due
            wait = 1.0
        close_old_connections()
        time.sleep(wait)


def seconds_until(due: datetime | None, now: datetime) -> float:
    """Return how long to sleep until the next rung; never longer than AT_LEAST_EVERY, as cases come meanwhile."""
    wait = AT_LEAST_EVERY if due is None else (due - now).total_seconds()
    return min(max(wait, _AT_MOST_EVERY), AT_LEAST_EVERY)


if __name__ == "__main__":
    end_with_parent()
    watch()
