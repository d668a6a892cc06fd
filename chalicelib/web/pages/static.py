"""Static files: under names that change with their content, so that browsers may keep them for a year."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from chalice.app import Response

from chalicelib.core.errors import NotFound

FOLDER = Path(__file__).parents[1] / "static"
TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
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
    for file in FOLDER.iterdir():
        if file.suffix in TYPES:
            text = file.read_text(encoding="utf-8")
            served = f"{file.stem}-{hashlib.sha256(text.encode()).hexdigest()[:12]}{file.suffix}"
            names[file.name], files[served] = served, Asset(text=text, type=TYPES[file.suffix])
    return names, files
