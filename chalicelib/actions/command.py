"""The `command` action: a shell line or an argv, performed in the sandbox, away from whatever holds credentials.

Codes of a failure: `exit_code` (the command ended with another code than 0), `timeout`, `sandbox_failed` (the sandbox
could not be asked, did not answer, or could not start the command). None is permanent. A sandbox that leaves its
machine before it has begun anything is asked again within the same attempt.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from threading import Lock
from typing import Any

from botocore.config import Config

from chalicelib.actions.deadline import timed_out
from chalicelib.actions.output import KeptOutput, excerpt
from chalicelib.actions.unclean import NOT_CLEAN
from chalicelib.core.run import OUTPUT_LIMIT, AttemptStatus, Outcome, RunError

InvokeSandbox = Callable[[dict[str, Any], float], dict[str, Any]]
"""An event of `sandbox.py` and the seconds to wait at most, to its answer."""

INVOKE_MARGIN = timedelta(seconds=15)
"""Beyond the command's timeout: more than the sandbox takes to stop, tidy up and answer, less than a lease has left."""
ASKED = 3
"""Times that a command is asked for, at most, while nothing has begun it; a time in vain takes about two seconds."""
NOT_BEGUN = f"exit status {NOT_CLEAN}"
"""How Lambda's report ends on a machine that was left before it had begun anything."""
CONNECT_TIMEOUT = 5
"""Seconds to reach the Lambda service."""
READ_TIMEOUTS = (60, 180, 420, 900)
"""Seconds; a client has one read timeout, so there are as many clients as steps. The last is Lambda's own maximum."""

CONTEXT_VARIABLES = {
    "task_id": "PUNCTUAL_TASK_ID",
    "run_id": "PUNCTUAL_RUN_ID",
    "due_at": "PUNCTUAL_DUE_AT",
    "attempt": "PUNCTUAL_ATTEMPT",
}
"""What a command is told about its run; the run id is the same in every attempt, so it can serve to do things once."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """Performs a command by asking the sandbox, wherever that is."""

    invoke_sandbox: InvokeSandbox

    def perform(self, action: Mapping[str, Any], timeout: timedelta, context: Mapping[str, str]) -> Outcome:
        """What the command came to. A sandbox that fails is an outcome too: the run should say so, and be retried."""
        event = {
            "command": action["command"],
            "env": dict(action.get("env") or {}) | _told(context),
            "stdin": action.get("stdin") or "",
            "timeout_seconds": timeout.total_seconds(),
            "output_limit": OUTPUT_LIMIT,
        }
        try:
            answer = self.invoke_sandbox(event, (timeout + INVOKE_MARGIN).total_seconds())
        except Exception as error:  # whatever stands between here and there: the network, a throttle, a missing role
            answer = {"error": f"the sandbox could not be asked: {type(error).__name__}: {error}"}
        return _outcome(answer, timeout)


def _told(context: Mapping[str, str]) -> dict[str, str]:
    return {variable: context[name] for name, variable in CONTEXT_VARIABLES.items() if name in context}


def _outcome(answer: Mapping[str, Any], timeout: timedelta) -> Outcome:
    kept = KeptOutput(OUTPUT_LIMIT)
    kept.add(str(answer.get("output", "")).encode("utf-8", "replace"))
    output, cut = kept.text()
    exit_code = answer.get("exit_code")
    status, error = _verdict(answer, exit_code, timeout)
    return Outcome(
        status=status,
        output=output,
        output_truncated=cut or bool(answer.get("truncated")),
        result=None if exit_code is None else {"exit_code": exit_code},
        error=error,
        exit_code=exit_code,
    )


def _verdict(
    answer: Mapping[str, Any], exit_code: int | None, timeout: timedelta
) -> tuple[AttemptStatus, RunError | None]:
    if answer.get("timed_out"):
        return AttemptStatus.TIMED_OUT, timed_out(timeout)
    if exit_code == 0:
        return AttemptStatus.SUCCEEDED, None
    if exit_code is not None:
        detail = f"the command ended with exit code {exit_code}"
        return AttemptStatus.FAILED, RunError(code="exit_code", detail=detail)
    sentence = str(answer.get("error") or "the sandbox gave no answer that makes sense")
    return AttemptStatus.FAILED, RunError(code="sandbox_failed", detail=excerpt(sentence))


def client_config(read_timeout: int) -> Config:
    """How to wait for a function that may take minutes: long, once, and with the connection kept alive.

    botocore's own way (60 s, then again) would perform a long command several times.
    """
    return Config(
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=read_timeout,
        retries={"total_max_attempts": 1},
        tcp_keepalive=True,
    )


def lambda_invoker(function_name: str, client_for: Callable[[Config], Any]) -> InvokeSandbox:
    """Asks the deployed sandbox function; `client_for` makes one of boto3's Lambda clients with a configuration."""
    made = lru_cache(lambda read_timeout: client_for(client_config(read_timeout)))
    making = Lock()  # boto3 cannot make two at once

    def invoke(event: dict[str, Any], seconds: float) -> dict[str, Any]:
        read_timeout = next((step for step in READ_TIMEOUTS if step >= seconds), READ_TIMEOUTS[-1])
        with making:
            client = made(read_timeout)
        said: dict[str, Any] = {}
        for _ in range(ASKED):
            answer = client.invoke(FunctionName=function_name, Payload=json.dumps(event).encode())
            said = json.loads(answer["Payload"].read())
            if "FunctionError" not in answer:
                return said
            if not _not_begun(said):
                break
        return {"error": f"the sandbox function failed: {said.get('errorType')}: {said.get('errorMessage')}"}

    return invoke


def _not_begun(said: Mapping[str, Any]) -> bool:
    """Whether a function that failed has left its machine without having begun the command.

    >>> _not_begun({"errorType": "Runtime.ExitError", "errorMessage": "Runtime exited with error: exit status 75"})
    True
    """
    return said.get("errorType") == "Runtime.ExitError" and str(said.get("errorMessage")).endswith(NOT_BEGUN)
