"""What people ask for: their tasks, runs, calendars and accounts."""
