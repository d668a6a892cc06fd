"""An installation that keeps no secrets: nobody has any, and none is taken."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.core.errors import Unavailable
from chalicelib.core.secrets.naming import KeptSecret


class NoSecrets:
    """Secrets of an installation that has no place for them."""

    def put(self, owner: str, name: str, value: str) -> None:
        """`Unavailable`, always."""
        raise Unavailable("this installation has no place for secrets")

    def names(self, owner: str) -> list[KeptSecret]:
        """None."""
        return []

    def delete(self, owner: str, name: str) -> None:
        """There is nothing to delete."""

    def values(self, owner: str, names: Iterable[str]) -> dict[str, str]:
        """None."""
        return {}
