"""The system: which versions run, how far shards and queues are, what it costs, and what is in force."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from chalice import __version__ as chalice_version
from chalice.app import Response

from chalicelib.bootstrap.requests import stored_forms
from chalicelib.core.overview import costs
from chalicelib.engine.requests.looking.survey import LOOKED_AT
from chalicelib.settings import Settings
from chalicelib.web.api.public import VERSION
from chalicelib.web.pages.about.queues import asked, asked_queues
from chalicelib.web.pages.responses import page
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit
from chalicelib.web.rendering import ARCHITECTURE

SHARDS_SHOWN = 50
LIBRARIES = ("boto3", "botocore", "pynamodb", "msgspec", "croniter", "icalendar", "jinja2", "tzdata")


@dataclass(frozen=True, kw_only=True)
class Bill:
    """What a month costs, in US dollars at list prices: the installation by itself, and the caller's tasks."""

    idle: Mapping[str, float]
    tasks_usd: float
    tasks_runs: float
    tasks_counted: int
    complete: bool

    @property
    def idle_usd(self) -> float:
        return sum(self.idle.values())


def show(visit: Visit) -> Response:
    """How the installation is doing. What concerns everybody is shown to everybody, the rest to admins."""
    admin = visit.user.is_admin
    first = _number(visit.query.get("from", ""))
    return page(
        visit,
        "about/system.html",
        live=True,
        admin=admin,
        versions={"Punctual": VERSION, "Python": platform.python_version(), "Chalice": chalice_version} | _libraries(),
        forms=stored_forms(),
        settings=visit.system.settings,
        shards=asked(visit, "shards", lambda: visit.system.condition.shards(first=first, limit=SHARDS_SHOWN)),
        first=first,
        shards_shown=SHARDS_SHOWN,
        queues=asked_queues(visit) if admin else None,
        audited_until=asked(visit, "auditor", visit.system.condition.audited_until),
        bill=asked(visit, "tasks", lambda: _bill(visit)),
        looked_at=LOOKED_AT,
        prices=costs.LIST_PRICES,
        architecture=ARCHITECTURE,
        chosen=chosen(visit.system.settings) if admin else {},
    )


def _libraries() -> dict[str, str]:
    return {name: _version(name) for name in LIBRARIES}


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "not known here"


def _number(text: str) -> int:
    """From which shard on."""
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= 4 else 0


def _bill(visit: Visit) -> Bill:
    surveyed = visit.system.survey.of(visit.user)
    forecast = surveyed.forecast(visit.now, feed=visit.system.settings.run_feed, architecture=ARCHITECTURE)
    return Bill(
        idle=costs.of_idling(visit.system.settings.shards, ARCHITECTURE),
        tasks_usd=forecast.usd,
        tasks_runs=forecast.runs,
        tasks_counted=len(surveyed.tasks),
        complete=surveyed.complete,
    )


def chosen(settings: Settings) -> dict[str, str]:
    """The settings in force, by the names they are given by. None of them is secret."""
    return {
        "STAGE": settings.stage,
        "SHARDS": str(settings.shards),
        "REGISTRATION": str(settings.registration),
        "ALLOW_PRIVATE_TARGETS": "1" if settings.allow_private_targets else "off",
        "MAX_BODY_BYTES": f"{settings.max_body_bytes:,}",
        "AWS_ACTIONS_ALLOWED": ", ".join(sorted(settings.aws_actions_allowed)) or "none",
        "RUN_FEED": "on" if settings.run_feed else "off",
        "METRICS": "on" if settings.metrics else "off",
        "CODE_OWNER": settings.code_owner or "the first admin",
        "MAX_TASKS": f"{settings.max_tasks:,}",
        "MAX_STORED_BYTES": f"{settings.max_stored_bytes:,}",
        "MAX_RUNS_PER_MINUTE": f"{settings.max_runs_per_minute:,}",
    }


ROUTES = (Route(path="/system", get=show),)
