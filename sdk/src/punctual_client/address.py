"""Addresses: where an installation is, checked before a token is sent there."""

from __future__ import annotations

import ipaddress
import warnings
from urllib.parse import urlsplit

from punctual_client.errors import WrongAddress


class NotEncrypted(UserWarning):
    """Passwords and tokens travel in the clear: whoever is on the way can read them."""


def checked(url: str) -> str:
    """The address that all paths of the API are put behind: the stage where API Gateway has one in it, no slash.

    >>> checked(" https://punctual.example/prod/ ")
    'https://punctual.example/prod'
    >>> checked("punctual.example")
    Traceback (most recent call last):
    punctual_client.errors.WrongAddress: 'punctual.example' is no address: it has to begin with https:// or http://
    """
    url = url.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        port_is_right = parts.port is None or parts.port > 0
    except ValueError as error:
        raise WrongAddress(f"{url!r} is no address: {error}") from error
    if parts.scheme not in ("https", "http") or not parts.hostname or not port_is_right:
        raise WrongAddress(f"{url!r} is no address: it has to begin with https:// or http://")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise WrongAddress("the address may hold no user, no password and nothing after a ? or a #")
    return url


def warn_of_plain(url: str) -> None:
    """Warn where requests would go to another machine without encryption."""
    if not is_safe(url):
        host = urlsplit(url).hostname
        told = f"{host} is asked by http: whoever is on the way can read passwords and tokens. Use https."
        warnings.warn(told, NotEncrypted, stacklevel=3)


def is_safe(url: str) -> bool:
    """Whether nobody between here and there can read along.

    >>> [is_safe(url) for url in ("https://a.example", "http://127.0.0.1:8000", "http://localhost", "http://10.0.0.1")]
    [True, True, True, False]
    """
    parts = urlsplit(url)
    return parts.scheme == "https" or is_here(parts.hostname or "")


def is_here(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
