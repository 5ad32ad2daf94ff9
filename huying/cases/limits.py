"""How often somebody may try: counted per hour, by what is tried and by whom, in the cache of this process.

As the sign-in's own, the counters live in Django's cache, which each worker process has for itself.
"""

from dataclasses import dataclass

from django.core.cache import cache

from huying.vault.seals import secret_index

WINDOW = 3600  # seconds


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` within an hour of the first one."""

    name: str
    most: int

    def took(self, who: str) -> bool:
        """Count one more and return whether it was within the limit."""
        return self.count(who) <= self.most

    def count(self, who: str) -> int:
        """Count one more and return how many that makes."""
        key = self._key(who)
        cache.add(key, 0, WINDOW)
        try:
            return cache.incr(key)
        except ValueError:  # it ended between the two
            return 1

    def give_back(self, who: str) -> None:
        try:
            cache.decr(self._key(who))
        except ValueError:
            return

    def _key(self, who: str) -> str:
        # What was typed is no key as it stands: it may be long, and it may be somebody's number.
        return secret_index(who, f"limit of {self.name}").hex()
