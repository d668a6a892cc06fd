"""A crowd of tasks that is made as it is read, so that a million take no memory.

Each is a copy of one of thirty tasks, under another id. The first ones are due in the window of 09:03:00, all others
in the windows of the week that begins a day later. What is written is kept as always.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Never

from bench.accounting import NotModelled
from bench.accounting.dynamodb.schema import Key
from bench.accounting.dynamodb.tables import Partition, Shelf, Stored, Table, stored
from bench.accounting.items.sizes import Item
from bench.budgets.loads import WINDOW_SECONDS, before_window, begun, hourly
from bench.installation import Installation
from chalicelib.core.window import WINDOW, Entry, Kind, window_key

DUE_WINDOW = datetime(2026, 3, 2, 9, 3, tzinfo=UTC)
FIRST_LATER = DUE_WINDOW + timedelta(days=1)
LATER_WINDOWS = timedelta(days=7) // WINDOW
IDS = 10**25
"""Ids of the crowd are numbers from here on: of 26 characters, as all ids."""


class Crowd:
    """So many tasks; `templates` has one for each second of a window."""

    def __init__(self, templates: Sequence[Item], *, total: int, due: int) -> None:
        self._templates = templates
        self.total = total
        self.due = due
        self.partition = lru_cache(maxsize=2)(self._partition)  # all pages of a window are of one list

    def task(self, task_id: str) -> Stored | None:
        """A task's item, if it is of the crowd."""
        number = int(task_id) - IDS if task_id.isdecimal() else -1
        if not 0 <= number < self.total:
            return None
        template = self._templates[number % WINDOW_SECONDS]
        definition = template["definition"]["S"].replace(template["id"]["S"], task_id)
        return stored(template | {"id": {"S": task_id}, "definition": {"S": definition}})

    def _partition(self, name: str) -> Partition:
        """The crowd's entries in a partition of the agenda, in their order."""
        window = _window(name)
        numbers = range(0) if window is None else self._numbers(window)
        entries = (_entry(number, window or DUE_WINDOW) for number in numbers)
        return Partition(sorted((entry.key,) for entry in entries), Made(name))

    def _numbers(self, window: datetime) -> range:
        """Whose entries stand in a window."""
        if window == DUE_WINDOW:
            return range(self.due)
        steps = (window - FIRST_LATER) // WINDOW
        return range(self.due + steps, self.total, LATER_WINDOWS) if 0 <= steps < LATER_WINDOWS else range(0)


class Tasks(Shelf):
    """The table of tasks: what has been written, and the crowd."""

    def __init__(self, crowd: Crowd) -> None:
        super().__init__()
        self._crowd = crowd

    def get(self, key: Key) -> Stored | None:
        """An item by its key."""
        return super().get(key) or self._crowd.task(key.hash)

    def scan(self, after: Key | None) -> Iterator[Stored]:
        """Refused."""
        _refuse()


class Agenda(Shelf):
    """The table of entries: what has been written, and the crowd's in partitions into which nothing has been."""

    def __init__(self, crowd: Crowd, written: Shelf) -> None:
        super().__init__()
        self._crowd = crowd
        for one in written.scan(None):
            self.put(Key(one.item["partition"]["S"], (one.item["entry"]["S"],)), one)

    def partition(self, hash_value: Any) -> Partition:
        """The entries of a partition key."""
        found = super().partition(hash_value)
        return found if found.places else self._crowd.partition(hash_value)

    def scan(self, after: Key | None) -> Iterator[Stored]:
        """Refused."""
        _refuse()


class Made(dict[tuple[Any, ...], Stored]):
    """Entries of a partition, each made when it is asked for, and not kept."""

    def __init__(self, partition: str) -> None:
        super().__init__()
        self._partition = partition

    def __missing__(self, place: tuple[Any, ...]) -> Stored:
        return stored({"partition": {"S": self._partition}, "entry": {"S": place[0]}, "v": {"N": "2"}})


def crowded(*, total: int, due: int) -> Installation:
    """An installation with a crowd, whose next pass has so many due tasks before it."""
    place = begun()
    created = [place.create(hourly(n)) for n in range(WINDOW_SECONDS)]
    items = {item["id"]["S"]: item for item in place.books.items(place.settings.table("tasks"))}
    crowd = Crowd([items[task.id] for task in created], total=total, due=due)
    for task in created:
        place.system.catalog.delete(place.owner, task.id)
    before_window(place)
    _table(place, "tasks").base = Tasks(crowd)
    agenda = _table(place, "agenda")
    agenda.base = Agenda(crowd, _without(agenda.base, window_key(DUE_WINDOW, 0)))
    crowd.partition(window_key(DUE_WINDOW, 0))
    return place


def _without(shelf: Shelf, partition: str) -> Shelf:
    """What the thirty have left in the window is taken out: the crowd stands there."""
    for place in list(shelf.partition(partition).places):
        shelf.remove(Key(partition, place))
    return shelf


def _table(place: Installation, name: str) -> Table:
    return place.books.dynamodb.tables[place.settings.table(name)]


def _entry(number: int, window: datetime) -> Entry:
    start = window + timedelta(seconds=number % WINDOW_SECONDS)
    return Entry(start=start, task_id=str(IDS + number), kind=Kind.SCHEDULE, due_at=start)


def _window(partition: str) -> datetime | None:
    """The window of a partition's name; None for one that has none."""
    try:
        return datetime.fromisoformat(partition.partition("#")[0])
    except ValueError:
        return None


def _refuse() -> Never:
    raise NotModelled("reading a whole table: with a million tasks, nobody may")
