"""Webhooks: letters to owners, sent as the `http` action sends its requests, and signed in the same way.

The same rules hold: what an `http` action may not reach, no webhook reaches. A redirect is no delivery.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from chalicelib.actions.http import Http
from chalicelib.core.alerting.letter import Letter

TIMEOUT = timedelta(seconds=5)
"""For everything together: whoever sends it has other letters to send, or a run's message to give back."""
TAKEN = range(200, 300)
NO_REDIRECT = list(range(200, 400))
"""Statuses that are taken for an answer: what redirects is not followed."""


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """Delivers letters by POST."""

    http: Http

    def __call__(self, address: str, letter: Letter, key: str) -> str | None:
        """Deliver a letter. None: it was taken, by a status from 200 to 299. Otherwise why not."""
        request = {
            "method": "POST",
            "url": address,
            "body": letter.body,
            "signing": [key],
            "expect_status": NO_REDIRECT,
        }
        outcome = self.http.perform(request, TIMEOUT, {"message_id": letter.id})
        if outcome.error is not None:
            return outcome.error.detail
        if outcome.http_status not in TAKEN:
            return f"the server answered {outcome.http_status}, and alerts follow no redirect: give the new address"
        return None
