"""Why there is no package."""

from __future__ import annotations


class Refused(Exception):
    """The package cannot be made; the message is one sentence for whoever asked for it."""
