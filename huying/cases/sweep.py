"""The sweep: finds the cases whose ladder has a rung due, and has each rung fire once, in its order.

Several may run at once: each takes a batch of cases that no other one holds (SKIP LOCKED), and a case that was
dealt with says itself when to look again (`watch_at`). After a day down all rungs fire, at their own instants.
"""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet

from .doors import pass_terms
from .models import Case

BATCH = 100
TRY_AGAIN = timedelta(minutes=10)
# SQLSTATE: connection exception; transaction rollback (serialization, deadlock); operator intervention: shutdown.
_AWAY = ("08", "40", "57P")
log = logging.getLogger(__name__)


class Sweeper:
    """One that sweeps again and again.

    A case with which something is wrong stops no other: it is logged, set aside, and tried again after `TRY_AGAIN`.
    That the database is away is no fault of a case, and is raised.
    """

    def __init__(self) -> None:
        self.aside: dict[int, datetime] = {}  # each with when to try it again

    def sweep(self, now: datetime) -> int:
        """Fire all rungs that are due by `now`, but for the cases set aside; return how many."""
        self.aside = {case_id: again for case_id, again in self.aside.items() if again > now}
        fired = 0
        while True:
            try:
                held, count = _fire_batch(_due(now, self.aside), now)
            except Exception as failed:
                if is_away(failed):
                    raise
                # Which case it was, and what is wrong, is found and logged one by one.
                held, count = self._fire_each(now)
            fired += count
            if held < BATCH:
                return fired

    def next_instant(self) -> datetime | None:
        """Return when there is something to do: the next rung that is due, or a case to be tried again."""
        due = next_instant(self.aside)
        return min([*self.aside.values(), *([due] if due else [])], default=None)

    def _fire_each(self, now: datetime) -> tuple[int, int]:
        cases = list(_due(now, self.aside).values_list("id", "number", "confidential")[:BATCH])
        fired = 0
        for case_id, number, confidential in cases:
            try:
                fired += _fire_batch(Case.objects.filter(id=case_id, watch_at__lte=now), now)[1]
            except Exception as failed:
                if is_away(failed):
                    raise
                which = "a confidential case" if confidential else f"case {number}"
                log.exception("the ladder of %s can't be climbed; it is tried again later", which)
                self.aside[case_id] = now + TRY_AGAIN
        return len(cases), fired


def is_away(failed: Exception) -> bool:
    """Return whether the database was out of reach, shut down or in another one's way: it works when tried again.

    An OperationalError may also be that a statement asks for too much, which no trying again heals.
    """
    if not isinstance(failed, (OperationalError, InterfaceError)):
        return False
    code = getattr(failed.__cause__, "sqlstate", None)  # none where no server was reached to give one
    return code is None or code.startswith(_AWAY)


def sweep(now: datetime) -> int:
    """Fire all rungs that are due by `now` and return how many; raise whatever is wrong with a case."""
    fired = 0
    while True:
        held, count = _fire_batch(_due(now), now)
        fired += count
        if held < BATCH:
            return fired


def next_instant(aside: Collection[int] = ()) -> datetime | None:
    """Return when the next rung of any case but those aside is due."""
    watched = Case.objects.filter(watch_at__isnull=False).exclude(id__in=aside)
    return watched.order_by("watch_at").values_list("watch_at", flat=True).first()


def behind(now: datetime, by: timedelta) -> list[str | None]:
    """Return the numbers of cases of which a rung should have fired more than `by` ago; None for a confidential one.

    Whoever looks after the machine needs not know which those are.
    """
    late = Case.objects.filter(watch_at__lt=now - by).order_by("watch_at", "number")
    return [None if confidential else number for number, confidential in late.values_list("number", "confidential")]


def _due(now: datetime, aside: Collection[int] = ()) -> QuerySet[Case]:
    return Case.objects.filter(watch_at__lte=now).exclude(id__in=aside).order_by("watch_at", "number")


def _fire_batch(due: QuerySet[Case], now: datetime) -> tuple[int, int]:
    """Fire what is due on a batch of cases, in one transaction; return how many cases it held, and how many rungs."""
    with transaction.atomic():
        batch = list(due.select_for_update(skip_locked=True).values_list("id", flat=True)[:BATCH])
        return len(batch), pass_terms(batch, now) if batch else 0
