"""Users and invitations: what admins do."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.bootstrap.requests import system
from chalicelib.core.instant import from_text
from chalicelib.core.people.account import Role, Scope
from chalicelib.engine.requests.people.accounts import Changes
from chalicelib.web import schemas
from chalicelib.web.frame.endpoint import Body, Call, Reply, endpoint
from chalicelib.web.frame.paging import after_of, cursor_for, limit_of
from chalicelib.web.rendering import invitation_json, listed_user_json

LISTING = "users"

users = Blueprint(__name__)


@endpoint(users, "GET", "/api/users", scope=Scope.ADMIN)
def list_users(call: Call) -> Reply:
    """All accounts, in the order in which they registered."""
    page = system().accounts.users(call.user, limit=limit_of(call), after=after_of(call, LISTING))
    items = [listed_user_json(user) for user in page.items]
    return Reply(body={"items": items, "next_cursor": cursor_for(call, LISTING, page.after)})


@endpoint(users, "GET", "/api/users/{user_id}", scope=Scope.ADMIN)
def read_user(call: Call, user_id: str) -> Reply:
    """One account."""
    return Reply(body=listed_user_json(system().accounts.user(call.user, user_id)))


@endpoint(users, "PATCH", "/api/users/{user_id}", body=Body.REQUIRED, scope=Scope.ADMIN)
def change_user(call: Call, user_id: str) -> Reply:
    """Give an account another role, or other rights."""
    given = schemas.user_change(call.body)
    role = {"role": Role(given["role"])} if "role" in given else {}
    return Reply(body=listed_user_json(system().accounts.change_user(call.user, user_id, Changes(**given | role))))


@endpoint(users, "GET", "/api/invitations", scope=Scope.ADMIN)
def list_invitations(call: Call) -> Reply:
    """All invitations that there are, the oldest first."""
    items = [invitation_json(each) for each in system().invitations.invitations(call.user)]
    return Reply(body={"items": items, "next_cursor": None})


@endpoint(users, "POST", "/api/invitations", body=Body.OPTIONAL, scope=Scope.ADMIN)
def invite(call: Call) -> Reply:
    """Let one person in; the text of the invitation is in this answer and nowhere else."""
    given = schemas.new_invitation(call.body)
    ends = {"expires_at": from_text(given["expires_at"])} if "expires_at" in given else {}
    invited = system().invitations.invite(call.user, **given | ends)
    return Reply(body=invitation_json(invited.invitation), status=201, secrets={"invitation": invited.text})


@endpoint(users, "DELETE", "/api/invitations/{invitation_id}", scope=Scope.ADMIN)
def take_back(call: Call, invitation_id: str) -> Reply:
    """Nobody gets in by it any more."""
    system().invitations.take_back(call.user, invitation_id)
    return Reply(status=204)
