"""What docs/guarantees.md names as proof is there."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "guarantees.md").read_text(encoding="utf-8")


def test_every_promise_names_tests_that_exist() -> None:
    rows = [line.split(" | ") for line in PAGE.splitlines() if re.match(r"\| \d+ \|", line)]
    assert [int(row[0].strip("| ")) for row in rows] == list(range(1, len(rows) + 1))
    for row in rows:
        named = re.findall(r"`([\w/]+\.py)`", row[-1])
        assert named, row
        assert [name for name in named if not (TESTS / name).is_file()] == []


def test_the_page_is_linked_from_where_people_begin() -> None:
    assert "docs/guarantees.md" in (TESTS.parent / "README.md").read_text(encoding="utf-8")
