"""Problems: every refusal and every failure as RFC 9457 `application/problem+json`, never a stack trace."""

from __future__ import annotations

import logging
import math
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from chalice.app import Request, Response

from chalicelib.core import errors
from chalicelib.core.errors import FieldError, Invalid, PunctualError
from chalicelib.logs import log
from chalicelib.web.frame.json_text import Malformed, write

LONGEST_POINTER = 200
LONGEST_DETAIL = 500
"""Characters: what is sent back of what somebody sent stays short."""
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
"""What every answer of the API carries."""
RETRY_SECONDS = "1"


class BodyTooLarge(PunctualError):
    """The body has more bytes than this installation takes."""

    code = "body_too_large"


class WrongMediaType(PunctualError):
    """The body is of a media type that the route does not take."""

    code = "unsupported_media_type"


STATUS: dict[type[PunctualError], HTTPStatus] = {
    Malformed: HTTPStatus.BAD_REQUEST,
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    WrongMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.NotAuthenticated: HTTPStatus.UNAUTHORIZED,
    errors.NotAllowed: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.QuotaReached: HTTPStatus.CONFLICT,
    errors.VersionConflict: HTTPStatus.CONFLICT,
    errors.IllegalMove: HTTPStatus.CONFLICT,
    errors.TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The status of each error; any other is a failure of ours, 500."""

EXTRA_HEADERS = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": 'Token realm="punctual"'},
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": RETRY_SECONDS},
}


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is told about a request that did not succeed."""

    status: HTTPStatus
    code: str
    detail: str
    errors: tuple[FieldError, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


def problem_of(error: Exception, *, conditional: bool = False) -> Problem:
    """What is told about an error. `conditional`: the request said which version it meant, by If-Match."""
    status = status_of(error)
    if status is HTTPStatus.CONFLICT and conditional and isinstance(error, errors.VersionConflict):
        status = HTTPStatus.PRECONDITION_FAILED
    headers = EXTRA_HEADERS.get(status, {}) | retry_after(error)
    if isinstance(error, Invalid):
        return Problem(status=status, code=error.code, detail=_summary(error.errors), errors=error.errors)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR or not isinstance(error, PunctualError):
        return FAILURE
    return Problem(status=status, code=error.code, detail=error.told, headers=headers)


def retry_after(error: Exception) -> dict[str, str]:
    """When a request that came too often may be sent again, as a header in whole seconds."""
    if not isinstance(error, errors.TooMany):
        return {}
    return {"Retry-After": str(math.ceil(error.retry_after.total_seconds()))}


def status_of(error: Exception) -> HTTPStatus:
    """The status that an error answers with."""
    known = (STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    return next(known, HTTPStatus.INTERNAL_SERVER_ERROR)


FAILURE = Problem(
    status=HTTPStatus.INTERNAL_SERVER_ERROR,
    code="internal_error",
    detail="something went wrong here; the log has the reason under this request id",
)


def refusal(error: Exception, request: Request | None) -> Response:
    """The answer to a request that raised an error; what is our own failure is logged."""
    asked_for = request is not None and "if-match" in request.headers
    problem = problem_of(error, conditional=asked_for)
    request_id = request_id_of(request)
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        route = None if request is None else f"{request.method} {request.path}"
        log("request_failed", logging.ERROR, failure=error, request_id=request_id, route=route)
    return problem_response(problem, request_id)


def problem_response(problem: Problem, request_id: str) -> Response:
    """A problem as an answer."""
    body = {
        "type": "about:blank",
        "title": problem.status.phrase,
        "status": int(problem.status),
        "detail": problem.detail,
        "code": problem.code,
        "request_id": request_id,
        "errors": [_error_json(error) for error in problem.errors],
    }
    headers = {**HEADERS, "Content-Type": "application/problem+json", **problem.headers}
    return Response(write(body), status_code=int(problem.status), headers={**headers})


def problems_middleware(request: Request | None, get_response: Callable[[Any], Response]) -> Response:
    """Chalice's own refusals (a method that a path does not have, and the like) as problems too."""
    try:
        response = get_response(request)
    except Exception as error:
        return refusal(error, request)
    if not isinstance(response.body, dict) or set(response.body) != {"Code", "Message"}:
        return response
    status = HTTPStatus(response.status_code)
    allowed = {name: value for name, value in response.headers.items() if name.lower() == "allow"}
    code, detail = status.name.lower(), str(response.body["Message"])
    problem = (
        FAILURE if status >= HTTPStatus.INTERNAL_SERVER_ERROR else Problem(status=status, code=code, detail=detail)
    )
    return problem_response(_with_headers(problem, allowed), request_id_of(request))


def request_id_of(request: Request | None) -> str:
    """The name of a request in answers and logs: API Gateway's, or Lambda's, or one of our own."""
    given = None if request is None else request.context.get("requestId")
    known = given or getattr(getattr(request, "lambda_context", None), "aws_request_id", None)
    return str(known or uuid.uuid4())


def _with_headers(problem: Problem, headers: Mapping[str, Any]) -> Problem:
    return Problem(status=problem.status, code=problem.code, detail=problem.detail, headers=headers)


def _summary(found: tuple[FieldError, ...]) -> str:
    if len(found) == 1:
        return f"{_short(found[0].pointer, LONGEST_POINTER) or 'the body'} {found[0].detail}"[:LONGEST_DETAIL]
    names = ", ".join(_short(error.pointer, LONGEST_POINTER) or "the body" for error in found)
    return _short(f"{len(found)} things are wrong: {names}", LONGEST_DETAIL)


def _error_json(error: FieldError) -> dict[str, str]:
    return {
        "pointer": _short(error.pointer, LONGEST_POINTER),
        "code": error.code,
        "detail": _short(error.detail, LONGEST_DETAIL),
    }


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
