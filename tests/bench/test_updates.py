"""Update expressions and projections on one item, and what DynamoDB refuses."""

from __future__ import annotations

from typing import Any

import pytest

from bench.accounting.expressions.bindings import bind
from bench.accounting.expressions.projections import part_of, projection, wanted
from bench.accounting.expressions.update_grammar import update
from bench.accounting.expressions.updates import Unapplicable, touched, updated
from bench.accounting.wire import Refused

STORED: dict[str, Any] = {
    "id": {"S": "t1"},
    "n": {"N": "5"},
    "text": {"S": "x"},
    "tags": {"SS": ["a", "b"]},
    "numbers": {"NS": ["2", "10"]},
    "log": {"L": [{"S": "0"}, {"S": "1"}, {"S": "2"}]},
    "lease": {"M": {"token": {"S": "abc"}, "until": {"N": "9"}, "nest": {"M": {"deep": {"S": "d"}}}}},
}
VALUES: dict[str, Any] = {
    ":one": {"N": "1"},
    ":half": {"N": "0.5"},
    ":s": {"S": "new"},
    ":list": {"L": [{"S": "3"}]},
    ":empty": {"L": []},
    ":b": {"SS": ["b"]},
    ":cb": {"SS": ["c", "b"]},
    ":ab": {"SS": ["a", "b"]},
    ":nine": {"NS": ["9"]},
    ":flag": {"BOOL": True},
}
NAMES = {"#text": "text", "#token": "token", "#until": "until", "#log": "log"}


def after(text: str) -> dict[str, Any]:
    expression = update(text)
    given = {
        "ExpressionAttributeNames": {name: NAMES[name] for name in expression.names},
        "ExpressionAttributeValues": {name: VALUES[name] for name in expression.values},
    }
    bound = bind({name: value for name, value in given.items() if value}, [expression])
    touched(expression, bound)
    return updated(STORED, expression, bound)


def changes(text: str) -> dict[str, Any]:
    """The attributes that an update changed; none for one that is gone."""
    result = after(text)
    return {name: result.get(name) for name in {*result, *STORED} if result.get(name) != STORED.get(name)}


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("SET #text = :s, extra = :one", {"text": {"S": "new"}, "extra": {"N": "1"}}),
        ("set n = n + :one", {"n": {"N": "6"}}),
        ("SET n = n - :half", {"n": {"N": "4.5"}}),
        ("SET n = if_not_exists(n, :one)", {}),
        ("SET m = if_not_exists(m, :one) + :half", {"m": {"N": "1.5"}}),
        ("SET n = #text, #text = n", {"n": {"S": "x"}, "text": {"N": "5"}}),
        ("SET fresh = list_append(if_not_exists(fresh, :empty), :list)", {"fresh": {"L": [{"S": "3"}]}}),
        ("SET #log = list_append(:list, #log)", {"log": {"L": [{"S": "3"}, *STORED["log"]["L"]]}}),
        ("SET #log[1] = :s", {"log": {"L": [{"S": "0"}, {"S": "new"}, {"S": "2"}]}}),
        ("SET #log[9] = :s", {"log": {"L": [*STORED["log"]["L"], {"S": "new"}]}}),
        ("REMOVE #log[0], #log[1]", {"log": {"L": [{"S": "2"}]}}),
        ("SET #log[2] = :s REMOVE #log[0]", {"log": {"L": [{"S": "1"}, {"S": "new"}]}}),
        ("REMOVE #text, absent", {"text": None}),
        ("SET lease.#token = :s", {"lease": {"M": {**STORED["lease"]["M"], "token": {"S": "new"}}}}),
        (
            "REMOVE lease.nest.deep, lease.#until",
            {"lease": {"M": {"token": {"S": "abc"}, "nest": {"M": {}}}}},
        ),
        ("ADD n :half", {"n": {"N": "5.5"}}),
        ("ADD fresh :one", {"fresh": {"N": "1"}}),
        ("ADD tags :cb", {"tags": {"SS": ["a", "b", "c"]}}),
        ("ADD numbers :nine", {"numbers": {"NS": ["2", "9", "10"]}}),
        ("DELETE tags :b", {"tags": {"SS": ["a"]}}),
        ("DELETE tags :ab", {"tags": None}),
        ("DELETE absent :ab", {}),
        ("SET #text = :s REMOVE n ADD fresh :one DELETE tags :b",
         {"text": {"S": "new"}, "n": None, "fresh": {"N": "1"}, "tags": {"SS": ["a"]}}),
    ],
)  # fmt: skip
def test_an_update_does_what_it_says(text: str, changed: dict[str, Any]) -> None:
    assert changes(text) == changed


def test_an_update_leaves_the_old_item_alone() -> None:
    before = repr(STORED)
    after("SET lease.#token = :s, #log[0] = :s REMOVE lease.nest.deep ADD tags :cb")
    assert repr(STORED) == before


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SET absent.b = :s", "document path provided in the update expression is invalid"),
        ("SET n.b = :s", "document path provided in the update expression is invalid"),
        ("REMOVE absent.b", "document path provided in the update expression is invalid"),
        ("SET n = absent", "refers to an attribute that does not exist"),
        ("SET n = absent + :one", "refers to an attribute that does not exist"),
        ("SET n = #text + :one", "incorrect data type"),
        ("SET #log = list_append(#log, :one)", "incorrect data type"),
        ("ADD #text :one", "incorrect data type"),
        ("DELETE n :b", "incorrect data type"),
    ],
)
def test_an_update_that_does_not_fit_the_item_is_unapplicable(text: str, reason: str) -> None:
    with pytest.raises(Unapplicable, match=reason):
        after(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "can not be empty"),
        ("SET", "Syntax error"),
        ("n = :one", "Syntax error"),
        ("SET n = :one,", "Syntax error"),
        ("SET n = :one SET m = :one", 'The "SET" section can only be used once'),
        ("SET n = :one, n = :half", "overlap with each other"),
        ("SET lease.a = :one REMOVE lease", "overlap with each other"),
        ("SET lease.a = :one, lease[0] = :half", "conflict with each other"),
        ("SET status = :s", "reserved keyword: status"),
        ("SET n = minus(:one)", "Invalid function name"),
        ("ADD n :s", "Incorrect operand type"),
        ("DELETE n :one", "Incorrect operand type"),
        ("ADD n m", "Syntax error"),
    ],
)
def test_an_update_that_can_never_fit_is_refused(text: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason) as refusal:
        after(text)
    assert not isinstance(refusal.value, Unapplicable)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("id, n, absent", {"id": {"S": "t1"}, "n": {"N": "5"}}),
        ("lease.#token, lease.nest", {"lease": {"M": {"token": {"S": "abc"}, "nest": {"M": {"deep": {"S": "d"}}}}}}),
        ("#log[2], #log[0], #log[7]", {"log": {"L": [{"S": "0"}, {"S": "2"}]}}),
        ("lease.absent, n.b", {}),
    ],
)
def test_a_projection_picks_its_paths(text: str, part: dict[str, Any]) -> None:
    expression = projection(text)
    names = {name: NAMES[name] for name in expression.names}
    bound = bind({"ExpressionAttributeNames": names} if names else {}, [expression])
    assert part_of(STORED, wanted(expression, bound)) == part


def test_a_projection_must_not_overlap() -> None:
    expression = projection("lease, lease.nest")
    with pytest.raises(Refused, match="Invalid ProjectionExpression: Two document paths overlap"):
        wanted(expression, bind({}, [expression]))
