"""PutItem, UpdateItem and DeleteItem: a change is decided first, then charged, then made or refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from bench.accounting.charges import Tally
from bench.accounting.dynamodb.schema import Key, asked_key, check_index_keys, item_key
from bench.accounting.dynamodb.tables import Stored, Table, Tables, stored
from bench.accounting.expressions.bindings import Bindings, bind
from bench.accounting.expressions.condition_grammar import condition
from bench.accounting.expressions.conditions import Condition
from bench.accounting.expressions.grammar import Parsed, Steps, written
from bench.accounting.expressions.projections import part_of
from bench.accounting.expressions.update_grammar import update
from bench.accounting.expressions.updates import Unapplicable, touched, updated
from bench.accounting.items.sizes import MAX_ITEM, Item, write_units
from bench.accounting.items.values import checked_item, invalid
from bench.accounting.wire import Parameters, Refused

NOTHING: Item = {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What one write would do to one item. `allowed` says whether its condition holds."""

    table: Table
    key: Key
    old: Stored | None
    new: Stored | None
    allowed: bool
    paths: tuple[tuple[str, Steps], ...] = ()

    @property
    def size(self) -> int:
        """The larger of the item's sizes before and after, which is what a write is charged by."""
        return max(0 if self.old is None else self.old.size, 0 if self.new is None else self.new.size)

    @property
    def old_item(self) -> Item | None:
        return None if self.old is None else self.old.item


def put_item(tables: Tables, parameters: Parameters, tally: Tally) -> Parameters:
    """PutItem."""
    return _settled(plan_put(tables, parameters), parameters, tally, ("NONE", "ALL_OLD"))


def delete_item(tables: Tables, parameters: Parameters, tally: Tally) -> Parameters:
    """DeleteItem."""
    return _settled(plan_delete(tables, parameters), parameters, tally, ("NONE", "ALL_OLD"))


def update_item(tables: Tables, parameters: Parameters, tally: Tally) -> Parameters:
    """UpdateItem."""
    allowed = ("NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW")
    return _settled(plan_update(tables, parameters), parameters, tally, allowed)


def plan_put(tables: Tables, parameters: Parameters) -> Change:
    """What a put would do."""
    table = tables.find(parameters["TableName"])
    item = checked_item(parameters["Item"])
    key = item_key(table.schema.key, item)
    check_index_keys(table.schema, item)
    old = table.get(key)
    allowed = _condition_holds(parameters, old)
    new = stored(item)
    if new.size > MAX_ITEM:
        raise Unapplicable("Item size has exceeded the maximum allowed size")
    return Change(table=table, key=key, old=old, new=new, allowed=allowed)


def plan_delete(tables: Tables, parameters: Parameters) -> Change:
    """What a delete would do."""
    table, key = addressed(tables, parameters)
    old = table.get(key)
    return Change(table=table, key=key, old=old, new=None, allowed=_condition_holds(parameters, old))


def plan_check(tables: Tables, parameters: Parameters) -> Change:
    """What a transaction's condition check would do: nothing, when its condition holds."""
    table, key = addressed(tables, parameters)
    old = table.get(key)
    return Change(table=table, key=key, old=old, new=old, allowed=_condition_holds(parameters, old))


def plan_update(tables: Tables, parameters: Parameters) -> Change:
    """What an update would do; an item that does not exist yet begins as its key."""
    table, key = addressed(tables, parameters)
    old = table.get(key)
    expression = update(parameters["UpdateExpression"]) if "UpdateExpression" in parameters else None
    guard, bound = _guard(parameters, *([expression] if expression else []))
    paths = touched(expression, bound) if expression else []
    _refuse_key_change(table, paths)
    before = checked_item(parameters["Key"]) if old is None else old.item
    allowed = guard is None or guard.holds(NOTHING if old is None else old.item, bound)
    attempt = partial(_after_update, table, before, expression, bound)
    new = _fitting(attempt) if allowed else _computable(attempt)
    return Change(table=table, key=key, old=old, new=new, allowed=allowed, paths=tuple(paths))


