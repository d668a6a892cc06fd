"""The way to an installation: straight, or through the proxy that the environment names."""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.exceptions import LocationParseError, ProxySchemeUnknown

from punctual_client.address import is_here
from punctual_client.errors import WrongAddress


def pool_for(url: str) -> urllib3.PoolManager:
    """Connections for an address. `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` mean what they mean elsewhere; this
    machine itself is never asked for through a proxy."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    proxy = getproxies().get(parts.scheme)
    if not proxy or is_here(host) or proxy_bypass(host):
        return urllib3.PoolManager()
    try:
        return urllib3.ProxyManager(proxy if "://" in proxy else f"http://{proxy}")
    except (LocationParseError, ProxySchemeUnknown, ValueError) as error:
        raise WrongAddress(f"the proxy that the environment names for {parts.scheme} is no address") from error
