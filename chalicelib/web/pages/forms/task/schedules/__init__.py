"""The types of schedule on the form, one module each: `daily` is a way to write a cron expression."""
