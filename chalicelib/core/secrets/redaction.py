"""Redaction: what an attempt says, without the values of the secrets that its task named.

A value is found as it is, line by line where it has several lines, and as it looks in JSON, in Python, in a URL, in
HTML and in base64 (also in the middle of something longer, as in `Basic` authorization). What was cut off in the middle
of a value loses its beginning as well. A value of less than four characters is left alone: taking every "1" out of an
output would destroy it and hide nothing.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, quote_plus

from chalicelib.core.run import OUTPUT_LIMIT, Outcome, RunError

SHORTEST = 4
"""Characters of a value that is looked for."""
AS_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})
"""As `html.escape` does it. Its module reads two thousand names of characters, at every start of a worker."""
SHORTEST_PART = 8
"""Characters of a line, or of a stretch of base64: shorter ones are everywhere."""
PIECE = 32
"""Characters of each piece of a long value that is looked for alone: of a text that was cut anywhere, at its beginning
or its end, no more than two of these remain."""
LINES = (64, 76)
"""Characters after which those break base64 who break it into lines."""
LONGEST_RESULT = 32 * 1024
"""Bytes as JSON. The names that stand for short values make a result longer, and a run's item has little room."""
LONGEST_DETAIL = 2048
"""Characters."""
CUT = re.compile(r"(…|\n\[cut: only the first \d+ bytes are kept\]\n.*)\Z", re.DOTALL)
"""How a text ends that is only the beginning of what was said."""


class Redaction:
    """Takes the values of some secrets out of whatever is shown; without secrets it changes nothing."""

    def __init__(self, values: Mapping[str, str]) -> None:
        shown = {form: f"[secret {name}]" for name, value in values.items() for form in _forms(value)}
        self._shown = dict(sorted(shown.items(), key=lambda item: len(item[0]), reverse=True))

    def text(self, text: str) -> str:
        """A text without the values.

        >>> Redaction({"key": "s3cret!"}).text("?k=s3cret%21&k=czNjcmV0IQ==")
        '?k=[secret key]&k=[secret key]'
        """
        there = [re.escape(form) for form in self._shown if form in text]  # few: one pattern of all would be slow
        found = re.sub("|".join(there), lambda match: self._shown[match[0]], text) if there else text
        cut = CUT.search(found)
        return found if cut is None else self._without_beginning(found[: cut.start()]) + cut[0]

    def json(self, value: Any) -> Any:
        """A JSON value without the values, in names of members and in numbers as well."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(name)): self.json(member) for name, member in value.items()}
        if isinstance(value, list | tuple):
            return [self.json(member) for member in value]
        written = str(value)
        shown = self.text(written)
        return value if shown == written else shown

    def outcome(self, outcome: Outcome) -> Outcome:
        """What an attempt came to, without the values, and still within what a run has room for."""
        if not self._shown:
            return outcome
        kept = self.text(outcome.output).encode("utf-8", "replace")
        return replace(
            outcome,
            output=kept[:OUTPUT_LIMIT].decode("utf-8", "ignore"),
            output_truncated=outcome.output_truncated or len(kept) > OUTPUT_LIMIT,
            result=_kept_result(self.json(outcome.result)),
            error=None if outcome.error is None else self._error(outcome.error),
        )

    def _error(self, error: RunError) -> RunError:
        return replace(error, detail=self.text(error.detail)[:LONGEST_DETAIL])

    def _without_beginning(self, text: str) -> str:
        """A text that was cut off, without the beginning of a value at its end."""
        for form, name in self._shown.items():
            for length in range(min(len(form), len(text)), SHORTEST - 1, -1):
                if text.endswith(form[:length]):
                    return text[:-length] + name
        return text


def _kept_result(result: Any) -> Any:
    if len(json.dumps(result).encode()) <= LONGEST_RESULT:
        return result
    return {"note": "the result is too long once its secrets are replaced by their names"}


def _forms(value: str) -> Iterator[str]:
    """What a value looks like wherever it may turn up."""
    if len(value) < SHORTEST:
        return
    lines = [line.strip() for line in value.splitlines() if len(line.strip()) >= SHORTEST_PART]
    for part in dict.fromkeys([value, value.strip(), *lines]):
        if len(part) >= SHORTEST:
            yield from _written(part)
    yield from (value[at : at + PIECE] for at in range(0, len(value) - 2 * PIECE + 1, PIECE))
    yield from _in_base64(value.encode())


def _written(text: str) -> Iterator[str]:
    yield text
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield repr(text)[1:-1]
    yield text.translate(AS_HTML)
    yield json.dumps(json.dumps(text)[1:-1])[1:-1]
    yield json.dumps(text)[1:-1].replace("/", "\\/")
    yield re.sub("[<>&]", lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text)[1:-1])
    for quoted in (quote(text), quote(text, safe=""), quote_plus(text)):
        yield quoted
        yield re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), quoted)


def _in_base64(raw: bytes) -> Iterator[str]:
    """Base64 of a value alone, with padding and without, and of one that begins or ends within a group of three."""
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        alone = encode(raw).decode()
        yield from (alone, alone.rstrip("="))
        for shift in range(3):
            encoded = encode(bytes(shift) + raw).decode().rstrip("=")
            whole = encoded[(0, 2, 3)[shift] : None if (shift + len(raw)) % 3 == 0 else -1]
            yield from (part for part in (whole, *_lines(whole)) if len(part) >= SHORTEST_PART)


def _lines(encoded: str) -> Iterator[str]:
    for width in LINES:
        yield from (encoded[at : at + width] for at in range(0, len(encoded), width))
