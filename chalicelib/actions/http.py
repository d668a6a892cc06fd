"""The `http` action: one request to the public internet, with nothing of this machine's own network in reach.

A host is resolved once for each request, every address it has is checked, and the connection goes to a checked address;
the name still goes into the Host header, SNI and the certificate check. Redirects are followed at most three times,
each checked like the first, and headers that may hold a secret do not follow to another origin. No proxy is used.
Of the public internet only ports of web servers are asked. A task with signing secrets has its requests signed.

Codes of a failure: `unexpected_status` (permanent for a 4xx that another try will not change), `timeout` (over all,
however slowly the bytes come), `connection_failed`, `tls_failed`, `address_refused`, `port_refused`, `invalid_request`,
`invalid_signing_secret`, `redirect_refused` and `too_many_redirects` (the last six permanent). An answer that is tried
again may say when, by `Retry-After`.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin

import urllib3
from urllib3.connection import HTTPConnection
from urllib3.util import Url, parse_url

from chalicelib.actions.deadline import Call, timed_out
from chalicelib.actions.network.addresses import Resolve, is_private, is_public, resolve
from chalicelib.actions.network.connection import Dial, Line, Received, receive
from chalicelib.actions.network.ports import may_be_asked
from chalicelib.actions.network.retry_after import asked_wait
from chalicelib.actions.network.signing import HEADERS as SIGNED
from chalicelib.actions.network.signing import NoKey, signature_headers
from chalicelib.actions.output import excerpt
from chalicelib.core.errors import PunctualError
from chalicelib.core.run import AttemptStatus, Outcome, RunError
from chalicelib.core.secrets.naming import CONFINED

REDIRECTS = frozenset({301, 302, 303, 307, 308})
SEE_OTHER = 303
CLIENT_ERRORS = range(400, 500)
MOST_REDIRECTS = 3
PASSING = frozenset({408, 425, 429})
"""The 4xx that another try may change: too slow, too early, too many."""
DEFAULT_PORTS = {"http": 80, "https": 443}
FRAMING = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade", "expect"}
)
"""Headers that say how a request travels: ours to set, dropped when a task sets them."""
HARMLESS = frozenset({"accept", "accept-language", "content-type", "user-agent"})
"""Headers that follow a redirect to another origin; any other may hold a secret."""
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class RequestFailed(PunctualError):
    """The request could not be made, or not be answered. `error` says why."""

    code = "request_failed"

    def __init__(self, code: str, detail: str, *, permanent: bool = False) -> None:
        super().__init__(detail)
        self.error = RunError(code=code, detail=excerpt(detail), permanent=permanent)


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request, checked in form: where to, and what."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    confined: bool = False
    """Whether the body holds a secret, which is for this origin alone."""

    @property
    def target(self) -> Url:
        """The parts of the URL; `RequestFailed` where it is none that can be asked."""
        return _target(self.url)

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port, all given."""
        target = self.target
        scheme, host = str(target.scheme), str(target.host).strip("[]")
        return scheme, host, target.port or DEFAULT_PORTS[scheme]

    def redirected(self, status: int, location: str) -> Request:
        """The request that a redirect asks for: as browsers do it, and without secrets for another origin."""
        following = replace(self, url=urljoin(self.url, location))
        if status == SEE_OTHER or (status in (301, 302) and self.method == "POST"):
            method = "HEAD" if self.method == "HEAD" else "GET"
            headers = _without(self.headers, {"content-type", *SIGNED})  # a signature is one of the body
            following = replace(following, method=method, body=None, headers=headers)
        if following.origin != self.origin:
            if following.confined and following.body is not None:
                detail = "a body that holds a secret does not follow a redirect to another origin: give its address"
                raise RequestFailed("redirect_refused", detail, permanent=True)
            following = replace(following, headers={n: v for n, v in following.headers.items() if n in HARMLESS})
        return following


@lru_cache
def public_certificates() -> ssl.SSLContext:
    """Trusts what this machine trusts. Made when first needed: reading all certificates takes a while."""
    return ssl.create_default_context()


