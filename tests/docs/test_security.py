"""What docs/security.md says that a function may do is what its policy allows, and its proofs are there."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
CONFIG: dict[str, Any] = json.loads((ROOT / ".chalice" / "config.json").read_text(encoding="utf-8"))
FUNCTIONS: dict[str, Any] = CONFIG["lambda_functions"]

COLUMNS = ("tasks", "agenda", "runs", "accounts", "queues", "else")
WORDS = {
    "dynamodb:GetItem": ("read",),
    "dynamodb:BatchGetItem": ("read",),
    "dynamodb:Query": ("read",),
    "dynamodb:ConditionCheckItem": ("read",),
    "dynamodb:Scan": ("scan",),
    "dynamodb:PutItem": ("write",),
    "dynamodb:UpdateItem": ("write",),
    "dynamodb:BatchWriteItem": ("delete", "write"),
    "dynamodb:DeleteItem": ("delete",),
    "sqs:SendMessage": ("send to",),
    "sqs:ReceiveMessage": ("receive from",),
    "sqs:DeleteMessage": ("receive from",),
    "sqs:GetQueueAttributes": ("count",),
    "sqs:GetQueueUrl": (),
    "lambda:InvokeFunction": ("invoke",),
    "sns:Publish": ("publish to",),
    "ssm:GetParameter": ("read",),
    "ssm:GetParameters": ("read",),
    "ssm:GetParametersByPath": ("read",),
    "ssm:PutParameter": ("write",),
    "ssm:DeleteParameter": ("delete",),
    "ssm:DeleteParameters": ("delete",),
}
"""What each action amounts to, in the table's words. A new one has to be put here, and be thought about."""
THINGS = {"ssm": "secrets", "sns": "alerts"}
"""What the names of a service's resources stand for; elsewhere, the last part of a name says it."""


def row(function: str) -> str:
    """The table's line for a function, made from its policy."""
    said: dict[str, set[str]] = defaultdict(set)
    targets: dict[str, set[str]] = defaultdict(set)
    for action, resource in allowed(function):
        name = re.split(r"[/:]", resource)
        for word in WORDS[action]:
            if action.startswith("dynamodb:"):
                said[resource.partition(":table/punctual-${Stage}-")[2].partition("/")[0]].add(word)
            elif action.startswith("sqs:"):
                targets[word].add(name[-1].removeprefix("punctual-${Stage}-"))
            else:
                thing = THINGS.get(action.partition(":")[0], name[-1].rpartition("-")[2])
                said["else"].add(f"{word} {thing}")
    said["queues"] = {f"{word} {', '.join(sorted(queues))}" for word, queues in targets.items()}
    cells = [", ".join(sorted(said[column])) or "–" for column in COLUMNS]
    return " | ".join([f"| `{function}`", *cells]) + " |"


def allowed(function: str) -> list[tuple[str, str]]:
    """Every action on every resource, its log apart."""
    policy = json.loads((ROOT / ".chalice" / FUNCTIONS[function]["iam_policy_file"]).read_text(encoding="utf-8"))
    return [
        (action, resource)
        for statement in policy["Statement"]
        for action in statement["Action"]
        if not action.startswith("logs:")
        for resource in ([statement["Resource"]] if isinstance(statement["Resource"], str) else statement["Resource"])
    ]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_table_says_what_the_functions_policy_allows(function: str) -> None:
    [said] = [line for line in PAGE.splitlines() if line.startswith(f"| `{function}` |")]
    assert said == row(function)


def test_the_table_has_no_function_that_there_is_not() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == set(FUNCTIONS)


def test_every_test_that_the_page_names_is_there() -> None:
    named = re.findall(r"`([\w/]+/test_\w+\.py)`", PAGE)
    assert named
    assert [name for name in named if not (TESTS / name).is_file()] == []


def test_the_page_is_linked_from_where_people_begin() -> None:
    assert "docs/security.md" in (ROOT / "README.md").read_text(encoding="utf-8")
