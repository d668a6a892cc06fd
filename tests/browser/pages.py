"""Every page, once for each thing that it may show: who looks at it, and what must be there.

A route that is added has to be added here, or a test fails; what is here is looked at in light, in dark and at the
width of a phone, with scripts and without, by axe and by keyboard.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.web.furnished import Furnished

STRANGER = ""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A page as somebody sees it. `of` is what its path is about, by the furnished installation's names. `moves`: it is
    another one some seconds later, though nothing has happened."""

    name: str
    path: str
    who: str
    shows: str
    of: str = ""
    query: str = ""
    status: int = 200
    moves: bool = False

    def address(self, made: Furnished) -> str:
        """Where it is."""
        before, brace, rest = self.path.partition("{")
        thing = made.things.get(self.of, self.of) if brace else ""
        return before + thing + rest.partition("}")[2] + self.query


ENTERING = (
    Shown(name="register", path="/register", who=STRANGER, shows="Register"),
    Shown(name="login", path="/login", who=STRANGER, shows="Log in"),
    Shown(name="logout", path="/logout", who="ann", shows="Log out"),
    Shown(name="welcome", path="/welcome", who="bob", shows="Welcome"),
    Shown(name="password", path="/password", who="ann", shows="Change the password"),
)
LOOKING = (
    Shown(name="dashboard", path="/dashboard", who="ann", shows="Back up the database"),
    Shown(name="dashboard-empty", path="/dashboard", who="bob", shows="Nothing is scheduled yet"),
    Shown(name="dashboard-hostile", path="/dashboard", who="mallory", shows="<script>"),
    Shown(name="tasks", path="/tasks", who="ann", shows="Back up the database"),
    Shown(name="tasks-empty", path="/tasks", who="bob", shows="No tasks yet"),
    Shown(name="tasks-hostile", path="/tasks", who="mallory", shows="a-name-without-any-space"),
    Shown(name="tasks-filtered", path="/tasks", query="?q=the&tag=operations", who="ann", shows="Warm the cache"),
    Shown(name="tasks-none", path="/tasks", query="?q=nothing+like+it", who="ann", shows="nothing like it"),
    Shown(name="tasks-of-another", path="/tasks", query="?owner=ann", who="root", shows="Back up the database"),
    Shown(name="week", path="/week", who="ann", shows="Next week"),
    Shown(name="week-of-a-change", path="/week", query="?from=2026-10-25", who="ann", shows="Oct 2026"),
    Shown(name="week-hostile", path="/week", who="mallory", shows="Next week"),
)
TASKS = (
    Shown(name="task-create", path="/task/create", who="ann", shows="What"),
    Shown(name="task-create-cron", path="/task/create", query="?schedule_type=cron", who="ann", shows="When"),
    Shown(name="task-duplicate", path="/task/{task_id}/duplicate", of="report", who="ann", shows="copied"),
    Shown(name="task", path="/task/{task_id}", of="report", who="ann", shows="Nightly report"),
    Shown(name="task-http", path="/task/{task_id}", of="orders", who="ann", shows="warehouse.example.com"),
    Shown(name="task-paused", path="/task/{task_id}", of="invoices", who="ann", shows="The bank's interface"),
    Shown(name="task-command", path="/task/{task_id}", of="backup", who="ann", shows="pg_dump"),
    Shown(name="task-completed", path="/task/{task_id}", of="launch", who="ann", shows="completed"),
    Shown(name="task-hostile", path="/task/{task_id}", of="hostile", who="mallory", shows="<script>"),
    Shown(name="task-long", path="/task/{task_id}", of="long", who="mallory", shows="a-name-without-any-space"),
    Shown(name="task-of-another", path="/task/{task_id}", of="report", who="bob", status=404, shows="Not found"),
    Shown(name="task-as-admin", path="/task/{task_id}", of="report", who="root", shows="Nightly report"),
    Shown(name="task-update", path="/task/{task_id}/update", of="orders", who="ann", shows="What"),
    Shown(name="task-update-hostile", path="/task/{task_id}/update", of="hostile", who="mallory", shows="What"),
    Shown(name="task-backfill", path="/task/{task_id}/backfill", of="report", who="ann", shows="Count the runs"),
    Shown(
        name="task-backfill-counted",
        path="/task/{task_id}/backfill",
        of="orders",
        query="?from=2026-11-21T08:00&to=2026-11-21T09:00",
        who="ann",
        shows="would be queued",
    ),
    Shown(name="task-delete", path="/task/{task_id}/delete", of="report", who="ann", shows="Nightly report"),
)
RUNS = (
    Shown(name="runs", path="/runs", who="ann", shows="Sync orders"),
    Shown(name="runs-filtered", path="/runs", query="?status=failed", who="ann", shows="failed"),
    Shown(name="runs-empty", path="/runs", who="bob", shows="Runs"),
    Shown(name="runs-hostile", path="/runs", who="mallory", shows="<script>"),
    Shown(name="run", path="/run/{run_id}", of="report 1", who="ann", shows="hello, billing"),
    Shown(name="run-failed", path="/run/{run_id}", of="backup failed", who="ann", shows="connection reset by peer"),
    Shown(name="run-retried", path="/run/{run_id}", of="orders failed", who="ann", shows="refused the connection"),
    Shown(name="run-running", path="/run/{run_id}", of="cache running", who="ann", shows="running", moves=True),
    Shown(name="run-missed", path="/run/{run_id}", of="clean missed", who="ann", shows="missed"),
    Shown(name="run-hostile", path="/run/{run_id}", of="hostile failed", who="mallory", shows="<script>"),
    Shown(name="groups", path="/groups", who="ann", shows="Close the month"),
    Shown(name="groups-empty", path="/groups", who="bob", shows="No groups yet"),
    Shown(name="group", path="/group/{group_id}", of="month", who="ann", shows="Close the month"),
    Shown(name="group-hostile", path="/group/{group_id}", of="hostile group", who="mallory", shows="<script>"),
    Shown(name="trial-gone", path="/trial/{run_id}", of="report 1", who="ann", status=404, shows="no such trial"),
)
ACCOUNT = (
    Shown(name="settings", path="/settings", who="ann", shows="Settings"),
    Shown(name="calendars", path="/calendars", who="ann", shows="holidays"),
    Shown(name="calendars-empty", path="/calendars", who="bob", shows="Calendars"),
    Shown(name="calendar", path="/calendars/{name}", of="holidays", who="ann", shows="Warm the cache"),
    Shown(name="calendar-delete", path="/calendars/{name}/delete", of="holidays", who="mallory", shows="holidays"),
    Shown(name="secrets", path="/secrets", who="ann", shows="warehouse-key"),
    Shown(name="secret", path="/secrets/{name}", of="warehouse-key", who="ann", shows="warehouse-key"),
    Shown(name="secret-delete", path="/secrets/{name}/delete", of="warehouse-key", who="mallory", shows="warehouse"),
    Shown(name="tokens", path="/tokens", who="ann", shows="ci"),
    Shown(name="token-rotate", path="/tokens/{token_id}/rotate", of="token of ann", who="ann", shows="ci"),
    Shown(name="token-revoke", path="/tokens/{token_id}/revoke", of="token of ann", who="ann", shows="ci"),
    Shown(name="audit", path="/audit", who="ann", shows="Audit log"),
    Shown(name="audit-hostile", path="/audit", who="mallory", shows="Audit log"),
)
INSTALLATION = (
    Shown(name="members", path="/members", who="root", shows="mallory"),
    Shown(name="members-not-allowed", path="/members", who="ann", status=403, shows="Only an admin"),
    Shown(name="member", path="/members/{user_id}", of="ann", who="root", shows="ann@example.com"),
    Shown(
        name="invitation-take-back",
        path="/invitations/{invitation_id}/take-back",
        of="invitation",
        who="root",
        shows="invitation",
    ),
    Shown(name="dead-letters", path="/dead-letters", who="root", shows="Dead letters"),
    Shown(name="dead-letters-of-a-member", path="/dead-letters", who="ann", shows="Dead letters"),
    Shown(name="functions", path="/functions", who="ann", shows="print_hello"),
    Shown(name="system", path="/system", who="root", shows="Shard"),
    Shown(name="reference", path="/reference", who=STRANGER, shows="Authorization"),
    Shown(name="not-there", path="/{page}", of="nowhere", who="ann", status=404, shows="Not found"),
)
PAGES = (*ENTERING, *LOOKING, *TASKS, *RUNS, *ACCOUNT, *INSTALLATION)
NO_PAGES = frozenset({"/", "/invitations", "/run/{run_id}/output"})
"""Routes that lead on to another page, or to a file."""
