"""What gets installed: exact, the same everywhere, and only what is needed where it is needed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAMBDA, EVERYTHING = ROOT / "requirements.txt", ROOT / "requirements-dev.lock"


def pins(file: Path) -> dict[str, str]:
    """Package and exact version of every line."""
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return dict(line.partition(";")[0].strip().split("==") for line in lines)


def declared() -> set[str]:
    """The names of the packages that pyproject.toml says the Lambda functions need."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {re.split(r"[^\w-]", dependency, maxsplit=1)[0] for dependency in project["dependencies"]}


def test_what_lambda_gets_is_what_the_tests_run_with() -> None:
    everything = pins(EVERYTHING)
    assert {name: everything.get(name) for name in pins(LAMBDA)} == pins(LAMBDA)


def test_lambda_gets_all_that_it_needs_and_no_chalice() -> None:
    assert declared() <= set(pins(LAMBDA))
    assert not {"chalice", "moto", "pytest", "ministack", "pip"} & set(pins(LAMBDA))


@pytest.mark.parametrize("file", [LAMBDA, EVERYTHING], ids=lambda file: str(file.name))
def test_a_lock_names_no_host(file: Path) -> None:
    assert not re.search(r"https?:|file:|--|@", file.read_text(encoding="utf-8"))
