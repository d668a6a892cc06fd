"""The database of django-celery-beat: an SQLite file, opened so that nothing can be written to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from punctual_cli.applying.places import Unreadable
from punctual_cli.importing.celery.periodic import Periodic
from punctual_cli.importing.celery.rows import KINDS, periodic

MAGIC = b"SQLite format 3\x00"
TABLE = "django_celery_beat_"
OTHERWISE = "for another database, write `manage.py dumpdata django_celery_beat > beat.json` and import that"
MOST_ROWS = 10_000


def is_database(path: Path) -> bool:
    """Whether a file is an SQLite database."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def database_tasks(path: Path) -> list[Periodic]:
    """Its periodic tasks, by their ids."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            return list(_tasks(connection, path))
    except sqlite3.Error as error:
        raise Unreadable(f"{path}: cannot be read as an SQLite database: {error}; {OTHERWISE}") from error


def _tasks(connection: sqlite3.Connection, path: Path) -> Iterator[Periodic]:
    rows = _rows(connection, "periodictask")
    if rows is None:
        raise Unreadable(f"{path}: has no table {TABLE}periodictask, so no periodic tasks of Django; {OTHERWISE}")
    schedules = {kind: {row["id"]: row for row in _rows(connection, f"{kind}schedule") or ()} for kind in KINDS}
    for row in rows:
        yield periodic(row, row["id"], schedules)


def _rows(connection: sqlite3.Connection, table: str) -> list[Mapping[str, Any]] | None:
    """All rows of a table; None where there is none, as in an older release."""
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (TABLE + table,))
    if known.fetchone() is None:
        return None
    found = connection.execute(f'SELECT * FROM "{TABLE}{table}" ORDER BY id LIMIT {MOST_ROWS}')
    return [dict(row) for row in found]
