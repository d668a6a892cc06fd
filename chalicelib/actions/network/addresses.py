"""Which addresses an `http` action may reach: those of the public internet, as the kernel will see them.

What is checked is always what the resolver returned, never how somebody wrote it, so that `0x7f000001`, `017700000001`,
`2130706433` and a name that points to 127.0.0.1 are all the same thing: 127.0.0.1.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a host and port; `OSError` where it has none."""

GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All of IPv6 that is handed out to the public internet; anything else is local, a mapping or a multicast."""
NAT64 = IPv6Network("64:ff9b::/96")
"""IPv4 addresses as a network without IPv4 sees them: judged by the IPv4 address inside."""
REFUSED_IPV6 = (IPv6Network("2002::/16"), IPv6Network("2001::/23"), IPv6Network("3fff::/20"))
"""6to4, Teredo and relatives (they carry an IPv4 address to whatever relay is near), documentation."""
REFUSED_IPV4 = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
"""Protocol assignments and the 6to4 relay, which `is_global` of some Python versions lets through."""

PRIVATE_IPV4 = (
    IPv4Network("127.0.0.0/8"),
    IPv4Network("10.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv4Network("100.64.0.0/10"),
)
PRIVATE_IPV6 = (IPv6Network("::1/128"), IPv6Network("fc00::/7"))
AWS_METADATA = IPv6Network("fd00:ec2::/32")
"""Where AWS hands out credentials over IPv6: among the addresses of private networks."""


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses that this machine's resolver gives, in its order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


def is_public(address: str) -> bool:
    """Whether an address is on the public internet.

    >>> [is_public(a) for a in ("8.8.8.8", "2606:4700::1111", "64:ff9b::808:808")]
    [True, True, True]
    >>> [is_public(a) for a in ("127.0.0.1", "::ffff:8.8.8.8", "2002:0808:0808::1", "64:ff9b::7f00:1", "fe80::1%eth0")]
    [False, False, False, False, False]
    """
    parsed = ip_address(address)
    if isinstance(parsed, IPv4Address):
        return _is_public_ipv4(parsed)
    if parsed in NAT64:
        return _is_public_ipv4(IPv4Address(int(parsed) & 0xFFFFFFFF))
    return _is_public_ipv6(parsed)


def is_private(address: str) -> bool:
    """Whether an address is one that a stage may be allowed to reach although it is not public: this machine, its
    networks. Never a link-local one, and none that carries an IPv4 address within: that is where clouds hand out
    credentials, however they are written.

    >>> [is_private(a) for a in ("127.0.0.1", "10.1.2.3", "::1", "fd00::1", "100.64.0.1")]
    [True, True, True, True, True]
    >>> [is_private(a) for a in ("169.254.169.254", "64:ff9b::a9fe:a9fe", "fd00:ec2::254", "224.0.0.1", "8.8.8.8")]
    [False, False, False, False, False]
    """
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    if isinstance(parsed, IPv4Address):
        return any(parsed in network for network in PRIVATE_IPV4)
    return any(parsed in network for network in PRIVATE_IPV6) and parsed not in AWS_METADATA


def _is_public_ipv4(address: IPv4Address) -> bool:
    refused = address.is_multicast or any(address in network for network in REFUSED_IPV4)
    return address.is_global and not refused


def _is_public_ipv6(address: IPv6Address) -> bool:
    refused = address.scope_id is not None or any(address in network for network in REFUSED_IPV6)
    return address in GLOBAL_UNICAST and address.is_global and not refused
