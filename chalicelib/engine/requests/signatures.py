"""Signatures: how this installation knows again what it gave out itself, without keeping it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from chalicelib.ports.whole import WholeStore

KEY_BYTES = 32
SIZE = 16
"""Bytes of a signature: 128 bits are as good as guessing a token's half, and keep what is signed short."""


@dataclass(frozen=True, kw_only=True)
class Signatures:
    """Signatures by the installation's own key, which is made when it is first needed and read once in a process."""

    store: WholeStore
    _known: list[bytes] = field(default_factory=list, repr=False)

    def sign(self, purpose: str, text: str) -> bytes:
        """The signature of a text; another purpose has another one."""
        message = f"{purpose}\n{text}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._key(), message, hashlib.sha256)[:SIZE]

    def holds(self, signature: bytes, purpose: str, text: str) -> bool:
        """Whether a signature is that of a text; takes as long either way."""
        return hmac.compare_digest(signature, self.sign(purpose, text))

    def _key(self) -> bytes:
        if not self._known:
            self._known.append(self.store.installation_key(secrets.token_bytes(KEY_BYTES)))
        return self._known[0]
