"""Members: everybody with an account, what they may do, and invitations. For admins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from chalice.app import Response

from chalicelib.core.errors import Conflict, Invalid, NotFound
from chalicelib.core.instant import floor_ms
from chalicelib.core.people.account import Invitation, Role, User
from chalicelib.core.people.usage import Usage
from chalicelib.engine.requests.people.accounts import Changes
from chalicelib.engine.requests.people.invitations import admins_only
from chalicelib.web import schemas
from chalicelib.web.frame.endpoint import Call
from chalicelib.web.frame.paging import after_of, cursor_for
from chalicelib.web.pages.forms.body import fields
from chalicelib.web.pages.forms.field_errors import Errors, by_field
from chalicelib.web.pages.looks.words import sentence
from chalicelib.web.pages.responses import page, redirect
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit

HERE, INVITATIONS = "/members", "/invitations"
USERS_SHOWN = 50
ROLES = ((Role.MEMBER, "member: has its own tasks only"), (Role.ADMIN, "admin: sees and does everything"))
RIGHTS = ("can_run_commands", "can_call_aws")
ENDS = (("1", "in a day"), ("7", "in 7 days"), ("30", "in 30 days"))
"""Days from now, and what that is called."""
FIELDS = {"/role": "role", "/expires_at": "ends"}
DONE = {
    "changed": "The change counts from their next request on.",
    "taken-back": "The invitation was taken back: nobody gets in by it any more.",
}


@dataclass(frozen=True, kw_only=True)
class Member:
    """Somebody with an account, and what they are known to use."""

    user: User
    used: Usage


@dataclass(frozen=True, kw_only=True)
class Invited:
    """An invitation that there is, whether it is still good, and who it concerns by name, as far as that is known."""

    invitation: Invitation
    open: bool
    by: str
    used_by: str | None


def show_all(visit: Visit) -> Response:
    """All accounts, oldest first, and all invitations."""
    return _list(visit, {"ends": "7"}, {})


def _list(visit: Visit, typed: Mapping[str, str], errors: Errors, status: int = 200) -> Response:
    call = Call(request=visit.request, session=visit.session)
    after = after_of(call, "users") if visit.method == "GET" else None
    found = visit.system.accounts.users(visit.user, limit=USERS_SHOWN, after=after)
    used = visit.system.survey.used(*(user.id for user in found.items))
    names = {user.id: user.username for user in found.items}
    return page(
        visit,
        "account/members.html",
        status,
        members=[Member(user=user, used=used[user.id]) for user in found.items],
        invitations=[_invited(each, names, visit) for each in visit.system.invitations.invitations(visit.user)],
        more=cursor_for(call, "users", found.after),
        later_page=after is not None,
        quota=visit.system.survey.quota,
        ends=ENDS,
        typed={"ends": "", **typed},
        errors=errors,
        notice=DONE.get(visit.query.get("done", "")),
    )


def _invited(invitation: Invitation, names: Mapping[str, str], visit: Visit) -> Invited:
    used_by = invitation.used_by
    return Invited(
        invitation=invitation,
        open=used_by is None and invitation.expires_at > visit.now,
        by=names.get(invitation.invited_by, invitation.invited_by),
        used_by=None if used_by is None else names.get(used_by, used_by),
    )


def change_page(visit: Visit, user_id: str) -> Response:
    """What somebody may do, to be changed."""
    user = visit.system.accounts.user(visit.user, user_id)
    typed = {"role": str(user.role)} | {right: "yes" for right in RIGHTS if getattr(user, right)}
    return _form(visit, user, typed, {})


def _form(visit: Visit, user: User, typed: Mapping[str, str], errors: Errors, status: int = 200) -> Response:
    used = visit.system.survey.used(user.id)[user.id]
    return page(
        visit,
        "account/member.html",
        status,
        member=user,
        used=used,
        quota=visit.system.survey.quota,
        roles=ROLES,
        typed={"role": "", **typed},
        errors=errors,
    )


def change(visit: Visit, user_id: str) -> Response:
    """Give somebody another role, or other rights."""
    user, typed = visit.system.accounts.user(visit.user, user_id), fields(visit)
    given = {"role": typed.get("role", "")} | {right: bool(typed.get(right)) for right in RIGHTS}
    try:
        checked = schemas.user_change(given)
        visit.system.accounts.change_user(visit.user, user_id, Changes(**checked | {"role": Role(checked["role"])}))
    except Invalid as error:
        return _form(visit, user, typed, by_field(error, FIELDS), 422)
    except Conflict as error:
        return _form(visit, user, typed, {"": [sentence(error)]}, 409)
    return redirect(visit, HERE, done="changed")


def to_members(visit: Visit) -> Response:
    """Invitations are listed with the members."""
    return redirect(visit, HERE)


def invite(visit: Visit) -> Response:
    """Let one person in; the link is in this answer and nowhere else."""
    admins_only(visit.user)
    typed = fields(visit)
    days = typed.get("ends") if typed.get("ends") in dict(ENDS) else "7"
    rights = {right: bool(typed.get(right)) for right in RIGHTS}
    try:
        made = visit.system.invitations.invite(
            visit.user, **rights, expires_at=floor_ms(visit.now) + timedelta(days=int(days or "7"))
        )
    except Conflict as error:
        return _list(visit, typed, {"": [sentence(error)]}, 409)
    address = visit.address("/register", invitation=made.text)
    return page(visit, "account/invitation_shown.html", 201, invitation=made.invitation, address=address)


def take_back_page(visit: Visit, invitation_id: str) -> Response:
    """Ask before an invitation is taken back."""
    known = visit.system.invitations.invitations(visit.user)
    found = next((each for each in known if each.id == invitation_id), None)
    if found is None:
        raise NotFound("there is no such invitation")
    return page(visit, "account/invitation_take_back.html", invitation=found)


def take_back(visit: Visit, invitation_id: str) -> Response:
    """Nobody gets in by it any more."""
    visit.system.invitations.take_back(visit.user, invitation_id)
    return redirect(visit, HERE, done="taken-back")


ROUTES = (
    Route(path=HERE, get=show_all),
    Route(path=f"{HERE}/{{user_id}}", get=change_page, post=change),
    Route(path=INVITATIONS, get=to_members, post=invite),
    Route(path=f"{INVITATIONS}/{{invitation_id}}/take-back", get=take_back_page, post=take_back),
)
