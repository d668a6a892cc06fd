"""Items: what travels to and from DynamoDB.

They are written and read through the attributes of the models, but without making instances of the models: a pass reads
and writes thousands, and an instance costs more than all the rest (15 µs for an agenda entry, against 2).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple, TypeVar

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Update
from pynamodb.models import Model

from chalicelib.adapters.dynamo.ground.schema import require_known
from chalicelib.adapters.tables import TABLES
from chalicelib.core.errors import NewerSchema, PunctualError, Unavailable
from chalicelib.logs import log

T = TypeVar("T")
Item = dict[str, dict[str, Any]]
UNREADABLE = (
    *(ValueError, LookupError, TypeError, AttributeError, ArithmeticError, OSError, RecursionError),
    PunctualError,
)
"""What reading an item raises when somebody else has written it, or (`NewerSchema`) a newer version."""


def write(model: type[Model], **values: Any) -> Item:
    """An item, or a key, of a table; what is None is left out."""
    forms = _forms(model)
    return {
        name: {forms[name].type: forms[name].serialize(value)} for name, value in values.items() if value is not None
    }


def read(model: type[Model], item: Item) -> dict[str, Any]:
    """The values in an item, by attribute; what it does not hold is not there. `NewerSchema` for one whose form is not
    known here."""
    require_known(model, item)
    return {name: form.deserialize(item[name][form.type]) for name, form in _forms(model).items() if name in item}


class _Form(NamedTuple):
    type: str
    serialize: Callable[[Any], Any]
    deserialize: Callable[[Any], Any]


@cache
def _forms(model: type[Model]) -> dict[str, _Form]:
    """How each attribute of a model is written and read."""
    attributes = model.get_attributes().items()
    return {name: _Form(one.attr_type, one.serialize, one.deserialize) for name, one in attributes}


def readable(
    model: type[Model], items: Iterable[Item], as_entity: Callable[[Item], T], *, stop_at_newer: bool = False
) -> Iterator[T]:
    """What the items stand for. One that cannot be read is logged and left out: it must not stop the others. Where
    leaving it out would mean that it is done with, `stop_at_newer`: `NewerSchema` for one of a newer version."""
    for item in items:
        try:
            entity = as_entity(item)
        except UNREADABLE as error:
            if stop_at_newer and isinstance(error, NewerSchema):
                raise
            log("item_unreadable", logging.ERROR, key=key_of(model, item), reason=_reason(error))
            continue
        yield entity


def read_one(model: type[Model], item: Item, as_entity: Callable[[Item], T]) -> T:
    """What an item stands for; `Unavailable` where it cannot be read, so that nobody takes it for missing."""
    try:
        return as_entity(item)
    except NewerSchema:
        raise
    except UNREADABLE as error:
        raise Unavailable(f"item {key_of(model, item)} cannot be read: {_reason(error)}") from error


def key_of(model: type[Model], item: Item) -> str:
    """How an item is named in logs."""
    keys = [name for name, a in model.get_attributes().items() if a.is_hash_key or a.is_range_key]
    return " ".join([TABLES[model], *(f"{name}={next(iter(item.get(name, {}).values()), None)}" for name in keys)])


class Only:
    """The part of a request that says which attributes it wants."""

    def __init__(self, *attributes: str) -> None:
        self._attributes = attributes

    def serialize(self, names: dict[str, str], values: dict[str, Any]) -> str:
        """The attributes by the names that the request gives them: a reserved word may not stand for itself."""
        return ", ".join(names.setdefault(one, f"#{len(names)}") for one in self._attributes)


def expressions(**parts: Condition | Update | Only | None) -> dict[str, Any]:
    """Parameters of a request whose names end in `Expression`, with the names and values that they refer to."""
    names: dict[str, str] = {}
    values: dict[str, Any] = {}
    request: dict[str, Any] = {
        parameter: part.serialize(names, values) for parameter, part in parts.items() if part is not None
    }
    if names:
        request["ExpressionAttributeNames"] = {short: name for name, short in names.items()}
    if values:
        request["ExpressionAttributeValues"] = values
    return request


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
