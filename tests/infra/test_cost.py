"""`python -m infra.cost`: a bill, or a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from infra import cost


def bill(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cost.main(arguments) == 0
    return capsys.readouterr().out


def test_the_bill_says_what_is_idle_what_the_runs_add_and_what_a_million_costs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = bill(capsys, "--tasks", "1000", "--every", "60", "--feed", "off")
    assert "43,200,000 light runs a month" in said
    assert "2026-11-01" in said
    [writes] = [line.split() for line in said.splitlines() if line.startswith("DynamoDB writes")]
    assert writes[-2:] == ["81.00", "1.88"]


def test_runs_a_minute_are_the_same_as_tasks(capsys: pytest.CaptureFixture[str]) -> None:
    assert bill(capsys, "--tasks", "60", "--every", "60") == bill(capsys, "--runs-per-minute", "60")


def test_a_command_names_the_memory_of_its_sandbox(capsys: pytest.CaptureFixture[str]) -> None:
    assert "commands a month of 1 s with 512 MB" in bill(capsys, "--every", "60", "--action", "command")


def test_other_prices_come_from_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    file.write_text(json.dumps({"region": "mars-1", "of": "2030-01-01", "write_units": 6.25}))
    said = bill(capsys, "--every", "1", "--prices", str(file))
    assert "mars-1, 2030-01-01" in said


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"dog": 1}', '{"of": "soon"}', '{"write_units": "x"}', "NaN"])
def test_prices_that_make_no_sense_are_told(capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str) -> None:
    file = tmp_path / "prices.json"
    file.write_text(text)
    assert cost.main(["--every", "1", "--prices", str(file)]) == 2
    assert str(file) in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--every", "60", "--runs-per-minute", "1"),
        ("--every", "0"),
        ("--every", "nan"),
        ("--every", "60", "--memory", "64"),
        ("--every", "60", "--seconds", "901"),
        ("--every", "60", "--shards", "0"),
    ],
)
def test_arguments_that_make_no_sense_are_told(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        cost.main(arguments)
    assert ended.value.code == 2
    assert "Traceback" not in capsys.readouterr().err
