"""What a deployment decides about a schedule in code: by what it says, what it said, and what a person did."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core.in_code import (
    REMOVED_REASON,
    Decision,
    Difference,
    Kept,
    Standing,
    There,
    stated,
    task_id_of,
    unstated,
)

HOURLY = {"type": "interval", "every": 1, "unit": "hours"}
DAILY = {"type": "interval", "every": 1, "unit": "days"}
DEFAULTS: dict[str, Any] = {
    "name": "nightly",
    "action": {"type": "function", "name": "nightly"},
    "schedule": HOURLY,
    "description": "",
    "timeout_seconds": 60,
    "retry": {"max_attempts": 3, "backoff": "next_window"},
    "overlap": "allow",
    "priority": "normal",
    "state": "active",
}
SAID: dict[str, Any] = {name: DEFAULTS[name] for name in ("name", "action", "schedule")}


def kept(gone: bool = False, **said: Any) -> Kept:
    return Kept(name="nightly", task_id="t", said=SAID | said, gone=gone)


def there(reason: str = "", **changes: Any) -> There:
    return There(document=DEFAULTS | changes, reason=reason)


def decide(before: Kept | None, task: There | None, *, restore: bool = False, **said: Any) -> Decision:
    whole = dict(DEFAULTS)
    for name, value in said.items():
        whole[name] = {**whole[name], **value} if name == "retry" else value
    return stated(SAID | said, whole, before, task, restore=restore)


@pytest.mark.parametrize(
    ("before", "task", "standing"),
    [
        (None, None, Standing.NEW),
        (kept(), None, Standing.DELETED),
        (kept(gone=True), None, Standing.NEW),
        (kept(), there(), Standing.AS_SAID),
        (None, there(), Standing.AS_SAID),
        (None, there(schedule=DAILY), Standing.EDITED),
        (kept(), there(schedule=DAILY), Standing.EDITED),
        (kept(), there(state="paused"), Standing.PAUSED),
        (kept(), there(state="paused", schedule=DAILY), Standing.EDITED),
        (kept(schedule=DAILY), there(), Standing.AS_SAID),
        (kept(schedule=DAILY), there(schedule=DAILY), Standing.CHANGED),
        (kept(gone=True), there(REMOVED_REASON, state="paused"), Standing.CHANGED),
        (kept(gone=True), there("for a reason of their own", state="paused"), Standing.PAUSED),
        (kept(timeout_seconds=300), there(timeout_seconds=300), Standing.CHANGED),
        (kept(), there(timeout_seconds=300, tags=["mine"], retention_days=9), Standing.AS_SAID),
    ],
)
def test_how_a_schedule_and_its_task_stand(before: Kept | None, task: There | None, standing: Standing) -> None:
    assert decide(before, task).standing is standing


def test_only_what_changed_in_the_code_is_brought_and_the_rest_is_shown() -> None:
    decision = decide(kept(), there(schedule=DAILY, overlap="skip", state="paused"), overlap="queue")
    assert decision.standing is Standing.CHANGED
    assert decision.document == DEFAULTS | {"schedule": DAILY, "overlap": "queue", "state": "paused"}
    assert decision.differs == (Difference(field="schedule", task=DAILY, code=HOURLY),)


def test_what_the_code_says_no_more_is_the_default_again() -> None:
    decision = decide(kept(timeout_seconds=300), there(timeout_seconds=300))
    assert decision.document == DEFAULTS


def test_of_retries_the_code_says_how_many_and_nothing_else() -> None:
    own = {"max_attempts": 3, "backoff": "fixed"}
    decision = decide(kept(), there(retry=own), retry={"max_attempts": 5})
    assert decision.document == DEFAULTS | {"retry": {"max_attempts": 5, "backoff": "fixed"}}
    five = {"max_attempts": 5}
    assert decide(kept(retry=five), there(retry=own | five), retry=five).standing is Standing.AS_SAID


def test_what_is_restored_is_as_the_code_says_and_runs() -> None:
    decision = decide(kept(), there(schedule=DAILY, state="paused", tags=["mine"]), restore=True)
    assert decision == Decision(standing=Standing.CHANGED, document=DEFAULTS | {"tags": ["mine"]})
    assert decide(kept(), None, restore=True) == Decision(standing=Standing.NEW, document=DEFAULTS)
    assert decide(kept(), there(), restore=True) == Decision(standing=Standing.AS_SAID)


@pytest.mark.parametrize(
    ("before", "task", "whole", "standing", "gone"),
    [
        (kept(), there(), True, Standing.REMOVED, True),
        (kept(), there(state="paused"), True, Standing.GONE, True),
        (kept(gone=True), there(), True, Standing.GONE, True),
        (kept(), None, True, Standing.GONE, True),
        (kept(), there(), False, Standing.UNKNOWN, False),
        (kept(gone=True), None, False, Standing.UNKNOWN, True),
    ],
)
def test_what_the_code_says_no_more_is_paused_once_and_only_where_all_of_it_is_known(
    before: Kept, task: There | None, whole: bool, standing: Standing, gone: bool
) -> None:
    decision = unstated(before, task, whole=whole)
    assert (decision.standing, decision.gone, decision.document) == (standing, gone, None)


def test_a_name_leads_to_one_id_like_any_other() -> None:
    ids = {task_id_of(name) for name in ("a", "b", "a.b", "ä" * 100)}
    assert len(ids) == 4
    assert {len(each) for each in ids} == {26}
    assert all(each.startswith("0" * 10) and each.isalnum() and each.isascii() for each in ids)


def test_what_is_remembered_changes_only_with_what_is_said() -> None:
    first = kept()
    assert first.after(SAID, gone=False) is first
    assert first.after(SAID, gone=True).version == 2
