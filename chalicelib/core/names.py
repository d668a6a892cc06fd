"""Names of accounts: when two count as the same."""

from __future__ import annotations

import unicodedata


def same_name(username: str) -> str:
    """What two usernames that count as the same have in common: neither case nor compatible forms tell them apart.

    >>> same_name("\\uff21nn") == same_name("aNN"), same_name("STRASSE") == same_name("straße")
    (True, True)
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", username).casefold())
