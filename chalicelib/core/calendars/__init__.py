"""Named calendars: spans of time that schedules leave out, and the events that they come from."""
