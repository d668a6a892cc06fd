"""Members: accounts and invitations, for admins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from punctual_client.paging import PAGE, pages
from punctual_client.shapes import Invitation, ListedUser, NewInvitationText
from punctual_client.transport import Transport, path


@dataclass(frozen=True)
class Users:
    """The accounts of an installation."""

    _transport: Transport

    def list(self, *, page: int = PAGE) -> Iterator[ListedUser]:
        """All of them, in the order in which they registered."""
        return pages(self._transport, "/api/users", {}, page=page)

    def get(self, user_id: str) -> ListedUser:
        """One account."""
        return cast(ListedUser, self._transport.get(path("/api/users/{}", user_id)))

    def change(self, user_id: str, changes: Mapping[str, Any]) -> ListedUser:
        """Give an account another `role`, `can_run_commands` or `can_call_aws`."""
        return cast(ListedUser, self._transport.change("PATCH", path("/api/users/{}", user_id), changes))


@dataclass(frozen=True)
class Invitations:
    """Leave to make accounts, where registration is closed."""

    _transport: Transport

    def list(self) -> Iterator[Invitation]:
        """All that there are, the oldest first."""
        return pages(self._transport, "/api/invitations", {})

    def create(self, **rights: Any) -> NewInvitationText:
        """Let one person in, with `can_run_commands`, `can_call_aws` and `expires_at` as given. The text of the
        invitation is shown this once."""
        return cast(NewInvitationText, self._transport.post("/api/invitations", rights))

    def take_back(self, invitation_id: str) -> None:
        """Nobody gets in by it any more."""
        self._transport.change("DELETE", path("/api/invitations/{}", invitation_id))
