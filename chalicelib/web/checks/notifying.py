"""What a task's `notify` must be beyond its shape: it tells something, somewhere that can be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.core.alerting.policy import Happening, Way
from chalicelib.core.errors import FieldError
from chalicelib.settings import Settings
from chalicelib.web.checks.actions import url_problem


def notify_errors(notify: Mapping[str, Any], settings: Settings) -> Iterator[FieldError]:
    """What is wrong with a `notify` whose shape is right; pointers begin at it. Whether its owner may use SNS depends
    on who is asking: that is for the engine to say."""
    on = notify.get("on", list(Happening))
    if len(set(on)) < len(on):
        yield _error("/on", "repeated", "must name nothing twice")
    if set(on) == {Happening.RECOVERED}:
        yield _error("/on", "nothing_before", "must name what there is to recover from: failed, missed or did_not_run")
    if not any(way in notify for way in Way):
        yield _error("", "no_address", "must have a `webhook` or an `sns` to tell, or both")
    problem = url_problem(notify["webhook"]) if "webhook" in notify else None
    if problem is not None:
        yield _error("/webhook", "invalid_url", problem)
    if "sns" in notify and not settings.is_alert_topic(notify["sns"]):
        detail = f"must be the ARN of an SNS topic whose name is {settings.alert_topics}: alerts go to no other"
        yield _error("/sns", "topic_not_allowed", detail)


def _error(pointer: str, code: str, detail: str) -> FieldError:
    return FieldError(pointer=pointer, code=code, detail=detail)
