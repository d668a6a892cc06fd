"""Static files: under names that change with their content, so that browsers may keep them for a year."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from chalice.app import Response

from chalicelib.core.errors import NotFound

FOLDER = Path(__file__).parents[1] / "static"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
PARTS = {"punctual.css": "style/*.css", "punctual.js": "script/*.js"}
"""One style sheet and one script are served; each is written in parts, in the order of their names."""
A_YEAR = "public, max-age=31536000, immutable"


@dataclass(frozen=True, kw_only=True)
class Asset:
    """A static file's text and type."""

    text: str
    type: str


def asset_name(name: str) -> str:
    """The name under which a static file is served: it carries a hash of the content."""
    return _assets()[0][name]


def asset_response(name: str) -> Response:
    """A static file by the name that `asset_name` gave it; `NotFound` for any other."""
    asset = _assets()[1].get(name)
    if asset is None:
        raise NotFound("there is no such file")
    return Response(asset.text, status_code=200, headers={"Content-Type": asset.type, "Cache-Control": A_YEAR})


@lru_cache(maxsize=1)
def _assets() -> tuple[dict[str, str], dict[str, Asset]]:
    """Served names by file name, and files by served name."""
    names, files = {}, {}
    for name, text in _texts():
        stem, dot, ending = name.rpartition(".")
        served = f"{stem}-{hashlib.sha256(text.encode()).hexdigest()[:12]}{dot}{ending}"
        names[name], files[served] = served, Asset(text=text, type=TYPES[dot + ending])
    return names, files


def _texts() -> Iterator[tuple[str, str]]:
    """Every file by its name; what is written in parts is served as one."""
    for name, parts in PARTS.items():
        yield name, "".join(part.read_text(encoding="utf-8") for part in sorted(FOLDER.glob(parts)))
    for file in sorted(FOLDER.iterdir()):
        if file.suffix in TYPES:
            yield file.name, file.read_text(encoding="utf-8")
