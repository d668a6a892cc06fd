"""Exporting: everything that people have made in a stage, read page by page and written line by line.

What it costs: a scan of the table of tasks (one read unit for each 4 KB), and for each account two reads and a query.
Nothing is written, and no more than a page is held. It is no snapshot: what changes meanwhile may be in it or not.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from chalicelib.core.instant import floor_ms
from chalicelib.core.trials import is_hidden
from chalicelib.ports import Clock, Page
from chalicelib.ports.whole import WholeStore
from infra.backup import lines
from infra.backup.lines import Counts, Refused

PAGE = 100
OWNER_ONLY = 0o600
"""Password hashes are in the file."""

Reading = Callable[[WholeStore, str | None], tuple[Page[Any], Counts, Iterator[bytes]]]


@dataclass(frozen=True, kw_only=True)
class Reached:
    """How far an export has come: the list it is at, the key to go on after, what is written so far."""

    of: str
    after: str | None
    counts: Counts


def export(store: WholeStore, clock: Clock, stage: str, path: Path, *, resume: bool = False) -> Counts:
    """Write a stage to a new file, or go on with one that broke off. How many things are in it.

    `Refused` where the file is there already, or is no export of this stage that broke off.
    """
    if resume:
        file, reached = _broken_off(path, stage)
    else:
        file, reached = _new(path), Reached(of=ORDER[0], after=None, counts=Counts())
    with file:
        if not resume:
            file.write(lines.header(stage, floor_ms(clock.now())))
        for of in ORDER[ORDER.index(reached.of) :]:
            reached = _one_list(store, file, reached if reached.of == of else _begin(of, reached.counts))
        file.write(lines.written("end", vars(reached.counts)))
    return reached.counts


def _begin(of: str, counts: Counts) -> Reached:
    return Reached(of=of, after=None, counts=counts)


def _one_list(store: WholeStore, file: BinaryIO, reached: Reached) -> Reached:
    """Write what is left of a list. After each page stands where to go on, and the page is on its way to the disk."""
    while True:
        page, more, written = LISTS[reached.of](store, reached.after)
        file.writelines(written)
        counts = reached.counts.plus(**vars(more))
        reached = Reached(of=reached.of, after=page.after, counts=counts)
        if page.after is None:
            return reached
        file.write(lines.written("page", {"of": reached.of, "after": page.after, "counts": vars(counts)}))
        file.flush()


def _users(store: WholeStore, after: str | None) -> tuple[Page[Any], Counts, Iterator[bytes]]:
    page = store.users(limit=PAGE, after=after)
    theirs = {user.id: store.calendars(user.id) for user in page.items}
    written = [
        line
        for user in page.items
        for line in (lines.user_line(user), *(lines.calendar_line(one) for one in theirs[user.id]))
    ]
    calendars = sum(len(found) for found in theirs.values())
    return page, Counts(users=len(page.items), calendars=calendars, left_out=page.left_out), iter(written)


def _tasks(store: WholeStore, after: str | None) -> tuple[Page[Any], Counts, Iterator[bytes]]:
    page = store.tasks_in(None, after=after)
    kept = [task for task in page.items if not is_hidden(task.id)]
    return page, Counts(tasks=len(kept), left_out=page.left_out), map(lines.task_line, kept)


LISTS: Mapping[str, Reading] = {"users": _users, "tasks": _tasks}
ORDER = list(LISTS)


def _new(path: Path) -> BinaryIO:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except FileExistsError as error:
        raise Refused("is there already: take another name, or go on with it by --resume") from error
    except OSError as error:
        raise Refused(f"cannot be written: {error.strerror}") from error
    return os.fdopen(handle, "wb")


def _broken_off(path: Path, stage: str) -> tuple[BinaryIO, Reached]:
    """A file that broke off, cut after its last whole page, and what that page reached."""
    try:
        file = path.open("r+b")
    except OSError as error:
        raise Refused(f"cannot be gone on with: {error.strerror}") from error
    try:
        reached, end = _last_page(file, stage)
    except Refused:
        file.close()
        raise
    file.truncate(end)
    file.seek(end)
    return file, reached


def _last_page(file: BinaryIO, stage: str) -> tuple[Reached, int]:
    first = file.readline()
    if lines.stage_of(first) != stage:
        raise Refused(f"is an export of stage {lines.stage_of(first)}, not of {stage}")
    reached, end, at = Reached(of=ORDER[0], after=None, counts=Counts()), len(first), len(first)
    for raw in file:
        at += len(raw)
        if raw.startswith(b'{"end":') and raw.endswith(b"\n"):
            raise Refused("is whole: there is nothing to go on with")
        if raw.startswith(b'{"page":') and raw.endswith(b"\n"):
            reached, end = _reached(raw), at
    return reached, end


def _reached(raw: bytes) -> Reached:
    _, page = lines.parsed(raw)
    if not isinstance(page, dict) or page.get("of") not in LISTS or not isinstance(page.get("after"), str):
        raise Refused("has a page that does not say how far it came: export anew")
    return Reached(of=page["of"], after=page["after"], counts=lines.counts_of(page.get("counts")))
