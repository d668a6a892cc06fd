"""The `function` action: a Python function of `chalicelib/functions/`, by name, in the worker itself.

Codes of a failure: `unknown_function` and `invalid_arguments` (permanent), `function_raised`, `timeout`.
"""

from __future__ import annotations

import copy
import logging
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Any

from chalicelib.actions.capture import Keeper, captured
from chalicelib.actions.deadline import Call, Interrupted, timed_out
from chalicelib.actions.output import excerpt, kept_result
from chalicelib.core.instant import from_text
from chalicelib.core.run import OUTPUT_LIMIT, AttemptStatus, Outcome, RunError
from chalicelib.functions import registry
from chalicelib.functions.declaring import Context
from chalicelib.functions.registry import Registered
from chalicelib.logs import log

TRACEBACK_LINES = 20
"""The last lines of a traceback: where it happened is at its end."""
TRACEBACK_LIMIT = 4 * 1024
"""Bytes of them."""
OURS = (__file__, registry.__file__)
"""Where a call passes before it comes to the function."""
CallLater = Callable[[str, Mapping[str, Any]], str]
"""Keeps what the task of that id wants called later, and gives the id of what is kept."""


def check_arguments(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str | None:
    """A sentence that says why a task cannot call a function like this; None where it can.

    >>> check_arguments("no_such", [], {})
    'there is no function named no_such'
    """
    known = registry.find(name)
    return known.refusal(args, kwargs) if known else _unknown(name)


def perform(
    action: Mapping[str, Any], timeout: timedelta, context: Mapping[str, Any], *, later: CallLater | None = None
) -> Outcome:
    """What the call came to, in a thread of its own. One that overstays is interrupted and left behind. `later` is how
    it has other functions called."""
    name, args, kwargs = action["name"], action.get("args") or [], action.get("kwargs") or {}
    known = registry.find(name)
    if known is None:
        return _refused("unknown_function", _unknown(name))
    refusal = known.refusal(args, kwargs)
    if refusal:
        return _refused("invalid_arguments", refusal)
    keeper = Keeper(OUTPUT_LIMIT)
    told = None if known.context is None else _told(context, timeout, keeper)
    asking = None if later is None else partial(later, context.get("task_id", ""))
    call = Call(lambda: _call(known, copy.deepcopy(args), copy.deepcopy(kwargs), told, keeper, asking))
    if call.ended_within(timeout):
        return call.value()
    call.interrupt()
    output, truncated = keeper.text()
    return Outcome(status=AttemptStatus.TIMED_OUT, output=output, output_truncated=truncated, error=timed_out(timeout))


def discover() -> None:
    """Load the modules of `chalicelib/functions/`. One that cannot be loaded is logged; its functions are missing."""
    registry.load()
    for module, reason in registry.broken().items():
        log("function_module_broken", logging.ERROR, module=module, reason=reason)


def _told(context: Mapping[str, Any], timeout: timedelta, keeper: Keeper) -> Context:
    """What a function is told that asks for it. What its logger is told goes where its output does, in any thread."""
    logger = logging.Logger(f"run {context.get('run_id', '')}", logging.INFO)
    handler = logging.StreamHandler(keeper)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logger.addHandler(handler)
    return Context(
        task_id=context.get("task_id", ""),
        run_id=context.get("run_id", ""),
        due_at=from_text(context["due_at"]) if "due_at" in context else datetime.now(UTC),
        attempt=int(context.get("attempt", 1)),
        deadline=datetime.now(UTC) + timeout,
        logger=logger,
        results=tuple(context.get("results", ())),
        left_out=context.get("left_out", 0),
        ends=time.monotonic() + timeout.total_seconds(),
    )


def _call(
    known: Registered,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    told: Context | None,
    keeper: Keeper,
    asking: Callable[[Mapping[str, Any]], str] | None,
) -> Outcome:
    registry.later.set(asking)  # of this thread alone, which ends with the call
    with captured(keeper):
        try:
            result = kept_result(known.called(args, kwargs, told))
        except Interrupted:
            raise
        except BaseException as error:  # SystemExit too: it is the function's, not the worker's
            return _raised(error, keeper)
    output, truncated = keeper.text()
    return Outcome(status=AttemptStatus.SUCCEEDED, output=output, output_truncated=truncated, result=result)


def _raised(error: BaseException, keeper: Keeper) -> Outcome:
    here = _own_part(error.__traceback__)
    lines = "".join(traceback.format_exception(type(error), error, here)).splitlines(keepends=True)
    ending = "".join(lines[-TRACEBACK_LINES:]).encode("utf-8", "replace")[-TRACEBACK_LIMIT:].decode("utf-8", "ignore")
    output, truncated = keeper.text(ending)
    detail = "".join(traceback.format_exception_only(type(error), error)[:1]).strip()
    return Outcome(
        status=AttemptStatus.FAILED,
        output=output,
        output_truncated=truncated,
        error=RunError(code="function_raised", detail=excerpt(detail)),
    )


def _own_part(traceback: TracebackType | None) -> TracebackType | None:
    """The traceback from the function on: what stands above it is Punctual's."""
    while traceback is not None and traceback.tb_frame.f_code.co_filename in OURS:
        traceback = traceback.tb_next
    return traceback


def _refused(code: str, detail: str) -> Outcome:
    return Outcome(status=AttemptStatus.FAILED, error=RunError(code=code, detail=excerpt(detail), permanent=True))


def _unknown(name: str) -> str:
    missing = "".join(f"; {module} could not be loaded: {reason}" for module, reason in registry.broken().items())
    return f"there is no function named {name}{missing}"
