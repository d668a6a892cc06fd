"""What API Gateway answers by itself, in the same form as everything else: problems, with the headers of every answer.

Its static header values stand between single quotes, and how a quote in one would be written is documented nowhere. So
the policy that forbids a browser everything is said in the one word that needs none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from chalicelib.web.frame.headers import ENCRYPTED_ONLY, EVERYWHERE

EXTENSION = "x-amazon-apigateway-gateway-responses"
ANY_METHOD = "x-amazon-apigateway-any-method"
QUOTE_FREE = {"Content-Security-Policy": "sandbox"}
HEADERS = EVERYWHERE | ENCRYPTED_ONLY | QUOTE_FREE | {"Content-Type": "application/problem+json"}
REASON = "$context.error.messageString"
"""API Gateway's own sentence, which comes with quotation marks."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One kind of answer. Without a status, the gateway's own stays; `detail` None is the gateway's sentence."""

    code: str
    status: HTTPStatus | None = None
    detail: str | None = None
    retry_after: str | None = None


ANSWERS = {
    # A path that there is not, and a method that a path has not: the gateway does not say which.
    "MISSING_AUTHENTICATION_TOKEN": Answer(
        code="not_found", status=HTTPStatus.NOT_FOUND, detail="there is nothing at this path with this method"
    ),
    "RESOURCE_NOT_FOUND": Answer(
        code="not_found", status=HTTPStatus.NOT_FOUND, detail="there is nothing at this path with this method"
    ),
    # At such a path the gateway takes an Authorization header for a signature of AWS. No route of ours wants one.
    "INVALID_SIGNATURE": Answer(
        code="not_found", status=HTTPStatus.NOT_FOUND, detail="there is nothing at this path with this method"
    ),
    "REQUEST_TOO_LARGE": Answer(
        code="body_too_large", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail="the body is too long"
    ),
    "UNSUPPORTED_MEDIA_TYPE": Answer(code="unsupported_media_type", status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    "THROTTLED": Answer(
        code="too_many_requests",
        status=HTTPStatus.TOO_MANY_REQUESTS,
        detail="this installation gets more requests than it takes; try again in a second",
        retry_after="1",
    ),
    "QUOTA_EXCEEDED": Answer(code="too_many_requests", status=HTTPStatus.TOO_MANY_REQUESTS, retry_after="60"),
    "INTEGRATION_FAILURE": Answer(
        code="unavailable",
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        detail="nothing was there to answer; try again in a moment",
        retry_after="1",
    ),
    "INTEGRATION_TIMEOUT": Answer(
        code="unavailable",
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        detail="the answer took too long; look before you repeat what changes something",
        retry_after="1",
    ),
    "DEFAULT_4XX": Answer(code="refused"),
    "DEFAULT_5XX": Answer(
        code="internal_error", detail="something went wrong here; the log has the reason under this request id"
    ),
}


def complete(definition: dict[str, Any]) -> None:
    """Put the gateway's answers into an API's definition, and send methods that a path does not have to the function.

    Chalice answers those with 405, and says which there are. The gateway by itself would know nothing of the path.
    """
    definition[EXTENSION] = responses()
    for methods in definition["paths"].values():
        methods[ANY_METHOD] = next(iter(methods.values()))


def responses() -> dict[str, Any]:
    """The gateway's answers, as the API's definition has them, by the gateway's names for them."""
    return {name: _response(answer) for name, answer in ANSWERS.items()}


def _response(answer: Answer) -> dict[str, Any]:
    headers = HEADERS if answer.retry_after is None else HEADERS | {"Retry-After": answer.retry_after}
    response: dict[str, Any] = {
        "responseParameters": {f"gatewayresponse.header.{name}": f"'{value}'" for name, value in headers.items()},
        "responseTemplates": {"application/json": _body(answer)},
    }
    return response if answer.status is None else {"statusCode": str(int(answer.status)), **response}


def _body(answer: Answer) -> str:
    """The problem, as a template: the gateway puts in the request's id, and status and sentence where we have none."""
    title = f'"{answer.status.phrase}"' if answer.status else REASON
    status = str(int(answer.status)) if answer.status else "$context.responseStatus"
    detail = REASON if answer.detail is None else json.dumps(answer.detail)
    members = {
        "type": '"about:blank"',
        "title": title,
        "status": status,
        "detail": detail,
        "code": json.dumps(answer.code),
        "request_id": '"$context.requestId"',
        "errors": "[]",
    }
    return "{" + ", ".join(f'"{name}": {value}' for name, value in members.items()) + "}"
