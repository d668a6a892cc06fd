"""What a session of tests does about the browser's: runs them where there is Chromium, and otherwise says so."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

FOLDER = Path(__file__).parent / "browser"
PROGRAM = "chromium"
MISSING = "there is no Chromium on the PATH: install it (Debian: apt-get install chromium), or run .ci/run, which does"


def leaves_out(path: Path) -> bool:
    """Whether a test's place is not even looked at, because nothing there could run."""
    return (path == FOLDER or FOLDER in path.parents) and shutil.which(PROGRAM) is None


def left_out(asked: Iterable[str], root: Path) -> str | None:
    """What a session that was asked for some places says of the browser's tests; None where it has nothing to say."""
    places = [(root / one.partition("::")[0]).resolve() for one in asked]
    concerned = any(place in (FOLDER, *FOLDER.parents) or FOLDER in place.parents for place in places)
    return f"the browser tests did not run: {MISSING}" if concerned and shutil.which(PROGRAM) is None else None
