"""How a request finds the books: handlers on botocore's `before-send` event, on sessions, clients, or all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Protocol

import botocore.handlers
import botocore.session
from botocore.loaders import Loader

from bench.accounting.wire import REGION

Handler = Callable[..., Any]


class Emitter(Protocol):
    """What botocore's sessions and clients register handlers on."""

    def register_first(self, event_name: str, handler: Handler) -> None: ...

    def unregister(self, event_name: str, handler: Handler) -> None: ...


def fresh_session() -> Any:
    """A botocore session with a region and worthless credentials, so that nothing depends on the machine."""
    session = botocore.session.Session()
    session.set_config_variable("region", REGION)
    session.set_credentials("testing", "testing")
    session.register_component("data_loader", _loader())
    return session


def emitter_of(other: Any) -> Emitter:
    """Where to register for a botocore or boto3 session, a client, or a pynamodb connection (through its client)."""
    if hasattr(other, "meta"):
        found = other.meta.events
    elif hasattr(other, "get_component"):
        found = other.get_component("event_emitter")
    elif hasattr(other, "events"):
        found = other.events
    elif hasattr(other, "client"):
        found = other.client.meta.events
    else:
        raise TypeError(f"neither a session, nor a client, nor a connection: {other!r}")
    emitter: Emitter = found
    return emitter


@contextmanager
def served_everywhere(handler: Handler) -> Iterator[None]:
    """Send every request of every session made from now on to `handler`, until the block ends."""
    _join_builtin_handlers()
    _open.append(handler)
    try:
        yield
    finally:
        _open.remove(handler)


# The innermost open books get the calls. A list, because a pynamodb model keeps its client for life: a client
# made for one test's books must find those of the next.
_open: list[Handler] = []


def _to_open_books(**event: Any) -> Any:
    return _open[-1](**event) if _open else None


def _join_builtin_handlers() -> None:
    """botocore registers its built-in handlers on each session it makes; ours joins them once."""
    ours = ("before-send", _to_open_books)
    if ours not in botocore.handlers.BUILTIN_HANDLERS:
        botocore.handlers.BUILTIN_HANDLERS.append(ours)


@cache
def _loader() -> Loader:
    """One loader for all sessions: reading botocore's service descriptions is what makes a client slow to make."""
    return Loader(extra_search_paths=None)
