"""Secrets in SSM Parameter Store, as SecureStrings under `/punctual/<stage>/secrets/<owner>/<name>`."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from chalicelib.adapters.aws import Clients, chunks
from chalicelib.core.errors import Conflict, Unavailable
from chalicelib.core.instant import floor_ms
from chalicelib.core.secrets.naming import NAME, KeptSecret
from chalicelib.settings import Settings

READ_AT_ONCE = 10
"""What one request takes."""
PATIENCE = {"connect_timeout": 2, "read_timeout": 3, "retries": {"mode": "standard", "total_max_attempts": 2}}
"""Seconds. An attempt waits for its secrets within its lease: it fails after about ten, and is tried again."""
ENCODED = "base64:"
"""What stands before a value that Parameter Store would not take, or not give back, as it is."""
FULL = ("ParameterLimitExceeded", "ParameterMaxVersionLimitExceeded")


class SsmSecrets:
    """Secrets of a stage. Nothing is asked of AWS before the first of them is needed."""

    def __init__(self, settings: Settings, *, session: Session | None = None) -> None:
        self._settings = settings
        self._clients = Clients(session, **PATIENCE)

    def put(self, owner: str, name: str, value: str) -> None:
        """Keep a value under a name, over whatever its owner has there."""
        # A value that has become longer than 4 KB by its encoding takes an advanced parameter; any other is free.
        self._call(
            "put_parameter",
            Name=self._path(owner, name),
            Value=_stored(value),
            Type="SecureString",
            Overwrite=True,
            Tier="Intelligent-Tiering",
        )

    def names(self, owner: str) -> list[KeptSecret]:
        """An owner's secrets, in the order of their names."""
        found: list[dict[str, Any]] = []
        more: dict[str, Any] = {}
        while True:
            answer = self._call("get_parameters_by_path", Path=self._settings.secrets(owner), **more)
            found += answer["Parameters"]
            if not answer.get("NextToken"):
                return sorted(map(_kept, found), key=lambda kept: kept.name)
            more = {"NextToken": answer["NextToken"]}

    def delete(self, owner: str, name: str) -> None:
        """Delete a secret; gone already is well."""
        self._call("delete_parameter", missing="ParameterNotFound", Name=self._path(owner, name))

    def values(self, owner: str, names: Iterable[str]) -> dict[str, str]:
        """The values of those of an owner's secrets that exist, by name."""
        possible = sorted(name for name in names if NAME.fullmatch(name))
        found: dict[str, str] = {}
        for some in chunks(possible, READ_AT_ONCE):
            paths = [self._path(owner, name) for name in some]
            answer = self._call("get_parameters", Names=paths, WithDecryption=True)
            found |= {_name(each): _given(each["Value"]) for each in answer["Parameters"]}
        return found

    def _path(self, owner: str, name: str) -> str:
        return f"{self._settings.secrets(owner)}/{name}"

    def _call(self, operation: str, *, missing: str = "", **request: Any) -> dict[str, Any]:
        """What an operation answers. An error's own message is left out: it may quote what was sent."""
        method = getattr(self._clients.get("ssm"), operation)
        try:
            answer: dict[str, Any] = method(**request)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == missing:
                return {}
            if code in FULL:
                raise Conflict("this installation's Parameter Store is full: delete secrets first") from None
            raise Unavailable(f"{operation}: {code}") from None
        except BotoCoreError as error:
            raise Unavailable(f"{operation}: {type(error).__name__}") from None
        return answer


def _stored(value: str) -> str:
    """A value as it is kept. Parameter Store refuses `{{`, which means a reference to it, and may trim blanks.

    >>> _stored("s3cret"), _stored("{{x}}"), _given(_stored("{{x}}"))
    ('s3cret', 'base64:e3t4fX0=', '{{x}}')
    """
    if "{{" not in value and value == value.strip() and not value.startswith(ENCODED):
        return value
    return ENCODED + base64.b64encode(value.encode()).decode()


def _given(stored: str) -> str:
    if not stored.startswith(ENCODED):
        return stored
    return base64.b64decode(stored.removeprefix(ENCODED)).decode()


def _kept(parameter: dict[str, Any]) -> KeptSecret:
    return KeptSecret(name=_name(parameter), updated_at=floor_ms(parameter["LastModifiedDate"]))


def _name(parameter: dict[str, Any]) -> str:
    return str(parameter["Name"]).rpartition("/")[2]
