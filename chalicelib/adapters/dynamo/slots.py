"""The slots of tasks that do not allow overlap: one item each, beside the task's runs."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.adapters.dynamo.ground.base import OnDynamo
from chalicelib.adapters.dynamo.ground.calls import ConditionFailed
from chalicelib.adapters.dynamo.ground.items import Item, read, read_one, write
from chalicelib.adapters.dynamo.ground.schema import numbered
from chalicelib.adapters.tables import RunItem
from chalicelib.core.attempts.overlap import Slot

SLOT = "!slot"
"""Sorts before every due time, so that no list of runs meets it."""
KEPT = timedelta(days=35)
"""After its lease's end a slot means nothing, but that a run may be waiting for it."""


class DynamoSlots(OnDynamo):
    """Every change is conditional on the token that was read."""

    def take_slot(self, slot: Slot) -> Slot | None:
        """Write a slot if its task has none. None: written, by this call or an earlier try of it (same token).
        Otherwise the slot that is there."""
        try:
            self._calls.put(RunItem, _item(slot), RunItem.task_id.does_not_exist())
        except ConditionFailed as error:
            found = self.slot(slot.task_id) if error.found is None else read_one(RunItem, error.found, _slot)
            if found is None:  # freed between the refusal and the look
                return self.take_slot(slot)
            return None if found.token == slot.token else found
        return None

    def move_slot(self, slot: Slot, *, token: str) -> bool:
        """Write a slot over the one that has `token`. False: it has another by now, or there is none."""
        mine_already = RunItem.token == slot.token  # an earlier try of this request, whose answer was lost
        try:
            self._calls.put(RunItem, _item(slot), (RunItem.token == token) | mine_already)
        except ConditionFailed:
            return False
        return True

    def slot(self, task_id: str) -> Slot | None:
        """A task's slot, strongly consistent."""
        item = self._calls.get(RunItem, _key(task_id))
        return None if item is None else read_one(RunItem, item, _slot)

    def free_slot(self, slot: Slot) -> bool:
        """Delete a slot if it still has its token. False: it has another by now. Gone already is True."""
        gone_already = RunItem.task_id.does_not_exist()
        try:
            self._calls.delete(RunItem, _key(slot.task_id), (RunItem.token == slot.token) | gone_already)
        except ConditionFailed:
            return False
        return True


def _key(task_id: str) -> Item:
    return write(RunItem, task_id=task_id, due_key=SLOT)


def _item(slot: Slot) -> Item:
    item = write(
        RunItem,
        task_id=slot.task_id,
        due_key=SLOT,
        due_at=slot.due_at,
        token=slot.token,
        lease_until=slot.lease_until,
        waiting=slot.waiting,
        expires_at=slot.lease_until + KEPT,
    )
    return numbered(RunItem, item)


def _slot(item: Item) -> Slot:
    values = read(RunItem, item)
    return Slot(
        task_id=values["task_id"],
        due_at=values["due_at"],
        token=values["token"],
        lease_until=values["lease_until"],
        waiting=values.get("waiting"),
    )
