"""A stage moves by a file: everything that people made in it is there again, once, and nothing of the past runs."""

from __future__ import annotations

import json
import stat
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.memory import ManualClock, MemoryStore
from chalicelib.core.calendars.spans import Calendar
from chalicelib.core.errors import Unavailable
from chalicelib.core.people.account import Role, User
from chalicelib.core.people.usage import Usage
from chalicelib.core.task import State, Task
from chalicelib.core.window import window_of
from chalicelib.ports import Page
from chalicelib.ports.whole import WholeStore
from infra.backup import lines
from infra.backup.exporting import export
from infra.backup.importing import NO_QUOTA, Importing, Report, Taken, ends_whole
from infra.backup.lines import Counts, Refused
from tests.adapters.building import START, at, late, make_task, make_user
from tests.backup.conftest import NewStore

HASH = "scrypt$15$8$3$c2FsdA==$aGFzaA=="
SPANS = ((at(0), at(3600)), (at(86_400), at(90_000)))


def user(user_id: str, name: str, role: Role = Role.MEMBER, **more: Any) -> User:
    return replace(make_user(user_id, name), password_hash=HASH, role=role, **more)


ROOT, ANN = user("u0", "root", Role.ADMIN, version=7), user("u1", "ann", can_run_commands=True, epoch=2, version=3)
CALENDAR = Calendar(owner="u1", name="holidays", spans=SPANS, updated_at=START)
EVERY = {"type": "interval", "every": 7, "unit": "minutes", "max_runs": 999, "jitter_seconds": 5}


def filled(store: WholeStore, tasks: int = 3) -> list[Task]:
    """A stage with two accounts, a calendar, and tasks in shard 3, of which the first is paused."""
    store.create_user(ROOT, first=True)
    store.create_user(ANN)
    store.put_calendar(CALENDAR)
    first = make_task(owner="u1", shard=3, schedule=EVERY)  # made once: counting `max_runs` out takes long
    made = [replace(first, id=f"t{n:03}", definition=replace(first.definition, name=f"task {n}")) for n in range(tasks)]
    paused = made[0].redefined(replace(made[0].definition, state=State.PAUSED), at(9), "too loud")
    made[0] = paused
    for task in made:
        store.create_task(task, None)
    return made


def taken_in(
    store: WholeStore, clock: ManualClock, file: Path, *, shards: int = 4, **more: Any
) -> tuple[Report, list[str]]:
    """What became of a file, and the sentences about lines that were refused."""
    told: list[str] = []
    importing = Importing(store=store, clock=clock, shards=shards, **more)
    with file.open("rb") as opened:
        report = importing.take(opened, lambda number, why: told.append(f"{number}: {why}"))
    return report, told


def all_tasks(store: WholeStore) -> dict[str, Task]:
    found: dict[str, Task] = {}
    after: str | None = None
    while True:
        page = store.tasks_in(None, after=after)
        found |= {task.id: task for task in page.items}
        after = page.after
        if after is None:
            return found


def changed(file: Path, kind: str, **changes: Any) -> None:
    """Rewrite what the first line of a kind says."""
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    found = next(line[kind] for line in lines if kind in line)
    found |= changes
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_everything_is_there_again(new_store: NewStore, clock: ManualClock, file: Path) -> None:
    old, new = new_store(), new_store()
    made = filled(old)
    assert export(old, clock, "prod", file) == Counts(users=2, calendars=1, tasks=3)
    clock.advance(timedelta(days=2))
    report, told = taken_in(new, clock, file)
    assert (told, report.whole) == ([], True)
    assert (new.user("u0"), new.user_named("Ann"), new.admins()) == (ROOT, ANN, frozenset({"u0"}))
    assert new.calendars("u1") == [CALENDAR]
    now = START + timedelta(days=2)
    assert all_tasks(new) == {task.id: replace(task, changed_at=now, superseded=None) for task in made}


def test_tasks_begin_with_their_first_due_time_from_now_on(new_store: NewStore, clock: ManualClock, file: Path) -> None:
    old, new = new_store(), new_store()
    made = filled(old)
    export(old, clock, "prod", file)
    clock.advance(timedelta(hours=2))
    taken_in(new, clock, file)
    dues = {task.id: task.next_due(clock.now() - timedelta(milliseconds=1)) for task in made[1:]}
    for task_id, due in dues.items():
        assert due is not None
        entries = new.window(window_of(due), 3, after=None, limit=99) + [x.entry for x in new.late(3, 99).entries]
        assert (task_id, due) in {(entry.task_id, entry.due_at) for entry in entries}
    assert new.late(3, 99).entries == ()  # nothing of the past


def test_a_once_of_the_past_is_kept_and_does_not_run_again(new_store: NewStore, clock: ManualClock, file: Path) -> None:
    old, new = new_store(), new_store()
    old.create_user(ANN)
    old.create_task(make_task("once", owner="u1", schedule={"type": "once", "at": "2026-03-02T09:00:10Z"}), None)
    export(old, clock, "prod", file)
    clock.advance(timedelta(seconds=30))
    taken_in(new, clock, file)
    assert all_tasks(new).keys() == {"once"}
    assert new.late(0, 9).entries == ()


