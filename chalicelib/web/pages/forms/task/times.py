"""Dates and times on the form: local times of a zone, and instants as the contract writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from chalicelib.core.errors import Invalid
from chalicelib.core.instant import from_text, to_text
from chalicelib.core.schedule.cron import check_zone
from chalicelib.web.pages.forms.task.reader import Reader, Unreadable

DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?", re.ASCII)
"""What a browser's input for date and time can hold."""


def zone(text: str) -> ZoneInfo:
    """A time zone by its name; UTC where there is none."""
    try:
        check_zone(text or "UTC")
    except Invalid as error:
        raise Unreadable("there is no such time zone: write one like Europe/Paris") from error
    return ZoneInfo(text or "UTC")


def zone_or_utc(reader: Reader, field: str) -> ZoneInfo:
    """The zone that a field names. Where it names none, that is said, and what comes of UTC instead is not used."""
    found = reader.read(field, zone)
    return found if isinstance(found, ZoneInfo) else ZoneInfo("UTC")


def known_zone(name: str) -> ZoneInfo:
    """The zone of a stored schedule, for showing its times; UTC for one that is known no more."""
    try:
        return zone(name)
    except Unreadable:
        return ZoneInfo("UTC")


def instant(text: str, local: ZoneInfo) -> str:
    """An instant as the contract writes it, from a local time of a zone, or from a text with an offset.

    A time that the clock shows twice is the first of both.
    """
    try:
        at = datetime.fromisoformat(text)
        found = (at if at.tzinfo is not None else at.replace(tzinfo=local)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Unreadable("write a date and a time, like 2030-01-31T09:00") from error
    if at.tzinfo is None and found.astimezone(local).replace(tzinfo=None) != at:
        raise Unreadable(f"the clock in {local.key} is put forward over this time: choose another")
    return to_text(found)


def instant_text(text: str, local: ZoneInfo) -> str:
    """An instant as a local time; with its offset where the local time alone would mean another instant.

    >>> instant_text("2026-07-01T07:00:00.000Z", ZoneInfo("Europe/Paris"))
    '2026-07-01T09:00'
    >>> instant_text("2026-10-25T01:30:00.000Z", ZoneInfo("Europe/Paris"))
    '2026-10-25T02:30:00.000+01:00'
    """
    at = from_text(text).astimezone(local)
    bare = at.replace(tzinfo=None, fold=0).isoformat(timespec="milliseconds").removesuffix(".000")
    bare = bare.removesuffix(":00") if len(bare) == len("2026-07-01T09:00:00") else bare
    try:
        same = instant(bare, local) == to_text(at)
    except Unreadable:
        same = False
    return bare if same else at.isoformat(timespec="milliseconds")
