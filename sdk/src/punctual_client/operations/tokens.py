"""Tokens: named ones, which their owner makes for scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from punctual_client.paging import pages
from punctual_client.shapes import NewTokenText, Token
from punctual_client.transport import Transport, path


@dataclass(frozen=True)
class Tokens:
    """An account's named tokens."""

    _transport: Transport

    def list(self) -> Iterator[Token]:
        """All of them, the oldest first, without their texts."""
        return pages(self._transport, "/api/tokens", {})

    def create(self, name: str, scopes: Sequence[str], *, expires_at: str | None = None) -> NewTokenText:
        """A token that can do no more, and no longer, than the one that asks for it. Its text is shown this once."""
        body = {"name": name, "scopes": [*scopes], "expires_at": expires_at}
        return cast(NewTokenText, self._transport.post("/api/tokens", body))

    def rotate(self, token_id: str, *, overlap_seconds: int | None = None) -> NewTokenText:
        """Another text for a token; the one before counts for an hour, or as long as is said."""
        body = {} if overlap_seconds is None else {"overlap_seconds": overlap_seconds}
        return cast(NewTokenText, self._transport.post(path("/api/tokens/{}/rotate", token_id), body))

    def revoke(self, token_id: str) -> None:
        """The token is dead afterwards."""
        self._transport.change("DELETE", path("/api/tokens/{}", token_id))
