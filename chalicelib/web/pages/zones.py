"""Zones: in which time zone the pages show instants. Who looks chooses: UTC, each task's own, or theirs."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo


class Choice(enum.StrEnum):
    """Whose time zone."""

    UTC = "utc"
    """What is recorded: the same for everybody. So it is until somebody chooses."""
    TASK = "task"
    """The one of the schedule; UTC where a task has none."""
    MINE = "mine"
    """The one that who looks has named, or their browser."""


@dataclass(frozen=True, kw_only=True)
class Zones:
    """What somebody chose. `mine` is the name of their zone, empty where nobody has said it."""

    choice: Choice = Choice.UTC
    mine: str = ""

    def shown(self, own: str | None = None) -> tzinfo:
        """The zone to show an instant in that belongs to a task whose zone is `own`. An unknown one counts as UTC.

        >>> chosen = Zones(choice=Choice.TASK, mine="Asia/Tokyo")
        >>> str(chosen.shown("Europe/Paris")), str(chosen.shown()), str(chosen.shown("Atlantis/Poseidonis"))
        ('Europe/Paris', 'UTC', 'UTC')
        >>> chosen.shown("UTC") is UTC  # so that no page says of UTC what it is in UTC
        True
        """
        name = {Choice.UTC: None, Choice.TASK: own, Choice.MINE: self.mine}[self.choice]
        return (zone_named(name) if name and name != "UTC" else None) or UTC

    @property
    def told(self) -> str:
        """In what words the foot of a page says it.

        >>> Zones().told, Zones(choice=Choice.MINE, mine="Asia/Tokyo").told
        ('in UTC', 'in your time zone, Asia/Tokyo')
        """
        if self.choice is Choice.MINE:
            return f"in your time zone, {self.mine}"
        return "in each task's own time zone" if self.choice is Choice.TASK else "in UTC"

    def written(self) -> str:
        """As a cookie keeps it.

        >>> Zones(choice=Choice.MINE, mine="Asia/Tokyo").written()
        'mine:Asia/Tokyo'
        """
        return f"{self.choice}:{self.mine}"


def zone_named(name: str) -> ZoneInfo | None:
    """The time zone of a name; None where there is none.

    >>> zone_named("Europe/Paris"), zone_named("../etc/passwd"), zone_named("Mars/Olympus")
    (zoneinfo.ZoneInfo(key='Europe/Paris'), None, None)
    """
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return None


def read(kept: str | None) -> Zones:
    """The choice that a cookie keeps; UTC where it keeps none that can be read.

    >>> [read(kept).written() for kept in ("mine:Asia/Tokyo", "task:Asia/Tokyo", "mine:", "nonsense", None)]
    ['mine:Asia/Tokyo', 'task:Asia/Tokyo', 'utc:', 'utc:', 'utc:']
    """
    word, _, name = (kept or "").partition(":")
    return chosen(word, name)


def chosen(word: str, name: str) -> Zones:
    """A choice, as far as it makes sense: nobody can choose a zone of theirs that is not known."""
    mine = name if name and zone_named(name) else ""
    if word not in set(Choice) or (word == Choice.MINE and not mine):
        return Zones(mine=mine)
    return Zones(choice=Choice(word), mine=mine)
