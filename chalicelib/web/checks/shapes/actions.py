"""The shapes of actions: what a task does."""

from __future__ import annotations

import enum
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from chalicelib.core.secrets.naming import NAME
from chalicelib.web.checks.shapes.values import JsonObject

SECRET_NAME = rf"^{NAME.pattern}\Z"


class SecretReference(Struct, forbid_unknown_fields=True):
    """Stands for the value of a secret of the task's owner."""

    secret: Annotated[str, Meta(description="the name of a secret", extra_json_schema={"pattern": SECRET_NAME})]


TextOrSecret = Annotated[str | SecretReference, Meta(description='a text, or {"secret": "its name"}')]
Texts = dict[str, TextOrSecret]


class Method(enum.StrEnum):
    """What an http action may ask for."""

    GET = "GET"
    HEAD = "HEAD"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"
    OPTIONS = "OPTIONS"


class CommandAction(Struct, tag="command", forbid_unknown_fields=True):
    """Runs a shell line, or a program with its arguments."""

    command: Annotated[str | list[str], Meta(description="a shell line, or a list of a program and its arguments")]
    env: Annotated[Texts, Meta(max_length=50, description="an object of up to 50 texts")] | UnsetType = UNSET
    stdin: Annotated[str, Meta(description="a text")] | UnsetType = UNSET


Status = Annotated[int, Meta(ge=100, le=599)]


class HttpAction(Struct, tag="http", forbid_unknown_fields=True):
    """Sends one HTTP request."""

    method: Annotated[Method, Meta(description=f"one of {', '.join(Method)}")]
    url: Annotated[
        str, Meta(min_length=1, max_length=2048, description="an http or https URL of up to 2,048 characters")
    ]
    headers: Annotated[Texts, Meta(max_length=50, description="an object of up to 50 texts")] | UnsetType = UNSET
    body: (
        Annotated[str | dict[str, Any] | list[Any], Meta(description="a text, or an object or a list to send as JSON")]
        | UnsetType
    ) = UNSET
    expect_status: (
        Annotated[
            Status | Annotated[list[Status], Meta(min_length=1, max_length=20)],
            Meta(description="an HTTP status from 100 to 599, or a list of up to 20 of them"),
        ]
        | UnsetType
    ) = UNSET
    signing: (
        Annotated[
            SecretReference | Annotated[list[SecretReference], Meta(min_length=1, max_length=2)],
            Meta(description='{"secret": "its name"}, or a list of one or two of them'),
        ]
        | UnsetType
    ) = UNSET


class FunctionAction(Struct, tag="function", forbid_unknown_fields=True):
    """Calls a function of `GET /api/functions`."""

    name: Annotated[str, Meta(min_length=1, max_length=100, description="the name of a function of GET /api/functions")]
    args: Annotated[list[Any], Meta(description="a list of arguments")] | UnsetType = UNSET
    kwargs: Annotated[dict[str, Any], Meta(description="an object of arguments by name")] | UnsetType = UNSET


class AwsAction(Struct, tag="aws", forbid_unknown_fields=True):
    """Makes one call of an AWS API that this installation allows."""

    service: Annotated[
        str, Meta(pattern=r"^[a-z0-9-]{1,64}\Z", description="the name of a service as boto3 has it, like sqs")
    ]
    operation: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z][A-Za-z0-9_]{0,99}\Z",
            description="an operation of the service as boto3 has it, like send_message",
        ),
    ]
    parameters: JsonObject | UnsetType = UNSET


Action = Annotated[
    CommandAction | HttpAction | FunctionAction | AwsAction,
    Meta(description="an object whose `type` is command, http, function or aws"),
]
