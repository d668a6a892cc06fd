"""The calls of a story: each is counted, takes its time, may meet trouble, and is written down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial

from bench.accounting.wire import Answer, Request
from tests.core.building import START
from tests.faults.aws import Perform
from tests.faults.chance import Chance, Luck
from tests.faults.replica import Replica, need_not_be_consistent
from tests.faults.timeline import Died, Process, Timeline
from tests.faults.trouble import LAGS, SDK_TRIES, TROUBLES, Trouble, meet, possible

Call = tuple[str, int]
"""The kind of the process that made it, and its number among the calls of that kind."""
Plan = Mapping[Call, Trouble]


class Calls:
    """Stands between the clients and AWS. `sent` is told of each message that was sent: its queue and its delay."""

    def __init__(
        self,
        timeline: Timeline,
        plan: Plan,
        chance: Chance,
        luck: Luck,
        replica: Replica,
        sent: Callable[[str, float], None],
    ) -> None:
        self.history: list[str] = []
        self.counts: Counter[str] = Counter()
        self.requests: dict[Call, Request] = {}
        self.met: list[Trouble] = []
        self._timeline = timeline
        self._plan = plan
        self._chance = chance
        self._luck = luck
        self._replica = replica
        self._sent = sent
        self._again: list[tuple[Process, Trouble, int]] = []

    def note(self, what: str) -> None:
        """Write down what happened, with the time."""
        self.history.append(f"{(self._timeline.now - START).total_seconds():8.3f} {what}")

    def hook(self, request: Request, perform: Perform) -> Answer:
        """What happens to each call."""
        process = self._timeline.current
        if process is None:
            return perform(request)
        if process.dead:
            raise Died(process.name)
        number = self.counts[process.kind]
        self.counts[process.kind] += 1
        self.requests[process.kind, number] = request
        self._timeline.sleep(self._luck.latency())
        trouble = self._trouble(process, number, request)
        self.note(f"{process.name} {process.kind} {number} {_summary(request)} {trouble or ''}")
        place = len(self.history) - 1
        watched = partial(self._performed, perform)
        answer = watched(request) if trouble is None else self._meet(trouble, process, request, watched)
        if answer.error is not None:
            self.history[place] += f" -> {answer.error}"
        return answer

    def _meet(self, trouble: Trouble, process: Process, request: Request, perform: Perform) -> Answer:
        self.met.append(trouble)
        if trouble in (Trouble.LOST_EVERY_TIME, Trouble.UNREACHABLE):
            left = [n for p, t, n in self._again if p is process]
            self._again = [one for one in self._again if one[0] is not process]
            tries = left[0] if left else SDK_TRIES
            if tries > 1:
                self._again.append((process, trouble, tries - 1))
        if trouble in LAGS:
            return self._replica.answer(request, LAGS[trouble])
        return meet(trouble, process, request, perform, self._timeline.sleep)

    def _trouble(self, process: Process, number: int, request: Request) -> Trouble | None:
        for one, trouble, _ in self._again:
            if one is process:
                return trouble
        planned = self._plan.get((process.kind, number))
        if planned is None and self._luck.happens(self._chance.trouble):
            planned = self._luck.one_of(TROUBLES)
        if planned is None and need_not_be_consistent(request) and self._luck.happens(self._chance.stale):
            planned = self._luck.one_of(tuple(LAGS))
        return planned if planned is not None and possible(planned, request) else None

    def _performed(self, perform: Perform, request: Request) -> Answer:
        """Perform a call; what it sends is delivered when it becomes visible."""
        answer = perform(request)
        if answer.error is None:
            self._replica.note(request)
        if request.operation == "SendMessageBatch" and answer.error is None:
            name = request.parameters["QueueUrl"].rpartition("-")[2]
            for delay in {entry.get("DelaySeconds", 0) for entry in request.parameters["Entries"]}:
                self._sent(name, delay)
        return answer


def _summary(request: Request) -> str:
    """What a call is about, in a few words."""
    parameters = request.parameters
    keys: list[str] = []
    for part in (parameters, *(next(iter(one.values())) for one in parameters.get("TransactItems", ()))):
        item = part.get("Item") or part.get("Key") or {}
        keys += [
            "/".join(
                item[name]["S"][-26:] for name in ("id", "partition", "entry", "task_id", "due_key") if name in item
            )
        ]
        if "status" in item:
            keys.append(item["status"].get("S", ""))
    values = parameters.get("ExpressionAttributeValues", {}) if "KeyConditionExpression" in parameters else {}
    keys += [next(iter(value.values())) for value in values.values()]
    keys += [f"{entry['DelaySeconds']}s {entry['MessageBody'][:90]}" for entry in parameters.get("Entries", ())]
    for table in parameters.get("RequestItems", {}).values():
        written = table if isinstance(table, list) else []
        keys += [
            "/".join(v["S"] for k, v in one["PutRequest"]["Item"].items() if k in ("partition", "entry"))
            for one in written
        ]
    return " ".join([request.operation, *keys])
