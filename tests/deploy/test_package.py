"""The package itself: small, always the same, for one processor, and with everything that belongs to it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from infra.packaging import archive, compiled, dependencies, described
from infra.packaging.building import PROJECT, Built, build
from infra.packaging.refused import Refused
from infra.packaging.target import MACHINES, Target
from tests.deploy.conftest import this_machine

LARGEST = 6_000_000


def names(built: Built) -> list[str]:
    """The files of a package."""
    with ZipFile(built.archive) as packed:
        return packed.namelist()


def test_it_is_small(built: Built) -> None:
    assert built.archive.stat().st_size <= LARGEST, archive.sizes(built.archive)


def test_two_builds_are_the_same_to_the_byte_wherever_they_are_made(built: Built, tmp_path: Path) -> None:
    elsewhere = tmp_path / "a folder of another name"
    for name in ("chalicelib", ".chalice"):
        shutil.copytree(PROJECT / name, elsewhere / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("app.py", "requirements.txt"):
        shutil.copyfile(PROJECT / name, elsewhere / name)
        os.utime(elsewhere / name, (0, 0))
    (elsewhere / "app.py").chmod(0o600)
    again = build(this_machine(), project=elsewhere, into=tmp_path / "dist", cache=PROJECT / ".cache" / "packaging")
    assert again.template.read_text() == built.template.read_text()
    assert again.archive.read_bytes() == built.archive.read_bytes()


def test_it_holds_what_is_used_and_nothing_that_is_not(built: Built) -> None:
    packed = names(built)
    assert {"app.py", "chalicelib/web/templates/base.html", "chalice/app.pyc", "tzdata/zones"} <= set(packed)
    unwanted = ("pip", "boto3/examples", "icalendar/tests", "bin/", "infra/", "tests/", "chalicelib/.", ".chalice")
    assert [name for name in packed if name.startswith(unwanted)] == []
    assert [name for name in packed if name.endswith(".py") and not name.startswith(("app.py", "chalicelib/"))] == []
    services = {name.split("/")[2] for name in packed if name.startswith("botocore/data/") and name.count("/") > 2}
    assert services == set(described.ALWAYS)


def test_every_library_brings_its_licence(built: Built) -> None:
    packed = names(built)
    libraries = {name.partition("/")[0] for name in packed if ".dist-info/" in name}
    licensed = {name.partition("/")[0] for name in packed if "LICENSE" in name.upper() or "COPYING" in name.upper()}
    assert len(libraries) >= 15
    assert sorted(libraries - licensed) == []


def test_the_template_is_for_the_same_processor(built: Built) -> None:
    assert this_machine().architecture in built.template.read_text(encoding="utf-8")
    json.loads(built.template.read_text(encoding="utf-8"))


def other() -> Target:
    """The architecture that this machine does not have."""
    [found] = set(MACHINES) - {this_machine().architecture}
    return Target(architecture=found)


def test_libraries_for_another_processor_are_refused(task: Path) -> None:
    compiled.check(task, this_machine())
    with pytest.raises(
        Refused, match=rf"\.so is compiled for {this_machine().architecture}, .* {other().architecture}"
    ):
        compiled.check(task, other())


def test_libraries_for_another_python_are_refused(task: Path) -> None:
    target = Target(architecture=this_machine().architecture, python=(3, 10))
    with pytest.raises(Refused, match=r"compiled for cpython-\d+, and the package is for Python 3\.10"):
        compiled.check(task, target)


def test_the_dependencies_for_the_other_processor_are_for_it() -> None:
    cache = PROJECT / ".cache" / "packaging"
    folder = dependencies.folder(PROJECT / "requirements.txt", other(), cache)
    libraries = list(folder.rglob("*.so"))
    assert len(libraries) >= 2
    compiled.check(folder, other())


def test_dependencies_are_fetched_once_for_a_lock(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("# nothing\n", encoding="utf-8")
    first = dependencies.folder(lock, this_machine(), tmp_path / "cache")
    (first / "mark").touch()
    assert (dependencies.folder(lock, this_machine(), tmp_path / "cache") / "mark").exists()
    lock.write_text("# nothing else\n", encoding="utf-8")
    assert dependencies.folder(lock, this_machine(), tmp_path / "cache") != first


def test_a_dependency_that_is_nowhere_is_one_sentence(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text(f"no-such-wheel @ file://{tmp_path}/no_such_wheel-1-py3-none-any.whl\n", encoding="utf-8")
    with pytest.raises(Refused, match=r"^The dependencies for Python \d\.\d+ on \w+ could not be fetched: .*") as told:
        dependencies.folder(lock, this_machine(), tmp_path / "cache")
    assert "\n" not in str(told.value)
    assert list((tmp_path / "cache").iterdir()) == []


def test_services_are_added_by_name(tmp_path: Path) -> None:
    fetched = dependencies.folder(PROJECT / "requirements.txt", this_machine(), PROJECT / ".cache" / "packaging")
    described.pack(fetched, tmp_path, ["stepfunctions"])
    packed = {path.name for path in (tmp_path / "botocore" / "data").iterdir() if path.is_dir()}
    assert packed == {*described.ALWAYS, "stepfunctions"}
    endpoints = (tmp_path / "botocore" / "data" / "endpoints.json").read_text(encoding="utf-8")
    assert '"states"' in endpoints
    assert '"ec2"' not in endpoints
    with pytest.raises(Refused, match="SERVICES names 'stepfunction', which botocore does not know"):
        described.pack(fetched, tmp_path, ["stepfunction"])


def test_a_description_says_what_there_is_and_explains_nothing(task: Path) -> None:
    [path] = (task / "botocore" / "data" / "dynamodb").glob("*/service-2.json")
    text = path.read_text(encoding="utf-8")
    assert "<p>" not in text
    assert "ConditionExpression" in json.loads(text)["shapes"]["PutItemInput"]["members"]


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"ARCHITECTURE": "amd64"}, "ARCHITECTURE must be arm64 or x86_64, not 'amd64'.\n"),
        ({"ARCHITECTURE": this_machine().architecture, "SERVICES": "sqss"}, "SERVICES names 'sqss', which botocore"),
    ],
)
def test_bad_use_is_one_sentence(chosen: dict[str, str], said: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "infra.packaging"],
        cwd=PROJECT,
        env=os.environ | {"DIST": str(tmp_path)} | chosen,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith(said)
