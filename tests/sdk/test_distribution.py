"""The distribution: what it imports, what is packed, and that its README says what is true."""

from __future__ import annotations

import ast
import configparser
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import click
import pytest

from punctual_cli.errors import ExitCode
from punctual_cli.main import main
from punctual_client import VERSION

SDK = Path(__file__).parents[2] / "sdk"
README = (SDK / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((SDK / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MODULES = {
    ".".join(path.relative_to(SDK / "src").with_suffix("").parts).removesuffix(".__init__"): path
    for path in (SDK / "src").rglob("*.py")
}
ALLOWED = {
    "punctual_client": {"punctual_client", "urllib3"},
    "punctual_cli": {"punctual_cli", "punctual_client", "click", "rich", "yaml"},
}
"""What each package may import beside the standard library."""


def imported(path: Path) -> set[str]:
    """The packages that a module names in its imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            found.add(str(node.module).partition(".")[0])
    return found


@pytest.mark.parametrize("package", ALLOWED)
def test_a_package_imports_what_it_may_and_nothing_else(package: str) -> None:
    modules = [path for name, path in MODULES.items() if name.partition(".")[0] == package]
    assert set().union(*map(imported, modules)) - set(sys.stdlib_module_names) == ALLOWED[package]


def test_the_library_is_loaded_without_what_only_the_command_needs() -> None:
    program = "import punctual_client, sys; print(*{'click', 'rich', 'yaml', 'chalicelib', 'boto3'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(SDK / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "\n"


def test_what_is_packed_is_whole_and_has_the_command(tmp_path: Path) -> None:
    source = tmp_path / "sdk"
    shutil.copytree(SDK, source, ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"))
    packing = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*packing, "-w", str(tmp_path), str(source)], check=True, capture_output=True)
    [wheel] = tmp_path.glob("punctual_client-*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
        points = configparser.ConfigParser()
        [entry] = [name for name in names if name.endswith("entry_points.txt")]
        points.read_string(packed.read(entry).decode())
    assert {str(path.relative_to(SDK / "src")) for path in MODULES.values()} <= names
    assert {"punctual_client/py.typed", "punctual_cli/py.typed"} <= names
    assert points["console_scripts"]["punctual"] == "punctual_cli.start:start"


def test_version_and_dependencies_are_what_is_used() -> None:
    assert PROJECT["version"] == VERSION
    named = {re.split(r"[<>=~!]", dependency)[0] for dependency in PROJECT["dependencies"]}
    used = {"pyyaml" if package == "yaml" else package for allowed in ALLOWED.values() for package in allowed}
    assert named == {package for package in used if not package.startswith("punctual")}


def test_the_readme_has_every_exit_code() -> None:
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", README, re.MULTILINE)
    assert rows == [(str(int(code)), code.meaning) for code in ExitCode]


def test_every_command_that_the_readme_names_is_there_and_every_command_is_named() -> None:
    shown = "\n".join(re.findall(r"^```(?:sh|console)\n(.*?)^```", README, re.MULTILINE | re.DOTALL))
    for line in re.findall(r"^(?:\$ )?punctual (.*)$", shown, re.MULTILINE):
        _command(line.split())
    table = README.partition("| command | does |")[2].partition("\n\n")[0]
    for name, command in main.commands.items():
        assert f"`{name}" in table
        for inner in getattr(command, "commands", {}):
            assert re.search(rf"[` ]{inner}[` ]", table)


def _command(words: list[str]) -> None:
    """Fails where there is no such command, or one of its options is none."""
    command: click.Command = main
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    known = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("-") and word[:3].strip("-")} <= known
