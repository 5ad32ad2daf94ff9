"""From where somebody tries something, as far as it can be told."""

from ipaddress import IPv6Address, ip_address, ip_network

from allauth.account.adapter import get_adapter
from django.http import HttpRequest


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
