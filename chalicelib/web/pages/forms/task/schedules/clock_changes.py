"""What becomes of a local time that the clock jumps over or shows twice, on the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.web.pages.forms.task.reader import Document, Reader

EMPTY: Mapping[str, str] = {"dst_gap": "run", "dst_fold": "once"}
LABELS: Mapping[str, str] = {"dst_gap": "When the clock jumps over it", "dst_fold": "When the clock shows it twice"}
FIELDS: Mapping[str, str] = {"/dst_gap": "dst_gap", "/dst_fold": "dst_fold"}


def shown(schedule: Document) -> dict[str, str]:
    """What the fields hold."""
    return {name: schedule.get(name, usual) for name, usual in EMPTY.items()}


def read(reader: Reader) -> dict[str, Any]:
    """The members that say something else than usual."""
    return {name: reader.typed[name] for name, usual in EMPTY.items() if reader.typed[name] != usual}
