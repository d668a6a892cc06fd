"""Clients of AWS services, and what all their callers do alike: wait a bounded time, ask again for what was refused."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any, TypeVar

import botocore.session
from botocore.config import Config
from botocore.session import Session

from chalicelib.core.errors import Unavailable

T = TypeVar("T")
R = TypeVar("R")
Pause = Callable[[float], None]
"""Waits for so many seconds; `time.sleep`, where a test does not put its own."""

CONNECT_TIMEOUT = 3
READ_TIMEOUT = 10
"""Seconds. A healthy answer takes milliseconds; a pass's lease of 30 s must outlive one lost answer and its retry."""
ATTEMPTS = 4
CONNECTIONS = 64
"""More than the threads of one process: ten packs of six runs, or sixteen calls side by side."""
SIDE_BY_SIDE = 16
"""Calls at the same time. One answer takes about 10 ms and little of this process: more would wait for each other."""
MOST_TRIES = 8
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0
"""Seconds. Eight tries wait for about seven seconds in all."""

_making = Lock()
"""A botocore session must not make two clients at once; clients themselves are safe to share."""


class Clients:
    """One client per service, made when it is first asked for. Region, endpoint and credentials come from the
    environment, as for any SDK, unless a session says otherwise. `config` is what of botocore's is to be different."""

    def __init__(self, session: Session | None = None, **config: Any) -> None:
        self._session = session
        self._config = config
        self._made: dict[str, Any] = {}

    def get(self, service: str) -> Any:
        """The client of a service."""
        client = self._made.get(service)
        return self._make(service) if client is None else client

    def _make(self, service: str) -> Any:
        with _making:
            if service not in self._made:
                self._session = self._session or botocore.session.get_session()
                self._made[service] = self._session.create_client(service, config=_config(self._config))
            return self._made[service]


def _config(different: Mapping[str, Any]) -> Config:
    config = Config(
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        max_pool_connections=CONNECTIONS,
        tcp_keepalive=True,
        parameter_validation=False,  # every request is built here; checking it again costs as much as building it
        user_agent="punctual",  # putting botocore's own together anew takes a tenth of every call
    )
    return config.merge(Config(**different))


def backoff(tries: int) -> float:
    """Seconds to wait after so many tries in vain: doubled each time, and never the same for two callers."""
    return min(FIRST_PAUSE * 2.0**tries, LONGEST_PAUSE) * random.uniform(0.5, 1.0)


def finish(send: Callable[[Sequence[T]], Sequence[T]], items: Sequence[T], pause: Pause) -> None:
    """Send items, and again those that `send` returns as refused, until none is left.

    `Unavailable` after `MOST_TRIES` of which none got an item through.
    """
    tries = 0
    while refused := send(items):
        tries = tries + 1 if len(refused) == len(items) else 1
        if tries == MOST_TRIES:
            raise Unavailable(f"{len(refused)} items were refused {MOST_TRIES} times in a row")
        pause(backoff(tries))
        items = refused


def side_by_side(do: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """What `do` comes to for each item, a few at a time. All are tried before the first failure is raised.

    >>> side_by_side(len, ["a", "bc"])
    [1, 2]
    """
    if len(items) <= 1:
        return [do(item) for item in items]
    with ThreadPoolExecutor(min(SIDE_BY_SIDE, len(items)), thread_name_prefix="aws") as pool:
        futures = [pool.submit(do, item) for item in items]
    return [future.result() for future in futures]


def chunks(items: Sequence[T], size: int) -> list[Sequence[T]]:
    """The items in their order, at most `size` at a time.

    >>> chunks("abcde", 2)
    ['ab', 'cd', 'e']
    """
    return [items[at : at + size] for at in range(0, len(items), size)]
