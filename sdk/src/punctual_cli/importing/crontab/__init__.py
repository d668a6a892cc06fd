"""Crontabs: the format of cron(8), as Debian's cron and cronie read it."""
