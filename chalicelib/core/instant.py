"""Instants: aware, UTC, in whole milliseconds; and their two written forms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def to_ms(instant: datetime) -> int:
    """Whole milliseconds since 1970; what is finer is dropped.

    >>> to_ms(datetime(1970, 1, 1, 0, 0, 1, 1999, tzinfo=UTC))
    1001
    """
    return (instant - EPOCH) // MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    """The instant that many milliseconds after the start of 1970.

    >>> from_ms(1001).isoformat()
    '1970-01-01T00:00:01.001000+00:00'
    """
    return EPOCH + timedelta(milliseconds=milliseconds)


def floor_ms(instant: datetime) -> datetime:
    """The instant without anything finer than a millisecond, in UTC."""
    return from_ms(to_ms(instant))


def to_text(instant: datetime) -> str:
    """RFC 3339 in UTC with `Z` and milliseconds.

    >>> to_text(datetime(2026, 1, 1, tzinfo=UTC))
    '2026-01-01T00:00:00.000Z'
    """
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def from_text(text: str) -> datetime:
    """The instant that an RFC 3339 text with an offset names, down to the millisecond; `ValueError` otherwise.

    >>> from_text("2026-01-01T02:00:00+02:00").isoformat()
    '2026-01-01T00:00:00+00:00'
    >>> from_text("2026-01-01t02:00:00z") == from_text("2026-01-01T02:00:00Z")
    True
    """
    instant = datetime.fromisoformat(text.upper())
    if instant.tzinfo is None:
        raise ValueError("an instant needs an offset, like 2026-01-01T00:00:00Z")
    try:
        return floor_ms(instant)
    except OverflowError as error:
        raise ValueError("outside the years that can be written") from error
