"""Pages of who is here, and of what is theirs beside tasks."""

from chalicelib.web.pages.account import entering

MODULES = (entering,)
