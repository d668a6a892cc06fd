"""Settings: who one is here, how times are shown, how alerts are known to be ours, and what one's tasks may take."""

from __future__ import annotations

from dataclasses import dataclass

from chalice.app import Response

from chalicelib.web.pages.responses import page
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit
from chalicelib.web.pages.zones import Choice

DONE = {
    "password": "The password was changed. Wherever else you were logged in, you are not any more.",
    "zone": "Times are shown as you chose.",
}
UNNAMED = {
    "unnamed": "Which one is yours? Write its name, like Europe/Paris.",
    "unknown": "There is no such time zone: write one like Europe/Paris.",
}
ZONES = (
    (Choice.UTC, "UTC"),
    (Choice.TASK, "each task's own time zone"),
    (Choice.MINE, "my time zone, named below"),
)


@dataclass(frozen=True, kw_only=True)
class Share:
    """How much of something an account uses, and how much it may."""

    what: str
    used: int
    most: int


def show(visit: Visit) -> Response:
    """The caller's account."""
    unnamed = UNNAMED.get(visit.query.get("zone", ""))
    used, quota = visit.system.survey.used(visit.user.id)[visit.user.id], visit.system.survey.quota
    return page(
        visit,
        "account/settings.html",
        shares=[
            Share(what="tasks", used=used.tasks, most=quota.tasks),
            Share(what="bytes of definitions", used=used.stored_bytes, most=quota.stored_bytes),
            Share(what="runs a minute, by their schedules", used=used.hourly_runs // 60, most=quota.hourly_runs // 60),
        ],
        choices=ZONES,
        typed={"choice": str(visit.zones.choice), "mine": visit.zones.mine},
        errors={} if unnamed is None else {"mine": [unnamed]},
        key=visit.system.letter_keys.of(visit.user.id),
        notice=DONE.get(visit.query.get("done", "")),
    )


ROUTES = (Route(path="/settings", get=show),)
