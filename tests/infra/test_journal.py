"""The emulator's memory: what was appended is there again, whatever happened to the process and its files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from infra.local.emulator.journal import Journal, JournalDamaged, JournalInUse


def everything(key: str, value: Any) -> bool:
    return True


def opened(folder: Path, **options: Any) -> tuple[Journal, dict[str, Any]]:
    journal = Journal(folder, keep=everything, **options)
    return journal, journal.open()


def remembered(folder: Path) -> dict[str, Any]:
    journal, state = opened(folder)
    journal.close()
    return state


def newest_segment(folder: Path) -> Path:
    return max(folder.glob("*.jsonl"))


def test_the_last_value_of_a_key_is_what_is_remembered(tmp_path: Path) -> None:
    journal, _ = opened(tmp_path)
    journal.append({"a": 1, "b": {"deep": ["ü"]}})
    journal.append({"a": 2})
    journal.close()
    assert remembered(tmp_path) == {"a": 2, "b": {"deep": ["ü"]}}


def test_a_forgotten_key_stays_forgotten(tmp_path: Path) -> None:
    journal, _ = opened(tmp_path)
    journal.append({"a": 1, "b": 1})
    journal.append({"a": None})
    journal.close()
    assert remembered(tmp_path) == remembered(tmp_path) == {"b": 1}


@pytest.mark.parametrize("torn", [b'{"a": 2', b'{"a": 2}', b"\xff\n", b"\0\0\0"])
def test_a_torn_last_line_is_never_loaded(tmp_path: Path, torn: bytes) -> None:
    journal, _ = opened(tmp_path)
    journal.append({"a": 1})
    journal.close()
    with newest_segment(tmp_path).open("ab") as file:
        file.write(torn)
    assert remembered(tmp_path) == {"a": 1}


def test_what_follows_a_torn_line_is_kept(tmp_path: Path) -> None:
    journal, _ = opened(tmp_path)
    journal.close()
    with newest_segment(tmp_path).open("ab") as file:
        file.write(b'{"torn')
    journal, _ = opened(tmp_path)
    journal.append({"a": 1})
    journal.close()
    assert remembered(tmp_path) == {"a": 1}


def test_a_damaged_line_before_the_last_is_not_passed_over(tmp_path: Path) -> None:
    journal, _ = opened(tmp_path)
    journal.append({"a": 1})
    journal.close()
    segment = newest_segment(tmp_path)
    segment.write_bytes(b"nonsense\n" + segment.read_bytes())
    with pytest.raises(JournalDamaged, match="line 1 of"):
        Journal(tmp_path, keep=everything).open()


def test_a_long_journal_is_merged_while_it_grows(tmp_path: Path) -> None:
    journal, _ = opened(tmp_path, segment_bytes=2000)
    for n in range(500):
        journal.append({f"key {n % 10}": "x" * 50 + str(n), f"gone {n}": n})
        journal.append({f"gone {n}": None})
    journal.close()
    merged_up_to = max(path.name for path in tmp_path.glob("*.base.jsonl"))
    assert merged_up_to > "00000001"
    assert min(path.name for path in tmp_path.glob("*.jsonl")) == merged_up_to
    assert remembered(tmp_path) == {f"key {n % 10}": "x" * 50 + str(n) for n in range(490, 500)}


def test_a_merge_that_died_before_cleaning_up_is_harmless(tmp_path: Path) -> None:
    journal, _ = opened(tmp_path)
    journal.append({"a": 1, "b": 1})
    journal.close()
    left_over = newest_segment(tmp_path)
    before = left_over.read_bytes()
    journal, _ = opened(tmp_path)
    journal.append({"a": None})
    journal.close()
    remembered(tmp_path)  # a base by now, in which `a` is gone
    left_over.write_bytes(before)
    assert remembered(tmp_path) == {"b": 1}


def test_a_base_that_was_never_finished_is_ignored(tmp_path: Path) -> None:
    journal, _ = opened(tmp_path)
    journal.append({"a": 1})
    journal.close()
    (tmp_path / "00000009.base.unfinished").write_text('{"a": 2}\n')
    assert remembered(tmp_path) == {"a": 1}


def test_what_is_not_worth_keeping_is_dropped_at_the_start(tmp_path: Path) -> None:
    journal, _ = opened(tmp_path)
    journal.append({"old": 1, "new": 2})
    journal.close()
    picky = Journal(tmp_path, keep=lambda key, value: key != "old")
    assert picky.open() == {"new": 2}
    picky.close()
    assert remembered(tmp_path) == {"new": 2}


def test_a_folder_has_one_journal_at_a_time(tmp_path: Path) -> None:
    journal, _ = opened(tmp_path)
    with pytest.raises(JournalInUse):
        Journal(tmp_path, keep=everything, patience_seconds=0)
    journal.close()
    assert remembered(tmp_path) == {}
