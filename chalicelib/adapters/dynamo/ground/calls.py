"""Calls: DynamoDB's operations as the store uses them, each finished or failed, never half done.

botocore makes the calls rather than pynamodb, whose own hide the item that a refused condition found. That item is how
an ambiguous write is settled: one whose answer was lost, and which the SDK then sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action, Update
from pynamodb.models import Model

from chalicelib.adapters.aws import MOST_TRIES, Clients, Pause, backoff, chunks, finish, side_by_side
from chalicelib.adapters.dynamo.ground.items import Item, Only, expressions
from chalicelib.adapters.keys import is_key
from chalicelib.adapters.tables import TABLES
from chalicelib.core.errors import PunctualError, TooLarge, Unavailable
from chalicelib.settings import Settings

T = TypeVar("T")
R = TypeVar("R")
WRITTEN_AT_ONCE = 25
READ_AT_ONCE = 100
PASSING = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded"})
"""Why a transaction may be cancelled that succeeds when it is tried again."""
ON_FAILURE = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


class ConditionFailed(PunctualError):
    """A conditional write did not find what it asked for. `found` is the item that is there, None for none."""

    code = "condition_failed"

    def __init__(self, found: Item | None) -> None:
        super().__init__("the item was not as the write demanded")
        self.found = found


class Contended(Unavailable):
    """Another transaction was at the same item at this very moment."""


@dataclass(frozen=True, kw_only=True)
class Put:
    """An item to be written as part of a transaction."""

    model: type[Model]
    item: Item
    condition: Condition | None = None


class Calls:
    """DynamoDB for one stage."""

    def __init__(self, settings: Settings, clients: Clients, pause: Pause) -> None:
        self._clients = clients
        self._pause = pause
        self._names = {model: settings.table(name) for model, name in TABLES.items()}

    def get(self, model: type[Model], key: Item, *only: str) -> Item | None:
        """One item, strongly consistent, or only some of its attributes. Nothing is stored under a key that nothing can
        be stored under."""
        if not _possible(key):
            return None
        request = {"ProjectionExpression": ", ".join(only)} if only else {}
        answer = self._call("get_item", TableName=self._names[model], Key=key, ConsistentRead=True, **request)
        item: Item | None = answer.get("Item")
        return item

    def put(self, model: type[Model], item: Item, condition: Condition | None = None) -> None:
        """Write one item; `ConditionFailed` where it may not be written."""
        self._call("put_item", **self._put(Put(model=model, item=item, condition=condition)))

    def update(self, model: type[Model], key: Item, actions: Sequence[Action], condition: Condition) -> Item:
        """Change one item, or make it; the item as it then is. `ConditionFailed` where it may not be changed."""
        request = expressions(UpdateExpression=Update(*actions), ConditionExpression=condition)
        name = self._names[model]
        answer = self._call("update_item", TableName=name, Key=key, ReturnValues="ALL_NEW", **request)
        changed: Item = answer["Attributes"]
        return changed

    def delete(self, model: type[Model], key: Item, condition: Condition | None = None) -> None:
        """Delete one item; `ConditionFailed` where it may not be deleted."""
        if _possible(key):
            request = expressions(ConditionExpression=condition)
            self._call("delete_item", TableName=self._names[model], Key=key, **request)

    def put_together(self, *puts: Put | None) -> None:
        """Write several items, all or none; `ConditionFailed`, with what the first refused put found, for none."""
        items = [{"Put": self._put(put)} for put in puts if put is not None]
        if len(items) == 1:
            self._call("put_item", **items[0]["Put"])
        else:
            self._call("transact_write_items", TransactItems=items)

    def _put(self, put: Put) -> dict[str, Any]:
        conditional = {} if put.condition is None else ON_FAILURE | expressions(ConditionExpression=put.condition)
        return {"TableName": self._names[put.model], "Item": put.item} | conditional

    def query(
        self,
        model: type[Model],
        where: Condition,
        *,
        page: int,
        index: str | None = None,
        newest_first: bool = False,
        after: Item | None = None,
        only: tuple[str, ...] = (),
    ) -> Iterator[Item]:
        """The items under a key, in order, or only some of their attributes. Further pages are read when the items of
        the one before are used up."""
        while True:
            items, after = self.query_page(
                model, where, page=page, index=index, newest_first=newest_first, after=after, only=only
            )
            yield from items
            if after is None:
                return

    def query_page(
        self,
        model: type[Model],
        where: Condition,
        *,
        page: int,
        index: str | None = None,
        newest_first: bool = False,
        after: Item | None = None,
        only: Sequence[str] = (),
    ) -> tuple[list[Item], Item | None]:
        """At most a page of the items under a key, in order, by one read; and the key to go on after. `only` some of
        their attributes are read as they were a moment ago, as an index always is."""
        wanted = Only(*only) if only else None
        request = expressions(KeyConditionExpression=where, ProjectionExpression=wanted)
        request |= {"TableName": self._names[model], "Limit": page, "ScanIndexForward": not newest_first}
        request |= {"ConsistentRead": not only} if index is None else {"IndexName": index}
        answer = self._call("query", **request, **({} if after is None else {"ExclusiveStartKey": after}))
        return answer["Items"], answer.get("LastEvaluatedKey")

    def scan(self, model: type[Model], where: Condition | None, after: Item | None) -> tuple[list[Item], Item | None]:
        """One page of those items of a whole table that fulfil a condition (None: all), and the key to go on after."""
        request = expressions(FilterExpression=where) | {"TableName": self._names[model], "ConsistentRead": True}
        answer = self._call("scan", **request, **({} if after is None else {"ExclusiveStartKey": after}))
        return answer["Items"], answer.get("LastEvaluatedKey")

    def get_many(
        self, model: type[Model], keys: Sequence[Item], *, consistent: bool = True, only: Sequence[str] = ()
    ) -> Iterator[Item]:
        """Those of the items that exist, or only some of their attributes, strongly consistent unless told otherwise,
        in any order. The keys are different from each other. One that was not processed never counts as gone."""
        name, found = self._names[model], list[Item]()
        wanted = {"ConsistentRead": consistent} | expressions(ProjectionExpression=Only(*only) if only else None)

        def ask(some: Sequence[Item]) -> Sequence[Item]:
            answer = self._call("batch_get_item", RequestItems={name: {"Keys": some} | wanted})
            found.extend(answer["Responses"].get(name, ()))
            left: Sequence[Item] = answer.get("UnprocessedKeys", {}).get(name, {}).get("Keys", ())
            return left

        for some in chunks(keys, READ_AT_ONCE):
            finish(ask, some, self._pause)
            yield from found
            found.clear()

    def put_many(self, model: type[Model], items: Sequence[Item]) -> None:
        """Write items whatever is there, in any order. Their keys are different from each other."""
        name = self._names[model]

        def ask(some: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
            answer = self._call("batch_write_item", RequestItems={name: some})
            left: Sequence[dict[str, Any]] = answer.get("UnprocessedItems", {}).get(name, ())
            return left

        requests = chunks([{"PutRequest": {"Item": item}} for item in items], WRITTEN_AT_ONCE)
        side_by_side(lambda some: finish(ask, some, self._pause), requests)

    def side_by_side(self, do: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """What `do` comes to for each item, a few at a time. All are tried before the first failure is raised."""
        return side_by_side(do, items)

    def _call(self, operation: str, **request: Any) -> dict[str, Any]:
        """The answer of an operation. Of what the SDK does not send again by itself, a clash of transactions is."""
        tries = 0
        while True:
            try:
                return self._ask(operation, request)
            except Contended:
                tries += 1
                if tries == MOST_TRIES:
                    raise
            self._pause(backoff(tries))

    def _ask(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        method = getattr(self._clients.get("dynamodb"), operation)
        try:
            answer: dict[str, Any] = method(**request)
        except BotoCoreError as error:
            raise Unavailable(f"{operation}: {error}") from error
        except ClientError as error:
            raise _failure(operation, error) from error
        return answer


def _possible(key: Item) -> bool:
    return all(is_key(text) for value in key.values() for text in value.values())


def _failure(operation: str, error: ClientError) -> PunctualError:
    """What an answer that is an error means."""
    answer: dict[str, Any] = dict(error.response)
    code, message = answer["Error"].get("Code", ""), answer["Error"].get("Message", "")
    if code == "ConditionalCheckFailedException":
        return ConditionFailed(answer.get("Item"))
    if code == "TransactionCanceledException":
        return _cancelled(operation, answer.get("CancellationReasons", ()))
    if _says_too_large(message):
        return TooLarge(message)
    if code == "TransactionConflictException":
        return Contended(f"{operation}: {message}")
    return Unavailable(f"{operation}: {code}: {message}")


def _cancelled(operation: str, reasons: Iterable[dict[str, Any]]) -> PunctualError:
    """Why a transaction wrote nothing. A condition that failed says more than a clash, and a clash passes by itself."""
    real = [reason for reason in reasons if reason.get("Code", "None") != "None"]
    for reason in real:
        if reason["Code"] == "ConditionalCheckFailed":
            return ConditionFailed(reason.get("Item"))
    if any(_says_too_large(reason.get("Message") or "") for reason in real):
        return TooLarge("an item of the transaction has exceeded the maximum allowed size")
    codes = [reason["Code"] for reason in real]
    kind = Contended if PASSING.issuperset(codes) else Unavailable
    return kind(f"{operation} was cancelled: {', '.join(codes)}")


def _says_too_large(message: str) -> bool:
    """DynamoDB has no code of its own for this."""
    return "exceeded the maximum allowed size" in message
