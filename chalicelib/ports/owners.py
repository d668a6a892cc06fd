"""What the engine knows of an owner, in the table `accounts`."""

from __future__ import annotations

from typing import Protocol

from chalicelib.core.people.rights import Rights


class Owners(Protocol):
    """Reads are strongly consistent."""

    def rights(self, user_id: str) -> Rights | None:
        """What a user is allowed, read without anything else about them."""
