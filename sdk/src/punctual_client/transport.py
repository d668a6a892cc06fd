"""Transport: one request of the API, sent until it is answered, with every failure as one of the library's errors.

The token goes to the address that it was given for and nowhere else: redirects are not followed, certificates are
checked, and neither a log line nor a `repr` holds it.
"""

from __future__ import annotations

import json
import random
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError

from punctual_client.answers import Answer, failure, read
from punctual_client.clock import Clock
from punctual_client.errors import NotConfigured, NotFound, PunctualError, Refused, Unreachable, refused
from punctual_client.retrying import Repeating, Tries, may_repeat
from punctual_client.version import VERSION

JSON = "application/json"
KEY = "Idempotency-Key"
KEY_BYTES = 18
NEVER_SENT = (NewConnectionError, ConnectTimeoutError, SSLError)
"""No connection came about, so that nothing of the request has left."""
TOKEN = re.compile(r"[!-~]{1,256}")
BEING_ANSWERED = 409
"""To a key whose first request has not been answered yet."""
UNPROCESSABLE, FAULT = 422, 500
Query = Mapping[str, "str | int | list[str] | None"]


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request, as often as it is sent."""

    method: str
    path: str
    query: Query = field(default_factory=dict)
    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    repeating: Repeating = Repeating.SAFE

    @property
    def target(self) -> str:
        given = {name: value for name, value in self.query.items() if value not in (None, [])}
        return f"{self.path}?{urlencode(given, doseq=True, errors='replace')}" if given else self.path


@dataclass(frozen=True, kw_only=True)
class Failed:
    """A try that did not succeed: why, whether anything was sent, the answer's status where there was one, and whether
    another one would end the same."""

    error: PunctualError
    sent: bool = True
    status: int | None = None
    hopeless: bool = False

    @property
    def perhaps_done(self) -> bool:
        """Whether the request may have been done all the same."""
        return self.sent and (self.status is None or self.status >= FAULT)


@dataclass(frozen=True, kw_only=True)
class Transport:
    """Sends requests to one installation, with one token or none."""

    url: str
    token: str | None = field(repr=False)
    timeout: timedelta
    tries: Tries
    clock: Clock = field(repr=False)
    pool: urllib3.PoolManager = field(repr=False)

    def __post_init__(self) -> None:
        if self.token is not None and TOKEN.fullmatch(self.token) is None:
            raise NotConfigured("what was given as the token is none: a token is one line of letters, digits and _ -")

    def get(self, path: str, query: Query | None = None) -> Any:
        """What a path answers."""
        return self.send(Request(method="GET", path=path, query=query or {})).body

    def post(self, path: str, body: Mapping[str, Any] | None = None, *, key: str | None = None) -> Any:
        """Ask for something to be done once, however often it has to be sent: by an idempotency key, which is made here
        unless one is given."""
        headers = {KEY: key or secrets.token_urlsafe(KEY_BYTES)}
        return self.change("POST", path, body, headers=headers)

    def change(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        repeating: Repeating = Repeating.SAFE,
    ) -> Any:
        """Send JSON, or nothing, by any method."""
        content = None if body is None else _written(body)
        kind = {} if body is None else {"Content-Type": JSON}
        given = {**kind, **(headers or {})}
        return self.send(Request(method=method, path=path, body=content, headers=given, repeating=repeating)).body

    def send(self, request: Request) -> Answer:
        """The answer to a request. Steps, for as many tries as there are:

        1. send it; success is the answer;
        2. where the failure may pass and another try can do no harm: wait, as long as the server asks, and try again;
        3. otherwise raise what went wrong. A deletion that finds nothing after a try that may have been done, was done.
        """
        number, perhaps_done = 0, False
        while True:
            number += 1
            answer = self._try(request)
            if isinstance(answer, Answer):
                return answer
            delay = self._delay(request, answer, number, perhaps_done=perhaps_done)
            if delay is None:
                return _given_up(request, answer.error, perhaps_done=perhaps_done)
            perhaps_done = perhaps_done or answer.perhaps_done
            self.clock.sleep(delay)

    def _try(self, request: Request) -> Answer | Failed:
        try:
            got = self.pool.request(
                request.method,
                self.url + request.target,
                body=request.body,
                headers={**self._own_headers(), **request.headers},
                timeout=urllib3.Timeout(self.timeout.total_seconds()),
                retries=False,
                redirect=False,
            )
        except HTTPError as error:
            sent, hopeless = not isinstance(error, NEVER_SENT), isinstance(error, SSLError)
            return Failed(error=self._unreachable(error), sent=sent, hopeless=hopeless)
        answer = read(got.status, got.headers, got.data)
        return answer if answer.succeeded else Failed(error=failure(answer, self.url), status=answer.status)

    def _own_headers(self) -> dict[str, str]:
        proof = {} if self.token is None else {"Authorization": f"Token {self.token}"}
        return {"Accept": JSON, "User-Agent": f"punctual-client/{VERSION}"} | proof

    def _delay(self, request: Request, failed: Failed, number: int, *, perhaps_done: bool) -> timedelta | None:
        """The wait before another try; None where there is none."""
        being_answered = perhaps_done and KEY in request.headers and failed.status == BEING_ANSWERED
        repeatable = may_repeat(request.repeating, sent=failed.sent, status=failed.status)
        if failed.hopeless or not (repeatable or being_answered):
            return None
        asked = failed.error.retry_after if isinstance(failed.error, Refused) else None
        return self.tries.delay(number, chance=random.random(), asked=asked)

    def _unreachable(self, error: HTTPError) -> Unreachable:
        """Why, without the words of three layers of software."""
        if isinstance(error, SSLError):
            return Unreachable(f"{self.url} could not prove who it is: {_innermost(error)}")
        if isinstance(error, NEVER_SENT):
            return Unreachable(f"{self.url} cannot be reached: {_innermost(error)}")
        return Unreachable(f"{self.url} did not answer: {_innermost(error)}")


def _written(body: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(body, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        told = f"what was given cannot be sent as JSON: {error}"
        raise refused({"code": "malformed", "detail": told}, status=UNPROCESSABLE) from error


def path(template: str, *names: str) -> str:
    """A path with names in it, whatever stands in these; one that can name nothing is not asked for.

    >>> path("/api/tasks/{}/run", "a/b")
    '/api/tasks/a%2Fb/run'
    """
    for name in names:
        if name in ("", ".", ".."):
            raise refused({"code": "not_found", "detail": f"{name!r} is no id or name of anything"}, status=404)
    return template.format(*(quote(name, safe="", errors="replace") for name in names))


def _given_up(request: Request, error: PunctualError, *, perhaps_done: bool) -> Answer:
    if request.method == "DELETE" and perhaps_done and isinstance(error, NotFound):
        return Answer(status=204, headers={}, body=None)
    if isinstance(error, Refused):
        error.repeated = perhaps_done
    raise error


def _innermost(error: BaseException) -> str:
    """What the lowest layer said."""
    inner = error.__cause__ or error.__context__ or next((a for a in error.args if isinstance(a, BaseException)), None)
    if inner is not None and str(inner):
        return _innermost(inner)
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
