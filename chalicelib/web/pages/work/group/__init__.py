"""The pages of groups, and what is done from there."""

from chalicelib.web.pages.work.group import listing, page

MODULES = (listing, page)
