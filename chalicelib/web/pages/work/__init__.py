"""Pages of what runs: tasks, runs, and what is to come."""

from chalicelib.web.pages.work import dashboard, editing, run, run_list, task, week

MODULES = (dashboard, editing, task, run, run_list, week)
