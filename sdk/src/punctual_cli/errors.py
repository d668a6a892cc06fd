"""Exit codes: what a script learns of how a command ended, and how an error is said to a person."""

from __future__ import annotations

import enum
import errno
import sys
from typing import Any, Self

import click

from punctual_cli.printing import plain, take_any_text
from punctual_client import (
    Conflict,
    NotAuthenticated,
    NotConfigured,
    NotFound,
    NotPrivate,
    PreconditionFailed,
    PunctualError,
    Refused,
    ServerFault,
    StillRunning,
    TooMany,
    UnexpectedAnswer,
    Unreachable,
    WrongAddress,
)


class ExitCode(enum.IntEnum):
    """How a command ended, with what that means. Stable: scripts may rely on these."""

    meaning: str

    def __new__(cls, value: int, meaning: str) -> Self:
        code = int.__new__(cls, value)
        code._value_, code.meaning = value, meaning
        return code

    DONE = 0, "done; with `--wait`: every run succeeded"
    RUN_FAILED = 1, "with `--wait`: a run did not succeed"
    USAGE = 2, "the command cannot be understood, or a name fits several tasks"
    UNREACHABLE = 3, "no answer came, or not one of Punctual"
    NOT_AUTHENTICATED = 4, "there is no token, or it is unknown, expired or revoked"
    NOT_FOUND = 5, "there is no such task, run or group"
    REFUSED = 6, "what was given is wrong, or not allowed"
    CONFLICT = 7, "somebody else was faster, it exists already, or its state does not allow this"
    TOO_MANY = 8, "asked too often"
    SERVER_FAULT = 9, "the server failed"
    WOULD_CHANGE = 10, "with `--dry-run`, or where the answer was no: something would be changed"
    NOT_ALL = 11, "some of what an import found was not carried over, and it said what"
    STILL_RUNNING = 124, "`--wait` ended at its `--timeout`"
    INTERRUPTED = 130, "Ctrl-C"


KINDS: tuple[tuple[type[PunctualError], ExitCode], ...] = (
    (WrongAddress, ExitCode.USAGE),
    (NotPrivate, ExitCode.REFUSED),
    (NotConfigured, ExitCode.NOT_AUTHENTICATED),
    (Unreachable, ExitCode.UNREACHABLE),
    (UnexpectedAnswer, ExitCode.UNREACHABLE),
    (StillRunning, ExitCode.STILL_RUNNING),
    (NotAuthenticated, ExitCode.NOT_AUTHENTICATED),
    (NotFound, ExitCode.NOT_FOUND),
    (Conflict, ExitCode.CONFLICT),
    (PreconditionFailed, ExitCode.CONFLICT),
    (TooMany, ExitCode.TOO_MANY),
    (ServerFault, ExitCode.SERVER_FAULT),
)
"""The first that fits; any other is `REFUSED`."""

REMEDIES: dict[ExitCode, str] = {
    ExitCode.UNREACHABLE: "Is the address right, and is it running? `punctual login` sets another one.",
    ExitCode.NOT_AUTHENTICATED: "Log in again with `punctual login`, or give another PUNCTUAL_TOKEN.",
    ExitCode.SERVER_FAULT: "Try again in a moment.",
}


class Failed(Exception):
    """A command that ends with one of the exit codes, and a sentence on standard error."""

    def __init__(self, sentence: str, code: ExitCode) -> None:
        super().__init__(sentence)
        self.code = code


class Ended(click.exceptions.Exit):
    """A command that ends with one of the exit codes, and has said all there is to say."""

    def __init__(self, code: ExitCode) -> None:
        super().__init__(int(code))


class Commands(click.Group):
    """A group of commands in which every error, and Ctrl-C, ends with its exit code and a sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        take_any_text()
        try:
            return super().invoke(ctx)
        except (Failed, PunctualError, OSError, KeyboardInterrupt, click.Abort, click.ClickException) as error:
            ended = _ended(error)
            if ended is None:
                raise
            said, code = ended
            _say(said)
            raise Ended(code) from error


def _ended(error: BaseException) -> tuple[str, ExitCode] | None:
    """What to say of an error, and with what to end; None where click does both."""
    match error:
        case Failed():
            return str(error), error.code
        case PunctualError():
            return sentence(error), exit_code(error)
        case KeyboardInterrupt() | click.Abort():
            return _broken_off(error)
        case OSError() if error.errno != errno.EPIPE:  # of a pipe, whoever reads has seen enough
            return f"what there is to say cannot be written: {error.strerror or error}", ExitCode.REFUSED
        case click.ClickException() if error.exit_code == ExitCode.RUN_FAILED:  # an editor that failed, say: no run did
            return error.format_message(), ExitCode.REFUSED
    return None


def exit_code(error: PunctualError) -> ExitCode:
    """With what a command ends that met an error."""
    return next((code for kind, code in KINDS if isinstance(error, kind)), ExitCode.REFUSED)


def sentence(error: PunctualError) -> str:
    """An error for a person: what is wrong, what to do, and what the request is called in the server's log."""
    said = [str(error)]
    if isinstance(error, TooMany) and error.retry_after is not None:
        said.append(f"It may be sent again in {error.retry_after.total_seconds():.0f} s.")
    if not isinstance(error, NotConfigured) and exit_code(error) in REMEDIES:
        said.append(REMEDIES[exit_code(error)])
    if isinstance(error, ServerFault) and error.request_id:
        said.append(f"In the server's log it is request {error.request_id}.")
    if isinstance(error, Refused) and error.repeated:
        said.append("An earlier try of the same request may have been done: look before you repeat it.")
    return "\n".join(said)


def _broken_off(error: BaseException) -> tuple[str, ExitCode]:
    """Somebody pressed Ctrl-C, or there was nobody who could answer a question."""
    if isinstance(error, KeyboardInterrupt) or (sys.stdin is not None and sys.stdin.isatty()):
        return "interrupted", ExitCode.INTERRUPTED
    return "nobody is there to answer: standard input has ended", ExitCode.USAGE


def _say(sentence: str) -> None:
    click.echo(f"punctual: {plain(sentence)}", err=True)
