"""Pages of what runs: tasks, runs, and what is to come."""

from chalicelib.web.pages.work import dashboard, editing, run, task

MODULES = (dashboard, *editing.MODULES, task, run)
