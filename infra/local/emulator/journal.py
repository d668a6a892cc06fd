"""What the emulator must remember, as lines appended to files: the last line about a key is the truth.

A change is written before its request is answered, so `kill -9` loses nothing that was acknowledged (the power cord
may: nothing is forced to the disk). The folder holds numbered segments of appended lines and at most one base, the
merged truth of every segment up to its number. A base appears whole, by renaming; a torn last line is never loaded.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

SEGMENT_BYTES = 32 * 1024 * 1024
"""A segment longer than this is closed and merged, so that the folder does not grow with every change ever made."""
PATIENCE_SECONDS = 10.0
"""How long a journal waits for a predecessor that is being stopped."""

State = dict[str, Any]


class JournalInUse(Exception):
    """Another process is writing to this folder."""


class JournalDamaged(Exception):
    """A line that is not the last one cannot be read: something else has written to the file."""


class Journal:
    """A dictionary of JSON values that survives its process. One process at a time, one thread at a time."""

    def __init__(
        self,
        folder: Path,
        *,
        keep: Callable[[str, Any], bool],
        segment_bytes: int = SEGMENT_BYTES,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """Opens the folder, making it where needed. `keep` says of a key and its value whether to go on keeping it."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._keep = keep
        self._segment_bytes = segment_bytes
        self._lock = _locked(folder / "lock", patience_seconds)
        self._merging = threading.Thread()
        self._number = max((_number(path) for path in folder.glob("*.jsonl")), default=0)
        self._segment = -1
        self._written = 0

    def open(self) -> State:
        """Everything remembered. From here on changes can be appended."""
        state = self._merge(self._number)
        self._begin_segment()
        return state

    def append(self, changes: Mapping[str, Any]) -> None:
        """Remembers new values of keys; None forgets the key. All of it or, where the disk refuses, nothing."""
        line = json.dumps(changes, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        written = os.write(self._segment, line)
        if written < len(line):
            os.ftruncate(self._segment, self._written)
            raise OSError(f"{self._folder} took {written} of {len(line)} bytes: is the disk full?")
        self._written += written
        if self._written > self._segment_bytes and not self._merging.is_alive():
            self._rotate()

    def close(self) -> None:
        """Lets go of the folder, after a merge that is going on."""
        if self._merging.ident is not None:
            self._merging.join()
        os.close(self._segment)
        os.close(self._lock)

    def _rotate(self) -> None:
        os.close(self._segment)
        self._merging = threading.Thread(target=self._merge, args=(self._number,), name="merge")
        self._begin_segment()
        self._merging.start()

    def _begin_segment(self) -> None:
        self._number += 1
        path = self._folder / f"{self._number:08}.jsonl"
        self._segment = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        self._written = 0

    def _merge(self, last: int) -> State:
        """Reads everything up to a closed segment, writes it as the new base, and drops what that base replaces."""
        paths = sorted(path for path in self._folder.glob("*.jsonl") if _number(path) <= last)
        bases = [path for path in paths if _is_base(path)]
        state: State = {}
        for path in paths[paths.index(bases[-1]) :] if bases else paths:
            _read(path, state)
        state = {key: value for key, value in state.items() if self._keep(key, value)}
        base = self._folder / f"{last:08}.base.jsonl"
        _write_whole(base, state)
        for path in paths:
            if path != base:
                path.unlink()
        return state


def _number(path: Path) -> int:
    return int(path.name.partition(".")[0])


def _is_base(path: Path) -> bool:
    return path.name.endswith(".base.jsonl")


def _read(path: Path, state: State) -> None:
    """Applies a file's lines. One that does not end, or a last one that does not parse, was never acknowledged."""
    lines = path.read_bytes().split(b"\n")[:-1]
    for number, line in enumerate(lines, start=1):
        try:
            changes = json.loads(line)
        except ValueError as error:
            if number == len(lines):
                return
            raise JournalDamaged(f"line {number} of {path} cannot be read") from error
        _apply(changes, state)


def _apply(changes: State, state: State) -> None:
    for key, value in changes.items():
        if value is None:
            state.pop(key, None)
        else:
            state[key] = value


def _write_whole(path: Path, state: State) -> None:
    """Writes a file that is there completely or not at all."""
    unfinished = path.with_suffix(".unfinished")
    with unfinished.open("w", encoding="utf-8") as file:
        for key, value in state.items():
            file.write(json.dumps({key: value}, ensure_ascii=False, separators=(",", ":")) + "\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _locked(path: Path, patience_seconds: float) -> int:
    """An open file that no other process has locked; `JournalInUse` if one keeps it."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    until = time.monotonic() + patience_seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > until:
                os.close(descriptor)
                raise JournalInUse(str(path.parent)) from error
            time.sleep(0.02)
        else:
            return descriptor
