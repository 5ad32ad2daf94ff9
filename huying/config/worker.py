"""The job worker as a process of its own: `python -m huying.config.worker`. It polls; NOTIFY is switched off."""

import os

import django

from huying.config.processes import end_with_parent

CONCURRENCY = 2
POLL_EVERY = 0.5  # seconds
GRACE = 8  # seconds that a running job gets at the end; it is retried if it needs more


def run() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huying.config.settings")
    django.setup()
    from procrastinate.contrib.django import app

    with app.replace_connector(app.connector.get_worker_connector()) as worker_app:  # type: ignore[attr-defined]
        worker_app.run_worker(
            concurrency=CONCURRENCY,
            fetch_job_polling_interval=POLL_EVERY,
            listen_notify=False,
            delete_jobs="successful",
            shutdown_graceful_timeout=GRACE,
        )


if __name__ == "__main__":
    end_with_parent()
    run()
