"""The table `accounts` in memory."""

from __future__ import annotations

from datetime import datetime

from chalicelib.adapters.keys import ANSWER_LIFE
from chalicelib.adapters.memory.base import InMemory
from chalicelib.core.account import Answer, Token, User
from chalicelib.core.calendars.spans import Calendar
from chalicelib.core.instant import to_ms
from chalicelib.core.names import same_name


class MemoryAccounts(InMemory):
    """Users, tokens, answers and calendars."""

    def create_user(self, user: User, *, first: bool = False) -> bool:
        """Write a user under a name that nobody has (without regard to case), both or neither. False: taken.
        `first` asks for an installation without any account: False when there is one."""
        with self._lock:
            name = same_name(user.username)
            if name in self._names:
                return self._names[name] == user.id
            if user.id in self._users or (first and self._users):
                return False
            self._users[user.id] = user
            self._names[name] = user.id
            return True

    def has_accounts(self) -> bool:
        """Whether anybody has registered."""
        with self._lock:
            return bool(self._users)

    def user(self, user_id: str) -> User | None:
        """One user by id."""
        with self._lock:
            return self._users.get(user_id)

    def user_named(self, username: str) -> User | None:
        """One user by name, without regard to case."""
        with self._lock:
            return self._users.get(self._names.get(same_name(username), ""))

    def put_token(self, token: Token) -> None:
        """Write a token."""
        with self._lock:
            self._tokens[token.owner, token.id] = token

    def token(self, owner: str, token_id: str) -> Token | None:
        """One token."""
        with self._lock:
            return self._tokens.get((owner, token_id))

    def delete_token(self, owner: str, token_id: str) -> None:
        """Delete a token; gone already is well."""
        with self._lock:
            self._tokens.pop((owner, token_id), None)

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
