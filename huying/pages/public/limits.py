"""How often somebody may try: counted per hour, by what is tried and by address, in the cache of this process.

As the sign-in's own, the counters live in Django's cache, which each worker process has for itself.
"""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

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


def address(request: HttpRequest) -> str:
    """Return from where a request comes, as the sign-in sees it; of IPv6 the network, since a host has millions.

    A socket that listens for both families writes IPv4 as `::ffff:203.0.113.9`, all of it in one network of IPv6.
    """
    written = get_adapter(request).get_client_ip(request)
    try:
        ip = ip_address(written)
    except ValueError:
        return "unknown"
    if isinstance(ip, IPv6Address):
        return str(ip.ipv4_mapped or ip_network((ip, 64), strict=False))
    return str(ip)
