"""The function action: what becomes of a call, and that it harms neither the worker nor its neighbours."""

from __future__ import annotations

import contextvars
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.actions import function as actions
from chalicelib.core.run import OUTPUT_LIMIT, AttemptStatus, Outcome
from chalicelib.functions import registry

Register = Callable[[Callable[..., Any]], str]
CONTEXT = {"run_id": "t1-1767225600000", "attempt": "1"}
TIME = timedelta(seconds=10)
LITTLE_TIME = timedelta(seconds=0.1)


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Register:
    """Registers functions for one test, under their own names, and puts the standard streams back."""
    monkeypatch.setattr(registry, "_registered", {})
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    monkeypatch.setattr(sys, "stderr", sys.stderr)

    def one(call: Callable[..., Any]) -> str:
        registry.function(call)
        return call.__name__

    return one


def perform(name: str, *args: Any, timeout: timedelta = TIME, **kwargs: Any) -> Outcome:
    action = {"type": "function", "name": name, "args": list(args), "kwargs": kwargs}
    return actions.perform(action, timeout, CONTEXT)


def code(outcome: Outcome) -> tuple[str, bool]:
    assert outcome.status is AttemptStatus.FAILED
    assert outcome.error is not None
    return outcome.error.code, outcome.error.permanent


# What becomes of a call


def test_a_call_gives_its_result_and_its_output(register: Register) -> None:
    @register
    def both(x: int, y: int = 0) -> dict[str, int]:
        print("out")
        print("err", file=sys.stderr)
        return {"sum": x + y}

    assert perform("both", 1, y=2) == Outcome(status=AttemptStatus.SUCCEEDED, output="out\nerr\n", result={"sum": 3})


def test_arguments_may_be_left_out(register: Register) -> None:
    @register
    def nothing() -> None: ...

    outcome = actions.perform({"type": "function", "name": "nothing"}, TIME, CONTEXT)
    assert (outcome.status, outcome.result) == (AttemptStatus.SUCCEEDED, None)


def test_an_unknown_function_is_refused_for_good(register: Register) -> None:
    for name in ("no_such", "os.system", "__import__", "print"):
        assert code(perform(name)) == ("unknown_function", True)
        assert actions.check_arguments(name, [], {}) == f"there is no function named {name}"


def test_arguments_that_do_not_fit_are_refused_for_good_without_a_call(register: Register) -> None:
    calls = []

    @register
    def one(x: int) -> None:
        calls.append(x)

    assert code(perform("one")) == ("invalid_arguments", True)
    assert code(perform("one", 1, z=2)) == ("invalid_arguments", True)
    assert calls == []
    assert actions.check_arguments("one", [1], {}) is None
    assert "missing" in str(actions.check_arguments("one", [], {}))


def test_a_function_cannot_change_the_task(register: Register) -> None:
    @register
    def change(x: list[int]) -> None:
        x.append(1)

    action = {"type": "function", "name": "change", "kwargs": {"x": []}}
    actions.perform(action, TIME, CONTEXT)
    assert action["kwargs"] == {"x": []}


def test_an_exception_is_a_failure_with_its_message_and_the_end_of_its_traceback(register: Register) -> None:
    @register
    def breaking() -> None:
        print("so far")
        raise ValueError("not like this")

    outcome = perform("breaking")
    assert code(outcome) == ("function_raised", False)
    assert outcome.error is not None
    assert outcome.error.detail == "ValueError: not like this"
    assert outcome.output.startswith("so far\nTraceback")
    assert 'raise ValueError("not like this")' in outcome.output
    assert "chalicelib" not in outcome.output  # Punctual's own frames are nobody's business


def test_the_traceback_is_kept_however_much_was_printed_before(register: Register) -> None:
    @register
    def chatty() -> None:
        print("x" * 100_000)
        raise ValueError("at the end")

    outcome = perform("chatty")
    assert len(outcome.output.encode()) <= OUTPUT_LIMIT
    assert outcome.output_truncated
    assert "only the first" in outcome.output
    assert outcome.output.endswith("ValueError: at the end\n")


class Unprintable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    "error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit(), BaseException("x"), Unprintable(), RecursionError()]
)
def test_nothing_that_a_function_raises_reaches_the_worker(register: Register, error: BaseException) -> None:
    @register
    def raising() -> None:
        raise error

    outcome = perform("raising")
    assert code(outcome) == ("function_raised", False)
    assert outcome.error is not None
    assert type(error).__name__ in outcome.error.detail


