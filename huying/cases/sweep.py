"""The sweep: finds the cases whose ladder has a rung due, and has each rung fire once, in its order.

Several may run at once: each takes a batch of cases that no other one holds (SKIP LOCKED), and a case that was
dealt with says itself when to look again (`watch_at`). After a day down all rungs fire, at their own instants.
"""

from datetime import datetime

from django.db import transaction

from .doors import pass_terms
from .models import Case

BATCH = 100


def sweep(now: datetime) -> int:
    """Fire all rungs that are due by `now`; return how many. Each batch is a transaction of its own."""
    fired = 0
    while True:
        with transaction.atomic():
            held = Case.objects.select_for_update(skip_locked=True).filter(watch_at__lte=now)
            batch = list(held.order_by("watch_at", "number").values_list("id", flat=True)[:BATCH])
            fired += pass_terms(batch, now) if batch else 0
        if len(batch) < BATCH:
            return fired


def next_instant() -> datetime | None:
    """Return when the next rung of any case is due."""
    return Case.objects.filter(watch_at__isnull=False).order_by("watch_at").values_list("watch_at", flat=True).first()
