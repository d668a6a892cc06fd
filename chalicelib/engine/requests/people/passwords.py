"""Passwords: hashed slowly, with the parameters beside the hash, so that they can be raised."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

SCRYPT_LOG_N, SCRYPT_R, SCRYPT_P = 15, 8, 3
"""About 250 ms and 32 MiB a guess: OWASP's figures for scrypt."""
SCRYPT_MEMORY = 64 * 1024 * 1024


def hash_password(password: str) -> str:
    """`scrypt$log2 n$r$p$salt$hash`."""
    salt = secrets.token_bytes(16)
    digest = _scrypt(password, salt, SCRYPT_LOG_N, SCRYPT_R, SCRYPT_P)
    return f"scrypt${SCRYPT_LOG_N}${SCRYPT_R}${SCRYPT_P}${_text(salt)}${_text(digest)}"


def password_matches(password: str, stored: str) -> bool:
    """Whether a password is the one that was hashed; takes as long either way."""
    _, log_n, r, p, salt, digest = stored.split("$")
    own = _scrypt(password, base64.b64decode(salt), int(log_n), int(r), int(p))
    return hmac.compare_digest(own, base64.b64decode(digest))


def is_weak(stored: str) -> bool:
    """Whether a hash was made with less than what is asked today.

    >>> is_weak("scrypt$14$8$3$AA==$AA=="), is_weak(NOBODYS_HASH)
    (True, False)
    """
    made_with = (int(number) for number in stored.split("$")[1:4])
    return any(was < now for was, now in zip(made_with, (SCRYPT_LOG_N, SCRYPT_R, SCRYPT_P), strict=True))


def _scrypt(password: str, salt: bytes, log_n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**log_n, r=r, p=p, maxmem=SCRYPT_MEMORY, dklen=32)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


NOBODYS_HASH = f"scrypt${SCRYPT_LOG_N}${SCRYPT_R}${SCRYPT_P}${_text(bytes(16))}${_text(bytes(32))}"
"""Compared with when a name is unknown, so that an unknown name takes as long as a wrong password."""
