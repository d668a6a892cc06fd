"""Secrets: values that tasks name. They are given, and never shown again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from punctual_client.paging import pages
from punctual_client.shapes import SecretName
from punctual_client.transport import Transport, path


@dataclass(frozen=True)
class Secrets:
    """An account's secrets."""

    _transport: Transport

    def list(self) -> Iterator[SecretName]:
        """Their names, and when each was given its value."""
        return pages(self._transport, "/api/secrets", {})

    def put(self, name: str, value: str) -> None:
        """Give a secret its value."""
        self._transport.change("PUT", path("/api/secrets/{}", name), {"value": value})

    def delete(self, name: str) -> None:
        """Delete a secret that no task names."""
        self._transport.change("DELETE", path("/api/secrets/{}", name))
