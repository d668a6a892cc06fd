"""docs/operations.md says what there is: alarms, settings, functions, metrics, and the words that an operator meets."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from chalicelib.metrics import Metric
from infra.deploy import quota
from infra.deploy.choosing import settings_of
from infra.doctor.parts import known_settings
from infra.packaging.template import ADDITIONS, additions
from tests.operations.test_alarms import alarms, dashboard

ROOT = Path(__file__).parents[2]
LEVELS = ("WARNING", "ERROR")


def page() -> str:
    return (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def table(head: str) -> dict[str, list[str]]:
    """The rows of the page's table whose first column is headed so, by what stands there."""
    _, _, rest = page().partition(f"\n| {head} |")
    rows: dict[str, list[str]] = {}
    for line in rest.splitlines()[2:]:
        if not line.startswith("|"):
            return rows
        first, *others = [cell.strip() for cell in line.strip("|").split("|")]
        assert first.strip("`") not in rows
        rows[first.strip("`")] = others
    return rows


def calls(name: str) -> Iterator[ast.Call]:
    """Where something of this name is called in the house."""
    for path in (ROOT / "chalicelib").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield node


def logged() -> dict[str, set[str]]:
    """The words that are logged as warnings or errors, with their levels."""
    words: dict[str, set[str]] = {}
    for call in calls("log"):
        levels = {each.attr for each in call.args[1:] if isinstance(each, ast.Attribute)} & set(LEVELS)
        if levels:
            words.setdefault(_word(call.args[0]), set()).update(levels)
    return words


def _word(argument: ast.expr) -> str:
    if isinstance(argument, ast.Name) and argument.id == "FOUND":
        return "audit_found"
    assert isinstance(argument, ast.Constant)
    return str(argument.value)


def test_every_word_that_is_a_warning_or_an_error_is_explained_with_its_level() -> None:
    explained = {word: set(cells[0].split(", ")) for word, cells in table("action").items()}
    assert explained == logged()


def test_every_finding_is_explained() -> None:
    words = {_word(call.args[0]) for call in calls("found")}
    assert table("finding").keys() == words


def test_every_alarm_is_explained() -> None:
    assert table("alarm").keys() == {alarm["AlarmName"].removeprefix("punctual-trial-") for alarm in alarms().values()}


def test_every_setting_is_there() -> None:
    assert table("setting").keys() == known_settings()


def test_every_metric_is_there() -> None:
    assert table("metric").keys() == {str(metric) for metric in Metric}


def test_every_function_is_there_with_its_memory_and_timeout() -> None:
    config = json.loads((ROOT / ".chalice" / "config.json").read_text(encoding="utf-8"))
    default = config["lambda_memory_size"]
    assert {name: cells[:2] for name, cells in table("function").items()} == {
        name: [f"{each.get('lambda_memory_size', default)} MB", f"{each['lambda_timeout']} s"]
        for name, each in config["lambda_functions"].items()
    }


def test_what_alarms_and_metrics_cost_is_counted() -> None:
    looked_at = sum(sum("MetricStat" in each for each in a.get("Metrics", ())) or 1 for a in alarms().values())
    assert f"{looked_at} metrics in alarms at $0.10 are ${len(Metric) * 0.3 + looked_at * 0.1:.2f} a month" in page()
    always = yaml.safe_load((ADDITIONS / "alarms.yaml").read_text(encoding="utf-8"))["Resources"]
    measuring = [name for name, each in always.items() if each.get("Condition") == "Measuring"]
    assert f"`METRICS=off` leaves ${(looked_at - len(measuring)) * 0.1:.2f} of alarms" in page()
    assert sum(len(widget["properties"].get("metrics", ())) for widget in dashboard()["widgets"]) <= 50


@pytest.mark.parametrize("name", ["README.md", "docs/architecture.md"])
def test_it_is_found(name: str) -> None:
    assert "operations.md)" in (ROOT / name).read_text(encoding="utf-8")


def test_the_parameters_are_those_of_the_template_and_no_settings() -> None:
    template = additions()
    chosen = template["Parameters"].keys() - {"Stage", "Architecture", *settings_of(template).values()}
    rows = table("parameter")
    assert rows.keys() == chosen
    for name, (default, _) in rows.items():
        assert default.strip("`") == str(template["Parameters"][name]["Default"] or "none")


def test_the_page_says_how_many_functions_each_concurrency_asks_for() -> None:
    numbers = additions()["Mappings"]["Concurrency"]
    asked = {name: sum(numbers[name][share] for share in quota.MAPPED) for name in numbers}
    said = table("parameter")["Concurrency"][1]
    assert f"`usual` asks for {asked['usual']} of" in said
    assert f"`small` for {asked['small']}," in said
    assert f"`large` for {asked['large']:,} of" in said
