"""Outputs: which attempt's is shown, and a file of it as it was printed."""

from __future__ import annotations

import re

from chalice.app import Response

from chalicelib.core.errors import NotFound
from chalicelib.core.run import Attempt, Run
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit

_NUMBER = re.compile(r"[0-9]{1,7}", re.ASCII)


def chosen(run: Run, number: str | None) -> Attempt | None:
    """The attempt that an address asks for, or the last; None where there is none. `NotFound` for one that never
    was."""
    if number is None:
        return run.attempts[-1] if run.attempts else None
    found = [one for one in run.attempts if _NUMBER.fullmatch(number) and one.number == int(number)]
    if not found:
        raise NotFound("there is no such attempt")
    return found[0]


def download(visit: Visit, run_id: str) -> Response:
    """What an attempt printed, to be kept as a file: no browser shows it, whatever it looks like."""
    run = visit.system.reports.run(visit.user, run_id)
    attempt = chosen(run, visit.query.get("attempt"))
    if attempt is None or not attempt.output:
        raise NotFound("this attempt has printed nothing")
    name = f"{run.id}-attempt-{attempt.number}.txt"
    return Response(
        attempt.output.encode("utf-8", "replace").decode(),
        status_code=200,
        headers={
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


ROUTES = (Route(path="/run/{run_id}/output", get=download),)
