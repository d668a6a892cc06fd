"""Answers: what the API sends back, as its OpenAPI document tells it. A test holds real answers against this."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.web.api.document.answers import functions, groups, people, runs, tasks
from chalicelib.web.api.document.schema import Schema, record, text

_HEALTH = record(
    "That the API answers.",
    {"status": text("ok"), "version": text("of Punctual"), "stage": text("which installation it is")},
)
ANSWERS: Mapping[str, Schema] = {
    "Health": _HEALTH,
    **people.ANSWERS,
    **tasks.ANSWERS,
    **runs.ANSWERS,
    **groups.ANSWERS,
    **functions.ANSWERS,
}
"""By name, what answers hold. `TaskAnswer` is made of the shape that tasks are checked by, and `TASK_ADDED`."""
