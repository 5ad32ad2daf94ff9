"""The sweep as a process of its own: `python -m huying.config.watch`. It wakes when the next rung is due."""

import os
import time

import django

from huying.config.processes import end_with_parent

AT_LEAST_EVERY = 30.0  # seconds


def watch() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huying.config.settings")
    django.setup()
    from django.db import InterfaceError, OperationalError, close_old_connections

    from huying.cases.clock import now
    from huying.cases.sweep import next_instant, sweep

    while True:
        try:
            sweep(now())
            due = next_instant()
            wait = AT_LEAST_EVERY if due is None else (due - now()).total_seconds()
        except (OperationalError, InterfaceError):  # the database restarts; what was due stays due
            wait = 1.0
        close_old_connections()
        time.sleep(min(max(wait, 0.1), AT_LEAST_EVERY))


if __name__ == "__main__":
    end_with_parent()
    watch()
