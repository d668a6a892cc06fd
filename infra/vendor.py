"""`python -m infra.vendor` (`make vendor`): fetches what others wrote and browsers get, exactly as it is pinned here.

It stands in the repository, so that nothing has to be fetched to build or run Punctual. To take another version, change
`HTMX` below: the npm client says its integrity (`npm view htmx.org@2 dist.integrity`), `sha256sum` those of its files.
Exit status 0; 2 where npm is missing or fails, or the package is not the one that is pinned.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).parents[1] / "chalicelib" / "web" / "static"
PATIENCE_SECONDS = 120


class Refused(Exception):
    """It cannot be fetched, or is not what is pinned; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Copied:
    """A file of a package, the name that it gets here, and the SHA-256 of what it holds."""

    member: str
    name: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Package:
    """An npm package: `integrity` is that of the archive as the registry tells it."""

    name: str
    version: str
    integrity: str
    files: tuple[Copied, ...]


HTMX = Package(
    name="htmx.org",
    version="2.0.11",
    integrity="sha512-Thx/WtpeOQqSrqBCw/A1cwGJGg4UrVa3+sW0GmrM3p4gJgO89ecH4qtbnyzDDWFvBTqjnIMCgELTNt636dtamA==",
    files=(
        Copied(
            member="dist/htmx.min.js",
            name="htmx.min.js",
            sha256="d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717",
        ),
        Copied(
            member="LICENSE",
            name="htmx.LICENSE",
            sha256="d3d2456f76414f2456104660ebd65aff1c04cd7966b942bdabd63f3cdb316a38",
        ),
    ),
)


def main() -> int:
    """Fetch and write the files; the exit status."""
    try:
        written = vendor(HTMX, STATIC)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 2
    for file in written:
        print(f"{file.relative_to(STATIC.parents[2])}: {file.stat().st_size:,} bytes of {HTMX.name} {HTMX.version}")
    return 0


def vendor(package: Package, folder: Path) -> list[Path]:
    """Write a package's files into a folder. Nothing is written unless all of it is what is pinned."""
    with tempfile.TemporaryDirectory() as temporary:
        archive = _packed(package, Path(temporary))
        contents = dict(_checked(package, archive))
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents]


def digest(content: bytes) -> str:
    """SHA-256, as it is pinned."""
    return hashlib.sha256(content).hexdigest()


def _packed(package: Package, folder: Path) -> Path:
    """The package's archive, fetched by the npm client from wherever it is set up to fetch."""
    npm = shutil.which("npm")
    if npm is None:
        raise Refused("There is no npm on the PATH: install it (Debian: apt-get install npm).")
    asked = [npm, "pack", f"{package.name}@{package.version}", "--ignore-scripts", "--silent"]
    ran = subprocess.run(
        asked,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    archives = list(folder.glob("*.tgz"))
    if ran.returncode != 0 or len(archives) != 1:
        raise Refused(f"npm could not fetch {package.name} {package.version}: {ran.stderr.strip() or ran.returncode}")
    return archives[0]


def _checked(package: Package, archive: Path) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the files that are wanted, each compared with what is pinned."""
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode("ascii")
    if f"sha512-{found}" != package.integrity:
        raise Refused(
            f"{package.name} {package.version} is not the package that is pinned: its integrity is sha512-{found}"
        )
    with tarfile.open(archive) as members:
        for file in package.files:
            yield file.name, _content(package, members, file)


def _content(package: Package, members: tarfile.TarFile, file: Copied) -> bytes:
    try:
        reader = members.extractfile(f"package/{file.member}")
    except KeyError as error:
        raise Refused(f"{package.name} {package.version} has no file {file.member}") from error
    content = b"" if reader is None else reader.read()
    if digest(content) != file.sha256:
        raise Refused(f"{file.member} of {package.name} {package.version} is not what is pinned: {digest(content)}")
    return content


if __name__ == "__main__":
    sys.exit(main())
