"""Ids of what is made on request: they sort by when it was made."""

from __future__ import annotations

import os
from datetime import datetime

from chalicelib.core.instant import to_ms

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32 in lower case: sorts like the number, and no letter is taken for another."""
RANDOM_BYTES = 10


def new_id(now: datetime) -> str:
    """An id that nobody else makes, in the order of time: 48 bits of milliseconds and 80 random bits, 26 characters."""
    return id_from(now, os.urandom(RANDOM_BYTES))


def id_from(now: datetime, chance: bytes) -> str:
    """The id that an instant and ten bytes make."""
    number = to_ms(now) << 80 | int.from_bytes(chance[:RANDOM_BYTES], "big")
    return "".join(ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))
