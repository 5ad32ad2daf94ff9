"""The web server as a process of its own: granian, WSGI, threads. `python -m huying.config.web HOST PORT WORKERS`."""

import logging
import os
import sys
from importlib import import_module

import django
from django.conf import settings
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from huying.config.processes import PARENT, end_with_parent

THREADS = 16  # most of them wait: for their turn to write, or for a slow sender


def serve(host: str, port: int, workers: int) -> None:
    """Serve until a signal comes. The workers are forked from here, so what they need is imported once, here."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huying.config.settings")
    django.setup()
    import_module(settings.ROOT_URLCONF)
    os.environ[PARENT] = str(os.getpid())
    # It takes so many threads for a mistake and prints that; they wait, they don't work at once.
    logging.getLogger("_granian").addFilter(lambda record: "Python threads" not in record.getMessage())
    Server(
        "huying.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    end_with_parent()
    serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