def addressed(tables: Tables, parameters: Parameters) -> tuple[Table, Key]:
    """The table and the key of the item that a write is about, given whole or by its key."""
    table = tables.find(parameters["TableName"])
    if "Item" in parameters:
        return table, item_key(table.schema.key, checked_item(parameters["Item"]))
    return table, asked_key(table.schema.key, checked_item(parameters["Key"]))


def commit(change: Change, tally: Tally, *, factor: int = 1) -> None:
    """Make a change and charge for it. `factor` multiplies the table's units, never those of its indexes."""
    tally.write(change.table.name, factor * write_units(change.size))
    for index, units in change.table.write(change.key, change.new).items():
        tally.write(change.table.name, units, index)


def condition_failed(change: Change, parameters: Parameters) -> dict[str, Any]:
    """The item that stood in the way, where the request asks for it."""
    if parameters.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and change.old is not None:
        return {"Item": change.old.item}
    return {}


def _settled(change: Change, parameters: Parameters, tally: Tally, returnable: tuple[str, ...]) -> Parameters:
    returns = parameters.get("ReturnValues", "NONE")
    if returns not in returnable:
        raise invalid("Return values set to invalid value")
    if not change.allowed:
        # read-write-operations.html: a failed condition is charged by the item's size, existing or attempted
        tally.write(change.table.name, write_units(change.size))
        fields = condition_failed(change, parameters)
        raise Refused("ConditionalCheckFailedException", "The conditional request failed", **fields)
    commit(change, tally)
    attributes = _returned(change, returns)
    return {"Attributes": attributes} if attributes else {}


def _returned(change: Change, returns: str) -> Item | None:
    new_item = None if change.new is None else change.new.item
    if returns == "ALL_OLD":
        return change.old_item
    if returns == "ALL_NEW":
        return new_item
    if returns == "UPDATED_OLD":
        return part_of(change.old_item or NOTHING, list(change.paths))
    if returns == "UPDATED_NEW":
        return part_of(new_item or NOTHING, list(change.paths))
    return None


def _condition_holds(parameters: Parameters, old: Stored | None) -> bool:
    guard, bound = _guard(parameters)
    return guard is None or guard.holds(NOTHING if old is None else old.item, bound)


def _guard(parameters: Parameters, *others: Parsed) -> tuple[Condition | None, Bindings]:
    """The condition of a write and the placeholders of all its expressions."""
    if "ConditionExpression" not in parameters:
        return None, bind(parameters, others)
    expression = condition(parameters["ConditionExpression"])
    bound = bind(parameters, (expression, *others))
    guard: Condition = expression.tree
    guard.check(expression.label, bound)
    return guard, bound


def _refuse_key_change(table: Table, paths: list[tuple[str, Steps]]) -> None:
    for root, rest in paths:
        if root in table.schema.key.names:
            raise invalid(
                f"One or more parameter values were invalid: Cannot update attribute {root}. "
                f"This attribute is part of the key{'' if not rest else written(rest)}"
            )


def _after_update(table: Table, before: Item, expression: Parsed | None, bound: Bindings) -> Stored:
    item = updated(before, expression, bound) if expression else before
    check_index_keys(table.schema, item)
    new = stored(item)
    if new.size > MAX_ITEM:
        raise Unapplicable("Item size to update has exceeded the maximum allowed size")
    return new


def _fitting(attempt: Callable[[], Stored]) -> Stored:
    """What an update makes of its item; whatever goes wrong there is the item's fault, not the request's."""
    try:
        return attempt()
    except Refused as refused:
        raise Unapplicable(refused.message) from refused


def _computable(attempt: Callable[[], Stored]) -> Stored | None:
    """What a refused update attempted to store, by which it is charged; none where that cannot even be computed."""
    try:
        return attempt()
    except Refused:
        return None
