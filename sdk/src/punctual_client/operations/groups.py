"""Groups: runs that are asked for together, beside or after each other, and what follows when all have ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from punctual_client.paging import PAGE, pages, several
from punctual_client.shapes import Group, GroupMember, ListedGroup
from punctual_client.transport import Transport, path
from punctual_client.waiting import wait_for

RUNNING = "running"


@dataclass(frozen=True)
class Groups:
    """An account's groups."""

    _transport: Transport

    def create(self, definition: Mapping[str, Any], *, key: str | None = None) -> Group:
        """Start a group: `{name, order?, members: [{"task": id} | {"define": {…}}], then?, on_failure?}`."""
        return cast(Group, self._transport.post("/api/groups", definition, key=key))

    def list(
        self, *, state: str | Sequence[str] | None = None, owner: str | None = None, page: int = PAGE
    ) -> Iterator[ListedGroup]:
        """Groups, newest first, in any of some states; for an admin also another `owner`'s."""
        query = {"state": several(state), "owner": owner}
        return pages(self._transport, "/api/groups", query, page=page)

    def get(self, group_id: str) -> Group:
        """One group, with counts of how its members stand."""
        return cast(Group, self._transport.get(path("/api/groups/{}", group_id)))

    def members(self, group_id: str, *, page: int = PAGE) -> Iterator[GroupMember]:
        """Its members, in order."""
        return pages(self._transport, path("/api/groups/{}/members", group_id), {}, page=page)

    def cancel(self, group_id: str) -> Group:
        """End every member that has not ended."""
        return cast(Group, self._transport.post(path("/api/groups/{}/cancel", group_id)))

    def retry(self, group_id: str, *, key: str | None = None) -> Group:
        """Try every member again that ended without success."""
        return cast(Group, self._transport.post(path("/api/groups/{}/retry", group_id), key=key))

    def wait(
        self, group_id: str, *, timeout: timedelta | None = None, on_change: Callable[[Group], object] | None = None
    ) -> Group:
        """The group once it has ended, as `client.runs.wait` waits for a run."""
        return wait_for(
            lambda: self.get(group_id), has_ended, clock=self._transport.clock, timeout=timeout, on_change=on_change
        )


def has_ended(group: Group) -> bool:
    """Whether nothing of a group is left to run."""
    return group["state"] != RUNNING
