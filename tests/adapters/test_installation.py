"""The contract of the installation's own key, on every adapter."""

from __future__ import annotations

from chalicelib.adapters.dynamo.whole import WholeDynamoStore
from chalicelib.ports.whole import WholeStore
from tests.adapters.faults import Faults

FIRST, SECOND = b"\x00" * 32, b"\xff" * 32


def test_the_first_key_stays(store: WholeStore) -> None:
    assert store.installation_key(FIRST) == FIRST
    assert store.installation_key(SECOND) == FIRST


def test_a_key_that_somebody_else_has_just_made_is_taken_over(
    dynamo: WholeDynamoStore, bystander: WholeDynamoStore, faults: Faults
) -> None:
    faults.between("PutItem", lambda: bystander.installation_key(SECOND))
    assert dynamo.installation_key(FIRST) == SECOND
    assert dynamo.installation_key(FIRST) == SECOND


def test_a_key_whose_answer_was_lost_is_kept(dynamo: WholeDynamoStore, faults: Faults) -> None:
    faults.answer_lost("PutItem")
    assert dynamo.installation_key(FIRST) == FIRST
    assert dynamo.installation_key(SECOND) == FIRST
