"""What an action must be beyond its shape: sizes in all, names that exist, addresses that can be asked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

import urllib3
from botocore import xform_name
from urllib3.util import parse_url

from chalicelib.core.errors import FieldError
from chalicelib.core.secrets.naming import NAME, RIGHT_NAME, is_reference, names, references
from chalicelib.functions import registry
from chalicelib.functions.arguments import wrong_arguments
from chalicelib.web.checks.collecting import child

COMMAND_LIMIT = 8 * 1024
"""Bytes of a shell line, or of a program and its arguments together."""
STDIN_LIMIT = 64 * 1024
"""Bytes."""
ENV_LIMIT = 4 * 1024
"""Bytes of names and values together."""
OWN_HEADERS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade", "expect"}
)
"""Headers that say how a request is sent; an action could only contradict them."""
HEADERS_LIMIT = 8 * 1024
"""Bytes of names and values together."""
DATA_LIMIT = 64 * 1024
"""Bytes of args and kwargs, of a body, or of parameters, as JSON."""
MOST_SECRETS = 10
"""Different ones, of one action: what is read at once before each attempt."""
ANY_VALUE = "secret"
"""Stands for a secret's value where an action is looked at before it is known."""
POSIX_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
"""What can be sent: no CR, LF or other control character, and nothing outside Latin-1."""
CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f]")

Errors = Iterator[FieldError]


def action_errors(action: Mapping[str, Any], aws_actions_allowed: Collection[str]) -> Errors:
    """What is wrong with an action whose shape is right; pointers begin at the action. Whether its secrets are there
    depends on whose it is: that is for the engine to say."""
    yield from _secret_errors(action)
    if action["type"] == "aws":
        yield from _aws_errors(action, aws_actions_allowed)
    else:
        yield from _CHECKS[action["type"]](action)


def size(value: Any) -> int:
    """Bytes of a value as compact JSON.

    >>> size({"a": "é"})
    10
    """
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def _secret_errors(action: Mapping[str, Any]) -> Errors:
    for found in references(action):
        if NAME.fullmatch(found.name) is None:
            yield _error(f"{found.pointer}/secret", "wrong_form", f"names a secret, and {RIGHT_NAME}")
    if len(names(action)) > MOST_SECRETS:
        yield _error("", "too_many_secrets", f"must name {MOST_SECRETS} different secrets at most")


def _command_errors(action: Mapping[str, Any]) -> Errors:
    command = action["command"]
    parts = [command] if isinstance(command, str) else command
    if not parts or not parts[0].strip():
        yield _error("/command", "wrong_length", "must not be empty")
    if sum(len(part.encode()) for part in parts) > COMMAND_LIMIT:
        yield _error("/command", "too_large", "must have 8 KB at most")
    if any("\0" in part for part in parts):
        yield _error("/command", "wrong_form", "must not hold NUL characters")
    if len(action.get("stdin", "").encode()) > STDIN_LIMIT:
        yield _error("/stdin", "too_large", "must have 64 KB at most")
    yield from _env_errors(action.get("env", {}))


def _env_errors(env: Mapping[str, Any]) -> Errors:
    if _bytes(env) > ENV_LIMIT:
        yield _error("/env", "too_large", "must have 4 KB at most, names and values together")
        return
    for name, value in env.items():
        if POSIX_NAME.fullmatch(name) is None:
            detail = "is no name of a variable: letters, digits and _, not beginning with a digit"
            yield _error(child("/env", name), "wrong_form", detail)
        if "\0" in _text(value):
            yield _error(child("/env", name), "wrong_form", "must not hold NUL characters")


def _http_errors(action: Mapping[str, Any]) -> Errors:
    problem = url_problem(action["url"])
    if problem:
        yield _error("/url", "invalid_url", problem)
    yield from _header_errors(action.get("headers", {}))
    if size(action.get("body", "")) > DATA_LIMIT:
        yield _error("/body", "too_large", "must have 64 KB at most")


def url_problem(url: str) -> str | None:
    """Why a URL cannot be asked for; read the way the action will read it."""
    if CONTROL.search(url):
        return "must not hold spaces or control characters: write them as %20 and so on"
    try:
        target = parse_url(url)
    except urllib3.exceptions.LocationParseError:
        return "must be a URL like https://example.com/path"
    if target.scheme not in ("http", "https") or not target.host:
        return "must begin with http:// or https:// and a host"
    if target.auth is not None:
        return "must not hold a user or a password: use a header"
    return None


def _header_errors(headers: Mapping[str, Any]) -> Errors:
    if _bytes(headers) > HEADERS_LIMIT:
        yield _error("/headers", "too_large", "must have 8 KB at most, names and values together")
        return
    for name, value in headers.items():
        if HEADER_NAME.fullmatch(name) is None:
            yield _error(child("/headers", name), "wrong_form", "is no name of a header")
        if name.lower() in OWN_HEADERS:
            yield _error(child("/headers", name), "not_allowed", "is set by the request itself: leave it out")
        if HEADER_VALUE.fullmatch(_text(value)) is None:
            detail = "must not hold CR, LF, other control characters, or characters outside Latin-1"
            yield _error(child("/headers", name), "wrong_form", detail)


def _function_errors(action: Mapping[str, Any]) -> Errors:
    args, kwargs = action.get("args", []), action.get("kwargs", {})
    if size(args) + size(kwargs) > DATA_LIMIT:
        pointer = "/args" if size(args) > size(kwargs) else "/kwargs"
        yield _error(pointer, "too_large", "must have 64 KB at most, args and kwargs together")
    known = registry.find(action["name"])
    if known is None:
        listed = ", ".join(function.name for function in registry.registered())
        yield _error("/name", "unknown_function", f"is no function of this installation: known are {listed}")
        return
    yield from wrong_arguments(known, args, kwargs)


def _aws_errors(action: Mapping[str, Any], allowed: Collection[str]) -> Errors:
    asked = f"{action['service']}:{xform_name(action['operation'])}"
    if not any(fnmatchcase(asked, pattern) for pattern in allowed):
        listed = ", ".join(sorted(allowed)) or "none"
        detail = f"{asked} is not allowed on this installation (AWS_ACTIONS_ALLOWED): {listed}"
        yield _error("/operation", "operation_not_allowed", detail)
    if size(action.get("parameters", {})) > DATA_LIMIT:
        yield _error("/parameters", "too_large", "must have 64 KB at most")


_CHECKS: dict[str, Callable[[Mapping[str, Any]], Errors]] = {
    "command": _command_errors,
    "http": _http_errors,
    "function": _function_errors,
}


def _bytes(texts: Mapping[str, Any]) -> int:
    return sum(len(name.encode()) + len(_text(value).encode()) for name, value in texts.items())


def _text(value: Any) -> str:
    """A text, or what stands for a secret as long as it is not known."""
    return ANY_VALUE if is_reference(value) else str(value)


def _error(pointer: str, code: str, detail: str) -> FieldError:
    return FieldError(pointer=pointer, code=code, detail=detail)
