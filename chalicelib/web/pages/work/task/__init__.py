"""The page of a task, and what is done from there."""

from chalicelib.web.pages.work.task import backfill, deeds, page

MODULES = (page, deeds, backfill)
