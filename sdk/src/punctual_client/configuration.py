"""Configuration: where to find which installation and which token to use.

`PUNCTUAL_URL` and `PUNCTUAL_TOKEN` win; otherwise it is the file that `punctual login` writes, which only its owner may
read. A token from the file is never used for another address than the one that it was made at.
"""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from punctual_client.address import checked
from punctual_client.errors import NotConfigured, NotPrivate

FILE_MODE, FOLDER_MODE = 0o600, 0o700
OTHERS = stat.S_IRWXG | stat.S_IRWXO
LOGIN = "log in with `punctual login`, or set PUNCTUAL_URL and PUNCTUAL_TOKEN"


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """An installation's address, and a token for it; None where there is none."""

    url: str
    token: str | None = field(default=None, repr=False)


def found(environment: Mapping[str, str] | None = None) -> Configuration:
    """What the environment says, and else the file. `NotConfigured` where neither names an installation."""
    given = os.environ if environment is None else environment
    url, token = given.get("PUNCTUAL_URL", "").strip(), given.get("PUNCTUAL_TOKEN", "").strip()
    if url and token:
        return Configuration(url=checked(url), token=token)
    kept = read(place(given))
    if url:
        fits = kept is not None and kept.url == checked(url)
        return Configuration(url=checked(url), token=kept.token if kept is not None and fits else None)
    if kept is None:
        raise NotConfigured(f"it is not said which installation is meant: {LOGIN}")
    return Configuration(url=kept.url, token=token or kept.token)


def place(environment: Mapping[str, str] | None = None) -> Path:
    """Where the file is: `punctual/config.json` below `XDG_CONFIG_HOME`, or else `~/.config`."""
    given = os.environ if environment is None else environment
    base = Path(given.get("XDG_CONFIG_HOME", ""))
    folder = base if base.is_absolute() else Path(given.get("HOME") or Path.home()) / ".config"
    return folder / "punctual" / "config.json"


def read(path: Path) -> Configuration | None:
    """What the file says; None where there is none. `NotPrivate` where others than its owner may read it."""
    try:
        with path.open(encoding="utf-8") as file:
            mode, text = os.fstat(file.fileno()).st_mode, file.read()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise NotConfigured(
            f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}"
        ) from error
    if mode & OTHERS:
        raise NotPrivate(f"{path} holds a token, and others than you may read it: chmod 600 {path}")
    return _parsed(path, text)


def write(path: Path, configuration: Configuration) -> None:
    """Keep it for its owner alone; whoever reads meanwhile finds the file as it was or as it is."""
    text = json.dumps({"url": configuration.url, "token": configuration.token}, indent=2) + "\n"
    try:
        path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        path.parent.chmod(FOLDER_MODE)
        _replace(path, text)
    except OSError as error:
        raise NotConfigured(f"{path} cannot be written: {error.strerror}") from error


def make_private(path: Path) -> None:
    """Let nobody but its owner read it."""
    try:
        path.chmod(FILE_MODE)
    except OSError as error:
        raise NotPrivate(
            f"{path} holds a token, others may read it, and that cannot be changed: {error.strerror}"
        ) from error


def forget(path: Path) -> None:
    """Remove the file, where there is one."""
    path.unlink(missing_ok=True)


def _replace(path: Path, text: str) -> None:
    number, name = tempfile.mkstemp(dir=path.parent, prefix=".config-")  # made with mode 600
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise


def _parsed(path: Path, text: str) -> Configuration:
    wrong = NotConfigured(f"{path} is not what `punctual login` writes: log in again, or remove it")
    try:
        kept = json.loads(text)
    except ValueError as error:
        raise wrong from error
    if not isinstance(kept, dict) or not isinstance(kept.get("url"), str):
        raise wrong
    token = kept.get("token")
    return Configuration(url=checked(kept["url"]), token=token if isinstance(token, str) else None)
