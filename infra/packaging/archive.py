"""Archives that depend on nothing but what is in them: the same files make the same bytes, anywhere and at any time."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest that an archive can say."""
READABLE = 0o100644 << 16
UNIX = 3
HARDEST = 9


def write(folder: Path, archive: Path) -> None:
    """Pack every file below a folder, in the order of their names, all of one time and readable by everybody."""
    files = sorted((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*") if path.is_file())
    archive.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(archive, "w") as packed:
        for name, path in files:
            entry = ZipInfo(name, EPOCH)
            entry.compress_type, entry.create_system, entry.external_attr = ZIP_DEFLATED, UNIX, READABLE
            packed.writestr(entry, path.read_bytes(), compresslevel=HARDEST)


def sizes(archive: Path) -> dict[str, int]:
    """Bytes that each part takes in an archive, largest first. A part is a folder or a file at its top."""
    found: dict[str, int] = {}
    with ZipFile(archive) as packed:
        for entry in packed.infolist():
            part = entry.filename.partition("/")[0]
            found[part] = found.get(part, 0) + entry.compress_size
    return dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))
