"""What the store's four tables have in common."""

from __future__ import annotations

from chalicelib.adapters.dynamo.ground.calls import Calls


class OnDynamo:
    """Something that is kept in DynamoDB. `run_feed` says whether runs are listed across tasks."""

    def __init__(self, calls: Calls, *, run_feed: bool) -> None:
        self._calls = calls
        self._run_feed = run_feed
