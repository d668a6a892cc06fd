"""Accounts in memory: users, their names, and who of them is an admin."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.adapters.keys import known_user_id
from chalicelib.adapters.memory.base import InMemory
from chalicelib.core.names import same_name
from chalicelib.core.people.account import Invitation, User
from chalicelib.core.people.rights import Rights
from chalicelib.ports import Page


class MemoryUsers(InMemory):
    """Users by id and by name."""

    def create_user(self, user: User, *, first: bool = False, invitation: Invitation | None = None) -> bool:
        """Write a user under a name that nobody has (without regard to case), both or neither. False: taken.
        `first` asks for an installation without any account: False when there is one. `invitation` is used up with it:
        False where it was before, has ended by the user's creation, or is gone."""
        with self._lock:
            name = same_name(user.username)
            if name in self._names:
                return self._names[name] == user.id
            if user.id in self._users or (first and self._users):
                return False
            if invitation is not None and not self._used_up(invitation, user):
                return False
            self._users[user.id] = user
            self._names[name] = user.id
            if first and user.is_admin:
                self._admins = frozenset({user.id})
            return True

    def _used_up(self, invitation: Invitation, user: User) -> bool:
        found = self._invitations.get(invitation.id)
        if found is None or found.used_by is not None or found.expires_at <= user.created_at:
            return False
        self._invitations[found.id] = replace(found, used_by=user.id)
        return True

    def replace_user(self, user: User, *, admins: tuple[frozenset[str], frozenset[str]] | None = None) -> bool:
        """Write a user, under the same name, over its previous version (`user.version - 1`). False: lost. `admins` are
        the ids of all admins, before and after it, where it changes them: False as well where they are others."""
        with self._lock:
            found = self._users.get(user.id)
            if found is None or found.version != user.version - 1:
                return found == user
            if admins is not None and admins[0] != self._admins:
                return False
            self._users[user.id] = user
            self._admins = self._admins if admins is None else admins[1]
            return True

    def has_accounts(self) -> bool:
        """Whether anybody has registered."""
        with self._lock:
            return bool(self._users)

    def user(self, user_id: str) -> User | None:
        """One user by id."""
        with self._lock:
            return self._users.get(user_id)

    def rights(self, user_id: str) -> Rights | None:
        """What a user is allowed, read without anything else about them."""
        user = self.user(user_id)
        if user is None:
            return None
        return Rights(can_run_commands=user.can_run_commands, can_call_aws=user.can_call_aws)

    def user_named(self, username: str) -> User | None:
        """One user by name, without regard to case."""
        with self._lock:
            return self._users.get(self._names.get(same_name(username), ""))

    def users(self, *, limit: int, after: str | None) -> Page[User]:
        """All users, in the order in which they registered: ids are in the order of time."""
        begin = "" if after is None else known_user_id(after)
        with self._lock:
            found = [user for _, user in sorted(self._users.items()) if user.id > begin]
        return Page(items=tuple(found[:limit]), after=found[limit - 1].id if len(found) > limit else None)

    def admins(self) -> frozenset[str]:
        """The ids of all admins."""
        with self._lock:
            return self._admins
