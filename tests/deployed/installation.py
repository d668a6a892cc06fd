"""A deployed stage, as its owner meets it at its address, and as whoever deployed it looks behind it."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

from tests.deployed.emulator import Emulator

PATIENCE_SECONDS = 60
FUNCTIONS = ("api_handler", "coordinator", "auditor", "dispatcher", "light", "urgent", "commands", "sandbox")


@dataclass(frozen=True, kw_only=True)
class Installation:
    """One stage in an emulator."""

    emulator: Emulator
    stage: str
    url: str
    """Where it says that it is: what the stack gives as its address."""

    def ask(self, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
        """The JSON answer of the API, through its API Gateway address."""
        content = None if body is None else json.dumps(body).encode()
        return json.loads(self.fetch(method, path, content, token) or b"null")

    def fetch(self, method: str, path: str, content: bytes | None = None, token: str | None = None) -> bytes:
        """The bytes of an answer. The emulator knows the API by the name of its host, which no resolver knows."""
        api, prefix = (urlsplit(self.url).hostname or "").partition(".")[0], urlsplit(self.url).path.rstrip("/")
        headers = {"Host": f"{api}.execute-api.localhost", "Content-Type": "application/json"}
        headers |= {"Authorization": f"Token {token}"} if token else {}
        request = urllib.request.Request(self.emulator.endpoint + prefix + path, content, headers, method=method)
        try:
            answer = urllib.request.urlopen(request, timeout=PATIENCE_SECONDS)
        except HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from error
        with answer:
            found: bytes = answer.read()
            return found

    def function(self, name: str) -> str:
        """The name of a function of this stage."""
        return f"punctual-{self.stage}-{name}"

    def role(self, name: str) -> str:
        """The role of a function."""
        found = self.emulator.client("lambda").get_function_configuration(FunctionName=self.function(name))
        return str(found["Role"])

    def fire(self, name: str) -> str | None:
        """Call a function as its rule does; how it failed, if it did."""
        event = {
            "version": "0",
            "source": "aws.events",
            "detail-type": "Scheduled Event",
            "detail": {},
            "resources": [],
        }
        event |= {"id": "fired", "account": "000000000000", "region": "us-east-1", "time": "2026-11-21T00:00:00Z"}
        answer = self.emulator.client("lambda").invoke(FunctionName=self.function(name), Payload=json.dumps(event))
        return answer["Payload"].read().decode() if "FunctionError" in answer else None

    def lines(self, name: str) -> Iterator[dict[str, Any]]:
        """What a function has logged, with the moment (`timestamp`, in milliseconds) of each line."""
        logs = self.emulator.client("logs")
        group = f"/aws/lambda/{self.function(name)}"
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group):
            for event in page["events"]:
                yield {"timestamp": event["timestamp"], "message": event["message"]}

    def logged(self, name: str, action: str) -> list[int]:
        """The moments, in milliseconds, at which a function has logged an event of ours."""
        return [line["timestamp"] for line in self.lines(name) if f'"{action}"' in line["message"]]
