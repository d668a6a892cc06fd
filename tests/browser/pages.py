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
    """A page as somebody sees it. `of` is what its path is about, by the furnished installation's names."""

    name: str
    path: str
    who: str
    shows: str
    of: str = ""
    query: str = ""
    status: int = 200

    def address(self, made: Furnished) -> str:
        """Where it is."""
        before, brace, rest = self.path.partition("{")
        thing = made.things.get(self.of, self.of) if brace else ""
        return before + thing + rest.partition("}")[2] + self.query


PAGES = (
    Shown(name="register", path="/register", who=STRANGER, shows="Register"),
    Shown(name="login", path="/login", who=STRANGER, shows="Log in"),
    Shown(name="logout", path="/logout", who="ann", shows="Log out"),
    Shown(name="dashboard", path="/dashboard", who="ann", shows="Back up the database"),
    Shown(name="dashboard-empty", path="/dashboard", who="bob", shows="first task"),
    Shown(name="dashboard-hostile", path="/dashboard", who="mallory", shows="<script>"),
    Shown(name="task-create", path="/task/create", who="ann", shows="What"),
    Shown(name="task", path="/task/{task_id}", of="report", who="ann", shows="Nightly report"),
    Shown(name="task-paused", path="/task/{task_id}", of="invoices", who="ann", shows="The bank's interface"),
    Shown(name="task-command", path="/task/{task_id}", of="backup", who="ann", shows="pg_dump"),
    Shown(name="task-completed", path="/task/{task_id}", of="launch", who="ann", shows="completed"),
    Shown(name="task-hostile", path="/task/{task_id}", of="hostile", who="mallory", shows="<script>"),
    Shown(name="task-long", path="/task/{task_id}", of="long", who="mallory", shows="a-name-without-any-space"),
    Shown(name="task-of-another", path="/task/{task_id}", of="report", who="bob", status=404, shows="Not found"),
    Shown(name="task-as-admin", path="/task/{task_id}", of="report", who="root", shows="Nightly report"),
    Shown(name="task-update", path="/task/{task_id}/update", of="orders", who="ann", shows="Sync orders"),
    Shown(name="task-update-hostile", path="/task/{task_id}/update", of="hostile", who="mallory", shows="What"),
    Shown(name="task-delete", path="/task/{task_id}/delete", of="report", who="ann", shows="Nightly report"),
    Shown(name="run", path="/run/{run_id}", of="report 1", who="ann", shows="hello, billing"),
    Shown(name="run-failed", path="/run/{run_id}", of="backup failed", who="ann", shows="connection reset by peer"),
    Shown(name="run-retried", path="/run/{run_id}", of="orders failed", who="ann", shows="refused the connection"),
    Shown(name="run-running", path="/run/{run_id}", of="cache running", who="ann", shows="running"),
    Shown(name="run-missed", path="/run/{run_id}", of="clean missed", who="ann", shows="missed"),
    Shown(name="run-hostile", path="/run/{run_id}", of="hostile failed", who="mallory", shows="<script>"),
)
"""Pages of their own first; then the same page about something else."""
LEADS_ON = frozenset({"/"})
"""Routes that show nothing themselves."""
