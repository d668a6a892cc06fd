"""Fair queues in memory, as SQS documents them: whoever has most of what is being worked on waits for the others."""

from __future__ import annotations

import json
from datetime import timedelta

from chalicelib.adapters.memory import ManualClock, MemoryQueue
from tests.adapters.building import START

VISIBILITY = timedelta(seconds=190)


class Light:
    """One fair queue, and who got what of it."""

    def __init__(self) -> None:
        self.clock = ManualClock(START)
        self.queue = MemoryQueue(self.clock, fair=True)

    def send(self, group: str, number: int = 1, delay: float = 0) -> None:
        for _ in range(number):
            self.queue.send("light", json.dumps({"owner": group}), timedelta(seconds=delay))

    def receive(self, most: int = 10) -> list[str]:
        return [message.group for message in self.queue.receive("light", visibility=VISIBILITY, most=most)]

    def delete_all(self) -> None:
        for message in self.queue.waiting("light"):
            if message.times:
                self.queue.delete("light", message.id)


def test_as_long_as_nobody_is_noisy_the_order_is_that_of_time() -> None:
    light = Light()
    light.send("crowd", 29)
    light.send("quiet")
    light.send("crowd")
    assert light.receive(31) == [*["crowd"] * 29, "quiet", "crowd"]


def test_whoever_has_thirty_messages_at_work_lets_the_others_go_first() -> None:
    light = Light()
    light.send("crowd", 100)
    light.send("quiet", 2)
    assert light.receive(30) == ["crowd"] * 30
    assert light.receive(4) == ["quiet", "quiet", "crowd", "crowd"]


def test_less_than_a_tenth_of_all_is_not_noisy() -> None:
    light = Light()
    for number in range(400):
        light.send(f"owner{number}")
    assert len(light.receive(400)) == 400
    light.send("crowd", 35)
    light.send("quiet")
    assert light.receive(36) == [*["crowd"] * 35, "quiet"]


def test_among_noisy_groups_the_one_with_the_fewest_at_work_goes_first() -> None:
    light = Light()
    light.send("large", 100)
    light.receive(60)
    light.send("small", 100)
    light.receive(40)
    assert light.receive(1) == ["small"]


def test_a_group_is_quiet_again_when_nothing_of_it_waits() -> None:
    light = Light()
    light.send("crowd", 40)
    light.send("other")
    assert light.receive(41).count("crowd") == 40
    light.delete_all()
    light.send("crowd")
    light.send("quiet")
    assert light.receive(2) == ["crowd", "quiet"]


def test_messages_without_a_group_are_each_alone() -> None:
    light = Light()
    for _ in range(100):
        light.queue.send("light", "no message of ours")
    light.send("quiet")
    assert light.receive(101)[-1] == "quiet"


def test_what_was_received_comes_again_and_is_not_at_work_any_more() -> None:
    light = Light()
    light.send("crowd", 60)
    assert light.receive(29) == ["crowd"] * 29
    light.clock.advance(VISIBILITY)
    light.send("quiet")
    assert light.receive(60)[:29] == ["crowd"] * 29
    assert "quiet" not in light.receive(1)


def test_when_the_next_message_is_available_is_known() -> None:
    light = Light()
    assert light.queue.next_at("light") is None
    light.send("crowd", 2, delay=3)
    assert light.queue.next_at("light") == light.queue.next_at() == START + timedelta(seconds=3)
    assert light.receive() == []
    light.clock.advance(timedelta(seconds=3))
    assert light.receive(1) == ["crowd"]
    assert light.queue.next_at("light") == START + timedelta(seconds=3)
    assert light.receive(1) == ["crowd"]
    assert light.queue.next_at("light") == START + timedelta(seconds=3) + VISIBILITY
