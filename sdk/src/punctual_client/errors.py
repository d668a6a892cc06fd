"""Errors: everything that can go wrong with a request, each kind an exception that carries what the server said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

NO_STAGE = "That is what API Gateway says by itself: is its stage in the address, as in https://….amazonaws.com/api?"


@dataclass(frozen=True, kw_only=True)
class FieldError:
    """One field that is wrong: where, as a JSON pointer, a stable code, and a text that completes "the field …"."""

    pointer: str
    code: str
    detail: str


class PunctualError(Exception):
    """A request that did not succeed, said in one sentence. `code` is stable, for programs."""

    code = "error"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class NotConfigured(PunctualError):
    """There is no address, or no token, to go by."""

    code = "not_configured"


class WrongAddress(NotConfigured):
    """What was given as the address of an installation, or of a proxy, is none."""

    code = "wrong_address"


class NotPrivate(NotConfigured):
    """The file with the token can be read by others."""

    code = "not_private"


class Unreachable(PunctualError):
    """No answer came, after every try: whether the request was done is not known, unless it could not even be sent."""

    code = "unreachable"


class StillRunning(PunctualError):
    """Waiting ended before the run or the group did, which goes on. `latest` is how it stood then."""

    code = "still_running"

    def __init__(self, detail: str, latest: Mapping[str, Any]) -> None:
        super().__init__(detail)
        self.latest = latest


class Answered(PunctualError):
    """The server answered, and not with success. `status` is the answer's."""

    def __init__(self, detail: str, *, status: int) -> None:
        super().__init__(detail)
        self.status = status


class UnexpectedAnswer(Answered):
    """What came is not from Punctual, or not whole: a page of a proxy, a redirect, JSON that broke off."""

    code = "unexpected_answer"


class Refused(Answered):
    """Punctual said no, as RFC 9457 writes it: `status`, `code`, `title`, `detail`, `errors`, `request_id`.

    `retry_after` is when it may be tried again, where the server says so. `repeated` is true where an earlier try of
    the same request may have been done although its answer was lost.
    """

    def __init__(self, problem: Mapping[str, Any], *, status: int, retry_after: timedelta | None = None) -> None:
        super().__init__(_detail(problem, status), status=status)
        self.code = str(problem.get("code") or "refused")
        self.title = str(problem.get("title") or _phrase(status))
        self.request_id = str(problem.get("request_id") or "")
        self.errors = tuple(_field_error(one) for one in _list(problem.get("errors")))
        self.retry_after = retry_after
        self.repeated = False

    def __str__(self) -> str:
        """The detail, then every field that is wrong."""
        wrong = [f"{one.pointer or 'the body'} {one.detail}" for one in self.errors if one.detail not in self.detail]
        return "\n".join((self.detail, *wrong))


class NotAuthenticated(Refused):
    """401: the token is missing, unknown, expired or revoked."""


class NotAllowed(Refused):
    """403: the account may not do this, or the token lacks a scope."""


class NotFound(Refused):
    """404: there is no such thing, or it belongs to somebody else."""


class Conflict(Refused):
    """409: it changed since it was read, it exists already, or its state does not allow this."""


class PreconditionFailed(Refused):
    """412: it has another version than `if_match` says."""


class Invalid(Refused):
    """422, and the other statuses of a request that has to be written differently: `errors` names every field."""


class TooMany(Refused):
    """429, after every try: `retry_after` says when it may be sent again."""


class ServerFault(Refused):
    """5xx, after every try: it is not the request's fault."""


KINDS: Mapping[int, type[Refused]] = {
    401: NotAuthenticated,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    412: PreconditionFailed,
    429: TooMany,
}
"""By status; any other below 500 is `Invalid`, and from there on `ServerFault`."""


def refused(problem: Mapping[str, Any], *, status: int, retry_after: timedelta | None = None) -> Refused:
    """The exception for a problem.

    >>> error = refused({"code": "not_found", "detail": "there is no such task"}, status=404)
    >>> type(error).__name__, str(error)
    ('NotFound', 'there is no such task')
    """
    other = ServerFault if status >= HTTPStatus.INTERNAL_SERVER_ERROR else Invalid
    return KINDS.get(status, other)(problem, status=status, retry_after=retry_after)


def _detail(problem: Mapping[str, Any], status: int) -> str:
    """API Gateway's own refusals have a `message` instead: where it knows no such path, or no such stage."""
    told = problem.get("message")
    if told and "detail" not in problem:
        return f"{told}. {NO_STAGE}" if status in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND) else str(told)
    return str(problem.get("detail") or f"the server answered {status} {_phrase(status)}")


def _phrase(status: int) -> str:
    known = status in HTTPStatus.__members__.values()
    return HTTPStatus(status).phrase if known else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _field_error(value: Any) -> FieldError:
    given = value if isinstance(value, Mapping) else {}
    return FieldError(**{name: str(given.get(name) or "") for name in ("pointer", "code", "detail")})
