"""The jobs of the worker: sending messages, and looking after what got stuck."""

import logging
from collections.abc import Sequence

from procrastinate import JobContext
from procrastinate.contrib.django import app

from huying.cases import closers, limits, outbox, unfinished
from huying.cases.calendars import count_open_terms
from huying.cases.clock import now
from huying.cases.intake import KEYS_LIVE
from huying.cases.models import IdempotencyKey

log = logging.getLogger(__name__)


@app.task(name="deliver", queue="send", retry=5)
def deliver(message_ids: Sequence[int]) -> None:
    """Send the queued messages of these ids. No channel has a sender yet.

    This is the only way out. Senders that come to live here ask `the_office().is_demo` first: an invented city has
    none, whatever is configured.
    """
    outbox.deliver(message_ids, now())


@app.task(name="count_open_terms", queue="bulk", lock="count_open_terms", retry=5)
def count_terms() -> None:
    """Count every open term by the calendar that was loaded last; killed in between, it goes on where it was."""
    count_open_terms(now())


@app.periodic(cron="* * * * * */30")
@app.task(name="retry_stalled", queue="bulk", queueing_lock="retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Give the jobs of a worker that was killed to another one."""
    for job in await context.app.job_manager.get_stalled_jobs():
        await context.app.job_manager.retry_job(job)


@app.periodic(cron="17 3 * * *")
@app.task(name="forget_keys", queue="bulk", queueing_lock="forget_keys")
def forget_keys(timestamp: int) -> None:
    """Delete idempotency keys whose seven days are over."""
    IdempotencyKey.objects.filter(recorded_at__lt=now() - KEYS_LIVE).delete()


@app.periodic(cron="7 * * * *")
@app.task(name="forget_unfinished", queue="bulk", queueing_lock="forget_unfinished")
def forget_unfinished(timestamp: int) -> None:
    """Let go of reports that nobody finished, with their files."""
    unfinished.forget_ended(now())


@app.periodic(cron="27 * * * *")
@app.task(name="forget_tries", queue="bulk", queueing_lock="forget_tries")
def forget_tries(timestamp: int) -> None:
    """Delete what was counted more than an hour ago."""
    limits.forget_ended(now())


@app.periodic(cron="37 2 * * *")
@app.task(name="look_over", queue="bulk", queueing_lock="look_over")
def look_over(timestamp: int) -> None:
    """End the notices that nobody reads, and log how many cases and contacts are stuck: never which."""
    at = now()
    outbox.end_unread(at)
    stuck = {name: count for name, count in closers.look_over(at).items() if count}
    if stuck:
        log.warning("stuck: %s", ", ".join(f"{name} {count}" for name, count in stuck.items()))
