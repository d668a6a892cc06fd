"""Accounts that move by a file, where their names are taken or they are there already."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from chalicelib.adapters.memory import ManualClock
from chalicelib.core.people.account import Role
from infra.backup.exporting import export
from infra.backup.importing import Taken
from tests.backup.conftest import NewStore
from tests.backup.moving import HASH, ROOT, all_tasks, filled, taken_in, user


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
