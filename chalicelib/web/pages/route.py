"""Routes: a path and its views by method, as each module of views declares them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chalice.app import Response

View = Callable[..., Response]
"""Takes the visit and what stands in the path."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """A path and its views by method. `public` ones are shown to anybody. `again` shows a form once more, with what was
    typed, where it was made for an earlier visit."""

    path: str
    get: View | None = None
    post: View | None = None
    again: View | None = None
    public: bool = False
