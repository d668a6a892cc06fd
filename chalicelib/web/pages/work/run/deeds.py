"""What is done from the page of a run: cancel, retry, put a skipped due time back."""

from __future__ import annotations

from chalice.app import Response

from chalicelib.web.pages.responses import redirect
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit


def cancel(visit: Visit, run_id: str) -> Response:
    """End a run that has not ended."""
    visit.system.control.cancel(visit.user, run_id)
    return redirect(visit, f"/run/{run_id}", done="cancelled")


def retry(visit: Visit, run_id: str) -> Response:
    """Try a run again that ended without success; one whose due time is still to come waits for it."""
    run = visit.system.control.retry(visit.user, run_id)
    return redirect(visit, f"/run/{run_id}", done="put_back" if run.due_at > visit.now else "retried")


ROUTES = (
    Route(path="/run/{run_id}/cancel", post=cancel),
    Route(path="/run/{run_id}/retry", post=retry),
)
