"""What others wrote is taken only where it is what is pinned, and stands in the repository as it was published."""

from __future__ import annotations

import base64
import hashlib
import io
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from infra import vendor
from infra.vendor import HTMX, STATIC, Copied, Package, Refused

SCRIPT, LICENCE = b"script()", b"do what you like"
NPM = """#!/bin/sh
[ "$1 $2 $3" = "pack box@1.2.3 --ignore-scripts" ] || exit 7
cp {archive} .
"""


def packed(folder: Path, contents: dict[str, bytes]) -> Path:
    """An archive such as npm makes."""
    archive = folder / "box-1.2.3.tgz"
    with tarfile.open(archive, "w:gz") as members:
        for name, content in contents.items():
            about = tarfile.TarInfo(f"package/{name}")
            about.size = len(content)
            members.addfile(about, io.BytesIO(content))
    return archive


def pinned(archive: Path) -> Package:
    """The archive's package, as this repository would pin it."""
    integrity = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    files = (
        Copied(member="dist/box.js", name="box.js", sha256=vendor.digest(SCRIPT)),
        Copied(member="LICENSE", name="box.LICENSE", sha256=vendor.digest(LICENCE)),
    )
    return Package(name="box", version="1.2.3", integrity=f"sha512-{integrity}", files=files)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return packed(tmp_path, {"dist/box.js": SCRIPT, "LICENSE": LICENCE, "other.js": b""})


@pytest.fixture
def into(tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the files go, on a machine whose npm has one package."""
    programs, folder = tmp_path / "programs", tmp_path / "static"
    programs.mkdir()
    folder.mkdir()
    (programs / "npm").write_text(NPM.format(archive=archive), encoding="utf-8")
    (programs / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    return folder


@pytest.mark.parametrize("file", HTMX.files, ids=lambda file: str(file.name))
def test_what_stands_in_the_repository_is_what_is_pinned(file: Copied) -> None:
    assert vendor.digest((STATIC / file.name).read_bytes()) == file.sha256


def test_nothing_else_of_others_is_served_and_each_has_its_licence() -> None:
    scripts = {file.name for file in STATIC.glob("*.min.js")}
    assert scripts == {file.name for file in HTMX.files if file.name.endswith(".js")}
    assert {f"{name.partition('.')[0]}.LICENSE" for name in scripts} == {file.name for file in STATIC.glob("*.LICENSE")}


def test_files_are_taken_under_the_names_they_get_here(archive: Path, into: Path) -> None:
    written = vendor.vendor(pinned(archive), into)
    assert {file.name: file.read_bytes() for file in written} == {"box.js": SCRIPT, "box.LICENSE": LICENCE}
    assert sorted(file.name for file in into.iterdir()) == ["box.LICENSE", "box.js"]


@pytest.mark.parametrize("wrong", ["integrity", "sha256", "member", "version"])
def test_what_is_not_pinned_is_refused_and_nothing_is_written(archive: Path, into: Path, wrong: str) -> None:
    package = pinned(archive)
    first, second = package.files
    broken = {
        "integrity": replace(package, integrity="sha512-AAAA"),
        "sha256": replace(package, files=(first, replace(second, sha256="0" * 64))),
        "member": replace(package, files=(first, replace(second, member="none.js"))),
        "version": replace(package, version="1.2.4"),
    }[wrong]
    with pytest.raises(Refused, match=f"box {broken.version}"):
        vendor.vendor(broken, into)
    assert list(into.iterdir()) == []


def test_a_machine_without_npm_is_told_what_to_install(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "infra.vendor"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "install it" in ran.stderr
