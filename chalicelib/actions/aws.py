"""The `aws` action: one call of an AWS API, if the stage's setting `AWS_ACTIONS_ALLOWED` lists it.

Codes of a failure: `not_allowed`, `unknown_operation` and `invalid_parameters` (permanent), `aws_error` (the service
refused; permanent unless another try may change that), `connection_failed`, `timeout`.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError, UnknownServiceError
from botocore.response import StreamingBody

from chalicelib.actions.deadline import Call, timed_out
from chalicelib.actions.output import RESULT_LIMIT, excerpt, kept_result
from chalicelib.core.errors import PunctualError
from chalicelib.core.run import AttemptStatus, Outcome, RunError

CLIENT = Config(connect_timeout=5, read_timeout=120, retries={"total_max_attempts": 1})
"""No retries of the client's own: how often something is tried is for the task's policy to say. Seconds."""
CLIENT_ERRORS = range(400, 500)
PASSING_STATUS = frozenset({408, 409, 425, 429})
PASSING_WORDS = ("Throttl", "TooManyRequests", "LimitExceeded", "SlowDown", "Timeout", "InProgress", "NotReady")
"""Parts of error codes that AWS sends with a 4xx although another try may succeed."""

OURS = "/punctual"
"""Where this and every other installation of an account keeps its owners' secrets in Parameter Store."""

PACKED = ": a deployment package describes those it was made with (make package SERVICES="
"""Why a service may be missing that AWS has."""

ClientFor = Callable[[str], Any]
"""The name of a service, to a client of it."""


class CallRefused(PunctualError):
    """The call was not made. `error` says why."""

    code = "call_refused"

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.error = RunError(code=code, detail=excerpt(detail), permanent=True)


def client_for(service: str) -> Any:
    """A client of a service, from a session of its own: sharing one between threads is not safe while it is made."""
    return botocore.session.get_session().create_client(service, config=CLIENT)


@dataclass(frozen=True, kw_only=True)
class Aws:
    """Performs calls that are allowed. `allowed` holds patterns like `sqs:send_message` and `sns:*`."""

    allowed: Collection[str]
    client_for: ClientFor = client_for
    _clients: dict[str, Any] = field(default_factory=dict)
    _making: threading.Lock = field(default_factory=threading.Lock)

    def perform(self, action: Mapping[str, Any], timeout: timedelta, context: Mapping[str, str]) -> Outcome:
        """What the call came to. One that overstays is left behind and ends by its own timeouts."""
        call = Call(lambda: self._answer(action))
        if not call.ended_within(timeout):
            return Outcome(status=AttemptStatus.TIMED_OUT, error=timed_out(timeout))
        try:
            answer = call.value()
        except Exception as error:
            return _failed(error)
        status = answer.pop("ResponseMetadata", {}).get("HTTPStatusCode")
        return Outcome(status=AttemptStatus.SUCCEEDED, result=kept_result(answer), http_status=status)

    def _answer(self, action: Mapping[str, Any]) -> dict[str, Any]:
        service, operation = str(action["service"]).lower(), xform_name(str(action["operation"]))
        if not any(fnmatchcase(f"{service}:{operation}", pattern) for pattern in self.allowed):
            raise CallRefused("not_allowed", f"AWS_ACTIONS_ALLOWED does not list {service}:{operation}")
        parameters = action.get("parameters") or {}
        if service == "ssm" and _reaches_secrets(parameters):
            raise CallRefused("not_allowed", f"tasks do not reach the parameters below {OURS}: name a secret instead")
        try:
            client = self._client(service)
        except UnknownServiceError as error:
            raise CallRefused("unknown_operation", f"there is no service {service} here{PACKED}{service})") from error
        called = client.meta.method_to_api_mapping.get(operation)
        if called is None:
            raise CallRefused("unknown_operation", f"{service} has no operation {operation}")
        shape = client.meta.service_model.operation_model(called).input_shape
        answer = getattr(client, operation)(**named(parameters, shape))
        return {name: _plain(value) for name, value in answer.items()}

    def _client(self, service: str) -> Any:
        with self._making:
            if service not in self._clients:
                self._clients[service] = self.client_for(service)
            return self._clients[service]


def _reaches_secrets(parameters: Mapping[str, Any]) -> bool:
    """Whether a call of Parameter Store names what is everybody's, by name, ARN or a path above it. The worker's role
    may read all secrets, and an action only those of its owner."""
    paths = [value for name, value in parameters.items() if name.lower() == "path"]
    return OURS in json.dumps(parameters, default=str) or "/" in paths


def named(value: Any, shape: Any) -> Any:
    """A value of a shape (None where the operation takes nothing), its names in the case that the operation has.
    EventBridge Scheduler and Step Functions write `DbInstanceIdentifier` and `TaskDefinition` where botocore has
    `DBInstanceIdentifier` and `taskDefinition`: its own description of the operation says which is meant.

    The keys of a map are the owner's own and stay. So does a name that the operation has not, or that is there in its
    right case as well: botocore refuses both.
    """
    kind = getattr(shape, "type_name", None)
    if kind == "structure" and isinstance(value, Mapping):
        return _structure(value, shape.members)
    if kind == "list" and isinstance(value, list):
        return [named(item, shape.member) for item in value]
    if kind == "map" and isinstance(value, Mapping):
        return {key: named(inner, shape.value) for key, inner in value.items()}
    return value


def _structure(value: Mapping[str, Any], members: Mapping[str, Any]) -> dict[str, Any]:
    by_case = {name.lower(): name for name in members}
    meant = {name: name if name in members else by_case.get(name.lower(), name) for name in value}
    twice = {name for name, new in meant.items() if name != new and list(meant.values()).count(new) > 1}
    return {
        name if name in twice else meant[name]: named(inner, None if name in twice else members.get(meant[name]))
        for name, inner in value.items()
    }


def _plain(value: Any) -> Any:
    """The value with JSON's types only; a body is read as far as a result may be long."""
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_plain(inner) for inner in value]
    if isinstance(value, StreamingBody):
        with closing(value):
            return value.read(RESULT_LIMIT).decode("utf-8", "replace")
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return value if isinstance(value, (str, int, float, type(None))) else str(value)


def _failed(error: Exception) -> Outcome:
    status = (
        error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") if isinstance(error, ClientError) else None
    )
    return Outcome(status=AttemptStatus.FAILED, error=_why(error), http_status=status)


def _why(error: Exception) -> RunError:
    if isinstance(error, CallRefused):
        return error.error
    if isinstance(error, ClientError):
        return _refusal(error)
    said = excerpt(f"{type(error).__name__}: {error}")
    if isinstance(error, BotoCoreError) and not isinstance(error, ParamValidationError):
        return RunError(code="connection_failed", detail=said)
    return RunError(code="invalid_parameters", detail=said, permanent=True)


def _refusal(error: ClientError) -> RunError:
    said, status = error.response.get("Error", {}), error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    code = str(said.get("Code", ""))
    passing = status in PASSING_STATUS or any(word in code for word in PASSING_WORDS)
    detail = excerpt(f"{code}: {said.get('Message', '')}")
    return RunError(code="aws_error", detail=detail, permanent=status in CLIENT_ERRORS and not passing)
