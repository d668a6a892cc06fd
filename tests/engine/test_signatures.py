"""Signatures of the installation."""

from __future__ import annotations

import pytest

from chalicelib.adapters.memory import MemoryStore
from chalicelib.engine.requests.signatures import SIZE, Signatures


class Counting(MemoryStore):
    """A store that counts how often its key is read."""

    reads = 0

    def installation_key(self, fresh: bytes) -> bytes:
        self.reads += 1
        return super().installation_key(fresh)


def test_every_process_knows_the_installations_signatures_and_no_other_does() -> None:
    store = Counting()
    given = Signatures(store=store).sign("cursor", "text")
    assert len(given) == SIZE
    assert Signatures(store=store).holds(given, "cursor", "text")
    assert not Signatures(store=Counting()).holds(given, "cursor", "text")


@pytest.mark.parametrize(("purpose", "text"), [("cursor", "Text"), ("form", "text"), ("cursor\ntext", ""), ("", "")])
def test_a_signature_is_for_one_text_and_one_purpose(purpose: str, text: str) -> None:
    signatures = Signatures(store=MemoryStore())
    assert not signatures.holds(signatures.sign("cursor", "text"), purpose, text)


@pytest.mark.parametrize("forged", [b"", b"\x00" * SIZE, b"\x00" * 100])
def test_what_is_no_signature_does_not_hold(forged: bytes) -> None:
    assert not Signatures(store=MemoryStore()).holds(forged, "cursor", "text")


def test_the_key_is_read_once_in_a_process() -> None:
    store = Counting()
    signatures = Signatures(store=store)
    for _ in range(3):
        signatures.sign("cursor", "text")
    assert store.reads == 1


def test_the_key_is_not_shown() -> None:
    signatures = Signatures(store=MemoryStore())
    signatures.sign("cursor", "text")
    assert "_known" not in repr(signatures)
