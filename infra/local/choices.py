"""What the person who starts the local stack chose, read from the environment once."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from chalicelib.settings import SettingsError, from_environment

PORT = 8000
STATE_DIR = ".local"
HIGHEST_PORT = 65535


class Refused(Exception):
    """The stack will not start. The message is one sentence for the person at the keyboard."""


class Engine(enum.StrEnum):
    """What stands in for DynamoDB and SQS."""

    MOTO = "moto"
    """moto's server, started here, with a memory. The default."""
    MINISTACK = "ministack"
    """MiniStack, started here. It keeps its state only when it is stopped in peace."""
    GIVEN = "given"
    """Whatever answers at AWS_ENDPOINT_URL. Nothing is started."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """How the stack is to run."""

    stage: str
    port: int
    state_dir: Path
    fresh: bool
    engine: Engine
    endpoint: str | None


def read(environ: Mapping[str, str]) -> Choices:
    """The choices that environment variables make; `Refused` for one that makes no sense."""
    try:
        stage = from_environment(environ).stage
    except SettingsError as error:
        raise Refused(f"{error}.") from error
    endpoint = environ.get("AWS_ENDPOINT_URL") or None
    fresh = environ.get("FRESH", "") not in ("", "0")
    if endpoint is not None and fresh:
        raise Refused("FRESH=1 empties only what is started here, and AWS_ENDPOINT_URL names something else.")
    return Choices(
        stage=stage,
        port=_port(environ.get("PORT") or str(PORT)),
        state_dir=Path(environ.get("STATE_DIR") or STATE_DIR),
        fresh=fresh,
        engine=Engine.GIVEN if endpoint is not None else _engine(environ.get("ENGINE") or Engine.MOTO),
        endpoint=None if endpoint is None else _endpoint(endpoint),
    )


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > HIGHEST_PORT:
        raise Refused(f"PORT must be a number from 0 to {HIGHEST_PORT}, not {text!r}.")
    return int(text)


def _engine(text: str) -> Engine:
    if text not in (Engine.MOTO, Engine.MINISTACK):
        raise Refused(f"ENGINE must be moto or ministack, not {text!r}.")
    return Engine(text)


def _endpoint(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused(f"AWS_ENDPOINT_URL must be like http://127.0.0.1:4566, not {url!r}.")
    return url
