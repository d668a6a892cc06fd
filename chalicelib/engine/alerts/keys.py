"""Keys of letters: how an owner knows that an alert is ours. Each has one, made from one key of the installation."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from chalicelib.ports import Store

KEY_BYTES = 32
PREFIX = "whsec_"
"""How Standard Webhooks writes a key."""


@dataclass(frozen=True, kw_only=True)
class LetterKeys:
    """The key that all of them are made from is made when it is first needed, and read once in a process."""

    store: Store
    _known: list[bytes] = field(default_factory=list, repr=False)

    def of(self, owner: str) -> str:
        """The key with which an owner's letters are signed."""
        return PREFIX + base64.b64encode(hmac.digest(self._key(), owner.encode(), hashlib.sha256)).decode()

    def _key(self) -> bytes:
        if not self._known:
            self._known.append(self.store.letter_key(secrets.token_bytes(KEY_BYTES)))
        return self._known[0]
