"""Schedules in code, brought to a stage from the command line."""
