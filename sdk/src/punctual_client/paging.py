"""Paging: a list of any length, asked for page by page while it is gone through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from punctual_client.errors import UnexpectedAnswer
from punctual_client.transport import Query, Transport

PAGE = 100
"""Items asked for at a time: as many as the API gives."""


def pages(transport: Transport, path: str, query: Query, *, page: int = PAGE) -> Iterator[Any]:
    """Every item of a list. Nothing is asked for before the first is taken, and no page before it is needed."""
    cursor: str | None = None
    while True:
        answer = transport.get(path, {**query, "limit": max(1, min(page, PAGE)), "cursor": cursor})
        yield from items_of(answer, transport)
        cursor = answer.get("next_cursor")
        if cursor is None:
            return


def items_of(answer: Mapping[str, Any], transport: Transport) -> list[Any]:
    """What a list holds; `UnexpectedAnswer` where it is none."""
    items = answer.get("items")
    if not isinstance(items, list):
        raise UnexpectedAnswer(f"{transport.url} answered a list without items: is it Punctual?", status=200)
    return items


def several(given: str | Sequence[str] | None) -> list[str]:
    """The values of a parameter of a query that may be given several times.

    >>> several("active"), several(("a", "b")), several(None)
    (['active'], ['a', 'b'], [])
    """
    return [given] if isinstance(given, str) else [*(given or ())]
