"""The command action: what becomes of the sandbox's answers, and how a deployed sandbox is asked."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.config import Config

from chalicelib.actions import machine, sandbox
from chalicelib.actions.command import INVOKE_MARGIN, Command, lambda_invoker
from chalicelib.core.run import OUTPUT_LIMIT, AttemptStatus, Outcome

CONTEXT = {"task_id": "t1", "run_id": "t1-1767225600000", "due_at": "2026-01-01T00:00:00.000Z", "attempt": "2"}


def perform(answer: dict[str, Any], **action: Any) -> Outcome:
    """The outcome where the sandbox gives this answer."""
    command = Command(invoke_sandbox=lambda event, seconds: answer)
    return command.perform({"type": "command", "command": "x"} | action, timedelta(seconds=60), CONTEXT)


def really_perform(command: str, **action: Any) -> Outcome:
    """The outcome of the real sandbox."""
    real = Command(invoke_sandbox=lambda event, seconds: sandbox.run(event))
    return real.perform({"type": "command", "command": command} | action, timedelta(seconds=10), CONTEXT)


def test_a_command_that_ends_well_has_succeeded() -> None:
    assert really_perform("echo hello") == Outcome(
        status=AttemptStatus.SUCCEEDED, output="hello\n", result={"exit_code": 0}, exit_code=0
    )


def test_another_exit_code_is_a_failure_that_another_try_may_mend() -> None:
    outcome = really_perform("echo so far; exit 3")
    assert (outcome.status, outcome.exit_code, outcome.result) == (AttemptStatus.FAILED, 3, {"exit_code": 3})
    assert outcome.output == "so far\n"
    assert outcome.error is not None
    assert (outcome.error.code, outcome.error.permanent) == ("exit_code", False)
    assert "exit code 3" in outcome.error.detail


def test_a_command_knows_its_run_its_variables_and_its_stdin() -> None:
    line = "echo $PUNCTUAL_TASK_ID $PUNCTUAL_RUN_ID $PUNCTUAL_DUE_AT $PUNCTUAL_ATTEMPT $MINE; cat"
    outcome = really_perform(line, env={"MINE": "mine", "PUNCTUAL_ATTEMPT": "99"}, stdin="in")
    assert outcome.output == "t1 t1-1767225600000 2026-01-01T00:00:00.000Z 2 mine\nin"


def test_a_command_that_took_too_long_has_timed_out_and_keeps_what_it_said() -> None:
    outcome = perform({"timed_out": True, "exit_code": 143, "output": "so far", "truncated": False, "error": None})
    assert (outcome.status, outcome.exit_code, outcome.output) == (AttemptStatus.TIMED_OUT, 143, "so far")
    assert outcome.error is not None
    assert outcome.error.code == "timeout"
    assert "60 s" in outcome.error.detail


def test_a_command_that_ends_well_after_it_was_told_to_stop_has_timed_out_all_the_same() -> None:
    assert perform({"timed_out": True, "exit_code": 0}).status is AttemptStatus.TIMED_OUT


@pytest.mark.parametrize("answer", [sandbox.failed("it broke"), {}, {"exit_code": None, "error": None}])
def test_a_sandbox_that_fails_is_a_failure_that_another_try_may_mend(answer: dict[str, Any]) -> None:
    outcome = perform(answer)
    assert outcome.status is AttemptStatus.FAILED
    assert outcome.error is not None
    assert (outcome.error.code, outcome.error.permanent) == ("sandbox_failed", False)


def test_a_sandbox_that_cannot_be_asked_is_an_outcome_not_an_exception() -> None:
    def unreachable(event: dict[str, Any], seconds: float) -> dict[str, Any]:
        raise ConnectionError("no route")

    outcome = Command(invoke_sandbox=unreachable).perform({"command": "x"}, timedelta(seconds=1), CONTEXT)
    assert outcome.error is not None
    assert outcome.error.code == "sandbox_failed"
    assert "no route" in outcome.error.detail


def test_more_output_than_a_run_may_hold_is_cut_whatever_the_sandbox_says() -> None:
    outcome = perform({"exit_code": 0, "output": "x" * 100_000, "truncated": False})
    assert len(outcome.output.encode()) <= OUTPUT_LIMIT
    assert outcome.output_truncated
    assert perform({"exit_code": 0, "output": "x", "truncated": True}).output_truncated


class Lambda:
    """A Lambda service with one function that answers with what it is given to answer, or first fails so often."""

    def __init__(self, said: Any, *, failures: int = 0, failure: str = "", **extra: Any) -> None:
        self._said, self._extra = said, extra
        self._failures, self._failure = failures, failure
        self.configs: list[Config] = []
        self.asked: list[tuple[str, Any]] = []

    def client(self, config: Config) -> Lambda:
        self.configs.append(config)
        return self

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 (boto3's names)
        self.asked.append((FunctionName, json.loads(Payload)))
        if len(self.asked) <= self._failures:
            said = {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: 1 Error: {self._failure}"}
            return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(said).encode())}
        return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(self._said).encode())} | self._extra


def test_the_deployed_sandbox_is_asked_once_and_waited_for_longer_than_the_command_may_take() -> None:
    service = Lambda({"exit_code": 0, "output": "hi"})
    command = Command(invoke_sandbox=lambda_invoker("punctual-dev-sandbox", service.client))
    for seconds in (1, 60, 840, 2):
        assert command.perform({"command": "x"}, timedelta(seconds=seconds), CONTEXT).output == "hi"
    assert [name for name, _ in service.asked] == ["punctual-dev-sandbox"] * 4
    assert service.asked[1][1]["timeout_seconds"] == 60
    assert [config.read_timeout > limit for config, limit in zip(service.configs, (2, 60, 840), strict=True)] == [
        True
    ] * 3
    for config in service.configs:
        assert config.retries == {"total_max_attempts": 1}
        assert config.tcp_keepalive


def test_the_longest_way_to_an_answer_ends_before_it_is_not_waited_for_any_more() -> None:
    tidying = 2 * machine.BEGIN_LIMIT + sandbox.ANSWER_MARGIN + sandbox.KILL_MARGIN + sandbox.STRAYS_LIMIT
    assert timedelta(seconds=tidying) < INVOKE_MARGIN


def test_a_deployed_sandbox_that_dies_is_a_failure_that_says_why() -> None:
    error = {"errorType": "Runtime.ExitError", "errorMessage": "Runtime exited with error: signal: killed"}
    service = Lambda(error, FunctionError="Unhandled")
    command = Command(invoke_sandbox=lambda_invoker("punctual-dev-sandbox", service.client))
    outcome = command.perform({"command": "x"}, timedelta(seconds=1), CONTEXT)
    assert outcome.error is not None
    assert outcome.error.code == "sandbox_failed"
    assert "Runtime exited" in outcome.error.detail


NOT_BEGUN = "Runtime exited with error: exit status 75"


def test_a_sandbox_that_left_before_it_had_begun_is_asked_again_in_the_same_attempt() -> None:
    service = Lambda({"exit_code": 0, "output": "hi"}, failures=2, failure=NOT_BEGUN)
    command = Command(invoke_sandbox=lambda_invoker("punctual-dev-sandbox", service.client))
    assert command.perform({"command": "x"}, timedelta(seconds=1), CONTEXT).status is AttemptStatus.SUCCEEDED
    assert len(service.asked) == 3
    assert service.asked[0] == service.asked[2]


def test_a_sandbox_that_always_leaves_is_not_asked_for_ever() -> None:
    service = Lambda({}, failures=99, failure=NOT_BEGUN)
    command = Command(invoke_sandbox=lambda_invoker("punctual-dev-sandbox", service.client))
    outcome = command.perform({"command": "x"}, timedelta(seconds=1), CONTEXT)
    assert outcome.error is not None
    assert (outcome.error.code, len(service.asked)) == ("sandbox_failed", 3)


@pytest.mark.parametrize("failure", ["Runtime exited with error: signal: killed", "Runtime exited: exit status 1"])
def test_a_sandbox_that_may_have_begun_is_not_asked_again(failure: str) -> None:
    service = Lambda({"exit_code": 0}, failures=1, failure=failure)
    command = Command(invoke_sandbox=lambda_invoker("punctual-dev-sandbox", service.client))
    assert command.perform({"command": "x"}, timedelta(seconds=1), CONTEXT).status is AttemptStatus.FAILED
    assert len(service.asked) == 1
