"""The task form: every field that it has, what it shows of a task, and the document that it means."""
