"""Punctual behind the local gateway on a free port, at the root of its address or below a stage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app import app
from infra.local.standins.gateway import Gateway

PATIENCE_SECONDS = 10


@contextmanager
def served(stage: str = "") -> Iterator[str]:
    """The address of whatever installation this process uses just now."""
    gateway = Gateway(0, stage=stage)
    gateway.serve(app)
    yield gateway.url
    gateway.stop()
    assert gateway.wait(PATIENCE_SECONDS)
