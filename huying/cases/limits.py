"""How often somebody may try: counted per hour, by what is tried and by whom, in one table for all web processes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from huying.vault.seals import secret_index

from .models import Tries

WINDOW = timedelta(hours=1)
# In the order of their keys, so that two who count the same things never wait for each other.
_COUNT = """
INSERT INTO tries (key, count, ends_at) SELECT key, 1, %(end)s FROM unnest(%(keys)s::bytea[]) AS key ORDER BY key
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN tries.ends_at > %(at)s THEN tries.count + 1 ELSE 1 END,
    ends_at = CASE WHEN tries.ends_at > %(at)s THEN tries.ends_at ELSE excluded.ends_at END
RETURNING key, count
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` within an hour of the first one."""

    name: str
    most: int

    def took(self, who: str, at: datetime) -> bool:
        """Count one more and return whether it was within the limit (one statement)."""
        [made] = count([(self, who)], at)
        return made <= self.most

    def has_room(self, who: str, at: datetime) -> bool:
        """Return whether one more would be within the limit (one statement)."""
        [made] = counted([(self, who)], at)
        return made < self.most

    def key(self, who: str) -> bytes:
        # What was typed is no key as it stands: it may be long, and it may be somebody's number.
        return secret_index(who, f"limit of {self.name}")


def count(tried: Iterable[tuple[Limit, str]], at: datetime) -> list[int]:
    """Count one more of each, and return how many that makes (one statement)."""
    keys = [limit.key(who) for limit, who in tried]
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"keys": keys, "at": at, "end": at + WINDOW})
        made = {bytes(key): number for key, number in cursor.fetchall()}
    return [made[key] for key in keys]


def counted(tried: Iterable[tuple[Limit, str]], at: datetime) -> list[int]:
    """Return how many there were of each (one statement)."""
    keys = [limit.key(who) for limit, who in tried]
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, count FROM tries WHERE key = ANY(%s) AND ends_at > %s", [keys, at])
        made = {bytes(key): number for key, number in cursor.fetchall()}
    return [made.get(key, 0) for key in keys]


def forget_ended(at: datetime) -> None:
    """Delete the counts whose hour is over."""
    Tries.objects.filter(ends_at__lte=at).delete()
