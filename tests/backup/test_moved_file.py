"""The file by which a stage moves: what it holds and does not, and what of it is refused."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.memory import ManualClock, MemoryStore
from chalicelib.core.errors import Unavailable
from chalicelib.core.task import Task
from chalicelib.ports import Page
from infra.backup import lines
from infra.backup.exporting import export
from infra.backup.importing import Taken, ends_whole
from infra.backup.lines import Counts, Refused
from tests.adapters.building import make_task
from tests.backup.moving import ANN, HASH, all_tasks, filled, taken_in


def changed(file: Path, kind: str, **changes: Any) -> None:
    """Rewrite what the first line of a kind says."""
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    found = next(line[kind] for line in lines if kind in line)
    found |= changes
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_a_line_without_an_end_is_refused_and_not_held(
    clock: ManualClock, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "LONGEST", 5000)
    old, new = MemoryStore(), MemoryStore()
    filled(old)
    export(old, clock, "prod", file)
    first, *others = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([first, b'{"task": "' + b"x" * 50_000 + b'"}\n', *others]))
    with file.open("rb") as opened:
        assert max(map(len, lines.lines_of(opened))) == 5001
    report, told = taken_in(new, clock, file)
    assert told == ["2: is longer than 5,000 bytes"]
    assert (len(all_tasks(new)), report.refused) == (3, 1)


def test_secrets_and_tokens_are_in_no_export_and_those_that_are_missing_are_named(
    clock: ManualClock, file: Path
) -> None:
    old, new = MemoryStore(), MemoryStore()
    old.create_user(ANN)
    action = {"type": "command", "command": "x", "env": {"KEY": {"secret": "api-key"}}}
    old.create_task(make_task("t1", owner="u1", action=action), None)
    export(old, clock, "prod", file)
    assert {next(iter(json.loads(line))) for line in file.read_text().splitlines()} == {
        "punctual_export",
        "user",
        "task",
        "end",
    }
    report, _ = taken_in(new, clock, file)
    assert report.secrets == {("u1", "api-key")}


def test_the_file_is_its_owners_alone_and_is_not_written_over(clock: ManualClock, file: Path) -> None:
    store = MemoryStore()
    filled(store)
    export(store, clock, "prod", file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(Refused, match="there already"):
        export(store, clock, "prod", file)


class Failing(MemoryStore):
    """A store that stops answering after some pages of tasks."""

    pages = 2

    def tasks_in(self, shard: int | None, *, after: str | None) -> Page[Task]:
        if self.pages == 0:
            raise Unavailable("the network is gone")
        self.pages -= 1
        return super().tasks_in(shard, after=after)


@pytest.mark.parametrize("torn", [b"", b'{"task":{"id":"t9', b'{"task":{"id":"t999"}}\n'])
def test_an_export_that_broke_off_is_gone_on_with(clock: ManualClock, file: Path, torn: bytes) -> None:
    store, whole = Failing(), file.with_name("whole")
    filled(store, 450)
    with pytest.raises(Unavailable):
        export(store, clock, "prod", file)
    with file.open("ab") as opened:
        opened.write(torn)
    with file.open("rb") as opened:
        assert not ends_whole(opened)
    store.pages = 99
    assert export(store, clock, "prod", file, resume=True) == Counts(users=2, calendars=1, tasks=450)
    export(store, clock, "prod", whole)
    assert file.read_bytes() == whole.read_bytes()
    for stage, why in (("prod", "is whole"), ("dev", "of stage prod")):
        with pytest.raises(Refused, match=why):
            export(store, clock, stage, file, resume=True)


def test_no_more_than_a_page_is_held(clock: ManualClock, file: Path) -> None:
    """What is written before the store fails is in the file: nothing is gathered up."""
    store = Failing()
    filled(store, 450)
    with pytest.raises(Unavailable):
        export(store, clock, "prod", file)
    assert file.read_bytes().count(b'{"task":') == 200


def test_a_file_that_lost_lines_is_noticed(clock: ManualClock, file: Path) -> None:
    old, new = MemoryStore(), MemoryStore()
    filled(old, 10)
    export(old, clock, "prod", file)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines[:6], *lines[8:]]))
    report, _ = taken_in(new, clock, file)
    assert not report.whole


WRONG: dict[str, tuple[str, dict[str, Any], str]] = {
    "an id with a hash": ("task", {"id": "a#b"}, "/id"),
    "a shard beyond all": ("task", {"shard": 1000}, "/shard"),
    "no version": ("task", {"version": 0}, "/version"),
    "a time that is none": ("task", {"created_at": "yesterday"}, "/created_at"),
    "no definition": ("task", {"definition": []}, "/definition"),
    "an empty definition": ("task", {"definition": {}}, "cannot be understood"),
    "a schedule of no type": (
        "task",
        {"definition": {"name": "x", "action": {}, "schedule": {"type": "moon"}}},
        "cannot be",
    ),
    "a field that is not known": ("task", {"colour": "red"}, "/colour"),
    "nobody's": ("task", {"owner": "nobody"}, "nobody has no account"),
    "a plain password": ("user", {"password_hash": "secret"}, "/password_hash"),
    "a hash that takes for ever": ("user", {"password_hash": HASH.replace("$15$", "$40$")}, "/password_hash"),
    "the installation's own place": ("user", {"id": "installation"}, "/id installation is no account's"),
    "half a character": ("task", {"pause_reason": "\ud800"}, "holds half of a character"),
    "a role": ("user", {"role": "king"}, "/role"),
    "spans in no order": ("calendar", {"spans": [[9, 5]]}, "/spans"),
    "a span of texts": ("calendar", {"spans": [["a", "b"]]}, "/spans"),
}


@pytest.mark.parametrize("why", WRONG)
def test_a_line_that_makes_no_sense_is_told_and_the_others_are_taken_in(
    clock: ManualClock, file: Path, why: str
) -> None:
    old, new = MemoryStore(), MemoryStore()
    filled(old)
    export(old, clock, "prod", file)
    kind, changes, said = WRONG[why]
    changed(file, kind, **changes)
    report, told = taken_in(new, clock, file)
    assert report.refused == len(told) >= 1
    assert said in told[0]
    assert told[0][0].isdigit()
    assert report.taken["user", Taken.ADDED] >= 1
    assert len(all_tasks(new)) >= (2 if kind == "task" else 0)


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"{}", b'{"dog": 1}', b'{"task": NaN}', b'{"a":1,"b":2}', b"\xff"])
def test_a_line_that_is_none_is_told_with_its_number(clock: ManualClock, file: Path, raw: bytes) -> None:
    old, new = MemoryStore(), MemoryStore()
    filled(old)
    export(old, clock, "prod", file)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([lines[0], raw + b"\n", *lines[1:]]))
    report, told = taken_in(new, clock, file)
    assert [line.partition(":")[0] for line in told] == ["2"]
    assert (len(all_tasks(new)), report.refused) == (3, 1)
