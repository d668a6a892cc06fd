"""Random calls on one table, for comparing the stub with another model of DynamoDB.

Keys and values come from few choices, so that calls meet the same items again and again.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.bench.declared import index, table

TABLE = table("t", "h", "r", r="N", indexes=(index("by_g", "g", "r", projection="KEYS_ONLY"), index("by_s", "s", "h")))

Call = tuple[str, dict[str, Any]]

hashes = st.sampled_from(["a", "b"]).map(lambda text: {"S": text})
ranges = st.sampled_from(["1", "2", "10"]).map(lambda text: {"N": text})
keys = st.fixed_dictionaries({"h": hashes, "r": ranges})
texts = st.sampled_from(["x", "xy", "y"]).map(lambda text: {"S": text})
counts = st.integers(-3, 12).map(lambda number: {"N": str(number)})
sets = st.sets(st.sampled_from("pqr"), min_size=1).map(lambda members: {"SS": sorted(members)})
lists = st.lists(st.one_of(texts, counts), max_size=3).map(lambda members: {"L": members})
maps = st.dictionaries(st.sampled_from(["k", "l"]), st.one_of(texts, counts), max_size=2).map(lambda m: {"M": m})
others = st.fixed_dictionaries(
    {},
    optional={
        "g": texts,
        "s": texts,
        "n": counts,
        "tags": sets,
        "notes": lists,
        "m": maps,
        "flag": st.just({"BOOL": True}),
    },
)
items = st.builds(lambda key, rest: {**key, **rest}, keys, others)

CONDITIONS: list[tuple[str, dict[str, Any]]] = [
    ("attribute_not_exists(h)", {}),
    ("attribute_exists(h) AND attribute_not_exists(g)", {}),
    ("g = :x OR n > :three", {":x": {"S": "x"}, ":three": {"N": "3"}}),
    ("NOT (n BETWEEN :zero AND :three)", {":zero": {"N": "0"}, ":three": {"N": "3"}}),
    ("n <> :three", {":three": {"N": "3"}}),
    ("s IN (:x, :y)", {":x": {"S": "x"}, ":y": {"S": "y"}}),
    (
        "begins_with(g, :x) AND (n < :three OR flag = :yes)",
        {":x": {"S": "x"}, ":three": {"N": "3"}, ":yes": {"BOOL": True}},
    ),
    ("contains(tags, :p) OR contains(s, :p)", {":p": {"S": "p"}}),
    ("attribute_exists(notes) AND size(notes) >= :two", {":two": {"N": "2"}}),
    ("m.k = :x OR notes[0] = :x", {":x": {"S": "x"}}),
]
UPDATES: list[tuple[str, dict[str, Any]]] = [
    ("SET n = :n", {":n": {"N": "7"}}),
    ("SET n = if_not_exists(n, :zero) + :one, g = :x", {":zero": {"N": "0"}, ":one": {"N": "1"}, ":x": {"S": "x"}}),
    ("SET n = n - :one", {":one": {"N": "1"}}),
    ("REMOVE g, notes[0]", {}),
    ("ADD n :one, tags :pq", {":one": {"N": "1"}, ":pq": {"SS": ["p", "q"]}}),
    ("DELETE tags :pq", {":pq": {"SS": ["p", "q"]}}),
    ("SET notes = list_append(if_not_exists(notes, :none), :none) REMOVE s", {":none": {"L": []}}),
    ("SET m.k = :n", {":n": {"N": "7"}}),
    ("SET s = :y REMOVE m.l", {":y": {"S": "y"}}),
]
STRETCHES: list[tuple[str, dict[str, Any]]] = [
    ("h = :h", {}),
    ("h = :h AND r > :one", {":one": {"N": "1"}}),
    ("h = :h AND r <= :two", {":two": {"N": "2"}}),
    ("h = :h AND r BETWEEN :one AND :two", {":one": {"N": "1"}, ":two": {"N": "2"}}),
]


def expressions(choices: list[tuple[str, dict[str, Any]]], name: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from(choices).map(lambda choice: {name: choice[0], "ExpressionAttributeValues": dict(choice[1])})


def joined(*parts: dict[str, Any]) -> dict[str, Any]:
    """The parameters of one call put together, with the values of all their expressions."""
    values = {name: value for part in parts for name, value in part.get("ExpressionAttributeValues", {}).items()}
    merged = {key: value for part in parts for key, value in part.items() if key != "ExpressionAttributeValues"}
    return {**merged, **({"ExpressionAttributeValues": values} if values else {})}


guards = st.one_of(st.just({}), expressions(CONDITIONS, "ConditionExpression"))
in_table = st.just({"TableName": "t"})
put = st.builds(lambda t, item, guard: joined(t, {"Item": item}, guard), in_table, items, guards)
delete = st.builds(lambda t, key, guard: joined(t, {"Key": key}, guard), in_table, keys, guards)
update = st.builds(
    lambda t, key, change, guard: joined(t, {"Key": key}, change, guard),
    in_table,
    keys,
    expressions(UPDATES, "UpdateExpression"),
    guards,
)
check = st.builds(
    lambda t, key, guard: joined(t, {"Key": key}, guard), in_table, keys, expressions(CONDITIONS, "ConditionExpression")
)
returned = st.sampled_from(["NONE", "ALL_OLD"])
query = st.builds(
    lambda t, h, stretch, filtered, forward: joined(
        t, stretch, filtered, {"ScanIndexForward": forward, "ExpressionAttributeValues": {":h": h}}
    ),
    in_table,
    hashes,
    expressions(STRETCHES, "KeyConditionExpression"),
    st.one_of(
        st.just({}), expressions([choice for choice in CONDITIONS if "(h)" not in choice[0]], "FilterExpression")
    ),
    st.booleans(),
)
index_query = st.builds(
    lambda t, name, text: {
        **t,
        "IndexName": f"by_{name}",
        "KeyConditionExpression": f"{name} = :v",
        "ExpressionAttributeValues": {":v": text},
    },
    in_table,
    st.sampled_from("gs"),
    texts,
)
action = st.one_of(
    put.map(lambda one: {"Put": one}),
    delete.map(lambda one: {"Delete": one}),
    update.map(lambda one: {"Update": one}),
    check.map(lambda one: {"ConditionCheck": one}),
)
writes = st.one_of(
    items.map(lambda one: {"PutRequest": {"Item": one}}), keys.map(lambda k: {"DeleteRequest": {"Key": k}})
)


def written_key(write: dict[str, Any]) -> str:
    ((_, body),) = write.items()
    item = body.get("Item") or body["Key"]
    return str((item["h"], item["r"]))


parts = st.sampled_from(["h, n", "m.k, notes[0], tags", "flag, m, absent"]).map(lambda p: {"ProjectionExpression": p})
projections: st.SearchStrategy[dict[str, Any]] = st.one_of(st.just({}), parts)
calls: st.SearchStrategy[Call] = st.one_of(
    st.tuples(st.just("put_item"), st.builds(lambda one, r: {**one, "ReturnValues": r}, put, returned)),
    st.tuples(st.just("delete_item"), st.builds(lambda one, r: {**one, "ReturnValues": r}, delete, returned)),
    st.tuples(
        st.just("update_item"),
        st.builds(
            lambda one, r: {**one, "ReturnValues": r},
            update,
            st.sampled_from(["NONE", "ALL_OLD", "ALL_NEW"]),
        ),
    ),
    st.tuples(st.just("get_item"), st.builds(lambda t, key, p: {**t, "Key": key, **p}, in_table, keys, projections)),
    st.tuples(
        st.just("batch_get_item"),
        st.builds(
            lambda some, p: {"RequestItems": {"t": {"Keys": some, **p}}},
            st.lists(keys, min_size=1, max_size=4),
            projections,
        ),
    ),
    st.tuples(
        st.just("batch_write_item"),
        st.lists(writes, min_size=1, max_size=4, unique_by=written_key).map(lambda some: {"RequestItems": {"t": some}}),
    ),
    st.tuples(st.just("query"), st.builds(lambda one, p: {**one, **p}, query, projections)),
    st.tuples(st.just("query"), index_query),
    st.tuples(
        st.just("transact_write_items"),
        st.lists(action, min_size=1, max_size=3).map(lambda some: {"TransactItems": some}),
    ),
)
