"""What botocore sends becomes a `Request`; an `Answer` becomes what botocore would have received.

DynamoDB and SQS both speak AWS JSON 1.0 here (SQS since botocore 1.31), so one reader and one writer do for both.
Nothing touches a socket: the answer is a complete `AWSResponse`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

ACCOUNT = "123456789012"
REGION = "us-east-1"

Parameters = dict[str, Any]


class NotModelled(Exception):
    """The stub was asked for something that it does not model. It never guesses, and never passes a call on."""


class Refused(Exception):
    """The service says no. `code` is what `ClientError.response["Error"]["Code"]` becomes."""

    def __init__(self, code: str, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields = fields


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One call as the service would see it."""

    service: str
    operation: str
    parameters: Parameters


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What the service would send back. `error` is the code of a refusal, none when it succeeded."""

    body: Parameters
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    error: str | None = None


def known_only(what: str, parameters: Parameters, known: frozenset[str]) -> None:
    """Refuses to go on with a parameter that is not modelled: ignoring it silently would hide a bug."""
    unknown = parameters.keys() - known
    if unknown:
        raise NotModelled(f"{what} with {', '.join(sorted(unknown))}")


def read(event_name: str, prepared: AWSPreparedRequest) -> Request | Answer:
    """The request behind a `before-send.<service>.<operation>` event, or the answer to a body that cannot be read."""
    _, service, operation = event_name.split(".")
    try:
        parameters = _decoded(prepared.body)
    except Refused as refused:
        return refusal(service, refused)
    return Request(service=service, operation=operation, parameters=parameters)


def write(url: str, answer: Answer) -> AWSResponse:
    """The HTTP response that carries `answer`."""
    return AWSResponse(url, answer.status, answer.headers, _Body(msgspec.json.encode(answer.body)))


def refusal(service: str, refused: Refused) -> Answer:
    """A refusal in the error shape of its service."""
    if service == "sqs":
        return _sqs_refusal(refused)
    namespace = _NAMESPACE.get(refused.code, "com.amazonaws.dynamodb.v20120810#")
    body = {"__type": namespace + refused.code, "message": refused.message, **refused.fields}
    return Answer(body=body, status=400, error=refused.code)


_NAMESPACE = {
    "ValidationException": "com.amazon.coral.validate#",
    "SerializationException": "com.amazon.coral.service#",
}

# SQS clients were promised their old query-protocol error codes: the service names both, botocore shows the old one.
_QUERY_CODES = {
    "QueueDoesNotExist": "AWS.SimpleQueueService.NonExistentQueue",
    "QueueNameExists": "QueueAlreadyExists",
    "EmptyBatchRequest": "AWS.SimpleQueueService.EmptyBatchRequest",
    "TooManyEntriesInBatchRequest": "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
    "BatchEntryIdsNotDistinct": "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
    "InvalidBatchEntryId": "AWS.SimpleQueueService.InvalidBatchEntryId",
    "BatchRequestTooLong": "AWS.SimpleQueueService.BatchRequestTooLong",
    "MessageNotInflight": "AWS.SimpleQueueService.MessageNotInflight",
}


def _sqs_refusal(refused: Refused) -> Answer:
    code = _QUERY_CODES.get(refused.code, refused.code)
    body = {"__type": f"com.amazonaws.sqs#{refused.code}", "message": refused.message}
    return Answer(body=body, status=400, headers={"x-amzn-query-error": f"{code};Sender"}, error=code)


def _decoded(body: bytes | str | None) -> Parameters:
    try:
        parameters = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused("SerializationException", f"The request body is not JSON: {error}") from error
    if not isinstance(parameters, dict):
        raise Refused("SerializationException", "Start of structure or map found where not expected.")
    return parameters


class _Body:
    """The part of a urllib3 response that `AWSResponse` reads."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        yield self._content
