"""Groups in the table `runs`.

task_id                       due_key    holds
<group id>                    !group     the group itself
<group id>-<section number>   !members   the members of a section
<group id>-<section number>   !marks     which of them have ended

Each section has a partition of its own: as many members may end at once as there are workers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chalicelib.adapters.dynamo.agenda import entry_put
from chalicelib.adapters.dynamo.ground.base import OnDynamo
from chalicelib.adapters.dynamo.ground.calls import ConditionFailed, Put
from chalicelib.adapters.dynamo.ground.items import Item, read, read_one, write
from chalicelib.adapters.dynamo.ground.schema import numbered, say_form
from chalicelib.adapters.dynamo.run_items import key_of_run, run_item, run_of
from chalicelib.adapters.tables import RunItem
from chalicelib.core.errors import NotFound
from chalicelib.core.groups.group import Group, GroupState, Handing, Member, Order
from chalicelib.core.groups.marks import Mark
from chalicelib.core.instant import from_ms, to_ms
from chalicelib.core.run import Run
from chalicelib.core.task import Channel
from chalicelib.ports import Occurrence, Placed

GROUP, MEMBERS, MARKS = "!group", "!members", "!marks"
"""Sort keys: before every due time, so that no list of runs meets them."""
_INSTANTS = ("created_at", "began_at", "turn_at", "finished_at", "then_at", "on_failure_at")
_PLAIN = ("name", "total", "rounds", "position", "swept")


class DynamoGroups(OnDynamo):
    """Every change of a group is conditional on the token that was read; marks are members of a set."""

    def group(self, group_id: str) -> Group | None:
        """One group."""
        item = self._calls.get(RunItem, group_key(group_id))
        return None if item is None else read_one(RunItem, item, group_of)

    def replace_group(
        self, group: Group, *, token: str, queued: Run | None = None, entry: Placed | None = None
    ) -> Group | Run | None:
        """Write a group over the one that has `token`, with a queued run and an entry, all or nothing. None: written,
        by this call or an earlier try of it. Otherwise the group that is there, or the run that has the key of the
        queued one; `NotFound` where there is no such group."""
        moved = Put(model=RunItem, item=group_item(group), condition=RunItem.token == token)
        try:
            self._calls.put_together(moved, self._queued_put(queued), entry_put(entry))
        except ConditionFailed as error:
            return self._met(error, group)
        return None

    def _queued_put(self, run: Run | None) -> Put | None:
        if run is None:
            return None
        item = run_item(run, feed=self._run_feed)
        return Put(model=RunItem, item=item, condition=RunItem.task_id.does_not_exist())

    def _met(self, error: ConditionFailed, group: Group) -> Group | Run | None:
        """What refused the write: a group that somebody else has moved, or a run."""
        if error.found is not None and error.found["due_key"]["S"] != GROUP:
            return read_one(RunItem, error.found, run_of)
        found = self.group(group.id)
        if found is None:
            raise NotFound(f"group {group.id} is gone")
        return None if found.token == group.token else found

    def section(self, group_id: str, number: int) -> tuple[Member, ...]:
        """The members of a section; none where there is no such section."""
        item = self._calls.get(RunItem, _section_key(group_id, number, MEMBERS))
        return () if item is None else read_one(RunItem, item, _members)

    def mark(self, group_id: str, section: int, marks: Sequence[Mark]) -> frozenset[Mark]:
        """Add marks of a section's members: all that the section has then. Adding one twice is adding it once; where
        the section is gone there are none."""
        key = _section_key(group_id, section, MARKS)
        added = [RunItem.marks.add({mark.text for mark in marks}), say_form(RunItem, key)]
        try:
            item = self._calls.update(RunItem, key, added, RunItem.task_id.exists())
        except ConditionFailed:
            return frozenset()
        return read_one(RunItem, item, _marks)

    def marks(self, group_id: str, sections: Sequence[int]) -> dict[int, frozenset[Mark]]:
        """All marks of some sections; one that is gone is left out."""
        keys = [_section_key(group_id, number, MARKS) for number in sections]
        items = self._calls.get_many(RunItem, keys)
        return {int(item["task_id"]["S"].rpartition("-")[2]): read_one(RunItem, item, _marks) for item in items}

    def results(self, occurrences: Sequence[Occurrence]) -> Mapping[Occurrence, Any]:
        """What those of the runs came to that exist, and nothing else of them."""
        keys = [key_of_run(task_id, due) for task_id, due in dict.fromkeys(occurrences)]
        found = self._calls.get_many(RunItem, keys, only=("task_id", "due_key", "result", "v"))
        values = [read_one(RunItem, item, lambda item: read(RunItem, item)) for item in found]
        return {(one["task_id"], from_ms(int(one["due_key"]))): one.get("result") for one in values}


def group_key(group_id: str) -> Item:
    """The key of a group's item."""
    return write(RunItem, task_id=group_id, due_key=GROUP)


def group_item(group: Group) -> Item:
    """The item of a group."""
    record = {name: getattr(group, name) for name in _PLAIN} | {"order": str(group.order)}
    record |= {name: _ms(getattr(group, name)) for name in _INSTANTS}
    record |= {name: _member_record(member) for name in ("then", "on_failure") if (member := getattr(group, name))}
    item = group_key(group.id) | write(
        RunItem,
        owner=group.owner,
        status=str(group.state),
        token=group.token,
        retention=group.retention,
        group={name: value for name, value in record.items() if value is not None},
        expires_at=group.expires_at,
    )
    return numbered(RunItem, item)


def group_of(item: Item) -> Group:
    """The group that an item holds."""
    values = read(RunItem, item)
    record: dict[str, Any] = values["group"]
    known: dict[str, Any] = {name: record[name] for name in _PLAIN}
    known |= {name: from_ms(record[name]) for name in _INSTANTS if name in record}
    known |= {name: _member(record[name]) for name in ("then", "on_failure") if name in record}
    return Group(
        id=values["task_id"],
        owner=values["owner"],
        state=GroupState(values["status"]),
        token=values["token"],
        retention=values["retention"],
        order=Order(record["order"]),
        **known,
    )


def section_items(group: Group, number: int, members: Sequence[Member]) -> list[Item]:
    """The items of a section as it begins: its members, and a place for their marks."""
    values = {"expires_at": group.expires_at}
    keys = {kind: _section_key(group.id, number, kind) for kind in (MEMBERS, MARKS)}
    listed = write(RunItem, members=[_member_record(member) for member in members], **values)
    return [
        numbered(RunItem, keys[MEMBERS] | listed),
        numbered(RunItem, keys[MARKS] | write(RunItem, **values)),
    ]


def _section_key(group_id: str, number: int, kind: str) -> Item:
    return write(RunItem, task_id=f"{group_id}-{number}", due_key=kind)


def _member_record(member: Member) -> list[Any]:
    return [member.task_id, member.shard, member.name, str(member.channel), member.nth, str(member.handing)]


def _member(record: list[Any]) -> Member:
    task_id, shard, name, channel, nth, handing = record
    return Member(task_id=task_id, shard=shard, name=name, channel=Channel(channel), nth=nth, handing=Handing(handing))


def _members(item: Item) -> tuple[Member, ...]:
    return tuple(_member(record) for record in read(RunItem, item)["members"])


def _marks(item: Item) -> frozenset[Mark]:
    return frozenset(Mark.from_text(text) for text in read(RunItem, item).get("marks", ()))


def _ms(instant: datetime | None) -> int | None:
    return None if instant is None else to_ms(instant)
