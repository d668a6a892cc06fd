"""History: a task's runs, newest first, as far as the address asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from chalicelib.core.errors import Invalid
from chalicelib.core.instant import EPOCH, LATEST, floor_ms
from chalicelib.core.run import Run, RunStatus
from chalicelib.core.task import Task
from chalicelib.web.frame.endpoint import Call
from chalicelib.web.frame.paging import after_of, cursor_for, statuses_of
from chalicelib.web.pages.forms.field_errors import Errors, by_field
from chalicelib.web.pages.looks.words import RUN_LOOKS
from chalicelib.web.pages.visit import Visit

RUNS_SHOWN = 20
FIELDS = ("status", "from", "to")
ANY = ("", "Any state")
RIGHT = "Must be a date and a time like 2026-11-21T09:30, from 1970 to 2099."
"""An offset may follow; without one it is a time of the zone in which the page shows times."""


@dataclass(frozen=True, kw_only=True)
class History:
    """Some runs, where older ones are, and what was asked for. `looked_on` is set where a filter found nothing on so
    many runs that it stopped: there may be some further on."""

    runs: tuple[Run, ...] = ()
    older: str | None = None
    asked: Mapping[str, str] = field(default_factory=dict)
    errors: Errors = field(default_factory=dict)
    later_page: bool = False

    @property
    def filtered(self) -> bool:
        """Whether anything was asked for in particular."""
        return any(self.asked.values())

    @property
    def options(self) -> list[tuple[str, str]]:
        """The states that may be asked for."""
        return [ANY, *((str(status), look.word) for status, look in RUN_LOOKS.items())]


def history_of(visit: Visit, task: Task, zone: tzinfo) -> History:
    """The runs that the address asks for. What it asks wrongly is told beside its field, and nothing is left out."""
    call, listing = Call(request=visit.request, session=visit.session), f"runs of {task.id}"
    asked = {name: visit.query.get(name, "") for name in FIELDS}
    errors: Errors = {}
    first, last = (_instant(asked[name], zone, name, errors) for name in ("from", "to"))
    statuses = _statuses(call, errors) if asked["status"] else frozenset()
    if first is not None and last is not None and last < first:
        errors["to"] = ["Must not lie before the beginning."]
    if errors:
        return History(asked=asked, errors=errors)
    after = after_of(call, listing)
    found = visit.system.reports.runs_of(
        visit.user, task.id, limit=RUNS_SHOWN, after=after, statuses=statuses, first=first, last=last
    )
    return History(
        runs=found.items,
        older=cursor_for(call, listing, found.after),
        asked=asked,
        later_page=after is not None,
    )


def _statuses(call: Call, errors: Errors) -> frozenset[RunStatus]:
    try:
        return statuses_of(call)
    except Invalid as error:
        errors |= by_field(error, {"/status": "status"})
        return frozenset()


def _instant(text: str, zone: tzinfo, name: str, errors: Errors) -> datetime | None:
    """The instant that somebody typed; None where nobody did, or it is none."""
    if not text:
        return None
    found = typed_instant(text, zone)
    if found is None:
        errors[name] = [RIGHT]
    return found


def typed_instant(text: str, zone: tzinfo) -> datetime | None:
    """The instant that a text names, in a zone where it says none itself; None where it names none.

    >>> from zoneinfo import ZoneInfo
    >>> [str(typed_instant(t, ZoneInfo("Europe/Paris"))) for t in ("2026-01-01T09:30", "2026-01-01T09:30Z", "soon")]
    ['2026-01-01 08:30:00+00:00', '2026-01-01 09:30:00+00:00', 'None']
    """
    try:
        given = datetime.fromisoformat(text.strip().replace(" ", "+") if text.count(" ") == 1 and "T" in text else text)
        found = floor_ms((given if given.tzinfo is not None else given.replace(tzinfo=zone)).astimezone(UTC))
    except (ValueError, OverflowError):
        return None
    return found if EPOCH <= found < LATEST else None
