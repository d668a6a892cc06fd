"""Moving a stage: its accounts, calendars and tasks written to a file, and taken in from one."""