def test_a_result_that_is_no_json_is_a_note_and_the_run_has_succeeded(register: Register) -> None:
    @register
    def strange() -> object:
        return {1}

    outcome = perform("strange")
    assert outcome.status is AttemptStatus.SUCCEEDED
    assert outcome.result["excerpt"] == "{1}"


class Leaving:
    def __repr__(self) -> str:
        raise SystemExit(1)


def test_a_result_that_misbehaves_when_it_is_looked_at_does_not_reach_the_worker(register: Register) -> None:
    @register
    def hostile() -> object:
        return Leaving()

    assert code(perform("hostile")) == ("function_raised", False)


# How long it may take


def test_an_endless_loop_times_out_and_is_interrupted(register: Register) -> None:
    ended = threading.Event()

    @register
    def loop() -> None:
        print("begun")
        try:
            while True:
                try:
                    time.sleep(0)
                except Exception:  # what a careless function does
                    continue
        finally:
            ended.set()

    outcome = perform("loop", timeout=LITTLE_TIME)
    assert (outcome.status, outcome.output) == (AttemptStatus.TIMED_OUT, "begun\n")
    assert outcome.error is not None
    assert outcome.error.code == "timeout"
    assert ended.wait(10)


def test_a_function_that_waits_in_c_is_left_behind_and_says_nothing_to_anybody(
    register: Register, capsys: pytest.CaptureFixture[str]
) -> None:
    gate, ended = threading.Lock(), threading.Event()
    gate.acquire()

    @register
    def waiting() -> None:
        try:
            gate.acquire()
        finally:
            print("much later")
            ended.set()

    outcome = perform("waiting", timeout=LITTLE_TIME)
    assert (outcome.status, outcome.output) == (AttemptStatus.TIMED_OUT, "")
    gate.release()
    assert ended.wait(10)
    assert capsys.readouterr().out == ""


# Standard output


def test_calls_at_the_same_time_each_keep_their_own_output_and_the_worker_its_own(
    register: Register, capsys: pytest.CaptureFixture[str]
) -> None:
    together = threading.Barrier(9)

    @register
    def speak(name: str) -> None:
        for n in range(50):
            print(name, n)
            print(name, n, file=sys.stderr)
            if n == 25:
                together.wait(10)

    with ThreadPoolExecutor(8) as threads:
        outcomes = threads.map(lambda name: perform("speak", name), "abcdefgh")
        together.wait(10)
        print("the worker")
        for name, outcome in zip("abcdefgh", outcomes, strict=True):
            assert outcome.output == "".join(f"{name} {n}\n" * 2 for n in range(50))
    assert capsys.readouterr().out == "the worker\n"


def test_a_thread_in_a_copy_of_the_context_is_captured_too(
    register: Register, capsys: pytest.CaptureFixture[str]
) -> None:
    @register
    def parallel() -> None:
        context = contextvars.copy_context()
        for target, args in ((context.run, (print, "inside")), (print, ("outside",))):
            thread = threading.Thread(target=target, args=args)
            thread.start()
            thread.join()

    assert perform("parallel").output == "inside\n"
    assert capsys.readouterr().out == "outside\n"


def test_every_way_to_write_is_captured(register: Register) -> None:
    @register
    def writing() -> list[Any]:
        sys.stdout.write("write\n")
        sys.stdout.writelines(["lines\n"])
        sys.stdout.buffer.write("bytes ☃\n".encode())
        print("flushed", flush=True)
        print("pair \ud800")
        return [sys.stdout.isatty(), sys.stdout.encoding, sys.stdout.writable()]

    outcome = perform("writing")
    assert outcome.output == "write\nlines\nbytes ☃\nflushed\npair ?\n"
    assert outcome.result == [False, "utf-8", True]


def test_too_much_output_is_cut_while_it_is_written(register: Register) -> None:
    @register
    def chatty() -> None:
        for _ in range(1000):
            print("x" * 999)

    outcome = perform("chatty")
    assert outcome.output_truncated
    assert len(outcome.output.encode()) <= OUTPUT_LIMIT


def test_a_stream_that_somebody_replaces_is_captured_at_the_next_call(
    register: Register, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @register
    def hello() -> None:
        print("hello")

    assert perform("hello").output == "hello\n"
    monkeypatch.setattr(sys, "stdout", sys.__stdout__)
    assert perform("hello").output == "hello\n"


def test_what_a_broken_module_is_missing_is_said(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_broken", {"chalicelib.functions.mine": "SyntaxError: invalid syntax"})
    assert actions.check_arguments("mine", [], {}) == (
        "there is no function named mine; chalicelib.functions.mine could not be loaded: SyntaxError: invalid syntax"
    )
