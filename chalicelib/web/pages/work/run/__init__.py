"""The page of a run, and what is done from there."""

from chalicelib.web.pages.work.run import deeds, output, page

MODULES = (page, deeds, output)
