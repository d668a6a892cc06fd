"""Pages of what runs: tasks, runs, and what is to come."""

from chalicelib.web.pages.work import dashboard, editing, group, run, run_list, task, task_list, week, welcome

MODULES = (dashboard, welcome, task_list, *editing.MODULES, *task.MODULES, *run.MODULES, *group.MODULES, run_list, week)
