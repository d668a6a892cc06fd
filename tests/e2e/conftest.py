"""An emulator for the tests that run the parts one at a time."""

from __future__ import annotations

from tests.infra.conftest import emulator

__all__ = ["emulator"]
