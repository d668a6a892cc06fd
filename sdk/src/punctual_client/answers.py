"""Answers: what a server sent back, made sense of, or named for what it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from punctual_client.errors import Answered, UnexpectedAnswer, refused

LONGEST_EXCERPT = 80
"""Characters of what nobody expected."""
NO_JSON = object()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A status, headers by their names in lower case, and an object of JSON; or None for no content, or `NO_JSON`."""

    status: int
    headers: Mapping[str, str]
    body: Any
    text: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether it is what was asked for."""
        return 200 <= self.status < 300 and self.body is not NO_JSON


def read(status: int, headers: Mapping[str, str], content: bytes) -> Answer:
    """An answer from what came."""
    lower = {name.lower(): value for name, value in headers.items()}
    text = content.decode("utf-8", "replace")
    return Answer(status=status, headers=lower, body=_json(text, status), text=text)


def failure(answer: Answer, url: str) -> Answered:
    """What an answer says that is no success."""
    if 300 <= answer.status < 400:
        where = answer.headers.get("location", "another address")
        told = f"{url} sends on to {where}, and a token is not sent on: if that is Punctual, use its address"
        return UnexpectedAnswer(told, status=answer.status)
    if not isinstance(answer.body, Mapping):
        return UnexpectedAnswer(_not_punctual(answer, url), status=answer.status)
    return refused(answer.body, status=answer.status, retry_after=retry_after(answer.headers.get("retry-after")))


def retry_after(header: str | None, now: datetime | None = None) -> timedelta | None:
    """How long a server asks to be left alone, given in seconds or as a date; None where it does not say.

    >>> retry_after("7"), retry_after("soon")
    (datetime.timedelta(seconds=7), None)
    >>> retry_after("Wed, 21 Oct 2026 07:28:00 GMT", datetime(2026, 10, 21, 7, 27, 30, tzinfo=UTC))
    datetime.timedelta(seconds=30)
    """
    given = (header or "").strip()
    if given.isascii() and given.isdigit():
        return timedelta(seconds=min(int(given[:9]), 999_999_999))
    try:
        at = parsedate_to_datetime(given)
    except ValueError:
        return None
    aware = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return max(timedelta(0), aware - (now or datetime.now(UTC)))


def _json(text: str, status: int) -> Any:
    if not text.strip():
        return None if status in (202, 204) else NO_JSON
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return NO_JSON
    return value if isinstance(value, dict) else NO_JSON


def _not_punctual(answer: Answer, url: str) -> str:
    kind = answer.headers.get("content-type", "no media type").partition(";")[0]
    excerpt = " ".join(answer.text.split())[:LONGEST_EXCERPT]
    said = f": {excerpt!r}" if excerpt else ""
    return (
        f"{url} answered {answer.status} with {kind} that is not the JSON of Punctual{said}. Something on the way may "
        "have answered in its place, or the address is not that of an installation"
    )
