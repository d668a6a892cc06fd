"""ETags: which version of a task a request means (RFC 9110)."""

from __future__ import annotations

import re

from chalicelib.core.errors import VersionConflict
from chalicelib.core.task import Task

_TAG = re.compile(r'"([0-9]{1,18})"')


def etag(task: Task) -> str:
    """The tag of a task's version."""
    return f'"{task.version}"'


def check(if_match: str | None, task: Task) -> int | None:
    """The version that a change must find: the task's, where If-Match lists it; None where any will do.

    `VersionConflict` where If-Match lists others only. Weak tags match nothing, as the RFC says.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    listed = (_TAG.fullmatch(tag.strip()) for tag in if_match.split(","))
    if task.version not in {int(tag[1]) for tag in listed if tag}:
        raise VersionConflict(f"the task is at version {etag(task)}, which If-Match does not list: read it again")
    return task.version
