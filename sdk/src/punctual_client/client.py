"""The client: every operation of an installation's API, as a method."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from punctual_client import configuration
from punctual_client.address import checked, warn_of_plain
from punctual_client.clock import Clock, SystemClock
from punctual_client.operations.account import Account
from punctual_client.operations.calendars import Calendars
from punctual_client.operations.functions import Functions
from punctual_client.operations.groups import Groups
from punctual_client.operations.members import Invitations, Users
from punctual_client.operations.runs import Runs
from punctual_client.operations.secrets import Secrets
from punctual_client.operations.tasks import Tasks
from punctual_client.operations.tokens import Tokens
from punctual_client.paging import PAGE, pages
from punctual_client.retrying import Tries
from punctual_client.shapes import Act, Health, PreviewAnswer, User
from punctual_client.transport import Transport
from punctual_client.way import pool_for

TIMEOUT = timedelta(seconds=30)
"""What API Gateway gives a request."""


class Client:
    """One installation, and one account at it. Answers are plain dictionaries; what goes wrong is a `PunctualError`.

    A request is sent again, with growing pauses, where no answer came or the server asks for it (429, 502, 503, 504),
    and so that it is done once: what makes something carries an idempotency key. May be shared between threads.
    """

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        timeout: timedelta = TIMEOUT,
        retries: int = Tries().again,
        clock: Clock | None = None,
    ) -> None:
        """`timeout` is of one try, and `retries` how many follow the first."""
        self.url = checked(url)
        warn_of_plain(self.url)
        transport = Transport(
            url=self.url,
            token=token,
            timeout=timeout,
            tries=Tries(again=retries),
            clock=clock or SystemClock(),
            pool=pool_for(self.url),
        )
        self._have(transport)

    @classmethod
    def from_environment(cls, **more: Any) -> Client:
        """The client that `PUNCTUAL_URL` and `PUNCTUAL_TOKEN` say, or else the file that `punctual login` wrote."""
        found = configuration.found()
        return cls(found.url, found.token, **more)

    @property
    def clock(self) -> Clock:
        """By which it waits."""
        return self._transport.clock

    def _have(self, transport: Transport) -> None:
        self._transport = transport
        self.tasks, self.runs, self.groups = Tasks(transport), Runs(transport), Groups(transport)
        self.functions, self.calendars = Functions(transport), Calendars(transport)
        self.secrets, self.tokens = Secrets(transport), Tokens(transport)
        self.users, self.invitations = Users(transport), Invitations(transport)
        self.account = Account(transport)

    def with_token(self, token: str | None) -> Client:
        """The same installation for somebody else."""
        other = Client.__new__(Client)
        other.url = self.url
        other._have(replace(self._transport, token=token))
        return other

    def health(self) -> Health:
        """Whether the API answers, and which one it is."""
        return cast(Health, self._transport.get("/api/health"))

    def openapi(self) -> dict[str, Any]:
        """The API described for machines."""
        return cast(dict[str, Any], self._transport.get("/api/openapi.json"))

    def me(self) -> User:
        """Who the token belongs to."""
        return self.account.me()

    def preview(
        self, schedule: Mapping[str, Any], *, after: str | None = None, count: int | None = None
    ) -> PreviewAnswer:
        """A schedule in words and its next due times; nothing is stored."""
        given = {"schedule": schedule, "after": after, "count": count}
        body = {name: value for name, value in given.items() if value is not None}
        return cast(PreviewAnswer, self._transport.change("POST", "/api/preview", body))

    def audit(self, *, owner: str | None = None, page: int = PAGE) -> Iterator[Act]:
        """What was done with the account, newest first; for an admin also with another `owner`'s."""
        return pages(self._transport, "/api/audit", {"owner": owner}, page=page)

    def __repr__(self) -> str:
        return f"Client({self.url!r}, token={'…' if self._transport.token else None})"
