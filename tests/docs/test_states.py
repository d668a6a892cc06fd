"""What docs/states.md says about the moves of a run is what the code allows."""

from __future__ import annotations

import re
from pathlib import Path

from chalicelib.core.run import FINAL, LEGAL_MOVES, RunStatus

PAGE = (Path(__file__).parents[2] / "docs" / "states.md").read_text(encoding="utf-8")


def test_the_page_lists_every_legal_move_and_no_other() -> None:
    rows = re.findall(r"^\| (–|`\w+`) \| `(\w+)` \|", PAGE, flags=re.MULTILINE)
    listed = {(None if from_ == "–" else RunStatus(from_.strip("`")), RunStatus(to)) for from_, to in rows}
    assert len(listed) == len(rows)
    assert listed == {(from_, to) for from_, moves in LEGAL_MOVES.items() for to in moves}


def test_the_drawing_shows_every_status() -> None:
    drawing = PAGE.split("```")[1]
    assert [status for status in RunStatus if status not in drawing] == []
    assert {RunStatus.SUCCEEDED, RunStatus.SKIPPED} == {status for status in FINAL if not LEGAL_MOVES[status]}
