"""Functions: what tasks of the type `function` may call, and the schedules that the code itself says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from punctual_client.paging import items_of
from punctual_client.shapes import Function, ScheduleInCodeList
from punctual_client.transport import Transport


@dataclass(frozen=True)
class Functions:
    """The functions of an installation."""

    _transport: Transport

    def list(self) -> Iterator[Function]:
        """All of them, by name, with what they take."""
        yield from items_of(self._transport.get("/api/functions"), self._transport)

    def schedules(self) -> ScheduleInCodeList:
        """Every schedule in code; how its task stands is told to whose task it is, and to admins."""
        return cast(ScheduleInCodeList, self._transport.get("/api/functions/schedules"))

    def sync(self, restore: Sequence[str] = ()) -> ScheduleInCodeList:
        """Bring what has changed in the code, as a deployment does; for admins. What `restore` names becomes as the
        code says, whatever a person did to it."""
        body = {"restore": [*restore]}
        return cast(ScheduleInCodeList, self._transport.post("/api/functions/schedules/sync", body))