def clock_time() -> datetime:
    """What this machine's clock shows: a `Retry-After` may be a date."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Http:
    """Performs http requests. `allow_private_targets` lets them reach this machine and its networks too."""

    allow_private_targets: bool = False
    resolve: Resolve = resolve
    dial: Dial = socket.create_connection
    certificates: Callable[[], ssl.SSLContext] = public_certificates
    now: Callable[[], datetime] = clock_time

    def perform(self, action: Mapping[str, Any], timeout: timedelta, context: Mapping[str, str]) -> Outcome:
        """What the request came to. The timeout is for everything together: name, connection, redirects, last byte."""
        line = Line(timeout, self.dial)
        call = Call(lambda: self._answer(self._signed(action, context), _expected(action), line))
        if not call.ended_within(timeout):
            line.cut()
            return Outcome(status=AttemptStatus.TIMED_OUT, error=timed_out(timeout))
        try:
            answer = call.value()
        except Exception as error:
            return Outcome(status=AttemptStatus.FAILED, error=_why(error))
        return _outcome(answer, _expected(action), self.now())

    def _signed(self, action: Mapping[str, Any], context: Mapping[str, str]) -> Request:
        """The request of an action, signed where the action has signing secrets."""
        request, secrets = _request(action, context), action.get("signing") or ()
        if not secrets:
            return request
        listed = [secrets] if isinstance(secrets, str) else secrets
        name = context.get("message_id") or context.get("run_id", "")
        try:
            signed = signature_headers(listed, name, self.now(), request.body or b"")
        except NoKey as error:
            raise RequestFailed("invalid_signing_secret", str(error), permanent=True) from error
        return replace(request, headers={**request.headers, **signed})

    def _answer(self, request: Request, expected: Collection[int], line: Line) -> Received:
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._ask(request, line)
            if answer.status in expected or answer.status not in REDIRECTS or not answer.location:
                return answer
            request = request.redirected(answer.status, answer.location)
        raise RequestFailed("too_many_redirects", f"redirected more than {MOST_REDIRECTS} times", permanent=True)

    def _ask(self, request: Request, line: Line) -> Received:
        scheme, host, port = request.origin
        addresses = self.resolve(host, port)
        if not all(self._may_reach(address) for address in addresses):
            raise RequestFailed("address_refused", f"{host} is not on the public internet", permanent=True)
        if any(is_public(address) for address in addresses) and not may_be_asked(port):
            raise RequestFailed("port_refused", f"port {port} is none that web servers use", permanent=True)
        try:
            line.connect(addresses, port)
            if scheme == "https":
                line.secure(self.certificates(), host.rstrip("."))
            return _exchange(line.http(scheme, host, port), request)
        finally:
            line.close()

    def _may_reach(self, address: str) -> bool:
        return is_public(address) or (self.allow_private_targets and is_private(address))


def _exchange(connection: HTTPConnection, request: Request) -> Received:
    """Ask, and receive what is answered, as it is sent: a compressed body stays so, and cannot swell."""
    connection.request(
        request.method,
        request.target.request_uri,
        body=request.body,
        headers=request.headers,
        preload_content=False,
        decode_content=False,
    )
    return receive(connection)


def _target(url: str) -> Url:
    if CONTROL.search(url):
        raise RequestFailed("invalid_request", "the URL holds a control character", permanent=True)
    try:
        target = parse_url(url)
    except urllib3.exceptions.LocationParseError as error:
        raise RequestFailed("invalid_request", f"the URL cannot be read: {error}", permanent=True) from error
    if target.scheme not in DEFAULT_PORTS or not target.host:
        raise RequestFailed("invalid_request", "the URL must begin with http:// or https:// and a host", permanent=True)
    if target.auth is not None:
        raise RequestFailed("invalid_request", "the URL must not hold a user: use a header", permanent=True)
    return target


def _request(action: Mapping[str, Any], context: Mapping[str, str]) -> Request:
    method = str(action.get("method") or "GET").upper()
    headers = {str(name).lower(): str(value) for name, value in (action.get("headers") or {}).items()}
    if not all(TOKEN.fullmatch(word) for word in (method, *headers)):
        raise RequestFailed("invalid_request", "the method or a header's name is none", permanent=True)
    if any(CONTROL.search(value.replace("\t", " ")) for value in headers.values()):
        raise RequestFailed("invalid_request", "a header's value holds a control character", permanent=True)
    content_type, body = _body(action.get("body"))
    ours = {"user-agent": "Punctual"} | _told(context) | content_type
    return Request(
        method=method,
        url=str(action["url"]),
        headers=ours | _without(headers, FRAMING),
        body=body,
        confined=bool(action.get(CONFINED)),
    )


def _body(body: Any) -> tuple[dict[str, str], bytes | None]:
    if body is None:
        return {}, None
    if isinstance(body, str):
        return {"content-type": "text/plain; charset=utf-8"}, body.encode()
    return {"content-type": "application/json"}, json.dumps(body).encode()


def _told(context: Mapping[str, str]) -> dict[str, str]:
    """The run's name is the same in every attempt, so that a receiver can do things once."""
    names = {"run_id": "punctual-run-id", "attempt": "punctual-attempt"}
    return {header: context[name] for name, header in names.items() if name in context}


def _without(headers: Mapping[str, str], dropped: Collection[str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in dropped}


def _expected(action: Mapping[str, Any]) -> Collection[int]:
    wanted = action.get("expect_status") or range(200, 300)
    return [wanted] if isinstance(wanted, int) else wanted


def _why(error: Exception) -> RunError:
    if isinstance(error, RequestFailed):
        return error.error
    said = excerpt(f"{type(error).__name__}: {error}")
    if isinstance(error, ssl.SSLError):
        return RunError(code="tls_failed", detail=f"no secure connection: {said}")
    if isinstance(error, socket.gaierror):
        return RunError(code="connection_failed", detail=f"the host has no address: {said}")
    if isinstance(error, (OSError, urllib3.exceptions.HTTPError, http.client.HTTPException)):
        return RunError(code="connection_failed", detail=f"no answer: {said}")
    return RunError(code="invalid_request", detail=f"the request cannot be made: {said}", permanent=True)


def _outcome(answer: Received, expected: Collection[int], now: datetime) -> Outcome:
    output, truncated = answer.body.text()
    outcome = Outcome(
        status=AttemptStatus.SUCCEEDED,
        output=output,
        output_truncated=truncated,
        result={"status": answer.status, "body": excerpt(output)},
        http_status=answer.status,
    )
    return outcome if answer.status in expected else _unexpected(answer, outcome, now)


def _unexpected(answer: Received, outcome: Outcome, now: datetime) -> Outcome:
    """The outcome of an answer that the task did not expect; `Retry-After` counts where another try may help."""
    permanent = answer.status in CLIENT_ERRORS and answer.status not in PASSING
    wait = timedelta(0) if permanent else asked_wait(answer.retry_after, now)
    detail = f"the server answered {answer.status} {excerpt(answer.reason, 100)}".strip()
    asks = f" and asks to wait {wait.total_seconds():.0f} s" if wait else ""
    error = RunError(code="unexpected_status", detail=detail + asks, permanent=permanent)
    return replace(outcome, status=AttemptStatus.FAILED, error=error, retry_after=wait)