def test_importing_twice_is_importing_once(new_store: NewStore, clock: ManualClock, file: Path) -> None:
    old, new = new_store(), new_store()
    filled(old)
    export(old, clock, "prod", file)
    taken_in(new, clock, file)
    once = all_tasks(new)
    clock.advance(timedelta(minutes=5))
    report, _ = taken_in(new, clock, file)
    assert all_tasks(new) == once
    assert report.taken == {("user", Taken.THERE): 2, ("calendar", Taken.THERE): 1, ("task", Taken.THERE): 3}


def test_what_was_changed_there_is_left_alone_unless_told_otherwise(
    new_store: NewStore, clock: ManualClock, file: Path
) -> None:
    old, new = new_store(), new_store()
    made = filled(old)
    export(old, clock, "prod", file)
    taken_in(new, clock, file)
    there = all_tasks(new)["t001"]
    edited = there.redefined(replace(there.definition, name="mine"), at(60))
    assert new.replace_task(edited, None)
    clock.advance(timedelta(minutes=5))
    report, _ = taken_in(new, clock, file)
    assert (report.taken["task", Taken.DIFFERENT], all_tasks(new)["t001"]) == (1, edited)
    report, _ = taken_in(new, clock, file, replace=True)
    assert report.taken["task", Taken.REPLACED] == 1
    after = all_tasks(new)["t001"]
    assert (after.definition, after.version) == (made[1].definition, edited.version + 1)
    assert taken_in(new, clock, file, replace=True)[0].taken["task", Taken.THERE] == 3


@pytest.mark.parametrize(("shards", "kept"), [(4, True), (8, True), (3, False), (1, False)])
def test_a_task_keeps_its_shard_where_there_is_one(clock: ManualClock, file: Path, shards: int, kept: bool) -> None:
    old, new = MemoryStore(), MemoryStore()
    filled(old, 20)
    export(old, clock, "prod", file)
    taken_in(new, clock, file, shards=shards)
    found = Counter(task.shard for task in all_tasks(new).values())
    assert (set(found) == {3}) is kept
    assert max(found) < shards


def test_what_is_owed_by_the_quota_is_counted(new_store: NewStore, clock: ManualClock, file: Path) -> None:
    old, new = new_store(), new_store()
    filled(old)
    export(old, clock, "prod", file)
    taken_in(new, clock, file)
    assert not new.use("u1", Usage(tasks=1), replace(NO_QUOTA, tasks=3))
    assert new.use("u1", Usage(tasks=1), replace(NO_QUOTA, tasks=4))


def test_an_account_whose_name_is_taken_is_refused_with_all_that_is_its(
    new_store: NewStore, clock: ManualClock, file: Path
) -> None:
    old, new = new_store(), new_store()
    filled(old)
    export(old, clock, "prod", file)
    new.create_user(user("other", "ANN"))
    report, told = taken_in(new, clock, file)
    assert report.refused == 5
    assert "ann is taken there by another account" in told[0]
    assert "u1 has no account there" in told[1]
    assert all_tasks(new) == {}
    report, told = taken_in(new, clock, file, same_names=True)
    assert (told, {task.owner for task in all_tasks(new).values()}) == ([], {"other"})
    assert [calendar.name for calendar in new.calendars("other")] == ["holidays"]


def test_an_admin_who_was_half_written_is_finished(new_store: NewStore, clock: ManualClock, file: Path) -> None:
    old, new = new_store(), new_store()
    filled(old)
    export(old, clock, "prod", file)
    new.create_user(replace(ROOT, role=Role.MEMBER, version=ROOT.version - 1))
    taken_in(new, clock, file)
    assert (new.user("u0"), new.admins()) == (ROOT, frozenset({"u0"}))


def test_an_account_that_is_there_is_not_made_an_admin_with_another_password(
    new_store: NewStore, clock: ManualClock, file: Path
) -> None:
    old, new = new_store(), new_store()
    old.create_user(replace(ROOT, password_hash=HASH.replace("c2Fs", "b2Zm")), first=True)
    export(old, clock, "prod", file)
    member = replace(ROOT, role=Role.MEMBER, version=ROOT.version - 1)
    new.create_user(member)
    report, _ = taken_in(new, clock, file)
    assert new.user(ROOT.id) == member
    assert report.taken["user", Taken.THERE] == 1


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


def test_an_imported_task_that_is_due_at_once_is_where_every_pass_looks(clock: ManualClock, file: Path) -> None:
    old, new = MemoryStore(), MemoryStore()
    filled(old, 2)
    export(old, clock, "prod", file)
    task = all_tasks(old)["t001"]
    due = task.next_due(START)
    assert due is not None
    clock.advance(due - START - timedelta(seconds=10))
    taken_in(new, clock, file)
    assert [one.entry.due_at for one in new.late(3, 9).entries] == [due]
    assert late(new.late(3, 9).entries[0].entry, 3).late


def test_a_trial_does_not_move(tmp_path: Path) -> None:
    store, clock = MemoryStore(), ManualClock(START)
    filled(store, tasks=1)
    store.create_task(make_task("zztrial1", owner="u1"), None)
    file = tmp_path / "export"
    counts = export(store, clock, "dev", file)
    assert counts.tasks == 1
    assert "zztrial1" not in file.read_text(encoding="utf-8")
