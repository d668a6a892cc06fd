"""Acts in words: what a form of these pages does, as the audit log tells it. What the API does, its document says."""

from __future__ import annotations

ACT_WORDS: dict[str, str] = {
    "POST /register": "Make an account",
    "POST /login": "Log in",
    "POST /logout": "Log out",
    "POST /password": "Change the password; log out everywhere else",
    "POST /zone": "Choose a time zone for the pages",
    "POST /task/create": "Define a task",
    "POST /task/{task_id}/update": "Define a task anew",
    "POST /task/{task_id}/delete": "Delete a task; its runs stay",
    "POST /task/{task_id}/pause": "Pause a task",
    "POST /task/{task_id}/resume": "Resume a task",
    "POST /task/{task_id}/run": "Run a task now",
    "POST /task/{task_id}/duplicate": "Define a copy of a task",
    "POST /task/{task_id}/skip": "Leave out one due time to come",
    "POST /task/{task_id}/backfill": "Run due times of the past",
    "POST /run/{run_id}/retry": "Try an ended run again",
    "POST /run/{run_id}/cancel": "End a run that has not ended",
    "POST /group/{group_id}/retry": "Run those of a group again that have not succeeded",
    "POST /group/{group_id}/cancel": "End a group that has not ended",
    "POST /tasks": "Change several tasks",
    "POST /calendars": "Keep an iCalendar file's events under a name",
    "POST /calendars/{name}/delete": "Delete a calendar",
    "POST /secrets": "Give a secret its value",
    "POST /secrets/{name}/delete": "Delete a secret",
    "POST /tokens": "Make a token for a script",
    "POST /tokens/{token_id}/rotate": "Another text for a token",
    "POST /tokens/{token_id}/revoke": "Revoke a token",
    "POST /members/{user_id}": "Change an account's role or rights",
    "POST /invitations": "Let one person in",
    "POST /invitations/{invitation_id}/take-back": "Take an invitation back",
    "POST /dead-letters": "Try dead letters again",
}
"""By method and route."""
