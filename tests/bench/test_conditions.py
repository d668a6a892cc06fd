"""Condition expressions on one item, and what DynamoDB refuses to evaluate at all."""

from __future__ import annotations

from typing import Any

import pytest

from bench.accounting.expressions.bindings import bind
from bench.accounting.expressions.condition_grammar import condition
from bench.accounting.wire import Refused

STORED: dict[str, Any] = {
    "id": {"S": "t1"},
    "status": {"S": "running"},
    "due": {"N": "1000"},
    "flag": {"BOOL": True},
    "nothing": {"NULL": True},
    "bits": {"B": "AAEC"},
    "tags": {"SS": ["a", "b"]},
    "counts": {"NS": ["1", "2"]},
    "attempts": {"L": [{"M": {"n": {"N": "1"}, "ok": {"BOOL": False}}}, {"S": "x"}]},
    "lease": {"M": {"token": {"S": "abc"}, "until": {"N": "2000"}}},
}
NAMES = {"#s": "status", "#d": "due", "#t": "token", "#u": "until", "#x": "nowhere"}
VALUES: dict[str, Any] = {
    ":run": {"S": "running"},
    ":r": {"S": "r"},
    ":un": {"S": "unn"},
    ":999": {"N": "999"},
    ":1000": {"N": "1000.0"},
    ":2000": {"N": "2e3"},
    ":1": {"N": "1"},
    ":yes": {"BOOL": True},
    ":raw": {"B": "AAE="},
    ":a": {"S": "a"},
    ":ba": {"SS": ["b", "a"]},
    ":x": {"S": "x"},
    ":kind": {"S": "S"},
}


def holds(text: str, item: dict[str, Any] | None = None) -> bool:
    """What the condition says of an item; unused placeholders are left out first."""
    used = condition(text)
    parameters = {
        "ExpressionAttributeNames": {name: NAMES[name] for name in used.names},
        "ExpressionAttributeValues": {name: VALUES[name] for name in used.values},
    }
    bound = bind({name: given for name, given in parameters.items() if given}, [used])
    used.tree.check(used.label, bound)
    return bool(used.tree.holds(STORED if item is None else item, bound))


@pytest.mark.parametrize(
    "text",
    [
        "attribute_exists(id)",
        "attribute_not_exists(#x)",
        "attribute_exists(lease.#t)",
        "attribute_exists(attempts[1])",
        "attribute_not_exists(attempts[2])",
        "attribute_not_exists(id.b)",
        "#s = :run",
        ":run = #s",
        "#s <> :r",
        "#x <> :r",
        "#d = :1000",
        "#d > :999 AND #d < :2000 AND #d >= :1000 AND #d <= :1000",
        "#d BETWEEN :999 AND :2000",
        "#d between :1000 and :1000",
        "NOT #d BETWEEN :1 AND :999",
        "#s IN (:a, :run)",
        "lease.#u = :2000",
        "attempts[0].n = :1",
        "begins_with(#s, :r)",
        "begins_with(bits, :raw)",
        "contains(#s, :un)",
        "contains(tags, :a)",
        "contains(counts, :1)",
        "contains(attempts, :x)",
        "contains(bits, :raw)",
        "tags = :ba",
        "flag = :yes",
        "attribute_type(#s, :kind)",
        "size(tags) < :999 AND size(#s) > :1 AND size(bits) > :1 AND size(lease) > :1",
        "#s = :a OR #d = :1000",
        "#s = :run OR #s = :a AND #d = :999",
        "NOT (#s = :a OR #d = :999)",
        "not #s = :a and not #d = :999",
        "((#s = :run AND #d = :1000) AND flag = :yes)",
        "(#s = :a OR (#s = :run AND #d = :1000))",
    ],
)
def test_these_hold(text: str) -> None:
    assert holds(text)


@pytest.mark.parametrize(
    "text",
    [
        "attribute_exists(#x)",
        "#x = :r",
        "#x < :999",
        "#s = :999",
        "#s < :999",
        "#d = :999",
        "flag < #d",
        "NOT #s = :run",
        "#s IN (:a, :r)",
        "#d BETWEEN :1 AND :999",
        "begins_with(#s, :un)",
        "begins_with(#d, :r)",
        "contains(#x, :a)",
        "contains(tags, :1)",
        "contains(#d, :1)",
        "size(#d) > :1",
        "(#s = :run OR #s = :a) AND #d = :999",
    ],
)
def test_these_do_not_hold(text: str) -> None:
    assert not holds(text)


def test_nothing_has_no_attributes() -> None:
    assert holds("attribute_not_exists(id)", {})
    assert not holds("attribute_exists(id)", {})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("owner = :a", "reserved keyword: owner"),
        ("lease.token = :a", "reserved keyword: token"),
        ("", "can not be empty"),
        ("#s =", "Syntax error"),
        ("#s = :a)", "Syntax error"),
        ("#s == :a", "Syntax error"),
        ("(#s = :a", "Syntax error"),
        ("#s", "Syntax error"),
        ("#s = 'running'", "Syntax error"),
        ("#d = 1000", "Syntax error"),
        ("there(id)", "Invalid function name; function: there"),
        ("((#s = :a))", "redundant parentheses"),
        ("#s = :a OR ((#d = :1))", "redundant parentheses"),
        ("#s = #s", "must be distinct"),
        ("flag < :yes", "Incorrect operand type"),
        ("begins_with(#s, :1)", "Incorrect operand type"),
        ("#d BETWEEN :2000 AND :1", "upper bound to be greater"),
        ("#d BETWEEN :a AND :1", "same data type"),
        ("attribute_type(#s, :run)", "Invalid attribute type name"),
        ("#s = " + " OR #s = ".join([":a"] * 500), "maximum allowed size"),
    ],
)
def test_these_are_refused(text: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        holds(text)


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({}, "attribute name used in the document path is not defined; attribute name: #s"),
        (
            {"ExpressionAttributeNames": {"#s": "status"}},
            "value used in expression is not defined; attribute value: :v",
        ),
        (
            {"ExpressionAttributeNames": {"#s": "status", "#t": "t"}, "ExpressionAttributeValues": {":v": {"S": "1"}}},
            r"ExpressionAttributeNames unused in expressions: keys: \{#t\}",
        ),
        (
            {
                "ExpressionAttributeNames": {"#s": "s"},
                "ExpressionAttributeValues": {":v": {"S": "1"}, ":w": {"S": "1"}},
            },
            r"ExpressionAttributeValues unused in expressions: keys: \{:w\}",
        ),
        ({"ExpressionAttributeNames": {}}, "must not be empty"),
        ({"ExpressionAttributeNames": {"#s": "s"}, "ExpressionAttributeValues": {}}, "must not be empty"),
        ({"ExpressionAttributeNames": {"s": "s"}}, "invalid key"),
        ({"ExpressionAttributeNames": {"#s": "s"}, "ExpressionAttributeValues": {"v": {"S": "1"}}}, "invalid key"),
        ({"ExpressionAttributeNames": {"#s": "s"}, "ExpressionAttributeValues": {":v": {"N": "one"}}}, "numeric"),
    ],
)
def test_placeholders_must_fit(parameters: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        bind(parameters, [condition("#s = :v")])


def test_placeholders_without_an_expression_are_refused() -> None:
    with pytest.raises(Refused, match="only be specified when using expressions"):
        bind({"ExpressionAttributeNames": {"#a": "a"}}, [])
    with pytest.raises(Refused, match="only be specified when using expressions"):
        bind({"ExpressionAttributeValues": {":a": {"S": "a"}}}, [])
