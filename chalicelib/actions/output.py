"""What is kept of what an action says: the first bytes of its output, and its result if that is JSON and small.

Standard library only: the supervisor of a sandbox imports this file where nothing else is.
"""

from __future__ import annotations

import codecs
import json
from typing import Any

RESULT_LIMIT = 16 * 1024
"""Bytes of JSON kept as the result of an attempt: a result is an answer, not a store."""
EXCERPT_LIMIT = 1024
"""Bytes of a text that stands for something longer: the run's own item should stay about a kilobyte."""


class KeptOutput:
    """The first bytes of what was written, up to a limit; the rest is counted as cut and forgotten."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept = bytearray()
        self._cut = False

    def add(self, written: bytes) -> None:
        room = self._limit - len(self._kept)
        self._kept += written[:room]
        self._cut = self._cut or len(written) > room

    @property
    def full(self) -> bool:
        """Whether anything was cut, so that more need not be read."""
        return self._cut

    def text(self, ending: str = "") -> tuple[str, bool]:
        """All that was kept and then `ending`, as text of at most `limit` bytes of UTF-8; and whether any was cut.

        >>> output = KeptOutput(60)
        >>> output.add(b"x" * 70)
        >>> output.text()
        ('xxxxxxxxxxxxxxxxxxx\\n[cut: only the first 60 bytes are kept]\\n', True)
        """
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        body = decoder.decode(bytes(self._kept), not self._cut).encode()
        if not self._cut and len(body) + len(ending.encode()) <= self._limit:
            return body.decode() + ending, False
        closing = f"\n[cut: only the first {self._limit} bytes are kept]\n{ending}".encode()
        room = max(0, self._limit - len(closing))
        return (body[:room] + closing)[: self._limit].decode("utf-8", "ignore"), True


def excerpt(text: str, limit: int = EXCERPT_LIMIT) -> str:
    """The text, or its beginning and an ellipsis: never more bytes than `limit`, and no unpaired surrogates.

    >>> excerpt("abcdefgh", 6)
    'abc…'
    """
    encoded = text[: limit + 1].encode("utf-8", "replace")
    if len(encoded) <= limit:
        return encoded.decode()
    return encoded[: limit - len("…".encode())].decode("utf-8", "ignore") + "…"


def kept_result(value: Any) -> Any:
    """The value as JSON gives it back, free of unpaired surrogates; or a note why that is not kept, and an excerpt.

    >>> kept_result((1, "two"))
    [1, 'two']
    >>> kept_result({3, 3})
    {'note': 'the result is not JSON: Object of type set is not JSON serializable', 'excerpt': '{3}'}
    """
    try:
        written = json.dumps(value, allow_nan=False, ensure_ascii=False).encode("utf-8", "replace")
    except Exception as error:  # __iter__ and friends of whatever a function returned
        return {"note": excerpt(f"the result is not JSON: {error}"), "excerpt": excerpt(_shown(value))}
    if len(written) > RESULT_LIMIT:
        note = f"the result is longer than {RESULT_LIMIT} bytes of JSON"
        return {"note": note, "excerpt": excerpt(written.decode())}
    return json.loads(written)


def _shown(value: Any) -> str:
    try:
        return repr(value)
    except Exception as error:
        return f"<{type(value).__name__}, whose repr raised {type(error).__name__}>"
