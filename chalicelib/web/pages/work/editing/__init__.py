"""Creating and editing a task: one form, which keeps what was typed until it is right, and says what it means."""

from chalicelib.web.pages.work.editing import changing, creating, previewing, trying

MODULES = (creating, changing, previewing, trying)
