"""Tokens and invitations in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chalicelib.adapters.memory.base import InMemory
from chalicelib.core.people.account import Invitation, Token, TokenKind


class MemoryTokens(InMemory):
    """Tokens by owner and id, invitations by id."""

    def put_token(self, token: Token) -> None:
        """Write a new token."""
        with self._lock:
            self._tokens[token.owner, token.id] = token

    def replace_token(self, token: Token, *, digest: str) -> bool:
        """Write a token over the one that has this digest. False: it has another by now, or is gone."""
        with self._lock:
            found = self._tokens.get((token.owner, token.id))
            if found is None or found.digest != digest:
                return found == token
            self._tokens[token.owner, token.id] = token
            return True

    def token(self, owner: str, token_id: str) -> Token | None:
        """One token."""
        with self._lock:
            return self._tokens.get((owner, token_id))

    def tokens_of(self, owner: str, kind: TokenKind) -> list[Token]:
        """An owner's tokens of a kind, in the order of their ids."""
        with self._lock:
            found = sorted(self._tokens.items())
        return [token for (whose, _), token in found if whose == owner and token.kind is kind]

    def note_use(self, owner: str, token_id: str, at: datetime) -> None:
        """Write when a token was used; gone already is well."""
        with self._lock:
            found = self._tokens.get((owner, token_id))
            if found is not None:
                self._tokens[owner, token_id] = replace(found, last_used_at=at)

    def delete_token(self, owner: str, token_id: str) -> None:
        """Delete a token; gone already is well."""
        with self._lock:
            self._tokens.pop((owner, token_id), None)

    def put_invitation(self, invitation: Invitation) -> None:
        """Write a new invitation."""
        with self._lock:
            self._invitations[invitation.id] = invitation

    def invitation(self, invitation_id: str) -> Invitation | None:
        """One invitation, also one that was used or has ended."""
        with self._lock:
            return self._invitations.get(invitation_id)

    def invitations(self) -> list[Invitation]:
        """All invitations that there are, in the order of their ids."""
        with self._lock:
            return [found for _, found in sorted(self._invitations.items())]

    def delete_invitation(self, invitation_id: str) -> None:
        """Delete an invitation; gone already is well."""
        with self._lock:
            self._invitations.pop(invitation_id, None)
