"""Calendars: named times that tasks leave out, given as iCalendar files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from punctual_client.paging import pages
from punctual_client.shapes import Calendar
from punctual_client.transport import Request, Transport, path

ICALENDAR = "text/calendar"


@dataclass(frozen=True)
class Calendars:
    """An account's calendars."""

    _transport: Transport

    def list(self) -> Iterator[Calendar]:
        """All of them, by name."""
        return pages(self._transport, "/api/calendars", {})

    def get(self, name: str) -> Calendar:
        """One calendar."""
        return cast(Calendar, self._transport.get(path("/api/calendars/{}", name)))

    def put(self, name: str, icalendar: str | bytes) -> Calendar:
        """Keep an iCalendar file's events under a name; tasks that name it leave them out from now on."""
        content = icalendar.encode() if isinstance(icalendar, str) else icalendar
        where, headers = path("/api/calendars/{}", name), {"Content-Type": ICALENDAR}
        return cast(Calendar, self._transport.send(_put(where, content, headers)).body)

    def delete(self, name: str) -> None:
        """Delete a calendar that no task names."""
        self._transport.change("DELETE", path("/api/calendars/{}", name))


def _put(where: str, content: bytes, headers: dict[str, str]) -> Request:
    return Request(method="PUT", path=where, body=content, headers=headers)
