"""Keys that every store shares: how names, due times and places in lists are written, so that all stores agree."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta

from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.instant import to_ms

INSTALLATION = "installation"
"""Who owns what belongs to no account."""
ANSWER_LIFE = timedelta(days=1)
LONGEST_KEY = 1024
"""Bytes that DynamoDB takes for a sort key; a partition key may have 2,048, which nothing here needs."""
_LARGEST = 10**13 - 1
_DUE_KEY = re.compile(r"[0-9]{13}")
_PLACE = re.compile(r"[0-9]{13}#.+", re.DOTALL)


def due_key(due_at: datetime) -> str:
    """A due time as a key that sorts like it: thirteen digits of milliseconds, good until the year 2286.

    >>> from datetime import UTC
    >>> due_key(datetime(2026, 1, 1, tzinfo=UTC))
    '1767225600000'
    >>> due_key(datetime(9999, 1, 1, tzinfo=UTC)), due_key(datetime(1, 1, 1, tzinfo=UTC))
    ('9999999999999', '0000000000000')
    """
    return f"{min(max(to_ms(due_at), 0), _LARGEST):013d}"


def place(due: str, task_id: str) -> str:
    """Where a run stands in a list across tasks: two tasks may be due at the same time."""
    return f"{due}#{task_id}"


def known_due_key(after: str) -> str:
    """The due key that a list of one task's runs goes on after; `Invalid` for anything else."""
    if _DUE_KEY.fullmatch(after) is None:
        raise _unknown_place()
    return after


def known_place(after: str) -> tuple[str, str]:
    """Due key and task id that a list across tasks goes on after; `Invalid` for anything else."""
    due, _, task_id = after.partition("#")
    if _PLACE.fullmatch(after) is None or not is_key(task_id):
        raise _unknown_place()
    return due, task_id


def known_task_id(after: str) -> str:
    """The task id that a list of tasks goes on after; `Invalid` for what can be none."""
    if not is_key(after):
        raise _unknown_place()
    return after


def known_user_id(after: str) -> str:
    """The user id that a list of users goes on after; `Invalid` for what can be none."""
    return known_task_id(after)


def is_key(text: str) -> bool:
    """Whether anything can be stored under this key.

    >>> [is_key(text) for text in ("abc", "", "x" * 1025, "\\ud800")]
    [True, False, False, False]
    """
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        return False
    return 0 < len(encoded) <= LONGEST_KEY


def digest(key: str) -> str:
    """A key of somebody else's choice in a form whose length is known."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _unknown_place() -> Invalid:
    detail = "not a cursor of this list: use the `next_cursor` of its previous page"
    return Invalid(FieldError(pointer="/cursor", code="invalid_cursor", detail=detail))
