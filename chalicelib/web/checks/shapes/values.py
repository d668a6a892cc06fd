"""The shapes of texts and other values that many bodies hold."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

PLAIN = r"^[^\x00-\x1f\x7f-\x9f]*\Z"
"""No control characters."""
PLAIN_AND_VISIBLE = r"^(?=.*\S)[^\x00-\x1f\x7f-\x9f]*\Z"
WEEK = 604_800
"""Seconds."""

Instant = Annotated[
    str, Meta(max_length=64, description="an RFC 3339 instant with an offset, like 2026-01-01T09:00:00Z")
]
JsonObject = Annotated[dict[str, Any], Meta(description="an object")]
Name = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern=PLAIN_AND_VISIBLE,
        description="a text of 1 to 100 characters without control characters",
    ),
]
