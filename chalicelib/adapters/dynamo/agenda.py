"""The table `agenda`: entries under their window, or in the late partition of their shard beside its control row."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from itertools import chain, islice

from chalicelib.adapters.dynamo.ground.base import OnDynamo
from chalicelib.adapters.dynamo.ground.calls import ConditionFailed, Put
from chalicelib.adapters.dynamo.ground.items import Item, read, read_one, readable, write
from chalicelib.adapters.dynamo.ground.schema import CONTROL, numbered, require_known, say_form
from chalicelib.adapters.tables import AgendaItem
from chalicelib.core.window import AGENDA_RETENTION, Entry, LateEntry, late_key, window_key, window_of
from chalicelib.ports import Audited, Control, Hinting, LatePartition, Placed

NONCE_BYTES = 8
SHARDS = {"partition": "shards", "entry": CONTROL}
"""The row that says how many shards there have ever been."""
AUDITED = {"partition": "audited", "entry": CONTROL}
"""The row that says how far the auditor has come."""


class DynamoAgenda(OnDynamo):
    """Reads are strongly consistent."""

    def shards_in_use(self, at_least: int) -> int:
        """How many shards have to be looked at: as many as there have ever been, and `at_least` from now on."""
        key = write(AgendaItem, **SHARDS)
        row = self._calls.get(AgendaItem, key)
        known: int = 0 if row is None else read_one(AgendaItem, row, _shards)
        if known >= at_least:
            return known
        fewer = AgendaItem.shards.does_not_exist() | (AgendaItem.shards < at_least)
        with suppress(ConditionFailed):  # somebody else has just counted as many, or more
            counted = [AgendaItem.shards.set(at_least), say_form(AgendaItem, key)]
            self._calls.update(AgendaItem, key, counted, fewer)
        return at_least

    def late(self, shard: int, limit: int) -> LatePartition:
        """Control row and late entries of a shard in one read, at most `limit` entries."""
        where = AgendaItem.partition == late_key(shard)
        others = 2  # the control row, and one entry more to see whether there is one
        rows = self._calls.query(AgendaItem, where, page=limit + others)
        first = next(rows, None)
        if first is None:
            return LatePartition(control=Control(), entries=())
        begun = first["entry"]["S"] == CONTROL
        found = list(islice(readable(AgendaItem, rows if begun else chain([first], rows), _late_entry), limit + 1))
        control = read_one(AgendaItem, first, _control) if begun else Control()
        return LatePartition(control=control, entries=tuple(found[:limit]), more=len(found) > limit)

    def controls(self, shards: Sequence[int]) -> dict[int, Control]:
        """The control rows of some shards; one to which no pass has ever come is left out."""
        numbers = {late_key(shard): shard for shard in shards}
        keys = [write(AgendaItem, partition=partition, entry=CONTROL) for partition in numbers]
        rows = self._calls.get_many(AgendaItem, keys)
        return {numbers[row["partition"]["S"]]: read_one(AgendaItem, row, _control) for row in rows}

    def window(self, start: datetime, shard: int, *, after: str | None, limit: int) -> list[Entry]:
        """Up to `limit` entries of a window in the order of their keys, from after a key on. `NewerSchema` where one
        of them cannot be read here: what comes after it must not be taken for all that there is."""
        where = AgendaItem.partition == window_key(start, shard)
        if after is not None:
            where &= AgendaItem.entry > after
        rows = self._calls.query(AgendaItem, where, page=limit)
        return list(islice(readable(AgendaItem, rows, _entry, stop_at_newer=True), limit))

    def put_entries(self, entries: Sequence[Placed]) -> None:
        """Write entries. One that is there already stays as it is, but a late one is given a new nonce."""
        items = [_entry_item(placed) for placed in entries]
        distinct = {(item["partition"]["S"], item["entry"]["S"]): item for item in items}  # a batch takes no key twice
        self._calls.put_many(AgendaItem, list(distinct.values()))

    def delete_late(self, shard: int, entries: Sequence[LateEntry]) -> None:
        """Delete late entries, each only if it has not been written again since it was read."""
        partition = late_key(shard)

        def delete(late: LateEntry) -> None:
            key = write(AgendaItem, partition=partition, entry=late.entry.key)
            with suppress(ConditionFailed):
                self._calls.delete(AgendaItem, key, AgendaItem.nonce == late.nonce)

        self._calls.side_by_side(delete, entries)

    def absent_entries(self, entries: Sequence[Placed]) -> list[Placed]:
        """Those entries that are not where they would be written."""
        keys = [{name: _entry_item(placed)[name] for name in ("partition", "entry")} for placed in entries]
        distinct = {(key["partition"]["S"], key["entry"]["S"]): key for key in keys}
        found = self._calls.get_many(AgendaItem, list(distinct.values()))
        there = {(item["partition"]["S"], item["entry"]["S"]) for item in found}
        places = [(key["partition"]["S"], key["entry"]["S"]) for key in keys]
        return [placed for placed, place in zip(entries, places, strict=True) if place not in there]

    def audited(self) -> Audited:
        """How far the auditor has come."""
        row = self._calls.get(AgendaItem, write(AgendaItem, **AUDITED))
        return Audited() if row is None else read_one(AgendaItem, row, _audited)

    def put_audited(self, audited: Audited) -> None:
        """Write how far the auditor has come."""
        self._calls.put(AgendaItem, numbered(AgendaItem, write(AgendaItem, **AUDITED, **vars(audited))))

    def take_lease(self, shard: int, token: str, *, now: datetime, until: datetime) -> Control | None:
        """Begin a pass: the control row as it now stands, or None where another pass's lease has not ended.

        lease of another: |-----------|
        now:                  no       yes  yes
        """
        nobody_has_it = AgendaItem.lease_until.does_not_exist() | (AgendaItem.lease_until <= now)
        mine_already = AgendaItem.token == token  # an earlier try of this request, whose answer was lost
        key = write(AgendaItem, partition=late_key(shard), entry=CONTROL)
        taken = [AgendaItem.token.set(token), AgendaItem.lease_until.set(until), say_form(AgendaItem, key)]
        try:
            row = self._calls.update(AgendaItem, key, taken, nobody_has_it | mine_already)
        except ConditionFailed:
            return None
        return read_one(AgendaItem, row, _control)

    def move(self, shard: int, control: Control) -> bool:
        """Write the control row if `control.token` still holds the lease. False: it does not."""
        skipped_from, skipped_to = control.skipped or (None, None)
        hinting = control.hinting
        row = write(
            AgendaItem,
            partition=late_key(shard),
            entry=CONTROL,
            through=control.through,
            cursor=control.cursor,
            hinting_since=hinting and hinting.since,
            hinting_after=hinting and (hinting.after or ""),
            skipped_from=skipped_from,
            skipped_to=skipped_to,
            token=control.token,
            lease_until=control.lease_until,
        )
        try:
            self._calls.put(AgendaItem, numbered(AgendaItem, row), AgendaItem.token == control.token)
        except ConditionFailed:
            return False
        return True

    def pass_by(self, shard: int, control: Control, token: str, *, through: datetime) -> bool:
        """Move the watermark if no pass has been at the shard since `control` was read. False: one has.

        A pass in between has left its token; one that slept past its lease, and renews it, another end of it.
        """
        untouched = (AgendaItem.token == control.token) & (AgendaItem.lease_until == control.lease_until)
        mine_already = AgendaItem.token == token  # an earlier try of this request, whose answer was lost
        key = write(AgendaItem, partition=late_key(shard), entry=CONTROL)
        passed = [AgendaItem.through.set(through), AgendaItem.token.set(token), say_form(AgendaItem, key)]
        try:
            self._calls.update(AgendaItem, key, passed, untouched | mine_already)
        except ConditionFailed:
            return False
        return True


def entry_put(placed: Placed | None) -> Put | None:
    """The part of a transaction that writes an entry."""
    return None if placed is None else Put(model=AgendaItem, item=_entry_item(placed))


def _entry_item(placed: Placed) -> Item:
    """An entry's item: as small as can be, because the key says everything."""
    entry = placed.entry
    if placed.late:
        partition, nonce = late_key(placed.shard), secrets.token_hex(NONCE_BYTES)
        return numbered(AgendaItem, write(AgendaItem, partition=partition, entry=entry.key, nonce=nonce))
    start = window_of(entry.start)
    partition, expires_at = window_key(start, placed.shard), start + AGENDA_RETENTION
    return numbered(AgendaItem, write(AgendaItem, partition=partition, entry=entry.key, expires_at=expires_at))


def _entry(row: Item) -> Entry:
    """An entry says all that matters by its key, whatever its number: it is a hint, and what it hints at is looked up.
    So a version that was rolled back goes on with the newer one's entries, as long as it can read their keys."""
    try:
        return Entry.from_key(row["entry"]["S"])
    except ValueError:
        require_known(AgendaItem, row)
        raise


def _shards(row: Item) -> int:
    found: int = read(AgendaItem, row)["shards"]
    return found


def _late_entry(row: Item) -> LateEntry:
    return LateEntry(entry=_entry(row), nonce=row["nonce"]["S"])


def _audited(row: Item) -> Audited:
    values = read(AgendaItem, row)
    return Audited(**{name: values[name] for name in vars(Audited()) if name in values})


def _control(row: Item) -> Control:
    values = read(AgendaItem, row)
    skipped = (values["skipped_from"], values["skipped_to"]) if "skipped_from" in values else None
    hinting = None
    if "hinting_after" in values:
        hinting = Hinting(since=values.get("hinting_since"), after=values["hinting_after"] or None)
    return Control(
        through=values.get("through"),
        cursor=values.get("cursor"),
        hinting=hinting,
        skipped=skipped,
        token=values.get("token"),
        lease_until=values.get("lease_until"),
    )
