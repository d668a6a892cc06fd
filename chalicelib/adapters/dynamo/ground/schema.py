"""The forms in which items are stored: each kind of item has a number of its own, and every item carries it as `v`.

A number is raised with whatever changes of a kind's attributes, their types or their meaning. Newer code reads all
older numbers; the tests keep items of each. Older code that meets a newer number reads nothing into it: `NewerSchema`.
An item without a number is of form 1, as everything was before items were numbered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib.adapters.keys import INSTALLATION
from chalicelib.adapters.tables import TABLES, AccountItem, AgendaItem, RunItem, TaskItem
from chalicelib.core.errors import NewerSchema

Item = dict[str, dict[str, Any]]
FIRST = 1
"""What an item without a number is."""
FORMS: Mapping[str, int] = {
    "task": 2,
    "entry": 2,
    "late entry": 2,
    "control row": 2,
    "shards": 2,
    "audited": 2,
    "run": 4,
    "output": 2,
    "slot": 2,
    "group": 2,
    "members": 2,
    "marks": 2,
    "listed group": 2,
    "user": 2,
    "name": 2,
    "first account": 2,
    "admins": 2,
    "listed user": 2,
    "token": 2,
    "invitation": 2,
    "answer": 2,
    "calendar": 2,
    "installation key": 2,
    "schedule in code": 2,
    "act": 2,
    "counter": 2,
    "usage": 2,
    "cue": 2,
    "alert state": 2,
    "letter key": 2,
}
"""The number that this version writes of each kind. 2: as 1, but that it says so (a task said it as `schema`). 3 of a
run: its attempts may say when they were sent (`sent`) and when their actions began (`go`). 4 of a run: it may say what
it is to a group (`part`)."""
_OLDEST = min(FORMS.values())
CONTROL = "!control"
"""The control row's sort key: it stands before every entry, whose keys begin with a digit."""
_RUNS = {"output": "output", "!slot": "slot", "!group": "group", "!members": "members", "!marks": "marks"}
_INSTALLATION = {
    "first": "first account",
    "admins": "admins",
    "user": "listed user",
    "invitation": "invitation",
    "key": "installation key",
    "code": "schedule in code",
}
_LOGS = {"audit": "act", "rate": "counter", "name": "name", "groups": "listed group"}
_ALERTS = {"due": "cue", "of": "alert state", "key": "letter key"}


def kind_of(model: type[Model], item: Item) -> str:
    """What kind of thing an item is, as its key says; `LookupError` for none that is known here."""
    if model is TaskItem:
        return "task"
    if model is AgendaItem:
        return _kind_in_agenda(item["partition"]["S"], item["entry"]["S"])
    if model is RunItem:
        due = item["due_key"]["S"]
        return "run" if due.isdecimal() else _RUNS[due.partition("#")[0]]
    return _kind_in_accounts(item["owner"]["S"], item["id"]["S"])


def _kind_in_agenda(partition: str, entry: str) -> str:
    late = partition.startswith("late#")
    if entry == CONTROL:
        return "control row" if late else partition
    return "late entry" if late else "entry"


def _kind_in_accounts(owner: str, name: str) -> str:
    begin, of, rest = owner.partition("#")
    if of and begin in _LOGS:
        return _LOGS[begin]
    if of and begin == "alerts":
        return _ALERTS[rest.partition("#")[0]]
    kind = name.partition("#")[0]
    return _INSTALLATION[kind] if owner == INSTALLATION else kind


def numbered(model: type[Model], item: Item) -> Item:
    """The item with the number of its form."""
    return item | {"v": {"N": str(form_of(model, item))}}


def form_of(model: type[Model], key: Item) -> int:
    """The number that this version writes on an item with such a key."""
    return FORMS[kind_of(model, key)]


def say_form(model: type[TaskItem] | type[AgendaItem] | type[RunItem] | type[AccountItem], key: Item) -> Action:
    """The part of an update that says the form of an item that it makes. A number that is there stays: what a newer
    version wrote is not made to look older. (Whoever raises the number of such a kind sees to its updates.)"""
    return model.v.set(model.v | form_of(model, key))


def is_newer(model: type[Model], item: Item) -> bool:
    """Whether only a newer version knows what an item means."""
    number = int(item["v"]["N"]) if "v" in item else FIRST
    return number > _OLDEST and number > form_of(model, item)


def require_known(model: type[Model], item: Item) -> None:
    """`NewerSchema` for an item that only a newer version knows."""
    if is_newer(model, item):
        what = f"an item of the table {TABLES[model]} ({kind_of(model, item)})"
        raise NewerSchema(what, number=int(item["v"]["N"]), known=form_of(model, item))
