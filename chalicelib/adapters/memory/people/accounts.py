"""The table `accounts` in memory."""

from __future__ import annotations

from datetime import datetime

from chalicelib.adapters.keys import ANSWER_LIFE
from chalicelib.adapters.memory.people.tokens import MemoryTokens
from chalicelib.adapters.memory.people.users import MemoryUsers
from chalicelib.core.calendars.spans import Calendar
from chalicelib.core.instant import to_ms
from chalicelib.core.people.account import Answer


class MemoryAccounts(MemoryUsers, MemoryTokens):
    """Users, tokens, answers and calendars."""

    def begin_answer(self, owner: str, answer: Answer, now: datetime) -> Answer | None:
        """Keep the place of an answer for a day. None: kept. Otherwise the answer that has the key."""
        with self._lock:
            found = self._answers.get((owner, answer.key))
            if found is not None and _seconds(found[1]) > _seconds(now):
                return found[0]
            self._answers[owner, answer.key] = (answer, now + ANSWER_LIFE)
            return None

    def put_answer(self, owner: str, answer: Answer, now: datetime) -> None:
        """Write an answer over its place."""
        with self._lock:
            self._answers[owner, answer.key] = (answer, now + ANSWER_LIFE)

    def drop_answer(self, owner: str, key: str) -> None:
        """Give an answer's place back: its request came to nothing."""
        with self._lock:
            self._answers.pop((owner, key), None)

    def put_calendar(self, calendar: Calendar) -> None:
        """Write a named calendar over whatever its owner has under that name."""
        with self._lock:
            self._calendars[calendar.owner, calendar.name] = calendar

    def calendar(self, owner: str, name: str) -> Calendar | None:
        """One named calendar."""
        with self._lock:
            return self._calendars.get((owner, name))

    def calendars(self, owner: str) -> list[Calendar]:
        """An owner's named calendars, in the order of their names."""
        with self._lock:
            return [found for key, found in sorted(self._calendars.items()) if key[0] == owner]

    def delete_calendar(self, owner: str, name: str) -> None:
        """Delete a named calendar; gone already is well."""
        with self._lock:
            self._calendars.pop((owner, name), None)


def _seconds(instant: datetime) -> int:
    """Time to live is kept in whole seconds."""
    return to_ms(instant) // 1000
