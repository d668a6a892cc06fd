"""Pages of what runs: tasks, runs, and what is to come."""

from chalicelib.web.pages.work import dashboard, editing, run, task, task_list, welcome

MODULES = (dashboard, welcome, task_list, editing, task, run)
