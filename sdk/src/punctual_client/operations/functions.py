"""Functions: what tasks of the type `function` may call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from punctual_client.paging import items_of
from punctual_client.shapes import Function
from punctual_client.transport import Transport


@dataclass(frozen=True)
class Functions:
    """The functions of an installation."""

    _transport: Transport

    def list(self) -> Iterator[Function]:
        """All of them, by name, with what they take."""
        yield from items_of(self._transport.get("/api/functions"), self._transport)
