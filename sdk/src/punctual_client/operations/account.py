"""The account: registering, logging in and out, who one is, and one's password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from punctual_client.errors import NotAuthenticated
from punctual_client.retrying import Repeating
from punctual_client.shapes import AlertKey, Login, Registered, User
from punctual_client.transport import Transport


@dataclass(frozen=True)
class Account:
    """Whoever has a token, or wants one. What carries a password is sent again only where nothing of it left."""

    _transport: Transport

    def register(self, username: str, password: str, email: str, *, invitation: str | None = None) -> Registered:
        """Make an account; the answer has a token."""
        given = {"username": username, "password": password, "email": email}
        body = given if invitation is None else given | {"invitation": invitation}
        return cast(Registered, self._transport.change("POST", "/api/register", body, repeating=Repeating.UNSAFE))

    def login(self, username: str, password: str) -> Login:
        """A token for who knows the password."""
        body = {"username": username, "password": password}
        return cast(Login, self._transport.change("POST", "/api/login", body, repeating=Repeating.UNSAFE))

    def logout(self) -> None:
        """The token is dead afterwards."""
        try:
            self._transport.change("POST", "/api/logout")
        except NotAuthenticated as error:
            if not error.repeated:  # otherwise the try before killed it
                raise

    def me(self) -> User:
        """Who the token belongs to."""
        return cast(User, self._transport.get("/api/me"))

    def change_password(self, current: str, new: str) -> Login:
        """Another password; everything that was logged in is logged out, and the answer has a fresh token."""
        body = {"current": current, "new": new}
        return cast(Login, self._transport.change("POST", "/api/password", body, repeating=Repeating.UNSAFE))

    def alert_key(self) -> AlertKey:
        """The key with which own alerts are signed."""
        return cast(AlertKey, self._transport.get("/api/alerts/key"))
